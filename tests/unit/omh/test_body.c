/* SPDX-License-Identifier: MIT */
/* Values out of bodies of every shape, whole and broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "omh/body.h"

static struct omh_piece
piece(const char *text)
{
	struct omh_piece	p = { text, text != NULL ? strlen(text) : 0 };

	return p;
}

static void
check_piece(struct omh_piece p, const char *wanted)
{
	if (wanted == NULL) {
		assert_null(p.text);
		return;
	}
	assert_non_null(p.text);
	assert_int_equal(p.len, strlen(wanted));
	assert_memory_equal(p.text, wanted, p.len);
}

static void
check_value(const char *type, size_t measure, const char *body,
    const char *number, const char *unit)
{
	const struct omh_type	*t = omh_type_find(type, strlen(type));
	struct omh_value	 v;

	assert_non_null(t);
	omh_body_value(piece(body), &t->measures[measure], &v);
	if (number == NULL) {
		assert_int_equal(v.kind, OMH_VALUE_NONE);
		return;
	}
	assert_int_not_equal(v.kind, OMH_VALUE_NONE);
	check_piece(v.value, number);
	check_piece(v.unit, unit);
}

static void
test_members(void **state)
{
	const char	*json = "{\"a\": 1, \"b\": {\"c\": [1, {\"d\": "
			    "\"}\"}]}, \"e\\\"\": 2, \"f\":3,"
			    "\"g\" : \"\\\\\" }";

	(void)state;
	check_piece(omh_member(piece(json), "a"), "1");
	check_piece(omh_member(piece(json), "b"),
	    "{\"c\": [1, {\"d\": \"}\"}]}");
	check_piece(omh_member(omh_member(piece(json), "b"), "c"),
	    "[1, {\"d\": \"}\"}]");
	check_piece(omh_member(piece(json), "f"), "3");
	check_piece(omh_member(piece(json), "g"), "\"\\\\\"");
	check_piece(omh_member(piece(json), "d"), NULL);
	check_piece(omh_member(piece(json), ""), NULL);
	check_piece(omh_member(piece("[1]"), "a"), NULL);
	check_piece(omh_member(piece("{}"), "a"), NULL);
	check_piece(omh_member(piece(NULL), "a"), NULL);
}

static void
test_values(void **state)
{
	const char	*bp = "{\"systolic_blood_pressure\": {\"unit\": "
			    "\"mmHg\", \"value\": 124}, "
			    "\"diastolic_blood_pressure\": {\"value\": 78}}";
	const char	*sleep = "{\"sleep_stage_summary\": "
			    "{\"total_sleep_time\": {\"value\": 7.5, "
			    "\"unit\": \"h\"}, \"number_of_awakenings\": 3}}";

	(void)state;
	check_value("bp", 0, bp, "124", "\"mmHg\"");
	check_value("bp", 1, bp, "78", NULL);
	check_value("sleep-stage-summary", 0, sleep, "7.5", "\"h\"");
	check_value("sleep-stage-summary", 1, sleep, NULL, NULL);
	check_value("sleep-stage-summary", 6, sleep, "3", NULL);
	check_value("heart-rate", 0, "{\"heart_rate\": 72}", "72", NULL);
	check_value("heart-rate", 0,
	    "{\"heart_rate\": {\"value\": 12345678901234567890.123}}",
	    "12345678901234567890.123", NULL);
	check_value("physical-activity", 0,
	    "{\"activity_name\": \"Walking\"}", "\"Walking\"", NULL);
	check_value("physical-activity", 0, "{\"activity_name\": 5}", NULL,
	    NULL);
	check_value("physical-activity", 3, "{\"met_value\": 3.5}", "3.5",
	    NULL);
}

static void
test_malformed(void **state)
{
	static const char *const bodies[] = {
		"", "null", "5", "\"text\"", "[]", "{}",
		"[{\"heart_rate\": {\"value\": 70}}]",
		"{\"heart_rate\": null}", "{\"heart_rate\": []}",
		"{\"heart_rate\": \"72\"}", "{\"heart_rate\": true}",
		"{\"heart_rate\": {\"unit\": \"beats/min\"}}",
		"{\"heart_rate\": {\"value\": \"72\"}}",
		"{\"heart_rate\": {\"value\": null}}",
		"{\"heart_rate\": {\"value\": {\"low\": 60}}}",
		"{\"heart_rate\": {\"value\": NaN}}",
		"{\"heart_rate", "{\"heart_rate\"", "{\"heart_rate\":",
		"{\"heart_rate\": {", "{\"heart_rate\": {\"value\"",
		"{\"heart_rate\": {\"value\": \"7", "{\"a\\", "{\"a\": [[[",
		"{,}", "}", "{\"a\" 1}", "{1: 2}", "{{",
	};
	char	*copy;
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		/* On the heap and unterminated: sanitizers see an overrun. */
		struct omh_piece	 p;
		struct omh_value	 v;

		p.len = strlen(bodies[i]);
		copy = malloc(p.len + 1);
		assert_non_null(copy);
		memcpy(copy, bodies[i], p.len + 1);
		copy = realloc(copy, p.len > 0 ? p.len : 1);
		p.text = copy;
		omh_body_value(p, &omh_type_find("pulse", 5)->measures[0], &v);
		assert_int_equal(v.kind, OMH_VALUE_NONE);
		omh_body_any_value(p, &v);
		free(copy);
	}
}

