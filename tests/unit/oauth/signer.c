/* SPDX-License-Identifier: MIT */
/* The signing half that the product does not have; runs in tests only. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "oauth/b64url.h"
#include "oauth/digest.h"
#include "oauth/openssl.h"
#include "signer.h"

struct signer {
	EVP_PKEY	*pkey;
};

static void
signer_need(bool good)
{
	if (good)
		return;
	fputs("signer: libcrypto failed\n", stderr);
	abort();
}

struct signer *
signer_new(unsigned int bits)
{
	struct signer	*s = calloc(1, sizeof(*s));

	signer_need(s != NULL);
	s->pkey = EVP_RSA_gen(bits);
	signer_need(s->pkey != NULL);
	return s;
}

void
signer_free(struct signer *s)
{
	EVP_PKEY_free(s->pkey);
	free(s);
}

static size_t
signer_number(const struct signer *s, const char *name, uint8_t *data,
    size_t size)
{
	BIGNUM	*n = NULL;
	size_t	 len;

	signer_need(EVP_PKEY_get_bn_param(s->pkey, name, &n) == 1);
	len = (size_t)BN_num_bytes(n);
	signer_need(len <= size && BN_bn2bin(n, data) == (int)len);
	BN_free(n);
	return len;
}

void
signer_key(const struct signer *s, const char *kid, struct jwt_key *key)
{
	memset(key, 0, sizeof(*key));
	snprintf(key->kid, sizeof(key->kid), "%s", kid);
	key->modulus_len = signer_number(s, OSSL_PKEY_PARAM_RSA_N,
	    key->modulus, sizeof(key->modulus));
	key->exponent_len = signer_number(s, OSSL_PKEY_PARAM_RSA_E,
	    key->exponent, sizeof(key->exponent));
}

static void
signer_add(struct buf *out, const void *data, size_t len)
{
	signer_need(buf_reserve(out, B64URL_LEN(len)) == 0);
	signer_need(b64url_encode(data, len, out->data + out->len,
	    B64URL_LEN(len) + 1) == 0);
	out->len += B64URL_LEN(len);
}

void
signer_key_set(const struct signer *s, const char *kid, struct buf *out)
{
	struct jwt_key	key;

	signer_key(s, kid, &key);
	buf_addf(out, "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"sig\","
	    "\"alg\":\"RS256\",\"kid\":\"%s\",\"n\":\"", kid);
	signer_add(out, key.modulus, key.modulus_len);
	buf_adds(out, "\",\"e\":\"");
	signer_add(out, key.exponent, key.exponent_len);
	buf_adds(out, "\"}]}");
}

void
signer_make_token(const struct signer *s, const char *header,
    const char *payload, struct buf *out)
{
	EVP_MD_CTX	*md = EVP_MD_CTX_new();
	uint8_t		 signature[1024];
	size_t		 start = out->len, len = sizeof(signature);

	signer_add(out, header, strlen(header));
	buf_addc(out, '.');
	signer_add(out, payload, strlen(payload));
	signer_need(md != NULL && EVP_DigestSignInit(md, NULL, EVP_sha256(),
	    NULL, s->pkey) == 1);
	signer_need(EVP_DigestSign(md, signature, &len,
	    (const unsigned char *)out->data + start, out->len - start) == 1);
	EVP_MD_CTX_free(md);
	buf_addc(out, '.');
	signer_add(out, signature, len);
}

void
signer_make_hmac_token(const struct signer *s, const char *header,
    const char *payload, struct buf *out)
{
	struct jwt_key	key;
	uint8_t		digest[DIGEST_BYTES];
	size_t		start = out->len;

	signer_key(s, "", &key);
	signer_add(out, header, strlen(header));
	buf_addc(out, '.');
	signer_add(out, payload, strlen(payload));
	signer_need(digest_hmac_sha256(key.modulus, key.modulus_len,
	    out->data + start, out->len - start, digest) == 0);
	buf_addc(out, '.');
	signer_add(out, digest, sizeof(digest));
}
