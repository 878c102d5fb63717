/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "db/array.h"
#include "db/param.h"

static void
test_values(void **state)
{
	static const int64_t	 ids[] = { 30001, -1, INT64_MIN, INT64_MAX };
	struct db_params	 p;

	(void)state;
	db_params_init(&p, 8);
	db_params_int(&p, 7, INT64_MIN);
	db_params_int(&p, 0, 42);
	db_params_bool(&p, 1, true);
	db_params_bool(&p, 2, false);
	db_params_text(&p, 3, "a'b\\\"; DROP", 6);
	db_params_ints(&p, 4, ids, 4);
	db_params_ints(&p, 5, NULL, 0);
	assert_int_equal(db_params_done(&p), 0);
	assert_int_equal(p.n, 8);
	assert_string_equal(p.values[0], "42");
	assert_string_equal(p.values[1], "t");
	assert_string_equal(p.values[2], "f");
	assert_string_equal(p.values[3], "a'b\\\";");
	assert_string_equal(p.values[4],
	    "{30001,-1,-9223372036854775808,9223372036854775807}");
	assert_string_equal(p.values[5], "{}");
	assert_null(p.values[6]);
	assert_string_equal(p.values[7], "-9223372036854775808");
	db_params_free(&p);
	assert_null(p.text.data);
}

/* What is quoted here is what the parser reads there. */
static void
test_texts(void **state)
{
	static const char *const texts[] = { "", "NULL", "a,b", "{}", "\"",
	    "\\", "\\\"", " x ", "\303\266", "a\nb", "'" };
	const size_t		 n = sizeof(texts) / sizeof(texts[0]);
	struct db_params	 p;
	struct db_array		 a;
	char			 buf[16];
	size_t			 i, len;
	bool			 null;

	(void)state;
	db_params_init(&p, 1);
	db_params_texts(&p, 0, texts, n);
	assert_int_equal(db_params_done(&p), 0);
	assert_int_equal(db_array_begin(&a, p.values[0],
	    strlen(p.values[0])), 0);
	for (i = 0; i < n; i++) {
		assert_int_equal(db_array_next(&a, buf, sizeof(buf), &len,
		    &null), 1);
		assert_false(null);
		assert_string_equal(buf, texts[i]);
	}
	assert_int_equal(db_array_next(&a, buf, sizeof(buf), &len, &null), 0);
	db_params_free(&p);
}

static void
test_doubles(void **state)
{
	static const double	 values[] = { 0, -0.1, 1.0 / 3, DBL_MAX,
	    DBL_MIN, 1e21, 180, 5e-324 };
	struct db_params	 p;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		db_params_init(&p, 1);
		db_params_double(&p, 0, values[i]);
		assert_int_equal(db_params_done(&p), 0);
		assert_true(strtod(p.values[0], NULL) == values[i]);
		db_params_free(&p);
	}
	db_params_init(&p, 1);
	db_params_double(&p, 0, (double)NAN);
	assert_int_equal(db_params_done(&p), ERR_RANGE);
	db_params_free(&p);
	db_params_init(&p, 1);
	db_params_double(&p, 0, (double)INFINITY);
	assert_int_equal(db_params_done(&p), ERR_RANGE);
	db_params_free(&p);
}

static void
expect_text_error(const char *text, size_t len, int error)
{
	const char *const	 one[] = { text };
	struct db_params	 p;

	db_params_init(&p, 1);
	db_params_text(&p, 0, text, len);
	assert_int_equal(db_params_done(&p), error);
	/* It sticks. */
	db_params_int(&p, 0, 1);
	assert_int_equal(db_params_done(&p), error);
	db_params_free(&p);
	if (memchr(text, '\0', len) != NULL)
		return;
	db_params_init(&p, 1);
	db_params_texts(&p, 0, one, 1);
	assert_int_equal(db_params_done(&p), error);
	db_params_free(&p);
}

static void
test_errors(void **state)
{
	struct db_params	 p;
	char			*big;
	int			 i;

	(void)state;
	expect_text_error("a\0b", 3, ERR_FORMAT);
	expect_text_error("\300\257", 2, ERR_FORMAT);
	for (i = -1; i <= 1; i += 2) {
		db_params_init(&p, 1);
		db_params_int(&p, i, 1);
		assert_int_equal(db_params_done(&p), ERR_RANGE);
		db_params_free(&p);
	}
	db_params_init(&p, DB_PARAMS_MAX + 1);
	assert_int_equal(db_params_done(&p), ERR_RANGE);
	db_params_free(&p);
	assert_non_null(big = malloc(DB_PARAMS_BYTES));
	memset(big, 'x', DB_PARAMS_BYTES);
	db_params_init(&p, 1);
	db_params_text(&p, 0, big, DB_PARAMS_BYTES);
	assert_int_equal(db_params_done(&p), ERR_LIMIT);
	db_params_free(&p);
	free(big);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_doubles),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
