/* SPDX-License-Identifier: MIT */
/* Arguments: what is taken, what is refused and in which words. */
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

#define SCHEMA \
	"{\"type\":\"object\",\"properties\":{" \
	"\"patient_id\":{\"type\":\"integer\",\"minimum\":0," \
	"\"description\":\"Patient id.\"}," \
	"\"data_type\":{\"type\":\"string\"}," \
	"\"query\":{\"type\":\"string\",\"minLength\":2,\"maxLength\":4}," \
	"\"start\":{\"type\":\"string\"}," \
	"\"last\":{\"type\":\"string\"," \
	"\"pattern\":\"^[0-9]{1,4}(h|d|w|mo|y)$\"," \
	"\"description\":\"Such as 14d.\"}," \
	"\"above\":{\"type\":\"number\",\"exclusiveMinimum\":0," \
	"\"maximum\":10}," \
	"\"order\":{\"type\":\"string\",\"enum\":[\"newest\",\"oldest\"]," \
	"\"default\":\"newest\",\"description\":\"Order by time.\"}," \
	"\"counts\":{\"type\":\"boolean\",\"default\":true}," \
	"\"include\":{\"type\":\"array\",\"items\":{\"enum\":[\"name\"," \
	"\"contact\",\"birth_date\"]}}," \
	"\"ids\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"," \
	"\"minimum\":0},\"maxItems\":3}," \
	"\"names\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}," \
	"\"maxItems\":3,\"description\":\"Some.\"}," \
	"\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":500," \
	"\"default\":50}," \
	"\"cursor\":{\"type\":\"string\",\"maxLength\":120}" \
	"},\"required\":[\"patient_id\"],\"additionalProperties\":false}"

static struct schema	schema;
static struct args	args;
static struct buf	error;

static int
setup(void **state)
{
	(void)state;
	buf_init(&error, 4096);
	return schema_parse(&schema, SCHEMA);
}

static int
teardown(void **state)
{
	(void)state;
	args_free(&args);
	buf_free(&error);
	schema_free(&schema);
	return 0;
}

static int
parse(const char *json)
{
	struct json_object	*o = NULL;
	int			 r;

	args_free(&args);
	buf_reset(&error);
	if (json != NULL && (o = json_tokener_parse(json)) == NULL)
		fail_msg("%s", json);
	r = args_parse(&args, &schema, "the_tool", o, &error);
	json_object_put(o);
	if (r != 0)
		assert_int_equal(strncmp(buf_string(&error),
		    "bad_argument: ", 14), 0);
	return r;
}

static void
accept(const char *json)
{
	if (parse(json) != 0)
		fail_msg("%s: %s", json, buf_string(&error));
}

/* Refused, and these words are in the text. */
static void
refuse(const char *json, const char *words)
{
	assert_int_equal(parse(json), ERR_FORMAT);
	if (strstr(buf_string(&error), words) == NULL)
		fail_msg("%s: %s", json, buf_string(&error));
}

static void
test_defaults(void **state)
{
	size_t	n = 9;

	(void)state;
	accept("{\"patient_id\":7}");
	assert_int_equal(args_integer(&args, "patient_id"), 7);
	assert_true(args_has(&args, "patient_id"));
	assert_false(args_has(&args, "limit"));
	assert_int_equal(args_integer(&args, "limit"), 50);
	assert_string_equal(args_string(&args, "order"), "newest");
	assert_true(args_boolean(&args, "counts"));
	assert_null(args_string(&args, "data_type"));
	assert_true(args_number(&args, "above") != args_number(&args,
	    "above"));
	assert_false(args_list_has(&args, "include", "name"));
	assert_null(args_list(&args, "ids", &n));
	assert_int_equal(n, 0);
	assert_int_equal(args_integer(&args, "no_such"), 0);
	assert_null(args_string(&args, "no_such"));
}

static void
test_missing(void **state)
{
	(void)state;
	refuse(NULL, "patient_id is missing. Patient id.");
	refuse("{}", "patient_id is missing");
	refuse("{\"patient_id\":null}", "patient_id is missing");
	refuse("[1]", "the arguments of the_tool are not an object");
	accept("{\"patient_id\":1,\"limit\":null,\"order\":null,"
	    "\"include\":null,\"page\":null}");
}

