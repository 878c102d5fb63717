/* SPDX-License-Identifier: MIT */
/* The JSON writer: commas, escapes, numbers, limits. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

static struct buf	out;
static struct json	j;

static int
setup(void **state)
{
	(void)state;
	buf_init(&out, 4096);
	json_init(&j, &out);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buf_free(&out);
	return 0;
}

static void
test_commas(void **state)
{
	(void)state;
	json_object_begin(&j);
	json_key(&j, "a");
	json_int(&j, INT64_MIN);
	json_key(&j, "b");
	json_array_begin(&j);
	json_array_begin(&j);
	json_array_end(&j);
	json_object_begin(&j);
	json_object_end(&j);
	json_null(&j);
	json_boolean(&j, true);
	json_boolean(&j, false);
	json_array_end(&j);
	json_key(&j, "c");
	json_raw(&j, "{\"x\":1}", 7);
	json_object_end(&j);
	assert_string_equal(buf_string(&out), "{\"a\":-9223372036854775808,"
	    "\"b\":[[],{},null,true,false],\"c\":{\"x\":1}}");
}

static void
test_escapes(void **state)
{
	static const char	text[] = "\"\\\b\t\n\f\r\x01\x7f/\0z";

	(void)state;
	json_stringn(&j, text, sizeof(text) - 1);
	assert_string_equal(buf_string(&out), "\"\\\"\\\\\\b\\t\\n\\f\\r"
	    "\\u0001\\u007f/\\u0000z\"");
}

/* Whatever is stored, what comes out is UTF-8. */
static void
test_bytes(void **state)
{
	static const struct {
		const char	*in, *out;
	} cases[] = {
		{ "\xc3\xa4", "\"\xc3\xa4\"" },
		{ "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"" },
		{ "\xff", "\"\xef\xbf\xbd\"" },
		{ "\xc3", "\"\xef\xbf\xbd\"" },
		{ "a\xc3z", "\"a\xef\xbf\xbdz\"" },
		{ "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd"
		    "\xef\xbf\xbd\xef\xbf\xbd\"" },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&out);
		json_init(&j, &out);
		json_string(&j, cases[i].in);
		assert_string_equal(buf_string(&out), cases[i].out);
	}
}

static void
test_double(void **state)
{
	static const struct {
		double		 value;
		int		 decimals;
		const char	*out;
	} cases[] = {
		{ 1.0, 1, "1" }, { 0.05, 1, "0.1" }, { -0.04, 1, "0" },
		{ 113.66, 1, "113.7" }, { 100.0, 0, "100" },
		{ 1e300, 0, NULL }, { (double)NAN, 1, "null" },
		{ (double)INFINITY, 1, "null" }, { 2.50, 3, "2.5" },
		{ -12.25, 2, "-12.25" }, { 1.0, -1, "null" },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&out);
		json_init(&j, &out);
		json_double(&j, cases[i].value, cases[i].decimals);
		if (cases[i].out != NULL)
			assert_string_equal(buf_string(&out), cases[i].out);
		else
			assert_int_equal(out.len, 301);
	}
}

static void
test_numbers(void **state)
{
	static const char *const good[] = { "0", "-0", "1", "10", "1.5",
	    "-1.5e10", "1E-5", "1e+5", "123456789012345678901234567890" };
	static const char *const bad[] = { "", "-", "01", "1.", ".5", "1e",
	    "1e+", "+1", " 1", "1 ", "NaN", "Infinity", "0x1", "1,5", "--1" };
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(json_is_number(good[i], strlen(good[i])));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(json_is_number(bad[i], strlen(bad[i])));
}

static void
test_limits(void **state)
{
	int	i;

	(void)state;
	for (i = 0; i < JSON_DEPTH_MAX; i++)
		json_array_begin(&j);
	assert_int_equal(buf_error(&out), 0);
	json_array_begin(&j);
	assert_int_equal(buf_error(&out), ERR_LIMIT);
	buf_free(&out);
	buf_init(&out, 8);
	json_init(&j, &out);
	json_string(&j, "too long");
	assert_int_equal(buf_error(&out), ERR_LIMIT);
	json_string(&j, "");
	assert_int_equal(buf_error(&out), ERR_LIMIT);
}

static void
test_formatted(void **state)
{
	(void)state;
	json_array_begin(&j);
	json_stringf(&j, "%d \"%s\"", 5, "x");
	json_stringf(&j, "%s", "");
	json_array_end(&j);
	assert_string_equal(buf_string(&out), "[\"5 \\\"x\\\"\",\"\"]");
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test_setup_teardown(test_commas, setup, teardown),
		cmocka_unit_test_setup_teardown(test_escapes, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_double, setup, teardown),
		cmocka_unit_test_setup_teardown(test_numbers, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_formatted, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
