/* SPDX-License-Identifier: MIT */
/*
 * A sign-in at the exchange: the cache if it is good, else a refresh, else
 * the authorization code flow with PKCE in the person's browser
 * (RFC 6749 §4.1, RFC 7636, RFC 8252, OpenID Connect Core §3.1).
 *
 * The master holds state, nonce, verifier and tokens; gates read what the
 * browser sends, brokers talk to the exchange.
 */
#ifndef CLI_LOGIN_H
#define CLI_LOGIN_H

#include <stdbool.h>

#include "ipc/ipc.h"

struct login;
struct program;

/*
 * person is who signed in, until person->valid_until_s; or NULL, and reason
 * says why nobody did; url is where it could have been done, or "".
 * login_free() may be called from here.
 */
typedef void	login_done_fn(void *arg, const struct ipc_person *person,
		    enum ipc_reason reason, const char *url);

/* The address is about to be shown: the person is waited for. */
typedef void	login_asked_fn(void *arg);

struct login_options {
	bool	force;		/* whatever is stored: ask the person */
	bool	no_browser;	/* only say which address is to be opened */
	bool	denial_ends;	/* IPC_REASON_DENIED, instead of waiting on */
	/*
	 * When nobody signs in in time, say so (IPC_REASON_TIMEOUT) but leave
	 * the page open for as long again: done is called once more then.
	 */
	bool	lingers;
	login_asked_fn	*asked;	/* with the arg of done, or NULL */
};

/*
 * Begin; done is called once, later, but see lingers.  options may be NULL:
 * none.  NULL when out of memory.
 */
struct login	*login_start(struct program *p,
		    const struct login_options *options, login_done_fn *done,
		    void *arg);
/* True if done will be called once more. */
bool		 login_is_open(const struct login *l);
/* Somebody waits again for one that lingers: the time starts anew. */
void		 login_join(struct login *l);
/*
 * What is stored, or can be refreshed, is all that is wanted now: a sign-in
 * that needs the browser fails with IPC_REASON_TIMEOUT, at once if it has
 * come to that already.
 */
void		 login_stored_only(struct login *l);
/* Give up; without callback. */
void		 login_free(struct login *l);

#endif
