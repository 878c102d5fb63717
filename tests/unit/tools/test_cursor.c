/* SPDX-License-Identifier: MIT */
/* Cursors: filters remembered, compared, left out when too long. */
#include <json-c/json.h>

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
#include "tools/args.h"
#include "tools/cursor.h"
#include "tools/definitions.h"

#define NOW	INT64_C(1787321605)	/* 2026-08-21T14:13:25Z */
#define TOOL	4

static struct schema	schema;
static struct args	first, next;
static struct buf	plain, error;
static struct cursor	cursor, back;

static int
setup(void **state)
{
	size_t	i;

	(void)state;
	buf_init(&plain, 4096);
	buf_init(&error, 4096);
	for (i = 0; i < tools_definition_count; i++) {
		if (strcmp(tools_definition_table[i].name,
		    "get_patient_observations") == 0)
			return schema_parse(&schema,
			    tools_definition_table[i].input_schema);
	}
	return -1;
}

static int
teardown(void **state)
{
	(void)state;
	args_free(&first);
	args_free(&next);
	buf_free(&plain);
	buf_free(&error);
	schema_free(&schema);
	return 0;
}

static void
parse(struct args *a, const char *json)
{
	struct json_object	*o = json_tokener_parse(json);

	assert_non_null(o);
	args_free(a);
	if (args_parse(a, &schema, "t", o, &error) != 0)
		fail_msg("%s: %s", json, buf_string(&error));
	json_object_put(o);
}

/* The cursor of a first call with these arguments. */
static void
make(const char *json)
{
	parse(&first, json);
	memset(&cursor, 0, sizeof(cursor));
	cursor.tool = TOOL;
	cursor.base_s = NOW - 100;
	cursor.issued_s = NOW;
	cursor.position.set = true;
	cursor.position.time_us = NOW * 1000000 + 123456;
	cursor.position.id = 61345;
	assert_int_equal(cursor_pack(&cursor, &first, &plain), 0);
	assert_true(plain.len <= CURSOR_PLAIN_MAX);
}

static int
go_on_at(const char *json, int64_t now_s, unsigned int tool)
{
	parse(&next, json);
	buf_reset(&error);
	return cursor_unpack(&back, tool, now_s, plain.data, plain.len, &next,
	    &error);
}

static void
go_on(const char *json)
{
	if (go_on_at(json, NOW + 10, TOOL) != 0)
		fail_msg("%s: %s", json, buf_string(&error));
	assert_true(back.base_s == cursor.base_s);
	assert_true(back.issued_s == cursor.issued_s);
	assert_true(back.position.set);
	assert_true(back.position.time_us == cursor.position.time_us);
	assert_true(back.position.id == cursor.position.id);
}

static void
refuse(const char *json, const char *words)
{
	assert_int_equal(go_on_at(json, NOW + 10, TOOL), ERR_FORMAT);
	if (strstr(buf_string(&error), words) == NULL)
		fail_msg("%s: %s", json, buf_string(&error));
}

static void
test_remembers(void **state)
{
	(void)state;
	make("{\"patient_id\":40006,\"data_type\":\"blood-glucose\","
	    "\"last\":\"14d\",\"timezone\":\"America/Los_Angeles\","
	    "\"above\":180,\"order\":\"oldest\",\"limit\":100}");
	go_on("{\"patient_id\":40006}");
	assert_string_equal(args_string(&next, "data_type"), "blood-glucose");
	assert_string_equal(args_string(&next, "last"), "14d");
	assert_string_equal(args_string(&next, "timezone"),
	    "America/Los_Angeles");
	assert_true(args_number(&next, "above") == 180);
	assert_string_equal(args_string(&next, "order"), "oldest");
	assert_int_equal(args_integer(&next, "limit"), 100);
	assert_false(args_has(&next, "below"));
	/* the next page's cursor is made from what was put together */
	cursor.position.id++;
	assert_int_equal(cursor_pack(&cursor, &next, &plain), 0);
	go_on("{\"patient_id\":\"40006\",\"cursor\":\"x\"}");
	assert_int_equal(args_integer(&next, "limit"), 100);
}

static void
test_repeated(void **state)
{
	(void)state;
	make("{\"patient_id\":40006,\"data_type\":\"sleep\",\"limit\":20,"
	    "\"observation_ids\":[1,2,3]}");
	go_on("{\"patient_id\":40006,\"data_type\":\"sleep\",\"limit\":20,"
	    "\"observation_ids\":[3,2,1]}");
	/* a default may be said or not */
	go_on("{\"patient_id\":40006,\"order\":\"newest\","
	    "\"verbosity\":\"slim\"}");
	refuse("{\"patient_id\":40007}", "cursor_mismatch: patient_id differs "
	    "from the call that gave this cursor. Send only the id and "
	    "cursor.");
	refuse("{\"patient_id\":40006,\"data_type\":\"activity\"}",
	    "cursor_mismatch: data_type differs");
	refuse("{\"patient_id\":40006,\"limit\":10}", "limit differs");
	refuse("{\"patient_id\":40006,\"order\":\"oldest\"}",
	    "order differs");
	refuse("{\"patient_id\":40006,\"below\":5}", "below differs");
	refuse("{\"patient_id\":40006,\"observation_ids\":[1,2]}",
	    "observation_ids differs");
	make("{\"patient_id\":40006,\"limit\":10}");
	go_on("{\"patient_id\":40006,\"limit\":10}");
}