static void
test_integers(void **state)
{
	(void)state;
	accept("{\"patient_id\":0}");
	accept("{\"patient_id\":9223372036854775807}");
	assert_int_equal(args_integer(&args, "patient_id"), INT64_MAX);
	accept("{\"patient_id\":5.0}");
	assert_int_equal(args_integer(&args, "patient_id"), 5);
	accept("{\"patient_id\":9007199254740992.0}");
	accept("{\"patient_id\":1e3}");
	assert_int_equal(args_integer(&args, "patient_id"), 1000);
	accept("{\"patient_id\":\"40001\"}");
	assert_int_equal(args_integer(&args, "patient_id"), 40001);
	refuse("{\"patient_id\":9223372036854775808}", "whole number");
	refuse("{\"patient_id\":99999999999999999999999}", "whole number");
	refuse("{\"patient_id\":\"9223372036854775808\"}", "whole number");
	refuse("{\"patient_id\":1e19}", "whole number");
	refuse("{\"patient_id\":5.5}", "whole number");
	refuse("{\"patient_id\":\"5.5\"}", "whole number");
	refuse("{\"patient_id\":\" 5\"}", "whole number");
	refuse("{\"patient_id\":\"\"}", "whole number");
	refuse("{\"patient_id\":true}", "whole number");
	refuse("{\"patient_id\":[5]}", "whole number");
	refuse("{\"patient_id\":{}}", "whole number");
	refuse("{\"patient_id\":-1}", "patient_id -1 is out of range: it is "
	    "at least 0");
	refuse("{\"patient_id\":1,\"limit\":0}", "it is 1 to 500");
	refuse("{\"patient_id\":1,\"limit\":501}", "it is 1 to 500");
}

static void
test_numbers(void **state)
{
	(void)state;
	accept("{\"patient_id\":1,\"above\":7.5}");
	assert_true(args_number(&args, "above") == 7.5);
	accept("{\"patient_id\":1,\"above\":\"7.5\"}");
	assert_true(args_number(&args, "above") == 7.5);
	accept("{\"patient_id\":1,\"above\":10}");
	refuse("{\"patient_id\":1,\"above\":0}", "more than 0 and at most "
	    "10");
	refuse("{\"patient_id\":1,\"above\":10.1}", "out of range");
	refuse("{\"patient_id\":1,\"above\":\"0x1\"}", "not a number");
	refuse("{\"patient_id\":1,\"above\":\"inf\"}", "not a number");
	refuse("{\"patient_id\":1,\"above\":\"\"}", "not a number");
	refuse("{\"patient_id\":1,\"above\":true}", "not a number");
}

static void
test_booleans(void **state)
{
	(void)state;
	accept("{\"patient_id\":1,\"counts\":false}");
	assert_false(args_boolean(&args, "counts"));
	accept("{\"patient_id\":1,\"counts\":\"False\"}");
	assert_false(args_boolean(&args, "counts"));
	accept("{\"patient_id\":1,\"counts\":\"true\"}");
	assert_true(args_boolean(&args, "counts"));
	refuse("{\"patient_id\":1,\"counts\":0}", "neither true nor false");
	refuse("{\"patient_id\":1,\"counts\":\"yes\"}", "neither");
}

static void
test_texts(void **state)
{
	(void)state;
	accept("{\"patient_id\":1,\"query\":\"\\u00e9\\u00e9\\u00e9\\u00e9\"}");
	refuse("{\"patient_id\":1,\"query\":\"\\u00e9\"}", "too short");
	refuse("{\"patient_id\":1,\"query\":\"abcde\"}", "at most 4");
	refuse("{\"patient_id\":1,\"query\":5}", "query is not text");
	refuse("{\"patient_id\":1,\"query\":[\"ab\"]}", "query is not text");
	refuse("{\"patient_id\":1,\"query\":\"a\\u0000b\"}", "character");
	accept("{\"patient_id\":1,\"last\":\"12mo\"}");
	refuse("{\"patient_id\":1,\"last\":\"2 weeks\"}",
	    "last \"2 weeks\" is not understood. Such as 14d.");
	refuse("{\"patient_id\":1,\"last\":\"14d\\n\"}", "not understood");
	accept("{\"patient_id\":1,\"order\":\"oldest\"}");
	refuse("{\"patient_id\":1,\"order\":\"up\"}", "order \"up\" is not "
	    "known here; possible: newest, oldest.");
	refuse("{\"patient_id\":1,\"order\":\"oldest\\u0000\"}", "possible");
	/* a client's text in an error is cleaned and cut */
	refuse("{\"patient_id\":1,\"order\":\"a\\nb\\u202ec\"}",
	    "order \"a bc\"");
}

