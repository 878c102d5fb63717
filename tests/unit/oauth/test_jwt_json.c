/* SPDX-License-Identifier: MIT */
/* The JSON of tokens, key sets and discovery; the pass before json-c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "base/buf.h"
#include "base/err.h"
#include "oauth/discovery_json.h"
#include "oauth/id_token.h"
#include "oauth/json_check.h"
#include "oauth/jwt.h"
#include "oauth/jwt_json.h"
#include "oauth/url.h"
#include "signer.h"

static int
parse(const char *text, size_t len)
{
	struct json_object	*o;
	int			 r;

	r = jwt_json_parse(text, len, &o);
	assert_int_equal(r == 0, o != NULL);
	json_object_put(o);
	return r;
}

static void
test_parse(void **state)
{
	static const struct {
		const char	*text;
		int		 result;
	} rows[] = {
		{ "{}", 0 }, { " {\"a\":1} \r\n\t", 0 },
		{ "{\"a\":\"\\\"b\\\\\",\"c:,\":[{}]}", 0 },
		{ "{\"a\":{\"a\":{\"a\":1}}}", 0 },
		{ "", ERR_FORMAT }, { "[]", ERR_FORMAT },
		{ "1", ERR_FORMAT }, { "\"a\"", ERR_FORMAT },
		{ "null", ERR_FORMAT }, { "{", ERR_FORMAT },
		{ "{}{}", ERR_FORMAT }, { "{} x", ERR_FORMAT },
		{ "{\"a\":1,}", ERR_FORMAT }, { "{a:1}", ERR_FORMAT },
		{ "{'a':1}", ERR_FORMAT }, { "{\"a\":\"b}", ERR_FORMAT },
		{ "{\"a\":\"\\u0000\"}", ERR_FORMAT },
		{ "{\"a\":\"\xff\"}", ERR_FORMAT },
		{ "{/* c */}", ERR_FORMAT }, { "{\"a\":NaN}", ERR_FORMAT },
		{ "{\"a\":Infinity}", ERR_FORMAT },
		{ "{\"a\":truE}", ERR_FORMAT }, { "{\"a\":nul}", ERR_FORMAT },
		{ "{\"a\":1,\"a\":2}", ERR_DUPLICATE },
		{ "{\"a\":1,\"\\u0061\":2}", ERR_DUPLICATE },
		{ "{\"x\":[{\"a\":1,\"a\":1}]}", ERR_DUPLICATE },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (parse(rows[i].text, strlen(rows[i].text)) !=
		    rows[i].result)
			fail_msg("row %zu: %s", i, rows[i].text);
	assert_int_equal(parse("{}\0", 3), ERR_FORMAT);
}

/* What json-c would spend memory on. */
static void
test_parse_limits(void **state)
{
	struct buf	b;
	int		i;

	(void)state;
	buf_init(&b, 2 * JWT_JSON_MAX);
	buf_adds(&b, "{\"a\":");
	for (i = 0; i < 20; i++)
		buf_addc(&b, '[');
	for (i = 0; i < 20; i++)
		buf_addc(&b, ']');
	buf_addc(&b, '}');
	assert_int_equal(parse(b.data, b.len), ERR_LIMIT);
	buf_reset(&b);
	buf_adds(&b, "{\"a\":[0");
	for (i = 0; i < JSON_CHECK_VALUES_MAX; i++)
		buf_adds(&b, ",0");
	buf_adds(&b, "]}");
	assert_int_equal(parse(b.data, b.len), ERR_LIMIT);
	buf_reset(&b);
	buf_adds(&b, "{}");
	for (i = 0; i < JWT_JSON_MAX; i++)
		buf_addc(&b, ' ');
	assert_int_equal(parse(b.data, b.len), ERR_LIMIT);
	buf_free(&b);
}

static void
test_check_text(void **state)
{
	size_t	members;

	(void)state;
	assert_int_equal(json_check_text("{\"a:\":1,\"b\\\"\":{\"c\":2}}", 22,
	    &members), 0);
	assert_int_equal(members, 3);
	assert_int_equal(json_check_text("\"\\", 2, &members), ERR_FORMAT);
	assert_int_equal(json_check_text("\"\\\"", 3, &members), ERR_FORMAT);
	assert_int_equal(json_check_text("\"\\\\u0000\"", 9, &members), 0);
	assert_int_equal(json_check_text("", 0, &members), 0);
}

