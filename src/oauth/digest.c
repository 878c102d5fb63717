/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 and HMAC by libcrypto.  Runs in any process that links oauth; the
 * data may be anything.
 */
#include "base/err.h"
#include "oauth/digest.h"
#include "oauth/openssl.h"

#define DIGEST_KEY_MAX	4096

int
digest_sha256(const void *data, size_t len, uint8_t digest[DIGEST_BYTES])
{
	if (EVP_Digest(data, len, digest, NULL, EVP_sha256(), NULL) != 1)
		return ERR_CRYPTO;
	return 0;
}

int
digest_hmac_sha256(const void *key, size_t key_len, const void *data,
    size_t len, uint8_t digest[DIGEST_BYTES])
{
	if (key_len == 0 || key_len > DIGEST_KEY_MAX)
		return ERR_LIMIT;
	if (HMAC(EVP_sha256(), key, (int)key_len, data, len, digest,
	    NULL) == NULL)
		return ERR_CRYPTO;
	return 0;
}

bool
digest_equal(const uint8_t a[DIGEST_BYTES], const uint8_t b[DIGEST_BYTES])
{
	return CRYPTO_memcmp(a, b, DIGEST_BYTES) == 0;
}
