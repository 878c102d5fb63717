/* SPDX-License-Identifier: MIT */
/* Days and instants, from text and to text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tools/moment.h"

/* Every day of 800 years, against the C library's calendar. */
static void
test_calendar(void **state)
{
	char		text[MOMENT_TEXT_SIZE], wanted[40];
	struct tm	tm;
	time_t		t;
	int64_t		days, again;

	(void)state;
	for (days = -146097; days < 146097; days++) {
		t = (time_t)(days * MOMENT_S_PER_DAY);
		assert_non_null(gmtime_r(&t, &tm));
		strftime(wanted, sizeof(wanted), "%Y-%m-%d", &tm);
		moment_format_day(days, text);
		assert_string_equal(text, wanted);
		assert_true(moment_parse_day(text, &again));
		assert_int_equal(again, days);
	}
}

static void
test_no_days(void **state)
{
	static const char *const bad[] = {
		"", "2026", "2026-02-30", "2026-02-29", "2026-13-01",
		"2026-00-10", "2026-01-00", "2026-04-31", "1900-02-29",
		"0000-01-01", "2026-1-01", "2026/01/01", "2026-01-01 ",
		" 2026-01-01", "2026-01-011", "20260101", "-026-01-01",
		"2026-01-0x", "tomorrow",
	};
	int64_t	days;
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(moment_parse_day(bad[i], &days));
	assert_true(moment_parse_day("2000-02-29", &days));
	assert_true(moment_parse_day("9999-12-31", &days));
}

static void
check_instant(const char *text, const char *wanted, bool zoned)
{
	char	out[MOMENT_TEXT_SIZE];
	int64_t	us;
	bool	has_zone;

	if (wanted == NULL) {
		assert_false(moment_parse_instant(text, &us, &has_zone));
		return;
	}
	assert_true(moment_parse_instant(text, &us, &has_zone));
	assert_int_equal(has_zone, zoned);
	moment_format(us, 0, true, out);
	assert_string_equal(out, wanted);
}

static void
test_instants(void **state)
{
	static const char *const bad[] = {
		"", "2026-08-20", "2026-08-20T", "2026-08-20T07",
		"2026-08-20T24:00Z", "2026-08-20T07:60Z",
		"2026-08-20T07:00:60Z", "2026-08-20T07:00:61Z",
		"2026-02-30T07:00Z", "2026-08-20X07:00Z",
		"2026-08-20T07:00:0Z", "2026-08-20T07:00.5Z5",
		"2026-08-20T07:00:00.Z", "2026-08-20T07:00+24:00",
		"2026-08-20T07:00+1", "2026-08-20T07:00+01:0",
		"2026-08-20T07:00+01:60", "2026-08-20T07:00 UTC",
		"2026-08-20T07:00:00.1234567890Z",
	};
	size_t	i;

	(void)state;
	check_instant("2026-08-20T07:15:00Z", "2026-08-20T07:15Z", true);
	check_instant("2026-08-20t07:15:00z", "2026-08-20T07:15Z", true);
	check_instant("2026-08-20 07:15", "2026-08-20T07:15Z", false);
	check_instant("2026-08-20T07:15-07:00", "2026-08-20T14:15Z", true);
	check_instant("2026-08-20T07:15:09.25+0530",
	    "2026-08-20T01:45:09.25Z", true);
	check_instant("2026-01-01T00:00:00+14", "2025-12-31T10:00Z", true);
	check_instant("1969-12-31T23:59:59.999999Z",
	    "1969-12-31T23:59:59.999999Z", true);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_instant(bad[i], NULL, false);
}

static void
check_format(int64_t us, int offset_s, bool utc, const char *wanted)
{
	char	text[MOMENT_TEXT_SIZE];

	moment_format(us, offset_s, utc, text);
	assert_string_equal(text, wanted);
}

static void
test_format(void **state)
{
	const int64_t	us = INT64_C(1787235300000000);
	char		text[MOMENT_TEXT_SIZE];

	(void)state;
	check_format(us, 0, true, "2026-08-20T14:15Z");
	check_format(us, 0, false, "2026-08-20T14:15+00:00");
	check_format(us, -25200, false, "2026-08-20T07:15-07:00");
	check_format(us, 20700, false, "2026-08-20T20:00+05:45");
	check_format(us + 5000000, 0, true, "2026-08-20T14:15:05Z");
	check_format(us + 250000, 0, true, "2026-08-20T14:15:00.25Z");
	check_format(-1, 0, true, "1969-12-31T23:59:59.999999Z");
	check_format(INT64_C(253402300799999999), 57540, false,
	    "10000-01-01T15:58:59.999999+15:59");
	check_format(INT64_C(-62135596800000000), -57540, false,
	    "0000-12-31T08:01-15:59");
	moment_format_sql(us + 1, text);
	assert_string_equal(text, "2026-08-20 14:15:00.000001+00");
	moment_format_sql(us, text);
	assert_string_equal(text, "2026-08-20 14:15:00+00");
}

static void
check_months(const char *from, int64_t months, const char *wanted)
{
	char	text[MOMENT_TEXT_SIZE];
	int64_t	days;

	assert_true(moment_parse_day(from, &days));
	moment_format_day(moment_add_months(days, months), text);
	assert_string_equal(text, wanted);
}

static void
test_months(void **state)
{
	(void)state;
	check_months("2026-01-31", 1, "2026-02-28");
	check_months("2024-01-31", 1, "2024-02-29");
	check_months("2026-03-31", -1, "2026-02-28");
	check_months("2026-08-21", -12, "2025-08-21");
	check_months("2024-02-29", -12, "2023-02-28");
	check_months("2026-01-15", -1, "2025-12-15");
	check_months("2026-08-21", 0, "2026-08-21");
	check_months("2026-08-21", -12 * 2000, "0026-08-21");
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_calendar),
		cmocka_unit_test(test_no_days),
		cmocka_unit_test(test_instants),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_months),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
