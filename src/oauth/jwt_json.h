/* SPDX-License-Identifier: MIT */
/*
 * The JSON of OAuth and of tokens: JOSE header, claims, key set (RFC 7517),
 * token answers (RFC 6749 §5.1, §5.2).  Every text is untrusted.  Strict: a
 * whole object and nothing behind it, valid UTF-8, no member twice, no NUL,
 * limited depth and count; a member of the wrong type is an error, unknown
 * members are ignored.
 */
#ifndef OAUTH_JWT_JSON_H
#define OAUTH_JWT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oauth/error_code.h"

struct id_token_claims;
struct json_object;
struct jwt_header;
struct jwt_keys;

#define JWT_JSON_MAX		(1024 * 1024)	/* bytes of a text */
#define TOKEN_ANSWER_TEXT_SIZE	4096	/* access and refresh token */
#define TOKEN_ANSWER_SCOPE_SIZE	512

/* A token endpoint's answer.  All of it is secret. */
struct token_answer {
	int64_t	 expires_in_s;		/* 0: not said */
	char	 access_token[TOKEN_ANSWER_TEXT_SIZE];
	char	 refresh_token[TOKEN_ANSWER_TEXT_SIZE];	/* "": absent */
	char	 scope[TOKEN_ANSWER_SCOPE_SIZE];	/* "": absent */
	char	*id_token;		/* NULL: absent; allocated */
	size_t	 id_token_len;
};

/* A token endpoint's refusal. */
struct token_refusal {
	enum oauth_error code;
	/* server_error whose description says that the application cannot
	 * sign tokens: it was registered without RS256 */
	bool		 unsigned_application;
};

/*
 * 0; ERR_FORMAT if it is no object by the rules above; ERR_LIMIT if it is
 * too large or too deep; ERR_DUPLICATE; ERR_MEMORY.  On success *object is
 * the caller's, to be given to json_object_put().
 */
int	jwt_json_parse(const char *text, size_t len,
	    struct json_object **object);
/*
 * A string member into text[size].  0; ERR_NOT_FOUND if it is absent or
 * null (text is then ""); ERR_FORMAT if it is no string; ERR_LIMIT.
 */
int	jwt_json_string(struct json_object *object, const char *name,
	    char *text, size_t size);

/* The rest: 0 or an error as jwt_json_parse() has them. */

int	jwt_json_header(const char *text, size_t len, struct jwt_header *h);
/* Types and limits only; ERR_RANGE for a number outside its range. */
int	jwt_json_claims(const char *text, size_t len,
	    struct id_token_claims *claims);
/* Userinfo (OIDC Core §5.3.2): of the claims sub and what is ours. */
int	jwt_json_userinfo(const char *text, size_t len,
	    struct id_token_claims *claims);
/*
 * The keys for us: RSA, for signatures, for RS256 or any algorithm.  Others
 * are left out; jwt_verify_rs256() judges sizes.  ERR_LIMIT over
 * JWT_KEYS_MAX of them, ERR_NOT_FOUND if there is none.
 */
int	jwt_json_keys(const char *text, size_t len, struct jwt_keys *keys);
/*
 * token_type must be Bearer, in any case.  ERR_LIMIT also if a token is
 * longer than its field.  Give *answer to token_answer_free() in any case.
 */
int	jwt_json_token_answer(const char *text, size_t len,
	    struct token_answer *answer);
int	jwt_json_token_refusal(const char *text, size_t len,
	    struct token_refusal *refusal);
/* Wipe and free. */
void	token_answer_free(struct token_answer *answer);

#endif
