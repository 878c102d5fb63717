/* SPDX-License-Identifier: MIT */
/* The writer of results: order of members, pages, caps, notes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "tools/result.h"
#include "tools/text.h"

#define AS_OF	1787322005		/* 2026-08-21T14:20:05Z */

static struct buf	text, structured;

static void
start(void)
{
	buf_free(&text);
	buf_free(&structured);
	buf_init(&text, 1 << 20);
	buf_init(&structured, 1 << 20);
}

static void
test_plain(void **state)
{
	struct result	r;

	(void)state;
	start();
	result_init(&r, 0, 16000);
	buf_addf(&r.summary, "A \"b\".");
	assert_int_equal(result_finish(&r, NULL, AS_OF, &text, &structured),
	    0);
	assert_string_equal(buf_string(&structured),
	    "{\"summary\":\"A \\\"b\\\".\","
	    "\"as_of\":\"2026-08-21T14:20:05Z\"}");
	assert_string_equal(buf_string(&text), "A \"b\".");
	result_free(&r);
}

/* n rows of the form [k], a line each. */
static size_t
rows(struct result *r, int n, const char *cell)
{
	struct json	*j;
	int		 k;

	for (k = 0; k < n; k++) {
		if ((j = result_row_begin(r)) == NULL)
			continue;
		json_array_begin(j);
		json_int(j, k);
		if (cell != NULL)
			json_string(j, cell);
		json_array_end(j);
		buf_addf(&r->lines, "\nline %d", k);
		(void)result_row_end(r);
	}
	return r->nrows;
}

static void
test_members(void **state)
{
	static const char *const	columns[] = { "k" };
	struct result			r;
	struct result_list		list = { .total = 2, .member = "rows",
					    .columns = columns,
					    .ncolumns = 1 };

	(void)state;
	start();
	result_init(&r, 5, 16000);
	json_key(&r.head, "own");
	json_int(&r.head, 1);
	buf_adds(&r.summary, "s");
	buf_adds(&r.text, "t");
	assert_int_equal(rows(&r, 2, NULL), 2);
	result_withheld(&r, "none", 0);
	result_withheld(&r, "unreadable", 3);
	result_note(&r, "n");
	result_notef(&r, "%s", "n");
	result_notef(&r, "%d", 5);
	assert_int_equal(result_finish(&r, &list, AS_OF, &text, &structured),
	    0);
	assert_string_equal(buf_string(&structured), "{\"summary\":\"s\","
	    "\"own\":1,\"total\":2,\"returned\":2,\"truncated\":false,"
	    "\"columns\":[\"k\"],\"rows\":[[0],[1]],"
	    "\"withheld\":{\"unreadable\":3},\"notes\":[\"n\",\"5\"],"
	    "\"as_of\":\"2026-08-21T14:20:05Z\"}");
	assert_string_equal(buf_string(&text), "t\nline 0\nline 1");
	result_free(&r);
}

static void
test_page(void **state)
{
	struct result		r;
	struct result_list	list = { .total = 9, .member = "observations",
				    .next_cursor = "C" };

	(void)state;
	start();
	result_init(&r, 2, 16000);
	assert_int_equal(rows(&r, 3, NULL), 2);
	assert_true(r.more && !r.cut);
	assert_int_equal(result_finish(&r, &list, AS_OF, &text, &structured),
	    0);
	assert_string_equal(buf_string(&structured), "{\"summary\":\"\","
	    "\"total\":9,\"returned\":2,\"truncated\":true,"
	    "\"next_cursor\":\"C\",\"observations\":[[0],[1]],"
	    "\"as_of\":\"2026-08-21T14:20:05Z\"}");
	assert_string_equal(buf_string(&text),
	    "\nline 0\nline 1\n(2 of 9 shown)");
	result_free(&r);
}

/* Exactly a page is not truncated. */
static void
test_full_page(void **state)
{
	struct result	r;

	(void)state;
	result_init(&r, 3, 16000);
	assert_int_equal(rows(&r, 3, NULL), 3);
	assert_false(r.more);
	result_free(&r);
}

static void
test_characters(void **state)
{
	char			cell[1001];
	struct result		r;
	struct result_list	list = { .total = 50, .member = "rows" };

	(void)state;
	start();
	memset(cell, 'x', 1000);
	cell[1000] = '\0';
	result_init(&r, 50, 16000);
	assert_int_equal(rows(&r, 50, cell), 14);
	assert_true(r.more && r.cut);
	assert_int_equal(result_finish(&r, &list, AS_OF, &text, &structured),
	    0);
	assert_true(text_characters(buf_string(&structured),
	    structured.len) <= 16000);
	assert_non_null(strstr(buf_string(&structured), "\"returned\":14,"));
	assert_non_null(strstr(buf_string(&structured), "]],\"as_of\""));
	assert_null(strstr(buf_string(&text), "line 14"));
	result_free(&r);
}

/* Characters, not bytes; and one row always. */
static void
test_wide(void **state)
{
	struct result	r;
	struct json	*j;
	char		cell[3 * 1000 + 1];
	size_t		i;

	(void)state;
	for (i = 0; i < 1000; i++)
		memcpy(cell + 3 * i, "\xe6\x82\xa3", 3);
	cell[3000] = '\0';
	result_init(&r, 50, 16000);
	assert_int_equal(rows(&r, 50, cell), 14);
	result_free(&r);
	result_init(&r, 50, 1000);
	assert_int_equal(rows(&r, 50, cell), 1);
	assert_true(r.more);
	result_free(&r);
	/* a long text block counts as well */
	result_init(&r, 50, 2200);
	for (i = 0; i < 50; i++) {
		if ((j = result_row_begin(&r)) == NULL)
			break;
		json_int(j, 1);
		buf_addf(&r.lines, "%0400d", 1);
		if (!result_row_end(&r))
			break;
	}
	assert_int_equal(r.nrows, 2);
	result_free(&r);
}

static void
check_count(int64_t n, const char *expected)
{
	char	count[RESULT_COUNT_SIZE];

	assert_string_equal(result_count(n, count), expected);
}

static void
test_count(void **state)
{
	(void)state;
	check_count(0, "0");
	check_count(999, "999");
	check_count(1000, "1,000");
	check_count(46140, "46,140");
	check_count(1234567, "1,234,567");
	check_count(-100, "-100");
	check_count(-1000, "-1,000");
	check_count(INT64_MAX, "9,223,372,036,854,775,807");
	check_count(INT64_MIN, "-9,223,372,036,854,775,808");
}

static void
test_overflow(void **state)
{
	struct result		r;
	struct result_list	list = { .total = 1, .member = "rows" };
	char			*big = malloc(2 << 20);

	(void)state;
	start();
	memset(big, 'x', (2 << 20) - 1);
	big[(2 << 20) - 1] = '\0';
	result_init(&r, 5, 16000);
	rows(&r, 1, big);
	assert_int_equal(result_finish(&r, &list, AS_OF, &text, &structured),
	    ERR_LIMIT);
	result_free(&r);
	free(big);
	buf_free(&text);
	buf_free(&structured);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_full_page),
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_overflow)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
