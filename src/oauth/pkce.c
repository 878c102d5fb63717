/* SPDX-License-Identifier: MIT */
/*
 * PKCE.  Runs in the master; a verifier given may be a client's.
 */
#include <string.h>

#include "base/err.h"
#include "oauth/b64url.h"
#include "oauth/digest.h"
#include "oauth/pkce.h"
#include "oauth/secret.h"

#define PKCE_VERIFIER_MIN	43

/* RFC 7636 §4.1: unreserved characters of RFC 3986. */
static const char verifier_characters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

int
pkce_make_verifier(char verifier[PKCE_VERIFIER_SIZE])
{
	memset(verifier, 0, PKCE_VERIFIER_SIZE);
	return secret_make(verifier);
}

int
pkce_challenge(const char *verifier, char challenge[PKCE_CHALLENGE_SIZE])
{
	uint8_t	digest[DIGEST_BYTES];
	size_t	len = strlen(verifier);
	int	r;

	challenge[0] = '\0';
	if (len < PKCE_VERIFIER_MIN || len >= PKCE_VERIFIER_SIZE ||
	    strspn(verifier, verifier_characters) != len)
		return ERR_FORMAT;
	if ((r = digest_sha256(verifier, len, digest)) != 0)
		return r;
	return b64url_encode(digest, sizeof(digest), challenge,
	    PKCE_CHALLENGE_SIZE);
}
