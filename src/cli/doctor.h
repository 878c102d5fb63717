/* SPDX-License-Identifier: MIT */
/*
 * What doctor's parts share: a list of checks, filled in from several files,
 * shown in one order.
 */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "cli/run.h"
#include "ipc/ipc.h"

struct exchange_job;
struct ipc_child;
struct login;

enum doctor_status {
	DOCTOR_PASS,
	DOCTOR_WARN,
	DOCTOR_FAIL
};

/* In the order in which they are shown; names in doctor.c. */
enum doctor_check {
	DOCTOR_CONFIGURATION,
	DOCTOR_EXCHANGE,
	DOCTOR_KEYS,
	DOCTOR_CLIENT,
	DOCTOR_REDIRECT,
	DOCTOR_CLOCK,
	DOCTOR_DATABASE,
	DOCTOR_SERVER,
	DOCTOR_POOLER,
	DOCTOR_ROLE,
	DOCTOR_GENERATION,
	DOCTOR_INDEX,
	DOCTOR_SANDBOX,
	DOCTOR_FILES,
	DOCTOR_PORT,
	DOCTOR_BROWSER,
	DOCTOR_SIGN_IN,
	DOCTOR_CHECKS
};

#define DOCTOR_RESULTS_MAX	64
/* Seconds that two clocks may differ by; above the second, sign-ins fail. */
#define DOCTOR_CLOCK_FINE_S	5
#define DOCTOR_CLOCK_MAX_S	60

struct doctor_result {
	enum doctor_check	 check;
	enum doctor_status	 status;
	char			*evidence;
	char			*cure;		/* NULL: none */
};

struct doctor {
	struct run		 r;
	struct doctor_result	 results[DOCTOR_RESULTS_MAX];
	size_t			 nresults;
	unsigned int		 pending;	/* parts that are not over */

	struct exchange_job	*job;		/* doctor_exchange.c */
	bool			 exchange_good;
	bool			 redirect_known; /* taken, or not */
	struct ipc_child	*worker;	/* doctor_database.c */
	struct ipc_work_facts	 facts;
	bool			 has_facts;
	struct ipc_child	*gate;		/* doctor_machine.c */
	struct login		*login;		/* doctor.c */
};

/* Add a result; what was seen. */
void	doctor_add(struct doctor *d, enum doctor_check check,
	    enum doctor_status status, const char *fmt, ...)
	    __attribute__((__format__(__printf__, 4, 5)));
/* What would help against the one added last. */
void	doctor_cure(struct doctor *d, const char *fmt, ...)
	    __attribute__((__format__(__printf__, 2, 3)));
/* A part that doctor_begin() counted is over. */
void	doctor_over(struct doctor *d);

/* Parts: they add their results, some later; each is over once. */
void	doctor_start_exchange(struct doctor *d);
void	doctor_start_database(struct doctor *d);
void	doctor_start_sandbox(struct doctor *d);
void	doctor_look_at_files(struct doctor *d);
void	doctor_look_at_port(struct doctor *d);
void	doctor_look_for_browser(struct doctor *d);
/* Give up what still runs. */
void	doctor_stop_exchange(struct doctor *d);
void	doctor_stop_database(struct doctor *d);
void	doctor_stop_sandbox(struct doctor *d);

#endif
