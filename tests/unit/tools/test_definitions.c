/* SPDX-License-Identifier: MIT */
/* The definitions: whole, valid JSON, within what clients cut. */
#include <json-c/json.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/definitions.h"

/* Clients cut descriptions behind this many characters. */
#define DESCRIPTION_MAX	2048

static struct json_object *
parse(const char *text)
{
	struct json_object	*o = json_tokener_parse(text);

	assert_non_null(o);
	assert_true(json_object_is_type(o, json_type_object));
	return o;
}

static void
test_members(void **state)
{
	const struct mcp_tool	*t;
	struct json_object	*o, *v;
	size_t			 i;

	(void)state;
	assert_int_equal(tools_definition_count, 5);
	for (i = 0; i < tools_definition_count; i++) {
		t = &tools_definition_table[i];
		assert_true(strlen(t->name) <= 64);
		assert_true(strlen(t->title) > 0);
		assert_true(strlen(t->description) > 0);
		assert_true(strlen(t->description) <= DESCRIPTION_MAX);
		o = parse(t->input_schema);
		assert_true(json_object_object_get_ex(o,
		    "additionalProperties", &v));
		assert_false(json_object_get_boolean(v));
		json_object_put(o);
		json_object_put(parse(t->output_schema));
		o = parse(t->annotations);
		assert_true(json_object_object_get_ex(o, "readOnlyHint", &v));
		assert_true(json_object_get_boolean(v));
		json_object_put(o);
	}
}

static void
test_names(void **state)
{
	static const char *const	names[] = { "get_study_count",
	    "list_studies", "get_study_metadata", "get_patient_demographics",
	    "get_patient_observations" };
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_string_equal(tools_definition_table[i].name, names[i]);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_names)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
