/* SPDX-License-Identifier: MIT */
/*
 * Random secrets and their comparison.  Runs in the master and the broker;
 * what is compared may come from a browser.
 */
#include <limits.h>
#include <string.h>

#include "base/err.h"
#include "oauth/b64url.h"
#include "oauth/openssl.h"
#include "oauth/secret.h"

int
secret_random(void *data, size_t len)
{
	if (len <= INT_MAX && RAND_bytes(data, (int)len) == 1)
		return 0;
	explicit_bzero(data, len);
	return ERR_CRYPTO;
}

int
secret_make(char text[SECRET_SIZE])
{
	unsigned char	bytes[SECRET_BYTES];
	int		r;

	text[0] = '\0';
	if ((r = secret_random(bytes, sizeof(bytes))) == 0)
		r = b64url_encode(bytes, sizeof(bytes), text, SECRET_SIZE);
	explicit_bzero(bytes, sizeof(bytes));
	return r;
}

bool
secret_equal(const char *a, const char *b)
{
	size_t	len = strlen(a);

	if (len == 0 || strlen(b) != len)
		return false;
	return CRYPTO_memcmp(a, b, len) == 0;
}