/* What is too long is left out and must be said again. */
static void
test_too_long(void **state)
{
	const char	*ids = "[10000000001,10000000002,10000000003,"
			    "10000000004,10000000005,10000000006]";
	char		 json[512];

	(void)state;
	snprintf(json, sizeof(json), "{\"patient_id\":40006,"
	    "\"data_type\":\"omh:something-unheard-of:1.0,another-one\","
	    "\"observation_ids\":%s,\"limit\":20}", ids);
	make(json);
	refuse("{\"patient_id\":40006}", "cursor_mismatch: data_type was too "
	    "long for this cursor. Send it again");
	go_on(json);
	snprintf(json, sizeof(json), "{\"patient_id\":40006,"
	    "\"data_type\":\"omh:something-unheard-of:1.0,another-one\","
	    "\"observation_ids\":[1]}");
	refuse(json, "data_type or observation_ids differs");
	/* every filter there is, at its longest */
	make("{\"patient_id\":1,\"data_type\":\"a long name of a type\","
	    "\"start\":\"2026-01-01T00:00:00.5+01:00\","
	    "\"end\":\"2026-02-01T00:00:00.5+01:00\","
	    "\"timezone\":\"Antarctica/DumontDUrville\",\"above\":1.5,"
	    "\"below\":1e300,\"measure\":\"total_sleep_time\","
	    "\"unit\":\"some unit\",\"order\":\"oldest\","
	    "\"verbosity\":\"full\",\"limit\":1000,"
	    "\"observation_ids\":[9223372036854775807]}");
}

static void
test_positions(void **state)
{
	(void)state;
	make("{\"patient_id\":0}");
	cursor.position.untimed = true;
	cursor.position.id = INT64_MAX;
	assert_int_equal(cursor_pack(&cursor, &first, &plain), 0);
	assert_int_equal(go_on_at("{\"patient_id\":0}", NOW, TOOL), 0);
	assert_true(back.position.untimed);
	assert_true(back.position.id == INT64_MAX);
	cursor.position.untimed = false;
	cursor.position.time_us = INT64_MIN;
	assert_int_equal(cursor_pack(&cursor, &first, &plain), 0);
	assert_int_equal(go_on_at("{\"patient_id\":0}", NOW, TOOL), 0);
	assert_false(back.position.untimed);
	assert_true(back.position.time_us == INT64_MIN);
}

/* An id of sixteen bytes, whatever they are. */
static void
test_wide(void **state)
{
	static const uint64_t	halves[] = { 0, 1, 127, UINT64_MAX,
				    UINT64_C(0x8000000000000000),
				    UINT64_C(0x5500000000004000) };
	const size_t		n = sizeof(halves) / sizeof(halves[0]);
	size_t			i, k;

	(void)state;
	make("{\"patient_id\":40006,\"limit\":100}");
	cursor.position.untimed = cursor.position.wide = true;
	cursor.position.time_us = 0;
	for (i = 0; i < n; i++) {
		for (k = 0; k < n; k++) {
			cursor.position.id = (int64_t)halves[i];
			cursor.position.id_rest = halves[k];
			assert_int_equal(cursor_pack(&cursor, &first, &plain),
			    0);
			go_on("{\"patient_id\":40006}");
			assert_true(back.position.wide);
			assert_true(back.position.untimed);
			assert_true(back.position.id_rest == halves[k]);
		}
	}
	/* A number stays one. */
	cursor.position.wide = false;
	cursor.position.id = INT64_MIN;
	assert_int_equal(cursor_pack(&cursor, &first, &plain), 0);
	go_on("{\"patient_id\":40006}");
	assert_false(back.position.wide);
}

static void
test_bad(void **state)
{
	static const char	id[] = "{\"patient_id\":1}";
	size_t			len;

	(void)state;
	make(id);
	assert_int_equal(go_on_at(id, NOW + CURSOR_LIFE_S, TOOL), 0);
	assert_int_equal(go_on_at(id, NOW + CURSOR_LIFE_S + 1, TOOL),
	    ERR_FORMAT);
	assert_non_null(strstr(buf_string(&error), "bad_cursor: "));
	assert_int_equal(go_on_at(id, NOW - CURSOR_LIFE_S - 1, TOOL),
	    ERR_FORMAT);
	assert_int_equal(go_on_at(id, NOW, TOOL - 1), ERR_FORMAT);
	assert_non_null(strstr(buf_string(&error), "bad_cursor: "));
	len = plain.len;
	while (len-- > 0) {
		parse(&next, id);
		buf_reset(&error);
		assert_int_equal(cursor_unpack(&back, TOOL, NOW, plain.data,
		    len, &next, &error), ERR_FORMAT);
		assert_true(error.len > 0);
	}
	buf_addc(&plain, 0);
	assert_int_equal(go_on_at(id, NOW, TOOL), ERR_FORMAT);
}

/* One changed byte: refused or read, nothing else. */
static void
test_any_bytes(void **state)
{
	unsigned int	seed = 3, round;
	size_t		at;

	(void)state;
	for (round = 0; round < 20000; round++) {
		if (round % 50 == 0)
			make("{\"patient_id\":1,\"data_type\":\"sleep,x\","
			    "\"start\":\"2026-01-01\","
			    "\"observation_ids\":[1,2],\"above\":1.5,"
			    "\"order\":\"oldest\"}");
		seed = seed * 1103515245 + 12345;
		at = (seed >> 8) % plain.len;
		plain.data[at] = (char)(seed >> 20);
		(void)go_on_at("{\"patient_id\":1}", NOW, TOOL);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_remembers),
		cmocka_unit_test(test_repeated),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_positions),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_any_bytes)
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
