/* SPDX-License-Identifier: MIT */
/* The texts of errors, word for word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "tools/errors.h"

static struct buf	b;

static void
check(const char *text)
{
	assert_string_equal(buf_string(&b), text);
	buf_free(&b);
}

static void
test_texts(void **state)
{
	(void)state;
	buf_init(&b, 4096);
	errors_set_no_study(&b, 30099);
	check("not_found: no study 30099 that you may see. list_studies "
	    "shows yours.");
	errors_set_no_patient(&b, 40009);
	check("not_found: no patient 40009 whose data you may see. "
	    "search_patients finds ids; a roster row with readable=false has "
	    "no data for you.");
	errors_set_bad_cursor(&b);
	check("bad_cursor: it is damaged, expired or of another person or "
	    "tool. Repeat the first call without cursor.");
	errors_set_cursor_mismatch(&b, "data_type");
	check("cursor_mismatch: data_type differs from the call that gave "
	    "this cursor. Send only the id and cursor.");
	errors_set_too_slow(&b, 20);
	check("too_slow: the database did not finish in 20 s. Narrow the "
	    "window or name a data_type; counts=false skips counting.");
	errors_set_login_needed(&b, "https://x");
	check("login_needed: open https://x in a browser, then ask again.");
	errors_set_unavailable(&b, NULL);
	check("unavailable: the exchange's database cannot be reached. "
	    "Nothing is wrong with the question; try again in a minute.");
	errors_set_unavailable(&b, "01J5");
	check("unavailable: the exchange's database cannot be reached. "
	    "Nothing is wrong with the question; try again in a minute. "
	    "(request 01J5)");
	errors_set_no_profile(&b, "a@example.com", 1);
	check("no_profile: you are signed in as a@example.com, who has "
	    "neither a practitioner nor a patient profile in the exchange, "
	    "so nothing is visible. Ask its administrator.");
}

/* Each has a code of its own, and the last text wins. */
static void
test_codes(void **state)
{
	int	i, k;

	(void)state;
	buf_init(&b, 4096);
	for (i = 0; i < ERRORS_CODE_COUNT; i++) {
		assert_non_null(errors_name((enum errors_code)i));
		for (k = 0; k < i; k++)
			assert_string_not_equal(
			    errors_name((enum errors_code)i),
			    errors_name((enum errors_code)k));
		errors_set(&b, (enum errors_code)i, "%d", i);
	}
	check("internal: 13");
}

static void
test_long(void **state)
{
	char	text[ERRORS_TEXT_MAX * 2];

	(void)state;
	buf_init(&b, ERRORS_TEXT_MAX + 64);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	errors_set(&b, ERRORS_INTERNAL, "%s", text);
	assert_int_equal(buf_error(&b), 0);
	assert_true(b.len < ERRORS_TEXT_MAX + 32);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_long)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
