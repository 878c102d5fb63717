/* SPDX-License-Identifier: MIT */
/*
 * RS256 signatures.  Runs in the broker; tokens and keys are what a server
 * sent: untrusted.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "oauth/b64url.h"
#include "oauth/jwt.h"
#include "oauth/openssl.h"

int
jwt_split(const char *token, size_t len, struct jwt_parts *p)
{
	const char	*end = token + len, *dot1, *dot2;

	memset(p, 0, sizeof(*p));
	if ((dot1 = memchr(token, '.', len)) == NULL)
		return ERR_FORMAT;
	p->payload = dot1 + 1;
	dot2 = memchr(p->payload, '.', (size_t)(end - p->payload));
	if (dot2 == NULL)
		return ERR_FORMAT;
	p->signature = dot2 + 1;
	p->token = token;
	p->header_len = (size_t)(dot1 - token);
	p->payload_len = (size_t)(dot2 - p->payload);
	p->signature_len = (size_t)(end - p->signature);
	p->signed_len = (size_t)(dot2 - token);
	if (p->header_len == 0 || p->payload_len == 0 ||
	    p->signature_len == 0 ||
	    memchr(p->signature, '.', p->signature_len) != NULL)
		return ERR_FORMAT;
	return 0;
}

int
jwt_decode_part(const char *part, size_t len, struct buf *out)
{
	size_t	n;
	int	r;

	if ((r = buf_reserve(out, B64URL_BYTES(len))) != 0)
		return r;
	r = b64url_decode(part, len, out->data + out->len, B64URL_BYTES(len),
	    &n);
	if (r != 0)
		return r;
	out->len += n;
	out->data[out->len] = '\0';
	return 0;
}

const struct jwt_key *
jwt_find_key(const struct jwt_keys *keys, const char *kid)
{
	const struct jwt_key	*found = NULL;
	size_t			 i;

	if (kid[0] == '\0')
		return keys->nkeys == 1 ? &keys->key[0] : NULL;
	for (i = 0; i < keys->nkeys; i++) {
		if (strcmp(keys->key[i].kid, kid) != 0)
			continue;
		if (found != NULL)
			return NULL;
		found = &keys->key[i];
	}
	return found;
}

static bool
jwt_key_is_usable(const struct jwt_key *key)
{
	size_t	n = key->modulus_len, e = key->exponent_len;

	if (n < JWT_MODULUS_MIN || n > JWT_MODULUS_MAX ||
	    e < 1 || e > JWT_EXPONENT_MAX)
		return false;
	/* The top byte counts: 2048 bits, not 2041. */
	if (key->modulus[0] == 0 ||
	    (n == JWT_MODULUS_MIN && (key->modulus[0] & 0x80) == 0))
		return false;
	if (key->exponent[0] == 0 || (e == 1 && key->exponent[0] == 1))
		return false;
	return (key->modulus[n - 1] & 1) != 0 &&
	    (key->exponent[e - 1] & 1) != 0;
}

/* NULL if libcrypto does not take it. */
static EVP_PKEY *
jwt_make_pkey(const struct jwt_key *key)
{
	OSSL_PARAM_BLD	*build = OSSL_PARAM_BLD_new();
	OSSL_PARAM	*params = NULL;
	EVP_PKEY_CTX	*ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY	*pkey = NULL;
	BIGNUM		*n, *e;

	n = BN_bin2bn(key->modulus, (int)key->modulus_len, NULL);
	e = BN_bin2bn(key->exponent, (int)key->exponent_len, NULL);
	if (build == NULL || ctx == NULL || n == NULL || e == NULL ||
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) != 1 ||
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) != 1 ||
	    (params = OSSL_PARAM_BLD_to_param(build)) == NULL)
		goto out;
	if (EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
out:
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	BN_free(n);
	BN_free(e);
	return pkey;
}

/* 1: of this key; 0: not; below 0: libcrypto failed. */
static int
jwt_verify_digest(EVP_PKEY *pkey, const char *data, size_t len,
    const uint8_t *signature, size_t signature_len)
{
	EVP_MD_CTX	*md = EVP_MD_CTX_new();
	EVP_PKEY_CTX	*ctx = NULL;
	int		 r = -1;

	if (md == NULL)
		return -1;
	if (EVP_DigestVerifyInit(md, &ctx, EVP_sha256(), NULL, pkey) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1)
		r = EVP_DigestVerify(md, signature, signature_len,
		    (const unsigned char *)data, len) == 1;
	EVP_MD_CTX_free(md);
	return r;
}

int
jwt_verify_rs256(const struct jwt_parts *p, const struct jwt_key *key)
{
	uint8_t		 signature[JWT_MODULUS_MAX];
	EVP_PKEY	*pkey;
	size_t		 len;
	int		 r;

	if (!jwt_key_is_usable(key))
		return ERR_RANGE;
	r = b64url_decode(p->signature, p->signature_len, signature,
	    sizeof(signature), &len);
	if (r != 0)
		return r == ERR_LIMIT ? ERR_DENIED : r;
	/* RFC 8017 §8.2.2: exactly as long as the modulus. */
	if (len != key->modulus_len)
		return ERR_DENIED;
	if ((pkey = jwt_make_pkey(key)) == NULL)
		return ERR_CRYPTO;
	r = jwt_verify_digest(pkey, p->token, p->signed_len, signature, len);
	EVP_PKEY_free(pkey);
	if (r < 0)
		return ERR_CRYPTO;
	return r == 1 ? 0 : ERR_DENIED;
}
