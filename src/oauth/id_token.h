/* SPDX-License-Identifier: MIT */
/*
 * ID tokens (OIDC Core §2, §3.1.3.7): who signed in, proved by the
 * exchange's signature.  What is in a token is untrusted until
 * id_token_verify() has returned ID_TOKEN_OK.
 */
#ifndef OAUTH_ID_TOKEN_H
#define OAUTH_ID_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jwt_keys;

#define ID_TOKEN_MAX		(256 * 1024)	/* bytes of a token */
#define ID_TOKEN_LEEWAY_S	60		/* clocks may differ so much */
#define ID_TOKEN_STUDIES_MAX	4096
#define ID_TOKEN_AUDIENCES_MAX	8
#define ID_TOKEN_TEXT_SIZE	512		/* iss, aud, azp */
#define ID_TOKEN_EMAIL_SIZE	256
#define ID_TOKEN_TYPE_SIZE	32

/* Why a token was not accepted: which check it failed first. */
enum id_token_fault {
	ID_TOKEN_OK = 0,
	ID_TOKEN_NO_MEMORY,
	ID_TOKEN_MALFORMED,	/* no JWT, or a claim of the wrong type */
	ID_TOKEN_ALGORITHM,	/* alg is not RS256, or crit is used */
	ID_TOKEN_KEY,		/* no usable key of that kid */
	ID_TOKEN_SIGNATURE,
	ID_TOKEN_ISSUER,
	ID_TOKEN_AUDIENCE,	/* aud or azp is not our client */
	ID_TOKEN_TIME,		/* expired, or issued in the future */
	ID_TOKEN_NONCE,
	ID_TOKEN_ACCESS_HASH,	/* at_hash is of another access token */
	ID_TOKEN_SUBJECT,	/* sub is no user id, or user_id differs */
	ID_TOKEN_STUDIES,	/* over ID_TOKEN_STUDIES_MAX */
	ID_TOKEN_FAULT_COUNT
};

/* The claims as they stand in a token, types checked, nothing else. */
struct id_token_claims {
	char		 iss[ID_TOKEN_TEXT_SIZE];
	char		 sub[ID_TOKEN_TEXT_SIZE];
	char		 aud[ID_TOKEN_AUDIENCES_MAX][ID_TOKEN_TEXT_SIZE];
	size_t		 naud;
	char		 azp[ID_TOKEN_TEXT_SIZE];	/* "": absent */
	char		 nonce[ID_TOKEN_TEXT_SIZE];	/* "": absent */
	char		 at_hash[ID_TOKEN_TEXT_SIZE];	/* "": absent */
	int64_t		 exp_s;
	int64_t		 iat_s;
	int64_t		 nbf_s;				/* 0: absent */
	bool		 has_user_id;
	int64_t		 user_id;
	char		 user_type[ID_TOKEN_TYPE_SIZE];	/* "": absent */
	char		 email[ID_TOKEN_EMAIL_SIZE];	/* "": absent */
	bool		 has_studies;	/* absent: nothing is narrowed */
	bool		 too_many_studies;
	size_t		 nstudies;
	int64_t		 studies[ID_TOKEN_STUDIES_MAX];
};

/* What a token must say. */
struct id_token_expected {
	const char	*issuer;	/* exactly; never NULL or empty */
	const char	*client_id;	/* never NULL or empty */
	const char	*nonce;		/* NULL: a refresh, which has none */
	const char	*access_token;	/* for at_hash; NULL: not compared */
	int64_t		 now_s;		/* clock_wall_s() */
};

/*
 * Check claims against what is expected, in the order of the enum, and the
 * person they name: sub is a decimal user id of 1 or more as the exchange
 * writes it (no sign, no leading zero), user_id, if there, is the same.
 * On ID_TOKEN_OK *person is that id.
 */
enum id_token_fault id_token_check(const struct id_token_claims *claims,
	    const struct id_token_expected *expected, int64_t *person);
/*
 * The last part of that alone, for claims of userinfo (OIDC Core §5.3),
 * which TLS vouches for.
 */
enum id_token_fault id_token_check_person(const struct id_token_claims *c,
	    int64_t *person);
/*
 * All of it: split, header (RS256 only), signature by the key that kid
 * names, claims, checks.  claims is filled in as far as was reached; the
 * caller wipes it.
 */
enum id_token_fault id_token_verify(const char *token, size_t len,
	    const struct jwt_keys *keys,
	    const struct id_token_expected *expected,
	    struct id_token_claims *claims, int64_t *person);
/* A few words for a log line; never NULL. */
const char	*id_token_fault_text(unsigned int fault);

#endif
