/* SPDX-License-Identifier: MIT */
/* What the files of the jobs share.  Nobody else includes this. */
#ifndef BROKER_JOB_PRIVATE_H
#define BROKER_JOB_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/ipc.h"
#include "oauth/id_token.h"
#include "oauth/jwt.h"
#include "oauth/jwt_json.h"
#include "oauth/url.h"

struct buf;
struct http;

#define JOB_FORM_MAX	32768	/* bytes of a request's body */

struct job {
	const struct ipc_brok_job	*in;
	struct http			*http;
	struct url			 exchange;
	struct jwt_keys			 keys;
	struct token_answer		 tokens;
	struct id_token_claims		 claims;
	struct ipc_person		 person;
	bool				 has_person;
	struct ipc_brok_endpoints	 endpoints;
	struct ipc_brok_report		 report;
	struct ipc_brok_failed		 failed;	/* code 0: it is well */
};

/* What each kind does; the first failure is the answer. */
typedef void	job_fn(struct job *);

/* --- job.c --- */

void	job_fail(struct job *j, uint32_t code, uint32_t http_status);
/*
 * Any whole answer, its body appended.  A URL that is not on the exchange's
 * origin is never asked.
 */
bool	job_request(struct job *j, const char *url, const struct buf *form,
	    struct buf *body, uint32_t *status);
/* Fail by an answer that brings no tokens (RFC 6749 §5.2). */
void	job_fail_refused(struct job *j, const struct buf *body,
	    uint32_t status);
void	job_discover(struct job *j);
/* Before the tokens: were it to fail after them, they would be lost. */
void	job_get_keys(struct job *j, const char *uri);
/*
 * A form with one parameter and what says who asks (RFC 6749 §2.3.1); the
 * caller frees it.
 */
void	job_begin_form(const struct job *j, const char *name,
	    const char *value, struct buf *form);

/* --- job_check.c --- */

job_fn	job_revoke;
job_fn	job_check;

#endif
