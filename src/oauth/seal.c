/* SPDX-License-Identifier: MIT */
/*
 * Sealing.  Runs in the worker (cursors) and the master (records at rest);
 * texts to open are a client's or a file's: untrusted.
 */
#include <limits.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "compat/compat.h"
#include "oauth/openssl.h"
#include "oauth/seal.h"
#include "oauth/secret.h"

/* box is nonce, ciphertext, tag; len is the plain text's. */
static int
seal_encrypt(EVP_CIPHER_CTX *ctx, const uint8_t *key, const void *ad,
    int ad_len, const void *plain, int len, uint8_t *box)
{
	uint8_t	*text = box + SEAL_NONCE_BYTES;
	int	 n;

	if (secret_random(box, SEAL_NONCE_BYTES) != 0 ||
	    EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, box) != 1)
		return ERR_CRYPTO;
	if (ad_len > 0 && EVP_EncryptUpdate(ctx, NULL, &n, ad, ad_len) != 1)
		return ERR_CRYPTO;
	if (len > 0 && EVP_EncryptUpdate(ctx, text, &n, plain, len) != 1)
		return ERR_CRYPTO;
	if (EVP_EncryptFinal_ex(ctx, text + len, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, SEAL_TAG_BYTES,
	    text + len) != 1)
		return ERR_CRYPTO;
	return 0;
}

int
seal_make(const uint8_t key[SEAL_KEY_BYTES], const void *ad, size_t ad_len,
    const void *plain, size_t len, struct buf *out)
{
	EVP_CIPHER_CTX	*ctx = NULL;
	uint8_t		*box = NULL;
	size_t		 before = out->len;
	int		 r;

	if (len > SEAL_PLAIN_MAX || ad_len > INT_MAX)
		return ERR_LIMIT;
	if ((r = buf_reserve(out, SEAL_TEXT_LEN(len))) != 0)
		return r;
	r = ERR_MEMORY;
	if ((ctx = EVP_CIPHER_CTX_new()) == NULL ||
	    (box = calloc(1, len + SEAL_OVERHEAD)) == NULL)
		goto out;
	r = seal_encrypt(ctx, key, ad, (int)ad_len, plain, (int)len, box);
	if (r != 0)
		goto out;
	r = b64url_encode(box, len + SEAL_OVERHEAD, out->data + before,
	    SEAL_TEXT_LEN(len) + 1);
	if (r == 0)
		out->len = before + SEAL_TEXT_LEN(len);
out:
	freezero(box, box == NULL ? 0 : len + SEAL_OVERHEAD);
	EVP_CIPHER_CTX_free(ctx);
	return r;
}

/* Into plain, len bytes; box is as above and is not kept. */
static int
seal_decrypt(EVP_CIPHER_CTX *ctx, const uint8_t *key, const void *ad,
    int ad_len, uint8_t *box, int len, uint8_t *plain)
{
	uint8_t	*text = box + SEAL_NONCE_BYTES;
	int	 n;

	if (EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, box) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, SEAL_TAG_BYTES,
	    text + len) != 1)
		return ERR_CRYPTO;
	if (ad_len > 0 && EVP_DecryptUpdate(ctx, NULL, &n, ad, ad_len) != 1)
		return ERR_CRYPTO;
	if (len > 0 && EVP_DecryptUpdate(ctx, plain, &n, text, len) != 1)
		return ERR_CRYPTO;
	return EVP_DecryptFinal_ex(ctx, plain + len, &n) == 1 ? 0 : ERR_DENIED;
}

int
seal_open(const uint8_t key[SEAL_KEY_BYTES], const void *ad, size_t ad_len,
    const char *text, size_t text_len, struct buf *out)
{
	EVP_CIPHER_CTX	*ctx = NULL;
	uint8_t		*box = NULL, *plain = NULL;
	size_t		 box_size, box_len, len = 0;
	int		 r;

	if (text_len > SEAL_TEXT_LEN(SEAL_PLAIN_MAX) || ad_len > INT_MAX)
		return ERR_LIMIT;
	if (text_len < SEAL_TEXT_LEN(0))
		return ERR_FORMAT;
	box_size = B64URL_BYTES(text_len);
	r = ERR_MEMORY;
	if ((ctx = EVP_CIPHER_CTX_new()) == NULL ||
	    (box = calloc(1, box_size)) == NULL ||
	    (plain = calloc(1, box_size)) == NULL)
		goto out;
	if ((r = b64url_decode(text, text_len, box, box_size, &box_len)) != 0)
		goto out;
	len = box_len - SEAL_OVERHEAD;
	r = seal_decrypt(ctx, key, ad, (int)ad_len, box, (int)len, plain);
	if (r != 0)
		goto out;
	buf_add(out, plain, len);
	r = buf_error(out);
out:
	freezero(plain, plain == NULL ? 0 : box_size);
	freezero(box, box == NULL ? 0 : box_size);
	EVP_CIPHER_CTX_free(ctx);
	return r;
}
