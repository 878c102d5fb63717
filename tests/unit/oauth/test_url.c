/* SPDX-License-Identifier: MIT */
/* URLs, redirect URIs and the authorization URL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "oauth/authorize.h"
#include "oauth/error_code.h"
#include "oauth/redirect.h"
#include "oauth/url.h"

static void
test_split(void **state)
{
	static const struct {
		const char	*text, *host, *path, *query;
		uint16_t	 port;
		bool		 https, ipv6, has_port;
	} rows[] = {
		{ "http://a", "a", "", "", 80, false, false, false },
		{ "HTTPS://ExAmple.ORG/A?b=C", "example.org", "/A", "b=C",
		    443, true, false, false },
		{ "https://a:8443/", "a", "/", "", 8443, true, false, true },
		{ "http://127.0.0.1:80/x%2F?", "127.0.0.1", "/x%2F", "", 80,
		    false, false, true },
		{ "http://[::1]:9/c", "::1", "/c", "", 9, false, true, true },
		{ "http://[2001:DB8::1]", "2001:db8::1", "", "", 80, false,
		    true, false },
		{ "http://a?x=/:@", "a", "", "x=/:@", 80, false, false,
		    false },
	};
	struct url	u;
	size_t		i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(url_split(rows[i].text, &u), 0);
		assert_string_equal(u.host, rows[i].host);
		assert_string_equal(u.path, rows[i].path);
		assert_string_equal(u.query, rows[i].query);
		assert_int_equal(u.port, rows[i].port);
		assert_int_equal(u.https, rows[i].https);
		assert_int_equal(u.ipv6, rows[i].ipv6);
		assert_int_equal(u.has_port, rows[i].has_port);
	}
}

static void
test_split_refused(void **state)
{
	static const char *const	bad[] = {
		"", "http", "http:", "http:/a", "//a", "a", "ftp://a",
		"file:///etc/passwd", "javascript:alert(1)", "http://",
		"http:///a", "http://?a", "http://:80", "http://u@a",
		"http://u:p@a", "http://a@", "http://a:0", "http://a:65536",
		"http://a:", "http://a:8a", "http://a:-1", "http://a: 1",
		"http://a:000080", "http://a#f", "http://a/#f", "http://a/b c",
		"http://a/%", "http://a/%1", "http://a/%zz", "http://a/\\b",
		"http://a\\b", "http://a/\tb", "http://a/\x7f",
		"http://a/\xc3\xa4", "http://\xc3\xa4", "http://a b",
		"http://[::1", "http://::1", "http://[]", "http://[::1]a",
		"http://[g]", "http://a%2e", "http://.a", "http://-a",
		" http://a", "http://a/<x>", "http://a/\"", "http://a\n",
	};
	struct url			u;
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (url_split(bad[i], &u) != ERR_FORMAT)
			fail_msg("accepted: %s", bad[i]);
}

static void
test_split_long(void **state)
{
	char		text[URL_SIZE + 1];
	struct url	u;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "http://h/", 9);
	text[URL_SIZE - 1] = '\0';
	assert_int_equal(url_split(text, &u), 0);
	text[URL_SIZE - 1] = 'a';
	text[URL_SIZE] = '\0';
	assert_int_equal(url_split(text, &u), ERR_LIMIT);
	memset(text, 'a', sizeof(text));
	memcpy(text, "http://", 7);
	text[7 + URL_HOST_SIZE - 1] = '\0';
	assert_int_equal(url_split(text, &u), 0);
	text[7 + URL_HOST_SIZE - 1] = 'a';
	text[7 + URL_HOST_SIZE] = '\0';
	assert_int_equal(url_split(text, &u), ERR_FORMAT);
}

static bool
same_origin(const char *a, const char *b)
{
	struct url	ua, ub;

	assert_int_equal(url_split(a, &ua), 0);
	assert_int_equal(url_split(b, &ub), 0);
	return url_same_origin(&ua, &ub);
}

static void
test_origin(void **state)
{
	(void)state;
	assert_true(same_origin("http://a/x", "http://A:80/y?z"));
	assert_true(same_origin("https://a", "https://a:443"));
	assert_false(same_origin("http://a", "https://a"));
	assert_false(same_origin("http://a:443", "https://a:443"));
	assert_false(same_origin("http://a", "http://a:81"));
	assert_false(same_origin("http://a", "http://a.b"));
	assert_false(same_origin("http://localhost", "http://127.0.0.1"));
}

static void
test_encode(void **state)
{
	struct buf	b;

	(void)state;
	buf_init(&b, 1024);
	url_encode(&b, "aZ09-._~ +&=%/?#\xc3\xa4\n");
	assert_string_equal(buf_string(&b),
	    "aZ09-._~%20%2B%26%3D%25%2F%3F%23%C3%A4%0A");
	buf_reset(&b);
	url_add_param(&b, 0, "a", "1 2");
	url_add_param(&b, '&', "b", "");
	assert_string_equal(buf_string(&b), "a=1%202&b=");
	buf_free(&b);
}

static void
test_redirects(void **state)
{
	char	text[REDIRECT_SIZE];

	(void)state;
	assert_int_equal(redirect_make(8765, text, sizeof(text)), 0);
	assert_string_equal(text, "http://localhost:8765/callback");
	assert_int_equal(redirect_make(65535, text, sizeof(text)), 0);
	assert_int_equal(redirect_make(8765, text, 10), ERR_LIMIT);

	assert_int_equal(redirect_check("https://a.example/cb"), 0);
	assert_int_equal(redirect_check("http://localhost/cb"), 0);
	assert_int_equal(redirect_check("http://127.0.0.1:1/cb"), 0);
	assert_int_equal(redirect_check("http://[::1]/cb"), 0);
	assert_int_equal(redirect_check("http://a.example/cb"), ERR_DENIED);
	assert_int_equal(redirect_check("http://127.0.0.1.a/"), ERR_DENIED);
	assert_int_equal(redirect_check("http://localhost.a/"), ERR_DENIED);
	assert_int_equal(redirect_check("app:/cb"), ERR_FORMAT);
	assert_int_equal(redirect_check("https://a/#x"), ERR_FORMAT);
}

static void
test_redirect_match(void **state)
{
	static const struct {
		const char	*registered, *requested;
		bool		 same;
	} rows[] = {
		{ "https://a/cb", "https://a/cb", true },
		{ "https://a/cb", "https://a:443/cb", false },
		{ "https://a/cb", "https://a/cb/", false },
		{ "https://a/cb", "https://a/cb?x", false },
		{ "https://localhost/cb", "https://localhost:1/cb", false },
		{ "http://localhost/cb", "http://localhost:4711/cb", true },
		{ "http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb", true },
		{ "http://[::1]/cb", "http://[::1]:2/cb", true },
		{ "http://localhost/cb", "http://127.0.0.1/cb", false },
		{ "http://localhost/cb", "http://localhost/cd", false },
		{ "http://localhost/cb", "http://localhost/cb?a=b", false },
		{ "http://localhost/cb", "https://localhost/cb", false },
		{ "http://a/cb", "http://a/cb", false },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(redirect_match(rows[i].registered,
		    rows[i].requested), rows[i].same);
}

static void
test_authorize(void **state)
{
	struct authorize_request	r = {
		.endpoint = "https://a.example/o/authorize/",
		.client_id = "c&d",
		.redirect_uri = "http://localhost:8765/callback",
		.scope = "openid email",
		.state = "st",
		.nonce = "no",
		.challenge = "ch",
	};
	struct buf			b;

	(void)state;
	buf_init(&b, 4096);
	assert_int_equal(authorize_make_url(&r, &b), 0);
	assert_string_equal(buf_string(&b), "https://a.example/o/authorize/"
	    "?response_type=code&client_id=c%26d&redirect_uri="
	    "http%3A%2F%2Flocalhost%3A8765%2Fcallback"
	    "&scope=openid%20email&state=st&nonce=no&code_challenge=ch"
	    "&code_challenge_method=S256");
	buf_reset(&b);
	r.endpoint = "https://a.example/o/authorize/?a=b";
	assert_int_equal(authorize_make_url(&r, &b), 0);
	assert_non_null(strstr(buf_string(&b), "/?a=b&response_type=code&"));
	r.state = "";
	assert_int_equal(authorize_make_url(&r, &b), ERR_FORMAT);
	r.state = NULL;
	assert_int_equal(authorize_make_url(&r, &b), ERR_FORMAT);
	r.state = "st";
	r.endpoint = "javascript:alert(1)";
	assert_int_equal(authorize_make_url(&r, &b), ERR_FORMAT);
	buf_free(&b);
	buf_init(&b, 20);
	r.endpoint = "https://a.example/o/authorize/";
	assert_int_equal(authorize_make_url(&r, &b), ERR_LIMIT);
	buf_free(&b);
}

static void
test_error_codes(void **state)
{
	unsigned int	i;
	const char	*name;

	(void)state;
	for (i = OAUTH_ERROR_UNKNOWN + 1; i < OAUTH_ERROR_COUNT; i++) {
		name = oauth_error_name(i);
		assert_int_equal(oauth_error_find(name, strlen(name)), i);
	}
	assert_int_equal(oauth_error_find("none", 4), OAUTH_ERROR_UNKNOWN);
	assert_int_equal(oauth_error_find("unknown", 7), OAUTH_ERROR_UNKNOWN);
	assert_int_equal(oauth_error_find("invalid_grant", 12),
	    OAUTH_ERROR_UNKNOWN);
	assert_int_equal(oauth_error_find("", 0), OAUTH_ERROR_UNKNOWN);
	assert_string_equal(oauth_error_name(999), "unknown");
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_split_refused),
		cmocka_unit_test(test_split_long),
		cmocka_unit_test(test_origin),
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_redirects),
		cmocka_unit_test(test_redirect_match),
		cmocka_unit_test(test_authorize),
		cmocka_unit_test(test_error_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
