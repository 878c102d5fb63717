/* SPDX-License-Identifier: MIT */
/* Data types: the table is sound, and names of every kind find it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "omh/types.h"

static void
check_find(const char *name, const char *wanted)
{
	const struct omh_type	*t = omh_type_find(name, strlen(name));

	if (wanted == NULL) {
		assert_null(t);
		return;
	}
	assert_non_null(t);
	assert_string_equal(t->name, wanted);
}

static void
test_table(void **state)
{
	const struct omh_type		*t;
	const struct omh_measure	*m;
	size_t				 i, j;

	(void)state;
	for (i = 0; i < OMH_TYPES; i++) {
		t = omh_type_at(i);
		assert_int_equal(omh_type_index(t), i);
		assert_true(t->nmeasures > 0);
		assert_true(t->nmeasures <= OMH_MEASURES_MAX);
		if (i > 0)
			assert_true(strcmp(omh_type_at(i - 1)->name,
			    t->name) < 0);
		for (j = 0; j < t->nmeasures; j++) {
			m = &t->measures[j];
			assert_non_null(m->name);
			assert_non_null(m->path[0]);
			assert_ptr_equal(omh_measure_find(t, m->name), m);
			if (m->unit != NULL)
				assert_non_null(omh_measure_unit(m));
			else
				assert_int_equal(m->quantity,
				    OMH_NO_QUANTITY);
		}
	}
	assert_null(omh_type_at(OMH_TYPES));
}

static void
test_find(void **state)
{
	static const char *const names[][2] = {
		{ "blood-glucose", "blood-glucose" },
		{ "Blood Glucose", "blood-glucose" },
		{ "blood_glucose", "blood-glucose" },
		{ "glucose", "blood-glucose" },
		{ "CGM", "blood-glucose" },
		{ "omh:blood-glucose:4.0", "blood-glucose" },
		{ "omh:blood-glucose:1.0", "blood-glucose" },
		{ "omh:blood-glucose", "blood-glucose" },
		{ "OMH:Blood-Glucose:9", "blood-glucose" },
		{ "bp", "blood-pressure" },
		{ "Heart Rate", "heart-rate" },
		{ "pulse", "heart-rate" },
		{ "RR Interval", "rr-interval" },
		{ "fev1", "forced-expiratory-volume-1-second" },
		{ "ieee:sleep-stage-summary:1.0", "sleep-stage-summary" },
		{ "omh:sleep-stage-summary:1.0", NULL },
		{ "ieee:blood-glucose:1.0", NULL },
		{ "sleep", NULL },
		{ "activity", "physical-activity" },
		{ "", NULL },
		{ ":", NULL },
		{ "omh:", NULL },
		{ ":blood-glucose", NULL },
		{ "glucos", NULL },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		check_find(names[i][0], names[i][1]);
}

static void
check_show(const char *code, const char *text, const char *wanted)
{
	struct buf	b;

	buf_init(&b, 1000);
	omh_type_show(&b, code, strlen(code), text,
	    text != NULL ? strlen(text) : 0);
	assert_string_equal(buf_string(&b), wanted);
	buf_free(&b);
}

static void
test_show(void **state)
{
	(void)state;
	check_show("omh:heart-rate:1.0", "Heart Rate", "heart-rate");
	check_show("omh:unknown-thing:0.1", "x", "unknown-thing");
	/* Not the type of that name: it must not be taken for it. */
	check_show("ieee:heart-rate:1.0", "x", "ieee:heart-rate");
	check_show("8867-4", "Heart rate", "Heart rate");
	check_show("8867-4", NULL, "8867-4");
	check_show("", "", "");
}

static void
test_nearest(void **state)
{
	static const char *const names[][2] = {
		{ "glucos", "blood-glucose" },
		{ "hart-rate", "heart-rate" },
		{ "step-counts", "step-count" },
		{ "sleepduration", "sleep-duration" },
		{ "bloodpressure", "blood-pressure" },
		{ "x", NULL },
		{ "nonsense", NULL },
		{ "", NULL },
	};
	const struct omh_type	*t;
	char			 longest[200];
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		t = omh_type_nearest(names[i][0], strlen(names[i][0]));
		if (names[i][1] == NULL)
			assert_null(t);
		else {
			assert_non_null(t);
			assert_string_equal(t->name, names[i][1]);
		}
	}
	memset(longest, 'a', sizeof(longest));
	assert_null(omh_type_nearest(longest, sizeof(longest)));
}

static void
test_groups(void **state)
{
	uint32_t	bits;

	(void)state;
	bits = omh_type_group("Sleep", 5);
	assert_int_equal(__builtin_popcount(bits), 3);
	assert_int_equal(__builtin_popcount(omh_type_group("activity", 8)), 2);
	assert_int_equal(__builtin_popcount(omh_type_group("vitals", 6)), 5);
	assert_int_equal(omh_type_group("all", 3), 0);
	assert_int_equal(omh_type_group("", 0), 0);
}

static void
test_measures(void **state)
{
	const struct omh_type	*bp = omh_type_find("bp", 2);
	const struct omh_type	*sleep;
	struct buf		 b;

	(void)state;
	assert_string_equal(omh_measure_find(bp, "Systolic")->name,
	    "systolic");
	assert_string_equal(omh_measure_find(bp,
	    "systolic_blood_pressure")->name, "systolic");
	assert_null(omh_measure_find(bp, "mean"));
	sleep = omh_type_find("sleep-stage-summary", 19);
	assert_string_equal(omh_measure_find(sleep,
	    "rem_sleep_duration")->name, "rem_sleep");
	buf_init(&b, 1000);
	omh_measure_units(&b, &omh_type_find("glucose", 7)->measures[0]);
	assert_string_equal(buf_string(&b), "mg/dL, mmol/L");
	buf_free(&b);
	assert_string_equal(omh_analysis_name(OMH_NIGHT), "night");
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_show),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_measures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
