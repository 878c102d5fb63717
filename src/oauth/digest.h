/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104). */
#ifndef OAUTH_DIGEST_H
#define OAUTH_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_BYTES	32

/* 0 or ERR_CRYPTO. */
int	digest_sha256(const void *data, size_t len,
	    uint8_t digest[DIGEST_BYTES]);
/* 0; ERR_LIMIT if the key is empty or over 4096 bytes; ERR_CRYPTO. */
int	digest_hmac_sha256(const void *key, size_t key_len, const void *data,
	    size_t len, uint8_t digest[DIGEST_BYTES]);
/* In constant time. */
bool	digest_equal(const uint8_t a[DIGEST_BYTES],
	    const uint8_t b[DIGEST_BYTES]);

#endif
