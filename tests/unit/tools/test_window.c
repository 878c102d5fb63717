/* SPDX-License-Identifier: MIT */
/* Windows: what is understood, what is refused and how, what is echoed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "tools/args.h"
#include "tools/window.h"

static const char	schema_text[] =
    "{\"type\":\"object\",\"properties\":{"
    "\"start\":{\"type\":\"string\",\"description\":\"\"},"
    "\"end\":{\"type\":\"string\",\"description\":\"\"},"
    "\"last\":{\"type\":\"string\",\"description\":\"\","
    "\"pattern\":\"^[0-9]{1,4}(h|d|w|mo|y)$\"},"
    "\"timezone\":{\"type\":\"string\",\"description\":\"\"}},"
    "\"additionalProperties\":false}";

/* 2026-08-21T14:20:05Z */
#define NOW	INT64_C(1787322005)

static struct schema	schema;

static int
group_setup(void **state)
{
	(void)state;
	return schema_parse(&schema, schema_text);
}

static int
group_teardown(void **state)
{
	(void)state;
	schema_free(&schema);
	return 0;
}

/* Parse; the error's text in error. */
static int
parse(struct window *w, const char *json, const char *zone,
    struct buf *error)
{
	struct json_object	*object = json_tokener_parse(json);
	struct args		 args;
	int			 r;

	assert_non_null(object);
	buf_reset(error);
	assert_int_equal(args_parse(&args, &schema, "tool", object, error), 0);
	r = window_parse(w, &args, NOW, zone, error);
	args_free(&args);
	json_object_put(object);
	return r;
}

static void
check_error(const char *json, const char *wanted)
{
	struct window	w;
	struct buf	error;

	buf_init(&error, 4096);
	assert_int_equal(parse(&w, json, NULL, &error), ERR_FORMAT);
	assert_string_equal(buf_string(&error), wanted);
	buf_free(&error);
}

static void
check_params(const char *json, const char *first_day, const char *last_day,
    const char *start_at, const char *end_at, const char *zone)
{
	const char		*wanted[] = { first_day, last_day, start_at,
				    end_at, zone };
	struct window_params	 p;
	struct window		 w;
	struct buf		 error;
	size_t			 i;

	buf_init(&error, 4096);
	assert_int_equal(parse(&w, json, NULL, &error), 0);
	assert_int_equal(error.len, 0);
	window_params(&w, &p);
	const char	*found[] = { p.first_day, p.last_day, p.start_at,
			    p.end_at, p.zone };
	for (i = 0; i < 5; i++) {
		if (wanted[i] == NULL)
			assert_null(found[i]);
		else {
			assert_non_null(found[i]);
			assert_string_equal(found[i], wanted[i]);
		}
	}
	buf_free(&error);
}

static void
test_params(void **state)
{
	(void)state;
	check_params("{}", NULL, NULL, NULL, NULL, "UTC");
	check_params("{\"start\":\"2026-08-01\",\"end\":\"2026-08-07\"}",
	    "2026-08-01", "2026-08-07", NULL, NULL, "UTC");
	check_params("{\"start\":\"2026-08-01\",\"end\":\"2026-08-01\"}",
	    "2026-08-01", "2026-08-01", NULL, NULL, "UTC");
	check_params("{\"end\":\"2026-08-07T10:00:00+02:00\"}", NULL, NULL,
	    NULL, "2026-08-07 08:00:00+00", "UTC");
	check_params("{\"start\":\"2026-08-01\","
	    "\"timezone\":\"America/Los_Angeles\"}", "2026-08-01", NULL, NULL,
	    NULL, "America/Los_Angeles");
	check_params("{\"timezone\":\"recorded\",\"start\":\"2026-08-01\"}",
	    "2026-08-01", NULL, NULL, NULL, NULL);
	check_params("{\"timezone\":\"z\"}", NULL, NULL, NULL, NULL, "UTC");
	check_params("{\"timezone\":\"Etc/GMT+8\"}", NULL, NULL, NULL, NULL,
	    "Etc/GMT+8");
	/* Without an offset only where the zone needs no rules. */
	check_params("{\"start\":\"2026-08-01T10:00\"}", NULL, NULL,
	    "2026-08-01 10:00:00+00", NULL, "UTC");
}

