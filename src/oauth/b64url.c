/* SPDX-License-Identifier: MIT */
/*
 * base64url.  Runs in the broker (tokens), the worker (cursors) and the
 * master (verifiers); texts to decode are untrusted.
 */
#include <stdint.h>

#include "base/err.h"
#include "oauth/b64url.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int
b64url_encode(const void *data, size_t len, char *text, size_t size)
{
	const uint8_t	*p = data;
	uint32_t	 bits;
	size_t		 i, n = 0;

	if (len > SIZE_MAX / 8 || size <= B64URL_LEN(len))
		return ERR_LIMIT;
	for (i = 0; i + 2 < len; i += 3) {
		bits = (uint32_t)p[i] << 16 | (uint32_t)p[i + 1] << 8 |
		    p[i + 2];
		text[n++] = alphabet[bits >> 18];
		text[n++] = alphabet[bits >> 12 & 63];
		text[n++] = alphabet[bits >> 6 & 63];
		text[n++] = alphabet[bits & 63];
	}
	if (len - i > 0) {
		bits = (uint32_t)p[i] << 16;
		if (len - i == 2)
			bits |= (uint32_t)p[i + 1] << 8;
		text[n++] = alphabet[bits >> 18];
		text[n++] = alphabet[bits >> 12 & 63];
		if (len - i == 2)
			text[n++] = alphabet[bits >> 6 & 63];
	}
	text[n] = '\0';
	return 0;
}

/* The six bits of a character, or -1. */
static int
b64url_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	if (c == '_')
		return 63;
	return -1;
}

int
b64url_decode(const char *text, size_t len, void *data, size_t size,
    size_t *out_len)
{
	uint8_t		*out = data;
	uint32_t	 bits = 0;
	unsigned int	 nbits = 0;
	size_t		 i, n = 0;
	int		 value;

	*out_len = 0;
	if (len % 4 == 1)
		return ERR_FORMAT;
	for (i = 0; i < len; i++) {
		value = b64url_value(text[i]);
		if (value == -1)
			return ERR_FORMAT;
		bits = bits << 6 | (uint32_t)value;
		nbits += 6;
		if (nbits < 8)
			continue;
		if (n == size)
			return ERR_LIMIT;
		nbits -= 8;
		out[n++] = (uint8_t)(bits >> nbits);
		bits &= (1u << nbits) - 1;
	}
	if (bits != 0)
		return ERR_FORMAT;
	*out_len = n;
	return 0;
}
