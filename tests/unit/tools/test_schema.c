/* SPDX-License-Identifier: MIT */
/* Schemas taken apart: the tools' own, and ones that are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "tools/definitions.h"
#include "tools/schema.h"

#define OBJECT(properties, more) \
	"{\"type\":\"object\",\"properties\":{" properties "}," \
	"\"additionalProperties\":false" more "}"

static struct schema	s;

static void
test_own(void **state)
{
	size_t	i;

	(void)state;
	for (i = 0; i < tools_definition_count; i++) {
		assert_int_equal(schema_parse(&s,
		    tools_definition_table[i].input_schema), 0);
		schema_free(&s);
	}
}

static void
test_keywords(void **state)
{
	const struct schema_property	*p;

	(void)state;
	assert_int_equal(schema_parse(&s, OBJECT(
	    "\"a\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":9,"
	    "\"default\":3,\"description\":\"d\"},"
	    "\"b\":{\"type\":\"string\",\"pattern\":\"^x+$\","
	    "\"minLength\":2,\"maxLength\":4},"
	    "\"c\":{\"type\":\"array\",\"items\":{\"enum\":[\"u\","
	    "\"v\"]},\"maxItems\":2},"
	    "\"e\":{\"type\":\"number\",\"exclusiveMinimum\":0},"
	    "\"f\":{\"type\":\"boolean\",\"default\":true}",
	    ",\"required\":[\"b\"]")), 0);
	assert_int_equal(s.nproperties, 5);
	p = &s.properties[schema_find(&s, "a")];
	assert_true(p->has_minimum && p->has_maximum && p->has_default);
	assert_int_equal(p->default_integer, 3);
	assert_string_equal(p->description, "d");
	p = &s.properties[schema_find(&s, "b")];
	assert_true(p->required && p->has_pattern);
	assert_int_equal(p->min_length, 2);
	assert_int_equal(p->max_length, 4);
	p = &s.properties[schema_find(&s, "c")];
	assert_int_equal(p->type, SCHEMA_LIST);
	assert_int_equal(p->item, SCHEMA_STRING);
	assert_int_equal(schema_choice(p, "v"), 1);
	assert_int_equal(schema_choice(p, "w"), -1);
	p = &s.properties[schema_find(&s, "e")];
	assert_true(p->exclusive_minimum);
	assert_int_equal(s.properties[schema_find(&s, "f")].default_integer,
	    1);
	assert_int_equal(schema_find(&s, "g"), -1);
	schema_free(&s);
}

static void
test_refused(void **state)
{
	static const char *const	texts[] = {
		"", "[]", "{}", "{\"properties\":{}}",
		"{\"properties\":{},\"additionalProperties\":true}",
		OBJECT("\"a\":5", ""),
		OBJECT("\"a\":{\"type\":\"null\"}", ""),
		OBJECT("\"a\":{\"anyOf\":[]}", ""),
		OBJECT("\"a\":{\"type\":\"string\",\"pattern\":\"(\"}", ""),
		OBJECT("\"a\":{\"type\":\"array\",\"items\":"
		    "{\"type\":\"boolean\"}}", ""),
		OBJECT("\"a\":{\"type\":\"number\",\"default\":1.5}", ""),
		OBJECT("", ",\"required\":[\"a\"]")
	};
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_true(schema_parse(&s, texts[i]) < 0);
		assert_int_equal(s.nproperties, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_keywords),
		cmocka_unit_test(test_refused)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
