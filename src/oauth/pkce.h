/* SPDX-License-Identifier: MIT */
/* Proof Key for Code Exchange, method S256 only (RFC 7636). */
#ifndef OAUTH_PKCE_H
#define OAUTH_PKCE_H

#define PKCE_VERIFIER_SIZE	129	/* 43 to 128 characters, NUL */
#define PKCE_CHALLENGE_SIZE	44	/* always 43 characters, NUL */

/* A fresh verifier of 43 characters; 0 or ERR_CRYPTO. */
int	pkce_make_verifier(char verifier[PKCE_VERIFIER_SIZE]);
/*
 * The S256 challenge of a verifier (§4.2).
 * 0; ERR_FORMAT if it is no verifier by §4.1; ERR_CRYPTO.
 */
int	pkce_challenge(const char *verifier,
	    char challenge[PKCE_CHALLENGE_SIZE]);

#endif