static void
test_last(void **state)
{
	const char	*now = "2026-08-21 14:20:05+00";

	(void)state;
	check_params("{\"last\":\"24h\"}", NULL, NULL,
	    "2026-08-20 14:20:05+00", now, "UTC");
	check_params("{\"last\":\"14d\"}", NULL, NULL,
	    "2026-08-07 14:20:05+00", now, "UTC");
	check_params("{\"last\":\"12w\"}", NULL, NULL,
	    "2026-05-29 14:20:05+00", now, "UTC");
	check_params("{\"last\":\"6mo\"}", NULL, NULL,
	    "2026-02-21 14:20:05+00", now, "UTC");
	check_params("{\"last\":\"1y\"}", NULL, NULL,
	    "2025-08-21 14:20:05+00", now, "UTC");
	check_error("{\"last\":\"0d\"}", "bad_argument: last 0d is not a "
	    "span of time. Use 24h, 14d, 12w, 6mo or 1y.");
	check_error("{\"last\":\"9999y\"}", "bad_argument: last 9999y begins "
	    "before 1900. Use a shorter span.");
	check_error("{\"last\":\"14d\",\"start\":\"2026-08-01\"}",
	    "bad_argument: last and start exclude each other. Send last=14d, "
	    "or start and end.");
	check_error("{\"last\":\"14d\",\"end\":\"2026-08-01\"}",
	    "bad_argument: last and end exclude each other. Send last=14d, "
	    "or start and end.");
}

static void
test_errors(void **state)
{
	(void)state;
	check_error("{\"start\":\"2026-02-30\"}", "bad_argument: start "
	    "2026-02-30 is not a date. Use YYYY-MM-DD or "
	    "2026-02-28T14:00:00Z.");
	check_error("{\"end\":\"next\\nweek\"}", "bad_argument: end next week "
	    "is not a date. Use YYYY-MM-DD or 2026-02-28T14:00:00Z.");
	check_error("{\"start\":\"2026-09-01\",\"end\":\"2026-08-01\"}",
	    "bad_argument: start 2026-09-01 is after end 2026-08-01. "
	    "Swap them or drop one.");
	check_error("{\"start\":\"2026-08-01T10:00Z\","
	    "\"end\":\"2026-08-01T09:00Z\"}", "bad_argument: start "
	    "2026-08-01T10:00Z is after end 2026-08-01T09:00Z. Swap them or "
	    "drop one.");
	check_error("{\"start\":\"1899-12-31\"}", "bad_argument: start "
	    "1899-12-31 is before 1900. Use a later date, or leave it out.");
	check_error("{\"end\":\"2028-01-01\"}", "bad_argument: end "
	    "2028-01-01 is after the end of next year. Use an earlier date, "
	    "or leave it out.");
	check_error("{\"start\":\"2026-08-22\"}", "bad_argument: the window "
	    "begins after now, which is 2026-08-21T14:20:05Z. Use an earlier "
	    "start, or last=14d.");
	check_error("{\"start\":\"2026-08-21T14:20:06Z\"}", "bad_argument: "
	    "the window begins after now, which is 2026-08-21T14:20:05Z. Use "
	    "an earlier start, or last=14d.");
	check_error("{\"start\":\"2026-08-01T10:00\","
	    "\"timezone\":\"Asia/Tokyo\"}", "bad_argument: start "
	    "2026-08-01T10:00 is not a date. Use YYYY-MM-DD or "
	    "2026-02-28T14:00:00Z.");
}

