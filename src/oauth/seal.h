/* SPDX-License-Identifier: MIT */
/*
 * Sealed texts: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce,
 * written as base64url of nonce, ciphertext and tag.  A text that was
 * changed, cut, sealed by another key or for other associated data does not
 * open.  One key may seal 2^32 texts.
 */
#ifndef OAUTH_SEAL_H
#define OAUTH_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "oauth/b64url.h"

struct buf;

#define SEAL_KEY_BYTES		32
#define SEAL_NONCE_BYTES	12
#define SEAL_TAG_BYTES		16
#define SEAL_OVERHEAD		(SEAL_NONCE_BYTES + SEAL_TAG_BYTES)
#define SEAL_PLAIN_MAX		(1024 * 1024)
/* Characters that a sealed text of len bytes has, without the NUL. */
#define SEAL_TEXT_LEN(len)	B64URL_LEN((len) + SEAL_OVERHEAD)

/*
 * Append the sealed text of len bytes to out.  ad: associated data, which
 * must be given again to open (what it is for, whose it is); it is not part
 * of the text; NULL with 0 if none.
 * 0; ERR_LIMIT over SEAL_PLAIN_MAX; ERR_CRYPTO; the buffer's errors.
 */
int	seal_make(const uint8_t key[SEAL_KEY_BYTES], const void *ad,
	    size_t ad_len, const void *plain, size_t len, struct buf *out);
/*
 * Append what was sealed to out.
 * 0; ERR_FORMAT if it is no sealed text at all; ERR_DENIED if it does not
 * open (nothing is appended); ERR_LIMIT; ERR_CRYPTO; the buffer's errors.
 */
int	seal_open(const uint8_t key[SEAL_KEY_BYTES], const void *ad,
	    size_t ad_len, const char *text, size_t text_len,
	    struct buf *out);

#endif
