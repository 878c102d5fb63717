/* SPDX-License-Identifier: MIT */
/*
 * JSON of OAuth and of tokens, by json-c behind an own pass.  Runs in the
 * broker; every text is a server's: untrusted.  What json-c copies of a
 * secret cannot be wiped; it dies with the broker, which does one job.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <json-c/json.h>

#include "base/err.h"
#include "compat/compat.h"
#include "oauth/b64url.h"
#include "oauth/id_token.h"
#include "oauth/json_check.h"
#include "oauth/jwt.h"
#include "oauth/jwt_json.h"

#define JWT_JSON_DEPTH		16
/* Whole numbers that every JSON reader keeps (RFC 8259 §6). */
#define JWT_JSON_TIME_MAX	((int64_t)1 << 53)
#define EXPIRES_IN_MAX_S	INT32_MAX

/* Members of all objects in a tree no deeper than JWT_JSON_DEPTH. */
static size_t
jwt_json_count(struct json_object *v)
{
	size_t	i, n = 0;

	if (json_object_is_type(v, json_type_array)) {
		for (i = 0; i < json_object_array_length(v); i++)
			n += jwt_json_count(json_object_array_get_idx(v, i));
	} else if (json_object_is_type(v, json_type_object)) {
		json_object_object_foreach(v, name, member) {
			(void)name;
			n += 1 + jwt_json_count(member);
		}
	}
	return n;
}

