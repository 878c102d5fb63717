/* SPDX-License-Identifier: MIT */
/*
 * The record of one login: the exchange's tokens, what they are bound to and
 * whom they name.  Pure rules; nothing here reads a file or a socket.
 */
#ifndef VAULT_TOKENS_H
#define VAULT_TOKENS_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/ipc.h"

/* A record is given up so long before its access token ends ... */
#define VAULT_MARGIN_S	60
/* ... but has been good so long: an exchange is not asked all the time. */
#define VAULT_LEAST_S	2
/* What a token without expires_in is taken for (RFC 6749 §4.2.2). */
#define VAULT_UNSAID_S	3600

/*
 * person.valid_until_s is what vault_tokens_valid_until() says, so that
 * person can be told to a worker as it is.
 */
struct vault_tokens {
	char			access_token[4096];
	char			refresh_token[4096];	/* empty: none */
	char			id_token[53248];
	char			scope[512];
	char			exchange_url[512];
	char			issuer[512];
	char			client_id[256];
	uint32_t		expires_in_s;	/* as the exchange said */
	uint32_t		reserved;
	int64_t			expires_at_s;	/* wall clock */
	struct ipc_person	person;		/* person 0: nobody */
};

enum vault_state {
	VAULT_VALID,
	VAULT_EXPIRED,		/* but a refresh token is there */
	VAULT_ENDED,		/* expired, and no refresh token */
	VAULT_EMPTY,		/* no login */
	VAULT_OTHER_EXCHANGE,
	VAULT_OTHER_CLIENT
};

/*
 * An empty record in pages of its own: locked into memory as far as the
 * system allows, never in a core dump, empty in a forked child.  NULL when
 * out of memory.  vault_tokens_free() wipes it.
 */
struct vault_tokens *vault_tokens_new(void);
void	 vault_tokens_free(struct vault_tokens *t);
/* Wipe what is in it. */
void	 vault_tokens_clear(struct vault_tokens *t);

/*
 * Until when a token is used that lives expires_in_s, to expires_at_s: the
 * margin before its end, but VAULT_LEAST_S at least.
 */
int64_t	 vault_tokens_valid_until(int64_t expires_at_s,
	    int64_t expires_in_s);

/*
 * What the record is worth at now_s (clock_wall_s) to the client client_id
 * of exchange_url.  Bound to another exchange or client, it is not ours: the
 * person has to log in.
 */
enum vault_state vault_tokens_state(const struct vault_tokens *t,
	    const char *exchange_url, const char *client_id, int64_t now_s);

/*
 * A login's answer, received at now_s, becomes the record.  issuer is the
 * one its ID token was verified by.  0; ERR_FORMAT if there is no access
 * token, no person or no binding (an ID token too long to be passed on was
 * verified by the broker all the same); ERR_LIMIT if a text does not
 * fit.  On failure the record is empty.
 */
int	 vault_tokens_login(struct vault_tokens *t, const char *exchange_url,
	    const char *issuer, const char *client_id,
	    const struct ipc_brok_tokens *answer,
	    const struct ipc_person *person, int64_t now_s);
/*
 * A refresh's answer: what did not come (refresh token, ID token, scope)
 * stays as it was.  person NULL: neither ID token nor userinfo came, so the
 * person and the narrowing stay; else both are replaced, but the person may
 * not change, and userinfo alone does not lift a narrowing.
 * 0; ERR_DENIED if it is another person; ERR_STATE if the record is empty;
 * ERR_FORMAT if there is no access token, or an ID token without person.  On
 * failure the record is as it was.
 */
int	 vault_tokens_refresh(struct vault_tokens *t,
	    const struct ipc_brok_tokens *answer,
	    const struct ipc_person *person, int64_t now_s);

#endif