static void
check_any(const char *body, enum omh_value_kind kind, const char *value,
    const char *unit)
{
	struct omh_value	v;

	omh_body_any_value(piece(body), &v);
	assert_int_equal(v.kind, kind);
	if (kind == OMH_VALUE_NONE)
		return;
	check_piece(v.value, value);
	check_piece(v.unit, unit);
}

static void
test_any(void **state)
{
	(void)state;
	check_any("{\"x\": 1, \"effective_time_frame\": {\"value\": 9}, "
	    "\"thing\": {\"value\": 2, \"unit\": \"u\"}, \"z\": "
	    "{\"value\": 3}}", OMH_VALUE_NUMBER, "2", "\"u\"");
	check_any("{\"unit\": \"u\", \"value\": 4}", OMH_VALUE_NUMBER, "4",
	    "\"u\"");
	check_any("{\"thing\": {\"value\": \"high\"}}", OMH_VALUE_TEXT,
	    "\"high\"", NULL);
	check_any("{\"thing\": {\"value\": []}}", OMH_VALUE_NONE, NULL, NULL);
	check_any("{\"thing\": 5}", OMH_VALUE_NONE, NULL, NULL);
	check_any("[{\"value\": 5}]", OMH_VALUE_NONE, NULL, NULL);
	check_any("7", OMH_VALUE_NONE, NULL, NULL);
}

static void
check_string(const char *json, const char *wanted)
{
	struct buf	b;

	buf_init(&b, 1000);
	if (wanted == NULL) {
		assert_false(omh_string(&b, piece(json)));
		assert_int_equal(b.len, 0);
	} else {
		assert_true(omh_string(&b, piece(json)));
		assert_string_equal(buf_string(&b), wanted);
	}
	buf_free(&b);
}

static void
test_strings(void **state)
{
	(void)state;
	check_string("\"\"", "");
	check_string("\"a\\\"b\\\\c\\/d\"", "a\"b\\c/d");
	check_string("\"\\b\\f\\n\\r\\t\"", "\b\f\n\r\t");
	check_string("\"\\u0041\\u00e9\\u20ac\"", "A\xc3\xa9\xe2\x82\xac");
	check_string("\"\\ud83c\\udfc3\"", "\xf0\x9f\x8f\x83");
	check_string("\"\\ud83c\"", "\xef\xbf\xbd");
	check_string("\"\\udfc3x\"", "\xef\xbf\xbdx");
	check_string("\"\\u0000\"", "\xef\xbf\xbd");
	check_string("\"\\u00\"", "\xef\xbf\xbd" "00");
	check_string("5", NULL);
	check_string("", NULL);
	check_string("\"", NULL);
}

