/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "db/array.h"

#define NULL_MARK	"\001"

/* Reads text and compares with the elements, then the end. */
static void
expect(const char *text, const char *const *elements, size_t n)
{
	struct db_array	 a;
	char		 buf[16];
	size_t		 len, i;
	bool		 null;

	assert_int_equal(db_array_begin(&a, text, strlen(text)), 0);
	for (i = 0; i < n; i++) {
		assert_int_equal(db_array_next(&a, buf, sizeof(buf), &len,
		    &null), 1);
		if (strcmp(elements[i], NULL_MARK) == 0) {
			assert_true(null);
			assert_int_equal(len, 0);
			continue;
		}
		assert_false(null);
		assert_string_equal(buf, elements[i]);
		assert_int_equal(len, strlen(elements[i]));
	}
	assert_int_equal(db_array_next(&a, buf, sizeof(buf), &len, &null), 0);
	assert_int_equal(db_array_next(&a, buf, sizeof(buf), &len, &null), 0);
}

#define EXPECT(text, ...) do {						\
	static const char *const e[] = { __VA_ARGS__ };			\
	expect(text, e, sizeof(e) / sizeof(e[0]));			\
} while (0)

static void
test_elements(void **state)
{
	(void)state;
	expect("{}", NULL, 0);
	EXPECT("{a}", "a");
	EXPECT("{1,-2,30}", "1", "-2", "30");
	EXPECT("{NULL,\"NULL\",null}", NULL_MARK, "NULL", NULL_MARK);
	EXPECT("{\"\",\"b c\",\"{,}\"}", "", "b c", "{,}");
	EXPECT("{\"a\\\"b\",\"\\\\\",\"\\x\"}", "a\"b", "\\", "x");
	EXPECT("{\303\266,\"\342\200\256\"}", "\303\266", "\342\200\256");
	EXPECT("{NULLS}", "NULLS");
}

static void
test_malformed(void **state)
{
	static const char *const whole[] = {
	    "", "{", "}", "a", "[0:1]={1,2}", "{1,2", "1,2}", " {1}" };
	static const char *const inside[] = {
	    "{,}", "{a,}", "{,a}", "{\"a}", "{\"a\\}", "{\"a\"b}", "{{1},{2}}",
	    "{a\"b}", "{a\\b}", "{a}b}" };
	struct db_array	 a;
	char		 buf[16];
	size_t		 len, i;
	bool		 null;
	int		 n;

	(void)state;
	for (i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		assert_int_equal(db_array_begin(&a, whole[i],
		    strlen(whole[i])), ERR_FORMAT);
	for (i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		assert_int_equal(db_array_begin(&a, inside[i],
		    strlen(inside[i])), 0);
		do
			n = db_array_next(&a, buf, sizeof(buf), &len, &null);
		while (n == 1);
		assert_int_equal(n, ERR_FORMAT);
	}
}

static void
test_bounds(void **state)
{
	struct db_array	 a;
	char		 buf[4];
	size_t		 len;
	bool		 null;

	(void)state;
	assert_int_equal(db_array_begin(&a, "{abc,\"abc\",abcd}", 16), 0);
	assert_int_equal(db_array_next(&a, buf, 4, &len, &null), 1);
	assert_string_equal(buf, "abc");
	assert_int_equal(db_array_next(&a, buf, 4, &len, &null), 1);
	assert_int_equal(db_array_next(&a, buf, 4, &len, &null), ERR_LIMIT);
	assert_int_equal(db_array_begin(&a, "{\"abcd\"}", 8), 0);
	assert_int_equal(db_array_next(&a, buf, 4, &len, &null), ERR_LIMIT);
	assert_int_equal(db_array_begin(&a, "{a}", 3), 0);
	assert_int_equal(db_array_next(&a, buf, 0, &len, &null), ERR_LIMIT);
	assert_int_equal(db_array_next(&a, buf, 1, &len, &null), ERR_LIMIT);
	/* Only len bytes count. */
	assert_int_equal(db_array_begin(&a, "{ab}cd", 4), 0);
	assert_int_equal(db_array_next(&a, buf, 4, &len, &null), 1);
	assert_string_equal(buf, "ab");
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_elements),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
