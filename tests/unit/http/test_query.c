/* SPDX-License-Identifier: MIT */
/* Query parameters and the Host field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "http/query.h"

static char	value[64];

static int
get(const char *query, const char *name)
{
	memset(value, 'x', sizeof(value));
	return http_query_get(query, strlen(query), name, value,
	    sizeof(value));
}

static void
gives(const char *query, const char *name, const char *expected)
{
	assert_int_equal(get(query, name), strlen(expected));
	assert_string_equal(value, expected);
}

static void
test_values(void **state)
{
	(void)state;
	gives("a=1&b=2", "a", "1");
	gives("a=1&b=2", "b", "2");
	gives("a=1&b=2&", "b", "2");
	gives("&&a=1", "a", "1");
	gives("a", "a", "");
	gives("a=", "a", "");
	gives("a=b=c", "a", "b=c");
	gives("=x&a=1", "a", "1");
	gives("=x", "", "x");
	assert_int_equal(get("", "a"), ERR_NOT_FOUND);
	assert_int_equal(get("ab=1", "a"), ERR_NOT_FOUND);
	assert_int_equal(get("a=1", "ab"), ERR_NOT_FOUND);
	assert_int_equal(get("A=1", "a"), ERR_NOT_FOUND);
}

static void
test_decoding(void **state)
{
	(void)state;
	gives("a=%41%2b+%2F", "a", "A+ /");
	gives("st%61te=x", "state", "x");
	gives("a%26b=c", "a&b", "c");
	gives("a=%C3%a4", "a", "\xc3\xa4");
	gives("a=%2500", "a", "%00");
}

static void
test_bad_encoding(void **state)
{
	static const char	nul[] = "a=b\0c";

	(void)state;
	assert_int_equal(get("a=%", "a"), ERR_FORMAT);
	assert_int_equal(get("a=%4", "a"), ERR_FORMAT);
	assert_int_equal(get("a=%4g", "a"), ERR_FORMAT);
	assert_int_equal(get("a=%00", "a"), ERR_FORMAT);
	assert_int_equal(get("a=1&b=%00", "a"), ERR_FORMAT);
	assert_int_equal(get("a=1&%zz=1", "a"), ERR_FORMAT);
	assert_int_equal(get("a=%4&b=1", "a"), ERR_FORMAT);
	assert_int_equal(http_query_get(nul, sizeof(nul) - 1, "a", value,
	    sizeof(value)), ERR_FORMAT);
}

static void
test_duplicates(void **state)
{
	(void)state;
	assert_int_equal(get("a=1&a=1", "a"), ERR_DUPLICATE);
	assert_int_equal(get("a=1&b=2&%61=3", "a"), ERR_DUPLICATE);
	assert_int_equal(get("a&a", "a"), ERR_DUPLICATE);
	gives("b=1&a=1&b=2", "a", "1");
}

static void
test_size(void **state)
{
	char	two[2];

	(void)state;
	assert_int_equal(http_query_get("a=1", 3, "a", two, 2), 1);
	assert_string_equal(two, "1");
	assert_int_equal(http_query_get("a=12", 4, "a", two, 2), ERR_LIMIT);
	assert_int_equal(http_query_get("a=%41", 5, "a", two, 2), 1);
	assert_string_equal(two, "A");
}

static int
host(const char *field)
{
	return http_host_parse(field, strlen(field), value, sizeof(value));
}

static void
test_host(void **state)
{
	(void)state;
	assert_int_equal(host("LocalHost:8765"), 0);
	assert_string_equal(value, "localhost");
	assert_int_equal(host("127.0.0.1"), 0);
	assert_string_equal(value, "127.0.0.1");
	assert_int_equal(host("[::1]:1"), 0);
	assert_string_equal(value, "[::1]");
	assert_int_equal(host("[::1]"), 0);
	assert_int_equal(host("jhe.example"), 0);
	assert_string_equal(value, "jhe.example");
}

static void
test_bad_host(void **state)
{
	char	small[4];

	(void)state;
	assert_int_equal(host(""), ERR_FORMAT);
	assert_int_equal(host(":80"), ERR_FORMAT);
	assert_int_equal(host("a:"), ERR_FORMAT);
	assert_int_equal(host("a:0"), ERR_FORMAT);
	assert_int_equal(host("a:65536"), ERR_FORMAT);
	assert_int_equal(host("a:80:80"), ERR_FORMAT);
	assert_int_equal(host("a b"), ERR_FORMAT);
	assert_int_equal(host("u@localhost"), ERR_FORMAT);
	assert_int_equal(host("[::1"), ERR_FORMAT);
	assert_int_equal(host("[]"), ERR_FORMAT);
	assert_int_equal(host("[::1]a"), ERR_FORMAT);
	assert_int_equal(host("::1"), ERR_FORMAT);
	assert_int_equal(host("localhost,evil"), ERR_FORMAT);
	assert_int_equal(http_host_parse("abcd", 4, small, 4), ERR_LIMIT);
	assert_int_equal(http_host_parse("abc", 3, small, 4), 0);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_decoding),
		cmocka_unit_test(test_bad_encoding),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_bad_host)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
