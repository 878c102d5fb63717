/* SPDX-License-Identifier: MIT */
/*
 * Compact JSON Web Signatures (RFC 7515 §3.1) with RS256 (RFC 7518 §3.3),
 * and no other algorithm: the key comes from the exchange's key set, the
 * algorithm from here, never from the token.
 */
#ifndef OAUTH_JWT_H
#define OAUTH_JWT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define JWT_KID_SIZE		256
#define JWT_KEYS_MAX		16
#define JWT_MODULUS_MIN		256	/* bytes: RSA with 2048 bits */
#define JWT_MODULUS_MAX		1024	/* 8192 bits */
#define JWT_EXPONENT_MAX	8
#define JWT_HEADER_MAX		4096	/* bytes, decoded */

/* An RSA public key that may verify signatures. */
struct jwt_key {
	char	kid[JWT_KID_SIZE];		/* "": it has none */
	uint8_t	modulus[JWT_MODULUS_MAX];
	size_t	modulus_len;			/* no leading zero */
	uint8_t	exponent[JWT_EXPONENT_MAX];
	size_t	exponent_len;
};

struct jwt_keys {
	size_t		nkeys;
	struct jwt_key	key[JWT_KEYS_MAX];
};

struct jwt_header {
	bool	rs256;			/* alg is exactly "RS256" */
	bool	has_crit;		/* an extension must be understood */
	char	kid[JWT_KID_SIZE];	/* "": absent */
};

/* A token cut in three; signed_len bytes at token are what was signed. */
struct jwt_parts {
	const char	*token;
	size_t		 signed_len;
	size_t		 header_len;		/* of the first part */
	const char	*payload;
	size_t		 payload_len;
	const char	*signature;
	size_t		 signature_len;
};

/*
 * Cut at the dots; the parts point into token.  0, or ERR_FORMAT if there
 * are not exactly three, none empty.
 */
int	jwt_split(const char *token, size_t len, struct jwt_parts *p);
/* Append a part, decoded; 0, ERR_FORMAT, ERR_LIMIT or ERR_MEMORY. */
int	jwt_decode_part(const char *part, size_t len, struct buf *out);
/*
 * The key that kid names; without kid the only key there is.  NULL if there
 * is none, or if two keys have the name.
 */
const struct jwt_key *jwt_find_key(const struct jwt_keys *keys,
	    const char *kid);
/*
 * Verify the signature.  0; ERR_DENIED if it is not of this key; ERR_FORMAT
 * if its text is no base64url; ERR_RANGE if the key is shorter than 2048
 * bits, longer than 8192, or even; ERR_CRYPTO.
 */
int	jwt_verify_rs256(const struct jwt_parts *p, const struct jwt_key *key);

#endif