static void
test_header(void **state)
{
	struct jwt_header	h;
	static const struct {
		const char	*text;
		bool		 rs256, crit;
		const char	*kid;
	} rows[] = {
		{ "{\"alg\":\"RS256\",\"kid\":\"k\"}", true, false, "k" },
		{ "{\"alg\":\"RS256\"}", true, false, "" },
		{ "{\"alg\":\"rs256\"}", false, false, "" },
		{ "{\"alg\":\"none\"}", false, false, "" },
		{ "{\"alg\":\"HS256\"}", false, false, "" },
		{ "{\"alg\":\"RS256RS256RS256RS256\"}", false, false, "" },
		{ "{\"alg\":\"RS256\",\"crit\":null}", true, true, "" },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(jwt_json_header(rows[i].text,
		    strlen(rows[i].text), &h), 0);
		assert_int_equal(h.rs256, rows[i].rs256);
		assert_int_equal(h.has_crit, rows[i].crit);
		assert_string_equal(h.kid, rows[i].kid);
	}
	assert_int_equal(jwt_json_header("{}", 2, &h), ERR_FORMAT);
	assert_int_equal(jwt_json_header("{\"alg\":1}", 9, &h), ERR_FORMAT);
	assert_int_equal(jwt_json_header("{\"alg\":null}", 12, &h),
	    ERR_FORMAT);
}

static void
test_keys(void **state)
{
	static struct jwt_keys	keys;
	struct signer		*s = signer_new(2048);
	struct jwt_key		 key;
	struct buf		 b;
	static const char *const bad[] = {
		"{\"keys\":[{\"kty\":\"RSA\"}]}",
		"{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}",
		"{\"keys\":[{\"kty\":\"RSA\",\"n\":\"A=\",\"e\":\"AQAB\"}]}",
		"{\"keys\":[1,null,[],\"x\"]}", "{\"keys\":[]}",
	};
	size_t			 i;

	(void)state;
	buf_init(&b, 65536);
	signer_key_set(s, "one", &b);
	assert_int_equal(jwt_json_keys(b.data, b.len, &keys), 0);
	signer_key(s, "one", &key);
	assert_int_equal(keys.nkeys, 1);
	assert_memory_equal(&keys.key[0], &key, sizeof(key));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(jwt_json_keys(bad[i], strlen(bad[i]), &keys),
		    ERR_NOT_FOUND);
	assert_int_equal(jwt_json_keys("{}", 2, &keys), ERR_FORMAT);
	assert_int_equal(jwt_json_keys("{\"keys\":{}}", 11, &keys),
	    ERR_FORMAT);
	buf_free(&b);
	signer_free(s);
}

static void
test_answer(void **state)
{
	static const char	good[] = "{\"access_token\":\"a\","
	    "\"token_type\":\"bearer\",\"expires_in\":5,"
	    "\"refresh_token\":\"r\",\"scope\":\"openid\","
	    "\"id_token\":\"x.y.z\",\"more\":[]}";
	static const char *const bad[] = {
		"{}", "{\"access_token\":\"a\"}",
		"{\"access_token\":\"\",\"token_type\":\"Bearer\"}",
		"{\"access_token\":\"a b\",\"token_type\":\"Bearer\"}",
		"{\"access_token\":1,\"token_type\":\"Bearer\"}",
		"{\"access_token\":\"a\",\"token_type\":\"DPoP\"}",
		"{\"access_token\":\"a\",\"token_type\":\"Bearer\","
		    "\"expires_in\":1.5}",
		"{\"access_token\":\"a\",\"token_type\":\"Bearer\","
		    "\"id_token\":[]}",
	};
	static const char	minimal[] =
	    "{\"access_token\":\"a\",\"token_type\":\"Bearer\"}";
	struct token_answer	a;
	size_t			i;

	(void)state;
	assert_int_equal(jwt_json_token_answer(good, strlen(good), &a), 0);
	assert_string_equal(a.access_token, "a");
	assert_string_equal(a.refresh_token, "r");
	assert_string_equal(a.scope, "openid");
	assert_string_equal(a.id_token, "x.y.z");
	assert_int_equal(a.expires_in_s, 5);
	token_answer_free(&a);
	assert_int_equal(jwt_json_token_answer(minimal, strlen(minimal), &a),
	    0);
	assert_null(a.id_token);
	assert_string_equal(a.refresh_token, "");
	token_answer_free(&a);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(jwt_json_token_answer(bad[i], strlen(bad[i]),
		    &a) < 0);
		token_answer_free(&a);
	}
}