static void
test_deep(void **state)
{
	const size_t		 depth = 100000;
	const char		*type = "heart-rate";
	struct omh_piece	 p;
	struct omh_value	 v;
	char			*text;

	(void)state;
	text = malloc(2 * depth + 100);
	assert_non_null(text);
	memcpy(text, "{\"a\":", 5);
	memset(text + 5, '[', depth);
	memset(text + 5 + depth, ']', depth);
	memcpy(text + 5 + 2 * depth, ",\"heart_rate\":61}", 18);
	p = piece(text);
	omh_body_value(p, &omh_type_find(type, 10)->measures[0], &v);
	check_piece(v.value, "61");
	free(text);
}

static void
test_elements(void **state)
{
	static const char	 text[] = " [1, \"a,]\" ,{\"b\": [2]}, [] ] ";
	static const char *const wanted[] = { "1", "\"a,]\"", "{\"b\": [2]}",
				    "[]" };
	static const char *const none[] = { "", "[", "[]", "[ ]", "{}", "5",
				    "null", "[,]" };
	struct omh_piece	 array = { text, sizeof(text) - 1 };
	struct omh_piece	 nothing = { NULL, 0 }, one = { NULL, 0 };
	size_t			 i, n = 0;

	(void)state;
	while ((one = omh_next(array, one)).text != NULL) {
		assert_true(n < 4);
		assert_int_equal(one.len, strlen(wanted[n]));
		assert_memory_equal(one.text, wanted[n], one.len);
		n++;
	}
	assert_int_equal(n, 4);
	assert_null(omh_next(nothing, nothing).text);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		array.text = none[i];
		array.len = strlen(none[i]);
		assert_null(omh_next(array, nothing).text);
	}
}

/* Cut and changed at random, on the heap to its last byte. */
static void
test_mutated(void **state)
{
	static const char	 body[] = "{\"sleep_stage_summary\": "
				    "{\"total_sleep_time\": {\"value\": 7.5, "
				    "\"unit\": \"h\\u00e9\\\"\"}}, \"a\": "
				    "[1, {\"b\": \"]\"}], \"heart_rate\": 61}";
	static const char	 bytes[] = "{}[]\",:\\ u0-9.eE\x01\xff";
	const struct omh_type	*t;
	struct omh_piece	 p, one, none = { NULL, 0 };
	struct omh_value	 v;
	struct buf		 text;
	uint32_t		 seed = 1;
	size_t			 i, j, m;
	char			*copy;

	(void)state;
	for (i = 0; i < 20000; i++) {
		seed = seed * 1664525 + 1013904223;
		p.len = seed >> 8 & 1 ? sizeof(body) - 1 :
		    (seed >> 9) % sizeof(body);
		copy = malloc(p.len > 0 ? p.len : 1);
		assert_non_null(copy);
		memcpy(copy, body, p.len);
		for (j = 0; j < 3 && p.len > 0; j++) {
			seed = seed * 1664525 + 1013904223;
			copy[(seed >> 8) % p.len] =
			    bytes[(seed >> 4) % (sizeof(bytes) - 1)];
		}
		p.text = copy;
		buf_init(&text, 1000);
		t = omh_type_at(i % OMH_TYPES);
		for (m = 0; m < t->nmeasures; m++) {
			omh_body_value(p, &t->measures[m], &v);
			omh_string(&text, v.unit);
		}
		omh_body_any_value(p, &v);
		omh_string(&text, v.value);
		for (one = omh_next(omh_member(p, "a"), none);
		    one.text != NULL; one = omh_next(omh_member(p, "a"), one))
			omh_string(&text, one);
		buf_free(&text);
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_any),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_elements),
		cmocka_unit_test(test_mutated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
