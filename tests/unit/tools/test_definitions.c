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
/* Of all that a model is shown of the tools before the first question. */
#define VISIBLE_MAX	(24 * 1024)

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

/* As the model sees them: name, description, input schema. */
static void
test_budget(void **state)
{
	const struct mcp_tool	*t;
	struct json_object	*o;
	size_t			 i, n = 0;

	(void)state;
	for (i = 0; i < tools_definition_count; i++) {
		t = &tools_definition_table[i];
		o = parse(t->input_schema);
		n += strlen(t->name) + strlen(t->description) +
		    strlen(json_object_to_json_string_ext(o,
		    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(o);
	}
	assert_true(n <= VISIBLE_MAX);
}

/* In the order of the ladder: none other, none twice. */
static void
test_names(void **state)
{
	static const char *const	names[] = {
		"whoami", "get_study_count", "list_studies",
		"get_study_metadata", "list_study_patients",
		"get_study_consents", "search_patients",
		"get_patient_demographics", "summarize_patient_observations",
		"get_data_coverage", "get_observation_statistics",
		"get_patient_observations", "summarize_fhir_resources",
		"get_fhir_resources", "get_patient_survey_responses",
		"get_omh_schema", "count_patient_observations",
		"count_study_observations", "get_patient_date_range",
		"get_server_capabilities"
	};
	const size_t			n = sizeof(names) / sizeof(names[0]);
	size_t				i, k = 0;

	(void)state;
	for (i = 0; i < tools_definition_count; i++, k++) {
		while (k < n && strcmp(names[k],
		    tools_definition_table[i].name) != 0)
			k++;
		assert_true(k < n);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_names)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