static void
test_refusal(void **state)
{
	static const char	rs256[] = "{\"error\":\"server_error\","
	    "\"error_description\":\"This application does not support "
	    "signed tokens.\"}";
	struct token_refusal	f;

	(void)state;
	assert_int_equal(jwt_json_token_refusal(
	    "{\"error\":\"invalid_grant\"}", 25, &f), 0);
	assert_int_equal(f.code, OAUTH_ERROR_INVALID_GRANT);
	assert_false(f.unsigned_application);
	assert_int_equal(jwt_json_token_refusal(rs256, strlen(rs256), &f), 0);
	assert_int_equal(f.code, OAUTH_ERROR_SERVER_ERROR);
	assert_true(f.unsigned_application);
	assert_int_equal(jwt_json_token_refusal("{\"error\":\"x\"}", 13, &f),
	    0);
	assert_int_equal(f.code, OAUTH_ERROR_UNKNOWN);
	assert_int_equal(jwt_json_token_refusal("{}", 2, &f), ERR_FORMAT);
	assert_int_equal(jwt_json_token_refusal("<html>", 6, &f), ERR_FORMAT);
}

static const char	metadata[] =
    "{\"issuer\":\"https://x.example/o\","
    "\"authorization_endpoint\":\"https://x.example/o/authorize/\","
    "\"token_endpoint\":\"https://x.example:443/o/token/\","
    "\"jwks_uri\":\"https://x.example/o/.well-known/jwks.json\","
    "\"scopes_supported\":[1,\"openid\",\"email\"]}";

static void
test_discovery(void **state)
{
	struct discovery	d;
	struct url		u;

	(void)state;
	assert_int_equal(discovery_parse(metadata, strlen(metadata), &d), 0);
	assert_string_equal(d.issuer, "https://x.example/o");
	assert_string_equal(d.userinfo_endpoint, "");
	assert_true(d.scope_email);
	assert_int_equal(url_split("https://x.example", &u), 0);
	assert_int_equal(discovery_check(&d, &u), 0);
	assert_int_equal(url_split("https://y.example", &u), 0);
	assert_int_equal(discovery_check(&d, &u), ERR_DENIED);
	assert_int_equal(url_split("https://x.example", &u), 0);
	strcpy(d.revocation_endpoint, "https://x.example:444/o/");
	assert_int_equal(discovery_check(&d, &u), ERR_DENIED);
	strcpy(d.revocation_endpoint, "/o/revoke_token/");
	assert_int_equal(discovery_check(&d, &u), ERR_FORMAT);
	assert_int_equal(discovery_parse("{}", 2, &d), ERR_FORMAT);
	assert_int_equal(discovery_parse("{\"issuer\":\"\"}", 13, &d),
	    ERR_FORMAT);
}

/* No prefix of a good document may do harm, and none is a document. */
static void
test_discovery_cut(void **state)
{
	struct discovery	d;
	char			*copy;
	size_t			 n;

	(void)state;
	for (n = 0; n < strlen(metadata); n++) {
		copy = malloc(n + 1);
		assert_non_null(copy);
		memcpy(copy, metadata, n);
		assert_int_equal(discovery_parse(copy, n, &d), ERR_FORMAT);
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_limits),
		cmocka_unit_test(test_check_text),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_refusal),
		cmocka_unit_test(test_discovery),
		cmocka_unit_test(test_discovery_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
