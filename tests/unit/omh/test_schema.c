/* SPDX-License-Identifier: MIT */
/* The schemas of bodies, and that their units can be converted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"
#include "omh/schema.h"

static struct buf	out;

static const char *
schema_of(const char *name)
{
	struct json	j;

	buf_reset(&out);
	json_init(&j, &out);
	omh_schema_write(&j, omh_type_find(name, strlen(name)));
	assert_int_equal(buf_error(&out), 0);
	assert_int_equal(j.depth, 0);
	return buf_string(&out);
}

static void
has(const char *name, const char *part)
{
	if (strstr(schema_of(name), part) == NULL)
		fail_msg("%s: %s is not in %s", name, part, buf_string(&out));
}

static int
setup(void **state)
{
	(void)state;
	buf_init(&out, 1024 * 1024);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buf_free(&out);
	return 0;
}

/* Each unit of a body is one that units.c knows, the usual one among them. */
static void
test_units(void **state)
{
	const struct omh_type		*t;
	const struct omh_measure	*m;
	const char			*units;
	size_t				 i, k, n;
	bool				 usual;

	(void)state;
	for (i = 0; i < OMH_TYPES; i++) {
		t = omh_type_at(i);
		for (k = 0; k < t->nmeasures; k++) {
			m = &t->measures[k];
			units = omh_schema_units(t, m);
			usual = units == NULL;
			if (m->quantity == OMH_NO_QUANTITY)
				assert_null(units);
			for (; units != NULL && *units != '\0';
			    units += n + (units[n] == '|')) {
				n = strcspn(units, "|");
				assert_non_null(omh_unit_stored(m->quantity,
				    units, n));
				usual |= strlen(m->unit) == n &&
				    strncmp(m->unit, units, n) == 0;
			}
			assert_true(usual);
		}
	}
}

/* What every schema has, with no byte that a line may not have. */
static void
test_each(void **state)
{
	const struct omh_type	*t;
	const char		*member;
	size_t			 i, k;

	(void)state;
	for (i = 0; i < OMH_TYPES; i++) {
		t = omh_type_at(i);
		has(t->name, "{\"$schema\":"
		    "\"https://json-schema.org/draft/2020-12/schema\",\"$id\":"
		    "\"omh://schema/");
		has(t->name, "\"type\":\"object\",\"required\":[\"");
		has(t->name, "\"effective_time_frame\":{");
		has(t->name, "\"descriptive_statistic\":{");
		assert_true(out.len < 4096);
		assert_null(strchr(buf_string(&out), '\n'));
		for (k = 0; k < t->nmeasures; k++) {
			member = t->measures[k].path[1] != NULL ?
			    t->measures[k].path[1] : t->measures[k].path[0];
			has(t->name, member);
		}
	}
}

static void
test_some(void **state)
{
	(void)state;
	has("blood-glucose", "\"required\":[\"blood_glucose\","
	    "\"effective_time_frame\"],\"properties\":{\"blood_glucose\":"
	    "{\"type\":\"object\",\"properties\":{\"value\":{\"type\":"
	    "\"number\"},\"unit\":{\"enum\":[\"mg/dL\",\"mmol/L\"]}},"
	    "\"required\":[\"value\",\"unit\"]}");
	has("blood-pressure", "\"unit\":{\"enum\":[\"mmHg\"]}");
	has("rr-interval", "\"required\":[\"rr_interval\"]");
	has("rr-interval", "\"unit\":{\"enum\":[\"ms\"]}");
	has("sleep-duration", "\"unit\":{\"enum\":[\"sec\",\"min\",\"h\"]}");
	has("sleep-episode", "\"required\":[\"effective_time_frame\"]");
	has("sleep-stage-summary", "\"properties\":{\"sleep_stage_summary\":"
	    "{\"type\":\"object\",\"properties\":{\"total_sleep_time\":");
	has("sleep-stage-summary", "\"required\":[\"total_sleep_time\"]");
	has("physical-activity", "\"activity_name\":{\"type\":\"string\"}");
	has("physical-activity", "\"met_value\":{\"type\":\"number\"}");
	has("step-count", "\"effective_time_frame\":{\"type\":\"object\","
	    "\"properties\":{\"time_interval\":");
	assert_null(strstr(schema_of("step-count"), "\"date_time\""));
}

int
main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest	tests[] = {
		TEST(test_units), TEST(test_each), TEST(test_some)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