static void
test_lists(void **state)
{
	const int64_t	*ids;
	size_t		 n;

	(void)state;
	accept("{\"patient_id\":1,\"include\":[\"contact\",\"name\","
	    "\"contact\"]}");
	assert_true(args_list_has(&args, "include", "name"));
	assert_true(args_list_has(&args, "include", "contact"));
	assert_false(args_list_has(&args, "include", "birth_date"));
	accept("{\"patient_id\":1,\"include\":\"name\"}");
	assert_true(args_list_has(&args, "include", "name"));
	accept("{\"patient_id\":1,\"include\":\"name, birth_date\"}");
	assert_true(args_list_has(&args, "include", "birth_date"));
	accept("{\"patient_id\":1,\"include\":[]}");
	assert_false(args_has(&args, "include"));
	accept("{\"patient_id\":1,\"include\":\"\"}");
	assert_false(args_has(&args, "include"));
	accept("{\"patient_id\":1,\"ids\":[3,\"4\",5.0,3]}");
	ids = args_list(&args, "ids", &n);
	assert_int_equal(n, 3);
	assert_int_equal(ids[0], 3);
	assert_int_equal(ids[2], 5);
	accept("{\"patient_id\":1,\"ids\":7}");
	accept("{\"patient_id\":1,\"ids\":\"7,8\"}");
	(void)args_list(&args, "ids", &n);
	assert_int_equal(n, 2);
	refuse("{\"patient_id\":1,\"ids\":[1,2,3,4]}", "too many");
	refuse("{\"patient_id\":1,\"ids\":[-1]}", "at least 0");
	refuse("{\"patient_id\":1,\"ids\":[null]}", "whole number");
	refuse("{\"patient_id\":1,\"include\":[1]}", "not text");
	refuse("{\"patient_id\":1,\"include\":[\"names\"]}",
	    "possible: name, contact, birth_date");
	/* Of free text: one text with commas. */
	accept("{\"patient_id\":1,\"names\":[\"a b\",\"c\"]}");
	assert_string_equal(args_string(&args, "names"), "a b,c");
	accept("{\"patient_id\":1,\"names\":\"a, b\"}");
	assert_string_equal(args_string(&args, "names"), "a,b");
	accept("{\"patient_id\":1,\"names\":[]}");
	assert_false(args_has(&args, "names"));
	assert_null(args_string(&args, "names"));
	refuse("{\"patient_id\":1,\"names\":[\"a,b\"]}",
	    "names \"a,b\" is not understood. Some.");
	refuse("{\"patient_id\":1,\"names\":[\"\"]}", "not understood");
	refuse("{\"patient_id\":1,\"names\":[1]}", "not text");
	refuse("{\"patient_id\":1,\"names\":[\"a\\u0000\"]}", "character");
	refuse("{\"patient_id\":1,\"names\":\"a,b,c,d\"}", "too many");
	/* and the other way round */
	accept("{\"patient_id\":1,\"data_type\":[\"a\",\"b\"]}");
	assert_string_equal(args_string(&args, "data_type"), "a,b");
	refuse("{\"patient_id\":1,\"data_type\":[\"a\",2]}", "not text");
}

static void
test_names(void **state)
{
	(void)state;
	accept("{\"patientId\":4,\"from\":\"x\",\"type\":\"y\"}");
	assert_int_equal(args_integer(&args, "patient_id"), 4);
	assert_string_equal(args_string(&args, "start"), "x");
	assert_string_equal(args_string(&args, "data_type"), "y");
	accept("{\"patientId\":4,\"since\":\"x\",\"data_types\":\"y\"}");
	refuse("{\"patient_id\":1,\"patientId\":1}", "given twice");
	/* an alias of something this tool does not have */
	refuse("{\"patient_id\":1,\"studyId\":1}", "\"studyId\" is not an "
	    "argument of the_tool");
	refuse("{\"patient\":1}", "\"patient\" is not an argument of "
	    "the_tool; did you mean patient_id?");
	refuse("{\"patient_id\":1,\"limt\":1}", "did you mean limit?");
	refuse("{\"patient_id\":1,\"xyzzy_foo\":1}", "it takes patient_id, "
	    "data_type");
	refuse("{\"patient_id\":1,\"a\\u202eb\\n\":1}", "\"ab\"");
}

static void
test_page(void **state)
{
	(void)state;
	accept("{\"patient_id\":1,\"page\":1}");
	accept("{\"patient_id\":1,\"page\":\"1\"}");
	accept("{\"patient_id\":1,\"page\":1.0}");
	refuse("{\"patient_id\":1,\"page\":2}", "page can only be 1");
	refuse("{\"patient_id\":1,\"page\":true}", "page can only be 1");
	refuse("{\"patient_id\":1,\"page\":[1]}", "page can only be 1");
}

static void
test_long_names(void **state)
{
	char	json[8192];
	size_t	i, n;

	(void)state;
	n = (size_t)snprintf(json, sizeof(json), "{\"");
	for (i = 0; i < 6000; i++)
		json[n++] = 'p';
	snprintf(json + n, sizeof(json) - n, "\":1}");
	refuse(json, "is not an argument");
	assert_true(error.len < 600);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_booleans),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_long_names)
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
