/* SPDX-License-Identifier: MIT */
/*
 * A sign-in from within: login.c has its steps, login_cache.c what is stored
 * of it.
 */
#ifndef CLI_LOGIN_PRIVATE_H
#define CLI_LOGIN_PRIVATE_H

#include <stdbool.h>

#include "base/buf.h"
#include "cli/cache.h"
#include "cli/login.h"
#include "conf/conf.h"
#include "oauth/pkce.h"
#include "oauth/redirect.h"
#include "oauth/secret.h"
#include "vault/tokens.h"

struct callback;
struct callback_gate;
struct exchange_job;

enum login_step {
	LOGIN_CACHE,		/* look what is stored */
	LOGIN_DISCOVER,		/* a broker asks for the endpoints */
	LOGIN_REFRESH,		/* a broker refreshes */
	LOGIN_BROWSER,		/* the person is asked */
	LOGIN_CODE,		/* a broker exchanges the code */
	LOGIN_OVER
};

struct login {
	struct program			*p;
	struct login_options		 options;
	login_done_fn			*done;
	void				*arg;
	enum login_step			 step;
	struct cache			*cache;		/* NULL: none */
	struct vault_tokens		*tokens;
	bool				 locked;	/* as far as can be */
	bool				 waiting;	/* for the lock: said */
	bool				 refreshable;
	bool				 looked_again;
	bool				 stored_only;	/* no browser */
	bool				 lingering;	/* nobody waits */
	struct ipc_brok_endpoints	 endpoints;
	struct exchange_job		*job;
	struct callback			*callback;
	struct callback_gate		*gate;		/* waits for us */
	char				 redirect_uri[REDIRECT_SIZE];
	char				 state[SECRET_SIZE];
	char				 nonce[SECRET_SIZE];
	char				 verifier[PKCE_VERIFIER_SIZE];
	struct buf			 url;
};

/* --- login.c --- */

/* An option; "" if it is not set. */
const char	*login_text(const struct login *l, enum conf_key key);
/* The end, with words or with the person of the tokens. */
void		 login_fail(struct login *l, enum ipc_reason reason);
void		 login_succeed(struct login *l);
/* The next step: ask for the endpoints, then refresh or open a browser. */
void		 login_discover(struct login *l);
/* Refresh with the endpoints that are known. */
void		 login_refresh(struct login *l);

/* --- login_cache.c --- */

/* Open the cache; without one the sign-in is for this run. */
void		 login_open_cache(struct login *l);
/* The first step, a timer's: what is stored, and whose turn it is. */
void		 login_look(void *arg);
/*
 * A refresh was refused: another program may have been quicker.  True if
 * there is something to go on with, and it goes on.
 */
bool		 login_look_again(struct login *l);
/* Where a person can sign in, for programs that wait for the lock. */
void		 login_tell_others(struct login *l);
/* Take the space for what a broker is going to bring, if there is any. */
void		 login_reserve(struct login *l);
/* Keep what a broker brought; false: it ends with this program. */
bool		 login_store(struct login *l);

#endif
