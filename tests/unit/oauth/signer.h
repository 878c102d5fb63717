/* SPDX-License-Identifier: MIT */
/* An RSA key for tests, that makes tokens and its entry of a key set. */
#ifndef TESTS_SIGNER_H
#define TESTS_SIGNER_H

#include <stddef.h>

#include "oauth/jwt.h"

struct buf;
struct signer;

/* A fresh key; never NULL (the test ends). */
struct signer	*signer_new(unsigned int bits);
void		 signer_free(struct signer *s);
/* Its public half, named kid. */
void		 signer_key(const struct signer *s, const char *kid,
		    struct jwt_key *key);
/* The key set {"keys":[...]} of it. */
void		 signer_key_set(const struct signer *s, const char *kid,
		    struct buf *out);
/* "header.payload.signature", RS256 whatever the header says. */
void		 signer_make_token(const struct signer *s, const char *header,
		    const char *payload, struct buf *out);
/* As above with HMAC-SHA-256 and the public modulus as the secret. */
void		 signer_make_hmac_token(const struct signer *s,
		    const char *header, const char *payload,
		    struct buf *out);

#endif