static void
test_zones(void **state)
{
	static const char *const bad[] = {
		"Berkeley", "PST", "EST5EDT", "FOO+5", "America/Los_Angeles8",
		"America/X+5", "posix/UTC", "right/Asia/Tokyo", "../etc",
		"/etc/localtime", "localtime", "Etc/GMT+123", "Etc/GMT8x",
		"Asia/", "+02:00", "Asia/Tokyo; DROP TABLE x", "-/-",
	};
	char		json[200], wanted[300];
	struct window	w;
	struct buf	error;
	size_t		i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(json, sizeof(json), "{\"timezone\":\"%s\"}", bad[i]);
		snprintf(wanted, sizeof(wanted), "bad_argument: timezone %s "
		    "is not known. Use an IANA name such as "
		    "America/Los_Angeles, or UTC, or recorded.", bad[i]);
		check_error(json, wanted);
	}
	buf_init(&error, 4096);
	assert_int_equal(parse(&w, "{}", "Europe/Berlin", &error), 0);
	assert_true(window_needs_zone(&w));
	assert_string_equal(w.zone, "Europe/Berlin");
	assert_int_equal(parse(&w, "{\"timezone\":\"UTC\"}", "Europe/Berlin",
	    &error), 0);
	assert_false(window_needs_zone(&w));
	assert_true(window_is_utc(&w));
	assert_int_equal(parse(&w, "{\"timezone\":\"Recorded\"}", NULL,
	    &error), 0);
	assert_false(window_needs_zone(&w));
	assert_false(window_is_utc(&w));
	buf_free(&error);
}

static void
check_written(const char *json, const struct window_resolved *r,
    const char *wanted)
{
	struct window	w;
	struct json	j;
	struct buf	error, out;

	buf_init(&error, 4096);
	buf_init(&out, 4096);
	assert_int_equal(parse(&w, json, NULL, &error), 0);
	json_init(&j, &out);
	window_write(&w, r, &j);
	assert_string_equal(buf_string(&out), wanted);
	buf_free(&error);
	buf_free(&out);
}

static void
test_write(void **state)
{
	struct window_resolved	r;

	(void)state;
	memset(&r, 0, sizeof(r));
	check_written("{}", &r,
	    "{\"start\":null,\"end\":null,\"timezone\":\"UTC\"}");
	check_written("{\"start\":\"2026-08-01\",\"end\":\"2026-08-07\","
	    "\"timezone\":\"recorded\"}", &r, "{\"start\":\"2026-08-01\","
	    "\"end\":\"2026-08-07\",\"timezone\":\"recorded\",\"days\":7}");
	r.has_lower = r.has_upper = true;
	r.lower_us = (NOW - 14 * 86400) * MOMENT_US_PER_S;
	r.upper_us = NOW * MOMENT_US_PER_S;
	r.lower_offset_s = r.upper_offset_s = -25200;
	check_written("{\"last\":\"14d\"}", &r,
	    "{\"start\":\"2026-08-07T14:20:05Z\","
	    "\"end\":\"2026-08-21T14:20:05Z\",\"timezone\":\"UTC\","
	    "\"days\":14}");
	check_written("{\"last\":\"14d\","
	    "\"timezone\":\"America/Los_Angeles\"}", &r,
	    "{\"start\":\"2026-08-07T07:20:05-07:00\","
	    "\"end\":\"2026-08-21T07:20:05-07:00\","
	    "\"timezone\":\"America/Los_Angeles\",\"days\":14}");
}

static void
test_check(void **state)
{
	struct window_resolved	r;
	struct window		w;
	struct buf		error;

	(void)state;
	buf_init(&error, 4096);
	memset(&r, 0, sizeof(r));
	assert_int_equal(parse(&w, "{\"start\":\"2026-08-21\","
	    "\"timezone\":\"Asia/Tokyo\"}", NULL, &error), 0);
	r.has_lower = true;
	r.lower_us = (NOW - 1) * MOMENT_US_PER_S;
	assert_int_equal(window_check(&w, &r, &error), 0);
	r.lower_us = (NOW + 1) * MOMENT_US_PER_S;
	assert_int_equal(window_check(&w, &r, &error), ERR_FORMAT);
	buf_reset(&error);
	assert_int_equal(parse(&w, "{\"start\":\"2026-08-02\","
	    "\"end\":\"2026-08-01T00:00Z\"}", NULL, &error), 0);
	r.lower_us = 2;
	r.has_upper = true;
	r.upper_us = 1;
	assert_int_equal(window_check(&w, &r, &error), ERR_FORMAT);
	assert_string_equal(buf_string(&error), "bad_argument: start "
	    "2026-08-02 is after end 2026-08-01T00:00Z. Swap them or drop "
	    "one.");
	buf_free(&error);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_params),
		cmocka_unit_test(test_last),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
