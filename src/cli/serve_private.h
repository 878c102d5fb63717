/* SPDX-License-Identifier: MIT */
/*
 * The master of one client from within: serve.c has its workers,
 * serve_login.c the person.
 */
#ifndef CLI_SERVE_PRIVATE_H
#define CLI_SERVE_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/serve.h"
#include "ipc/child.h"
#include "ipc/ipc.h"

struct login;
struct program;
struct waiting;

#define SERVE_STOP_MS		1000	/* for a worker that was told to stop */

struct serve {
	struct program		*p;
	serve_ended_fn		*ended;
	void			*arg;
	int			 in_fd, out_fd;	/* the client's */
	bool			 stored_only;	/* no sign-in in a browser */
	bool			 bare;		/* no database */
	uint8_t			 cursor_key[32];

	struct ipc_child	*serving;	/* has the client, or gets it */
	bool			 serving_connected;
	struct ipc_child	*next;		/* connects, to take over */
	bool			 next_ready;
	bool			 database_wanted;	/* by a call */
	enum ipc_reason		 reason;	/* of the latest failure */
	int64_t			 retry_ms;

	/* The client, while no worker has it. */
	struct ipc_session	 session;
	int			 rest_fd;	/* -1: all is in session */
	struct waiting		*waiting;	/* and the ids in work */

	struct ipc_person	*person;	/* NULL: nobody signed in */
	struct login		*login;
	/* It is for no request, so that nobody is asked: whose; else NULL. */
	struct ipc_child	*login_quiet_for;
	bool			 login_wanted;	/* meanwhile for a request */
	unsigned int		 logins;	/* begun since ... */
	int64_t			 logins_since_ms;
	bool			 leaving;	/* the client's input ended */
	bool			 yielding;	/* the worker was told to */
	bool			 output_partial;	/* amid a line */

	unsigned int		 deaths;
	int64_t			 deaths_since_ms;
	bool			 ending, over;
};

/* --- serve.c --- */

/* Tell the worker that has the client to give it back. */
void	serve_yield(struct serve *s);

/* --- serve_login.c --- */

bool	serve_has_person(const struct serve *s);
/* Tell the worker that has the client, if somebody is signed in. */
void	serve_tell_person(struct serve *s);
/* Tell it that it does not get what it asked for; url may be "". */
void	serve_refuse(struct serve *s, enum ipc_need what,
	    enum ipc_reason reason, const char *url);
/* WORK_LOGIN. */
int	serve_want_login(void *arg, struct ipc_child *c,
	    struct ipc_message *m);

#endif
