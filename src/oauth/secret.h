/* SPDX-License-Identifier: MIT */
/*
 * Values that nobody may guess: state, nonce, code verifier, session ids.
 */
#ifndef OAUTH_SECRET_H
#define OAUTH_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#define SECRET_BYTES	32
/* 43 characters of base64url and the NUL. */
#define SECRET_SIZE	44

/* len random bytes; 0 or ERR_CRYPTO (data is then zero). */
int	secret_random(void *data, size_t len);
/* SECRET_BYTES random bytes as base64url; 0 or ERR_CRYPTO (text then ""). */
int	secret_make(char text[SECRET_SIZE]);
/*
 * True if both strings are the same.  The time taken depends on the lengths
 * only.  Two empty strings are not equal: an absent secret proves nothing.
 */
bool	secret_equal(const char *a, const char *b);

#endif