static int
jwt_json_tokenize(const char *text, size_t len, struct json_object **object)
{
	struct json_tokener	*tok = json_tokener_new_ex(JWT_JSON_DEPTH);
	enum json_tokener_error	 error;
	size_t			 end;

	if (tok == NULL)
		return ERR_MEMORY;
	json_tokener_set_flags(tok,
	    JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	*object = json_tokener_parse_ex(tok, text, (int)len);
	error = json_tokener_get_error(tok);
	end = json_tokener_get_parse_end(tok);
	json_tokener_free(tok);
	if (error == json_tokener_error_depth)
		return ERR_LIMIT;
	if (*object == NULL || error != json_tokener_success)
		return ERR_FORMAT;
	while (end < len && strchr(" \t\r\n", text[end]) != NULL)
		end++;
	return end == len ? 0 : ERR_FORMAT;
}

int
jwt_json_parse(const char *text, size_t len, struct json_object **object)
{
	struct json_object	*o = NULL;
	size_t			 members;
	int			 r;

	*object = NULL;
	if (len > JWT_JSON_MAX)
		return ERR_LIMIT;
	if ((r = json_check_text(text, len, &members)) != 0)
		return r;
	r = jwt_json_tokenize(text, len, &o);
	if (r == 0 && !json_object_is_type(o, json_type_object))
		r = ERR_FORMAT;
	/* json-c keeps the last of two members with one name. */
	if (r == 0 && jwt_json_count(o) != members)
		r = ERR_DUPLICATE;
	if (r != 0) {
		json_object_put(o);
		return r;
	}
	*object = o;
	return 0;
}

/* The member, or NULL if it is absent or null. */
static struct json_object *
jwt_json_member(struct json_object *object, const char *name)
{
	struct json_object	*v;

	if (!json_object_object_get_ex(object, name, &v))
		return NULL;
	return v;
}

static int
jwt_json_copy(struct json_object *v, char *text, size_t size)
{
	size_t	len;

	if (!json_object_is_type(v, json_type_string))
		return ERR_FORMAT;
	len = (size_t)json_object_get_string_len(v);
	if (len >= size)
		return ERR_LIMIT;
	memcpy(text, json_object_get_string(v), len);
	text[len] = '\0';
	return 0;
}

int
jwt_json_string(struct json_object *object, const char *name, char *text,
    size_t size)
{
	struct json_object	*v = jwt_json_member(object, name);

	text[0] = '\0';
	return v == NULL ? ERR_NOT_FOUND : jwt_json_copy(v, text, size);
}

/* A member that need not be there. */
static int
jwt_json_optional(struct json_object *object, const char *name, char *text,
    size_t size)
{
	int	r = jwt_json_string(object, name, text, size);

	return r == ERR_NOT_FOUND ? 0 : r;
}

/*
 * json-c makes numbers outside int64 the nearest that is inside; so that
 * one is never a value here.
 */
static int
jwt_json_value_int(struct json_object *v, int64_t min, int64_t max,
    int64_t *value)
{
	if (!json_object_is_type(v, json_type_int))
		return ERR_FORMAT;
	*value = json_object_get_int64(v);
	return *value < min || *value > max || *value == INT64_MAX ?
	    ERR_RANGE : 0;
}

static int
jwt_json_int(struct json_object *object, const char *name, int64_t min,
    int64_t max, int64_t *value)
{
	struct json_object	*v = jwt_json_member(object, name);

	*value = 0;
	return v == NULL ? ERR_NOT_FOUND :
	    jwt_json_value_int(v, min, max, value);
}

int
jwt_json_header(const char *text, size_t len, struct jwt_header *h)
{
	struct json_object	*o;
	char			 alg[16];
	int			 r;

	memset(h, 0, sizeof(*h));
	if ((r = jwt_json_parse(text, len, &o)) != 0)
		return r;
	/* A name too long to hold is another algorithm, not an error. */
	r = jwt_json_string(o, "alg", alg, sizeof(alg));
	if (r == ERR_LIMIT)
		r = 0;
	h->rs256 = r == 0 && strcmp(alg, "RS256") == 0;
	h->has_crit = json_object_object_get_ex(o, "crit", NULL);
	if (r == 0)
		r = jwt_json_optional(o, "kid", h->kid, sizeof(h->kid));
	json_object_put(o);
	return r == 0 ? 0 : ERR_FORMAT;
}

static int
jwt_json_audience(struct json_object *o, struct id_token_claims *c)
{
	struct json_object	*aud = jwt_json_member(o, "aud");
	size_t			 i, n;
	int			 r;

	if (aud == NULL)
		return ERR_NOT_FOUND;
	if (!json_object_is_type(aud, json_type_array)) {
		c->naud = 1;
		return jwt_json_copy(aud, c->aud[0], sizeof(c->aud[0]));
	}
	n = json_object_array_length(aud);
	if (n > ID_TOKEN_AUDIENCES_MAX)
		return ERR_LIMIT;
	for (i = 0; i < n; i++) {
		r = jwt_json_copy(json_object_array_get_idx(aud, i),
		    c->aud[i], sizeof(c->aud[i]));
		if (r != 0)
			return r;
	}
	c->naud = n;
	return 0;
}

/*
 * Absent narrows nothing; anything there that is not understood is an
 * error, since to overlook it would show more.
 */
static int
jwt_json_studies(struct json_object *o, struct id_token_claims *c)
{
	struct json_object	*permissions, *studies;
	size_t			 i, n;
	int			 r;

	if (!json_object_object_get_ex(o, "jhe_permissions", &permissions))
		return 0;
	if (!json_object_is_type(permissions, json_type_object))
		return ERR_FORMAT;
	if (!json_object_object_get_ex(permissions, "studies", &studies))
		return 0;
	if (!json_object_is_type(studies, json_type_array))
		return ERR_FORMAT;
	c->has_studies = true;
	n = json_object_array_length(studies);
	if (n > ID_TOKEN_STUDIES_MAX) {
		c->too_many_studies = true;
		return 0;
	}
	for (i = 0; i < n; i++) {
		r = jwt_json_value_int(json_object_array_get_idx(studies, i),
		    1, INT64_MAX, &c->studies[i]);
		if (r != 0)
			return r;
	}
	c->nstudies = n;
	return 0;
}

static int
jwt_json_person(struct json_object *o, struct id_token_claims *c)
{
	int	r;

	if ((r = jwt_json_optional(o, "user_type", c->user_type,
	    sizeof(c->user_type))) != 0 ||
	    (r = jwt_json_optional(o, "email", c->email,
	    sizeof(c->email))) != 0)
		return r;
	r = jwt_json_int(o, "user_id", INT64_MIN, INT64_MAX, &c->user_id);
	if (r != 0 && r != ERR_NOT_FOUND)
		return r;
	c->has_user_id = r == 0;
	return jwt_json_studies(o, c);
}

int
jwt_json_claims(const char *text, size_t len, struct id_token_claims *c)
{
	struct json_object	*o;
	int			 r;

	memset(c, 0, sizeof(*c));
	if ((r = jwt_json_parse(text, len, &o)) != 0)
		return r;
	if ((r = jwt_json_string(o, "iss", c->iss, sizeof(c->iss))) != 0 ||
	    (r = jwt_json_string(o, "sub", c->sub, sizeof(c->sub))) != 0 ||
	    (r = jwt_json_audience(o, c)) != 0 ||
	    (r = jwt_json_optional(o, "azp", c->azp, sizeof(c->azp))) != 0 ||
	    (r = jwt_json_optional(o, "nonce", c->nonce,
	    sizeof(c->nonce))) != 0 ||
	    (r = jwt_json_optional(o, "at_hash", c->at_hash,
	    sizeof(c->at_hash))) != 0 ||
	    (r = jwt_json_int(o, "exp", 1, JWT_JSON_TIME_MAX,
	    &c->exp_s)) != 0 ||
	    (r = jwt_json_int(o, "iat", 1, JWT_JSON_TIME_MAX,
	    &c->iat_s)) != 0)
		goto out;
	r = jwt_json_int(o, "nbf", 1, JWT_JSON_TIME_MAX, &c->nbf_s);
	if (r == 0 || r == ERR_NOT_FOUND)
		r = jwt_json_person(o, c);
out:
	json_object_put(o);
	return r == ERR_NOT_FOUND ? ERR_FORMAT : r;
}

int
jwt_json_userinfo(const char *text, size_t len, struct id_token_claims *c)
{
	struct json_object	*o;
	int			 r;

	memset(c, 0, sizeof(*c));
	if ((r = jwt_json_parse(text, len, &o)) != 0)
		return r;
	r = jwt_json_string(o, "sub", c->sub, sizeof(c->sub));
	if (r == 0)
		r = jwt_json_person(o, c);
	json_object_put(o);
	return r == ERR_NOT_FOUND ? ERR_FORMAT : r;
}

/* 0; ERR_NOT_FOUND if it is no key for us. */
static int
jwt_json_key(struct json_object *o, struct jwt_key *key)
{
	char	text[B64URL_LEN(JWT_MODULUS_MAX) + 1];

	memset(key, 0, sizeof(*key));
	if (!json_object_is_type(o, json_type_object) ||
	    jwt_json_string(o, "kty", text, sizeof(text)) != 0 ||
	    strcmp(text, "RSA") != 0)
		return ERR_NOT_FOUND;
	if (jwt_json_optional(o, "use", text, sizeof(text)) != 0 ||
	    (text[0] != '\0' && strcmp(text, "sig") != 0))
		return ERR_NOT_FOUND;
	if (jwt_json_optional(o, "alg", text, sizeof(text)) != 0 ||
	    (text[0] != '\0' && strcmp(text, "RS256") != 0))
		return ERR_NOT_FOUND;
	if (jwt_json_optional(o, "kid", key->kid, sizeof(key->kid)) != 0)
		return ERR_NOT_FOUND;
	if (jwt_json_string(o, "n", text, sizeof(text)) != 0 ||
	    b64url_decode(text, strlen(text), key->modulus,
	    sizeof(key->modulus), &key->modulus_len) != 0)
		return ERR_NOT_FOUND;
	if (jwt_json_string(o, "e", text, sizeof(text)) != 0 ||
	    b64url_decode(text, strlen(text), key->exponent,
	    sizeof(key->exponent), &key->exponent_len) != 0)
		return ERR_NOT_FOUND;
	return 0;
}

int
jwt_json_keys(const char *text, size_t len, struct jwt_keys *keys)
{
	struct json_object	*o, *list;
	struct jwt_key		 key;
	size_t			 i;
	int			 r;

	memset(keys, 0, sizeof(*keys));
	if ((r = jwt_json_parse(text, len, &o)) != 0)
		return r;
	list = jwt_json_member(o, "keys");
	if (!json_object_is_type(list, json_type_array))
		r = ERR_FORMAT;
	for (i = 0; r == 0 && i < json_object_array_length(list); i++) {
		if (jwt_json_key(json_object_array_get_idx(list, i),
		    &key) != 0)
			continue;
		if (keys->nkeys == JWT_KEYS_MAX)
			r = ERR_LIMIT;
		else
			keys->key[keys->nkeys++] = key;
	}
	json_object_put(o);
	return r == 0 && keys->nkeys == 0 ? ERR_NOT_FOUND : r;
}

/* RFC 6749 Appendix A: visible ASCII, so that it may stand in a header. */
static int
jwt_json_token(struct json_object *o, const char *name, char *text,
    size_t size)
{
	const char	*s;
	int		 r;

	if ((r = jwt_json_string(o, name, text, size)) != 0)
		return r;
	for (s = text; *s != '\0'; s++)
		if (*s <= ' ' || *s > '~')
			return ERR_FORMAT;
	return text[0] == '\0' ? ERR_FORMAT : 0;
}

static int
jwt_json_id_token(struct json_object *o, struct token_answer *a)
{
	struct json_object	*v = jwt_json_member(o, "id_token");
	size_t			 len;

	if (v == NULL)
		return 0;
	if (!json_object_is_type(v, json_type_string))
		return ERR_FORMAT;
	len = (size_t)json_object_get_string_len(v);
	if (len > ID_TOKEN_MAX)
		return ERR_LIMIT;
	if ((a->id_token = calloc(1, len + 1)) == NULL)
		return ERR_MEMORY;
	memcpy(a->id_token, json_object_get_string(v), len);
	a->id_token_len = len;
	return 0;
}

int
jwt_json_token_answer(const char *text, size_t len, struct token_answer *a)
{
	struct json_object	*o;
	char			 type[16];
	int			 r;

	memset(a, 0, sizeof(*a));
	if ((r = jwt_json_parse(text, len, &o)) != 0)
		return r;
	r = jwt_json_string(o, "token_type", type, sizeof(type));
	if (r != 0 || strcasecmp(type, "Bearer") != 0) {
		r = ERR_FORMAT;
		goto out;
	}
	if ((r = jwt_json_token(o, "access_token", a->access_token,
	    sizeof(a->access_token))) != 0)
		goto out;
	r = jwt_json_token(o, "refresh_token", a->refresh_token,
	    sizeof(a->refresh_token));
	if (r != 0 && r != ERR_NOT_FOUND)
		goto out;
	r = jwt_json_int(o, "expires_in", 0, EXPIRES_IN_MAX_S,
	    &a->expires_in_s);
	if (r != 0 && r != ERR_NOT_FOUND)
		goto out;
	if ((r = jwt_json_optional(o, "scope", a->scope,
	    sizeof(a->scope))) == 0)
		r = jwt_json_id_token(o, a);
out:
	json_object_put(o);
	return r == ERR_NOT_FOUND ? ERR_FORMAT : r;
}

int
jwt_json_token_refusal(const char *text, size_t len,
    struct token_refusal *refusal)
{
	struct json_object	*o;
	char			 word[1024];
	int			 r;

	memset(refusal, 0, sizeof(*refusal));
	if ((r = jwt_json_parse(text, len, &o)) != 0)
		return r;
	r = jwt_json_string(o, "error", word, sizeof(word));
	if (r != 0) {
		json_object_put(o);
		return ERR_FORMAT;
	}
	refusal->code = oauth_error_find(word, strlen(word));
	/* The words are looked at here and go nowhere. */
	if (refusal->code == OAUTH_ERROR_SERVER_ERROR &&
	    jwt_json_string(o, "error_description", word,
	    sizeof(word)) == 0)
		refusal->unsigned_application =
		    strstr(word, "does not support signed tokens") != NULL;
	json_object_put(o);
	return 0;
}

void
token_answer_free(struct token_answer *a)
{
	freezero(a->id_token, a->id_token_len);
	explicit_bzero(a, sizeof(*a));
}
