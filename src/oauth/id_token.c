/* SPDX-License-Identifier: MIT */
/*
 * What an ID token must be and say.  Runs in the broker; the token is what
 * a server sent, untrusted until all checks are done.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "oauth/b64url.h"
#include "oauth/digest.h"
#include "oauth/id_token.h"
#include "oauth/jwt.h"
#include "oauth/jwt_json.h"
#include "oauth/secret.h"

static const char *const fault_texts[ID_TOKEN_FAULT_COUNT] = {
	[ID_TOKEN_OK] = "accepted",
	[ID_TOKEN_NO_MEMORY] = "out of memory",
	[ID_TOKEN_MALFORMED] = "malformed",
	[ID_TOKEN_ALGORITHM] = "not signed with RS256",
	[ID_TOKEN_KEY] = "signed with a key that is not in the key set",
	[ID_TOKEN_SIGNATURE] = "wrong signature",
	[ID_TOKEN_ISSUER] = "of another issuer",
	[ID_TOKEN_AUDIENCE] = "for another client",
	[ID_TOKEN_TIME] = "expired or not yet valid",
	[ID_TOKEN_NONCE] = "wrong nonce",
	[ID_TOKEN_ACCESS_HASH] = "for another access token",
	[ID_TOKEN_SUBJECT] = "without a user id",
	[ID_TOKEN_STUDIES] = "with too many studies",
};

const char *
id_token_fault_text(unsigned int fault)
{
	return fault < ID_TOKEN_FAULT_COUNT ? fault_texts[fault] :
	    "unknown fault";
}

/* OIDC Core §3.1.3.7, 3 to 5. */
static bool
id_token_audience_is(const struct id_token_claims *c, const char *client_id)
{
	bool	found = false;
	size_t	i;

	for (i = 0; i < c->naud; i++)
		if (strcmp(c->aud[i], client_id) == 0)
			found = true;
	if (!found || (c->naud > 1 && c->azp[0] == '\0'))
		return false;
	return c->azp[0] == '\0' || strcmp(c->azp, client_id) == 0;
}

static bool
id_token_time_is_good(const struct id_token_claims *c, int64_t now_s)
{
	return c->exp_s > now_s - ID_TOKEN_LEEWAY_S &&
	    c->iat_s <= now_s + ID_TOKEN_LEEWAY_S &&
	    c->nbf_s <= now_s + ID_TOKEN_LEEWAY_S && c->iat_s <= c->exp_s;
}

/* OIDC Core §3.1.3.6: the left half of the access token's SHA-256. */
static bool
id_token_hash_is_of(const char *at_hash, const char *access_token)
{
	uint8_t	digest[DIGEST_BYTES];
	char	text[B64URL_LEN(DIGEST_BYTES / 2) + 1];

	if (digest_sha256(access_token, strlen(access_token), digest) != 0 ||
	    b64url_encode(digest, sizeof(digest) / 2, text,
	    sizeof(text)) != 0)
		return false;
	return secret_equal(text, at_hash);
}

static bool
id_token_find_person(const struct id_token_claims *c, int64_t *person)
{
	/* Only as the exchange writes it: "007" and "7" were two subjects. */
	if (c->sub[0] < '1' || c->sub[0] > '9' ||
	    num_parse(c->sub, strlen(c->sub), 1, INT64_MAX, person) != 0)
		return false;
	return !c->has_user_id || c->user_id == *person;
}

enum id_token_fault
id_token_check_person(const struct id_token_claims *c, int64_t *person)
{
	enum id_token_fault	fault = ID_TOKEN_OK;

	if (!id_token_find_person(c, person))
		fault = ID_TOKEN_SUBJECT;
	else if (c->too_many_studies)
		fault = ID_TOKEN_STUDIES;
	if (fault != ID_TOKEN_OK)
		*person = 0;
	return fault;
}

enum id_token_fault
id_token_check(const struct id_token_claims *c,
    const struct id_token_expected *want, int64_t *person)
{
	*person = 0;
	if (want->issuer == NULL || want->issuer[0] == '\0' ||
	    strcmp(c->iss, want->issuer) != 0)
		return ID_TOKEN_ISSUER;
	if (want->client_id == NULL || want->client_id[0] == '\0' ||
	    !id_token_audience_is(c, want->client_id))
		return ID_TOKEN_AUDIENCE;
	if (!id_token_time_is_good(c, want->now_s))
		return ID_TOKEN_TIME;
	if (want->nonce != NULL && !secret_equal(c->nonce, want->nonce))
		return ID_TOKEN_NONCE;
	if (want->access_token != NULL && c->at_hash[0] != '\0' &&
	    !id_token_hash_is_of(c->at_hash, want->access_token))
		return ID_TOKEN_ACCESS_HASH;
	return id_token_check_person(c, person);
}

static enum id_token_fault
id_token_fault_of(int err)
{
	return err == ERR_MEMORY || err == ERR_CRYPTO ? ID_TOKEN_NO_MEMORY :
	    ID_TOKEN_MALFORMED;
}

static enum id_token_fault
id_token_check_signature(const struct jwt_parts *p,
    const struct jwt_keys *keys, struct buf *text)
{
	const struct jwt_key	*key;
	struct jwt_header	 header;
	int			 r;

	if (p->header_len > JWT_HEADER_MAX)
		return ID_TOKEN_MALFORMED;
	if ((r = jwt_decode_part(p->token, p->header_len, text)) != 0 ||
	    (r = jwt_json_header(text->data, text->len, &header)) != 0)
		return id_token_fault_of(r);
	if (!header.rs256 || header.has_crit)
		return ID_TOKEN_ALGORITHM;
	if ((key = jwt_find_key(keys, header.kid)) == NULL)
		return ID_TOKEN_KEY;
	r = jwt_verify_rs256(p, key);
	if (r == ERR_RANGE)
		return ID_TOKEN_KEY;
	if (r == ERR_DENIED)
		return ID_TOKEN_SIGNATURE;
	return r == 0 ? ID_TOKEN_OK : id_token_fault_of(r);
}

enum id_token_fault
id_token_verify(const char *token, size_t len, const struct jwt_keys *keys,
    const struct id_token_expected *want, struct id_token_claims *claims,
    int64_t *person)
{
	struct buf		text;
	struct jwt_parts	p;
	enum id_token_fault	fault;
	int			r;

	*person = 0;
	memset(claims, 0, sizeof(*claims));
	if (len > ID_TOKEN_MAX || jwt_split(token, len, &p) != 0)
		return ID_TOKEN_MALFORMED;
	buf_init(&text, ID_TOKEN_MAX);
	fault = id_token_check_signature(&p, keys, &text);
	if (fault != ID_TOKEN_OK)
		goto out;
	buf_reset(&text);
	if ((r = jwt_decode_part(p.payload, p.payload_len, &text)) != 0 ||
	    (r = jwt_json_claims(text.data, text.len, claims)) != 0) {
		fault = id_token_fault_of(r);
		goto out;
	}
	fault = id_token_check(claims, want, person);
out:
	buf_free(&text);
	return fault;
}
