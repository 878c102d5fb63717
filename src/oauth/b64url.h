/* SPDX-License-Identifier: MIT */
/*
 * base64url without padding (RFC 4648 §5, RFC 7515 §2).  Decoding is strict:
 * no padding, no white space, no other alphabet, and the unused bits of the
 * last character are zero, so that a text has exactly one meaning.
 */
#ifndef OAUTH_B64URL_H
#define OAUTH_B64URL_H

#include <stddef.h>

/* Characters that len bytes become, without the NUL. */
#define B64URL_LEN(len)		(((len) * 4 + 2) / 3)
/* Most bytes that len characters become. */
#define B64URL_BYTES(len)	((len) / 4 * 3 + 2)

/*
 * len bytes into text, terminated.  0, or ERR_LIMIT if size is not at least
 * B64URL_LEN(len) + 1.
 */
int	b64url_encode(const void *data, size_t len, char *text, size_t size);
/*
 * len characters into data, the number of bytes into *out_len.
 * 0; ERR_FORMAT; ERR_LIMIT if they are more than size.
 */
int	b64url_decode(const char *text, size_t len, void *data, size_t size,
	    size_t *out_len);

#endif
