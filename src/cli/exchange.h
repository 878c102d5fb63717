/* SPDX-License-Identifier: MIT */
/* One job at the exchange, done by a broker of its own. */
#ifndef CLI_EXCHANGE_H
#define CLI_EXCHANGE_H

#include <stdbool.h>

#include "ipc/ipc.h"

struct exchange_job;
struct program;

/* Lent for the callback; what did not come is NULL. */
struct exchange_answer {
	bool				 failed;
	enum ipc_reason			 reason;	/* if it failed ... */
	const char			*why;		/* ... in our words */
	bool				 refused;	/* by the exchange */
	enum ipc_oauth_error		 oauth_error;	/* its word */
	const struct ipc_brok_endpoints	*endpoints;
	const struct ipc_person		*person;
	const struct ipc_brok_tokens	*tokens;
	const struct ipc_brok_report	*report;
};

typedef void	exchange_done_fn(void *arg, const struct exchange_answer *a);

/*
 * Start a broker on the job; done is called once, later, and may free the
 * job.  Why it failed is logged here.  NULL if no broker can be started.
 */
struct exchange_job	*exchange_job_start(struct program *p,
			    const struct ipc_brok_job *job,
			    exchange_done_fn *done, void *arg);
/* Give it up, NULL is allowed: the broker is killed, done is not called. */
void			 exchange_job_free(struct exchange_job *j);

/* The paths that every exchange has, for one without a document. */
void			 exchange_known_endpoints(const char *exchange_url,
			    struct ipc_brok_endpoints *e);
/* The way of an enum ipc_brok_code to fail, in a few words. */
const char		*exchange_failure_text(uint32_t code);
/*
 * Are all endpoints on the exchange's own origin?  The broker has looked,
 * but it is the broker's word, and one is opened in the person's browser.
 */
bool			 exchange_owns(const char *exchange_url,
			    const struct ipc_brok_endpoints *e);
/* "invalid_scope"; for log lines. */
const char		*exchange_error_text(enum ipc_oauth_error error);

#endif
