/* SPDX-License-Identifier: MIT */
/*
 * What is said where nothing was found, and the parameters that statements
 * take of the known types.  Rows are played by the test.
 */
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
#include "db/param.h"
#include "omh/types.h"
#include "tools/call.h"
#include "tools/data_types.h"
#include "tools/holdings.h"
#include "tools/type_params.h"

struct db_row {
	const char	*text;
};

const char *
db_text(const struct db_row *row, int column, size_t *len)
{
	(void)column;
	if (len != NULL)
		*len = row->text != NULL ? strlen(row->text) : 0;
	return row->text;
}

static void
assert_written(const struct holdings *h, const char *expected)
{
	struct buf	out;

	buf_init(&out, 4096);
	holdings_write(h, &out);
	assert_string_equal(buf_string(&out), expected);
	buf_free(&out);
}

static void
test_read(void **state)
{
	struct db_row	row = { "{omh:blood-glucose:4.0,\"Blood glucose\",1345,"
	    "omh:blood-glucose:3.0,NULL,5,\"a\nb\",\"x\ny\",7,"
	    "omh:step-count:3.0,Steps,1,omh:heart-rate:2.0,H,0}" };
	struct holdings	h = { 0 };
	struct buf	out;

	(void)state;
	assert_int_equal(holdings_read(&h, &row, 0), 0);
	/* Versions are one; what has nothing is not said to be there. */
	assert_int_equal(h.n, 4);
	assert_written(&h, "1,350 blood-glucose, 7 x y, 1 step-count");
	buf_init(&out, 4096);
	holdings_write_names(&h, &out);
	assert_string_equal(buf_string(&out),
	    "blood-glucose, x y, step-count, heart-rate");
	buf_free(&out);
	holdings_clear(&h);
}

static void
test_read_bad(void **state)
{
	static const char *const	bad[] = { "{a,b}", "x", "{a,b,1,c}" };
	struct db_row			row = { NULL };
	struct holdings			h = { 0 };
	size_t				i;

	(void)state;
	assert_int_equal(holdings_read(&h, &row, 0), 0);
	assert_written(&h, "none");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		row.text = bad[i];
		assert_int_equal(holdings_read(&h, &row, 0), ERR_FORMAT);
		holdings_clear(&h);
	}
}

static void
add(struct holdings *h, const char *name, int64_t first_us, int64_t last_us)
{
	struct holding	t = { strdup(name), 2, true, first_us, last_us };

	assert_int_equal(holdings_add(h, &t), 0);
}

static void
test_dates(void **state)
{
	struct holdings	h = { 0 };
	int		i;
	char		name[16];

	(void)state;
	add(&h, "a", 0, 1);
	assert_written(&h, "2 a on 1970-01-01");
	add(&h, "a", INT64_C(-86400000000), INT64_C(86400000000));
	assert_written(&h, "4 a from 1969-12-31 to 1970-01-02");
	for (i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "t%d", i);
		add(&h, name, 0, 0);
	}
	assert_int_equal(h.n, HOLDINGS_MAX);
	assert_written(&h, "4 a from 1969-12-31 to 1970-01-02, 2 t0 on "
	    "1970-01-01, 2 t1 on 1970-01-01 and 17 more types");
	holdings_clear(&h);
}

static void
test_check(void **state)
{
	struct tools_call	call;
	struct holdings		h = { 0 };
	struct buf		missed;

	(void)state;
	memset(&call, 0, sizeof(call));
	buf_init(&call.error, ERRORS_TEXT_MAX);
	buf_init(&missed, 4096);
	assert_true(holdings_check(&h, &missed, "With data", &call));
	buf_adds(&missed, "{}");
	assert_true(holdings_check(&h, &missed, "With data", &call));
	buf_reset(&missed);
	buf_adds(&missed, "{glucos,other}");
	add(&h, "step-count", 0, 0);
	assert_false(holdings_check(&h, &missed, "With data", &call));
	assert_string_equal(buf_string(&call.error), "unknown_type: "
	    "\"glucos\" is not a data type. Nearest: blood-glucose. "
	    "With data: step-count.");
	holdings_clear(&h);
	buf_free(&missed);
	buf_free(&call.error);
}

static void
test_params(void **state)
{
	struct db_params	p;

	(void)state;
	db_params_init(&p, 3);
	type_params_nights(&p, 0);
	type_params_daily(&p, 1);
	type_params_measures(&p, 2);
	assert_int_equal(db_params_done(&p), 0);
	assert_null(strstr(p.values[0], "step-count"));
	assert_non_null(strstr(p.values[0], "ieee:sleep-stage-summary"));
	assert_non_null(strstr(p.values[1], "omh:step-count"));
	assert_non_null(strstr(p.values[1], "omh:sleep-duration"));
	assert_null(strstr(p.values[1], "heart-rate"));
	/* Text has no unit; the first number's is the type's. */
	assert_non_null(strstr(p.values[2], "\"omh:physical-activity\","
	    "\"activity_name\",\"\",\"t\""));
	assert_non_null(strstr(p.values[2], "\"distance\",\"\",\"u\""));
	assert_non_null(strstr(p.values[2], "\"kcal_burned\",\"\",\"n\""));
	assert_non_null(strstr(p.values[2], "\"sleep_stage_summary\","
	    "\"total_sleep_time\",\"u\""));
	db_params_free(&p);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_read_bad),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_params)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
