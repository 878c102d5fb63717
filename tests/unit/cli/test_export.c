/* SPDX-License-Identifier: MIT */
/* Rows of answers as CSV, as one list, and as an object a line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "base/err.h"
#include "cli/export.h"

#define MANY	40000

static char		*text;
static size_t		 text_len;
static FILE		*out;
static struct export	*e;

static void
begin(enum export_format format)
{
	out = open_memstream(&text, &text_len);
	assert_non_null(out);
	e = export_new(format, out);
	assert_non_null(e);
}

static int
page(const char *json, bool more)
{
	struct json_object	*answer = json_tokener_parse(json);
	int			 error;

	assert_non_null(answer);
	error = export_page(e, answer, more);
	json_object_put(answer);
	return error;
}

static void
end(const char *want)
{
	assert_int_equal(export_end(e), 0);
	export_free(e);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, want);
	free(text);
}

static void
test_cells(void **state)
{
	(void)state;
	begin(EXPORT_CSV);
	assert_int_equal(page("{\"columns\":[\"a\",\"b c\",\"d,e\"],\"rows\":["
	    "[1,-2.50,true],"
	    "[null,\"\",\"x\"],"
	    "[\"a,b\",\"say \\\"x\\\"\",\"two\\nlines\"],"
	    "[\" x\",\"y \",\"\\u00fc\\u05d0\"],"
	    "[12345678901234567890,1.10,[1,\"x\"]]]}", false), 0);
	end("a,b c,\"d,e\"\n"
	    "1,-2.50,true\n"
	    ",,x\n"
	    "\"a,b\",\"say \"\"x\"\"\",\"two\nlines\"\n"
	    "\" x\",\"y \",\xc3\xbc\xd7\x90\n"
	    "12345678901234567890,1.10,\"[1,\"\"x\"\"]\"\n");
}

/* Numbers may begin with '-'; a text that does is what somebody typed. */
static void
test_formulas(void **state)
{
	(void)state;
	begin(EXPORT_CSV);
	assert_int_equal(page("{\"columns\":[\"=a\"],\"rows\":["
	    "[\"=1+1\"],[\"+1\"],[\"-1\"],[\"@x\"],[\"\\tx\"],[-1],"
	    "[\"a=1\"],[\"'=1\"],[\"=\\\"x\\\"\"]]}", false), 0);
	end("\"'=a\"\n\"'=1+1\"\n\"'+1\"\n\"'-1\"\n\"'@x\"\n\"'\tx\"\n-1\n"
	    "a=1\n'=1\n\"'=\"\"x\"\"\"\n");
}

/* A terminal obeys none of it. */
static void
test_control_characters(void **state)
{
	(void)state;
	begin(EXPORT_CSV);
	assert_int_equal(page("{\"columns\":[\"a\"],\"rows\":["
	    "[\"\\u001b[2Jx\\u0007\\u202e\"]]}", false), 0);
	end("a\n\xef\xbf\xbd[2Jx\xef\xbf\xbd\xef\xbf\xbd\n");
	begin(EXPORT_NDJSON);
	assert_int_equal(page("{\"columns\":[\"a\"],\"rows\":["
	    "[\"\\u001b\\u202e\"]]}", false), 0);
	end("{\"a\":\"\\u001b\\u202e\"}\n");
}

#define FIRST	"{\"common\":{\"unit\":\"mg\",\"type\":\"g\"}," \
		"\"columns\":[\"id\",\"v\"],\"rows\":[[1,5],[2,6]]}"
#define SECOND	"{\"common\":{\"type\":\"g\",\"new\":\"n\"}," \
		"\"columns\":[\"v\",\"unit\",\"id\",\"late\"]," \
		"\"rows\":[[7,\"kg\",3,\"x\"],[8,null,4,null]]}"

/* A survey may have items of any name. */
static void
test_columns_called_other(void **state)
{
	(void)state;
	begin(EXPORT_CSV);
	assert_int_equal(page("{\"columns\":[\"id\",\"other\",\"other (2)\","
	    "\"z\"],\"rows\":[[1,2,3,4]]}", true), 0);
	assert_int_equal(page("{\"columns\":[\"id\",\"other\",\"late\"],"
	    "\"rows\":[[5,6,7]]}", false), 0);
	end("id,other,other (2),z,other (3)\n1,2,3,4,\n5,6,,,late=7\n");
	begin(EXPORT_CSV);
	assert_int_equal(page("{\"columns\":[\"id\"],\"rows\":[[1]]}", true),
	    0);
	assert_int_equal(page("{\"columns\":[\"id\",\"other\"],\"rows\":"
	    "[[2,3]]}", false), 0);
	end("id,other\n1,\n2,other=3\n");
}

/* As many as the answers to a questionnaire have. */
static void
test_many_columns(void **state)
{
	char	*json = NULL;
	size_t	 len = 0;
	FILE	*f = open_memstream(&json, &len);
	int	 i;

	(void)state;
	assert_non_null(f);
	fputs("{\"columns\":[", f);
	for (i = 0; i < 202; i++)
		fprintf(f, "%s\"q%d\"", i > 0 ? "," : "", i);
	fputs("],\"rows\":[[1]]}", f);
	assert_int_equal(fclose(f), 0);
	begin(EXPORT_CSV);
	assert_int_equal(page(json, true), 0);
	assert_int_equal(export_end(e), 0);
	export_free(e);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(text, ",q201,other\n1,"));
	free(text);
	free(json);
}

static void
test_pages_of_csv(void **state)
{
	(void)state;
	begin(EXPORT_CSV);
	assert_int_equal(page(FIRST, true), 0);
	assert_int_equal(export_rows(e), 2);
	assert_int_equal(page(SECOND, false), 0);
	assert_int_equal(export_rows(e), 4);
	end("id,v,unit,type,other\n1,5,mg,g,\n2,6,mg,g,\n"
	    "3,7,kg,g,late=x; new=n\n4,8,,g,new=n\n");
	begin(EXPORT_CSV);
	assert_int_equal(page(FIRST, false), 0);
	end("id,v,unit,type\n1,5,mg,g\n2,6,mg,g\n");
}

static void
test_pages_of_json(void **state)
{
	(void)state;
	begin(EXPORT_NDJSON);
	assert_int_equal(page(FIRST, true), 0);
	assert_int_equal(page(SECOND, false), 0);
	end("{\"id\":1,\"v\":5,\"unit\":\"mg\",\"type\":\"g\"}\n"
	    "{\"id\":2,\"v\":6,\"unit\":\"mg\",\"type\":\"g\"}\n"
	    "{\"v\":7,\"unit\":\"kg\",\"id\":3,\"late\":\"x\",\"type\":\"g\","
	    "\"new\":\"n\"}\n"
	    "{\"v\":8,\"unit\":null,\"id\":4,\"late\":null,\"type\":\"g\","
	    "\"new\":\"n\"}\n");
	begin(EXPORT_JSON);
	assert_int_equal(page("{\"columns\":[\"a\"],\"rows\":[[1]]}", true),
	    0);
	assert_int_equal(page("{\"columns\":[\"a\"],\"rows\":[[2]]}", false),
	    0);
	end("[\n{\"a\":1},\n{\"a\":2}\n]\n");
}

/* What ends early is no JSON. */
static void
test_a_list_without_its_end(void **state)
{
	struct json_object	*o;

	(void)state;
	begin(EXPORT_JSON);
	assert_int_equal(page("{\"columns\":[\"a\"],\"rows\":[[1]]}", true),
	    0);
	export_free(e);
	assert_int_equal(fclose(out), 0);
	o = json_tokener_parse(text);
	assert_null(o);
	free(text);
}

static void
test_nothing(void **state)
{
	static const char	empty[] = "{\"columns\":[\"a\"],\"rows\":[]}";

	(void)state;
	begin(EXPORT_CSV);
	assert_int_equal(page(empty, false), 0);
	end("a\n");
	begin(EXPORT_NDJSON);
	assert_int_equal(page(empty, false), 0);
	end("");
	begin(EXPORT_JSON);
	assert_int_equal(page(empty, false), 0);
	end("[]\n");
}

static void
test_objects(void **state)
{
	static const char	full[] = "{\"observations\":[{\"id\":1,"
	    "\"body\":{\"x\":1.50}},{\"id\":2}]}";

	(void)state;
	begin(EXPORT_NDJSON);
	assert_int_equal(page(full, false), 0);
	end("{\"id\":1,\"body\":{\"x\":1.50}}\n{\"id\":2}\n");
	begin(EXPORT_CSV);
	assert_int_equal(page(full, false), ERR_UNSUPPORTED);
	assert_int_equal(export_rows(e), 0);
	end("");
}

static void
test_what_has_no_rows(void **state)
{
	static const char *const	answers[] = {
		"{\"count\":4}", "{\"rows\":[]}", "{\"columns\":[\"a\"]}",
		"{\"columns\":{},\"rows\":{}}", "[]", "4",
	};
	size_t				i;

	(void)state;
	begin(EXPORT_JSON);
	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		assert_int_equal(page(answers[i], false), ERR_UNSUPPORTED);
	assert_int_equal(export_page(e, NULL, false), ERR_UNSUPPORTED);
	assert_int_equal(page("{\"columns\":[\"a\"],\"rows\":[4]}", false),
	    ERR_FORMAT);
	export_free(e);
	assert_int_equal(fclose(out), 0);
	free(text);
}

static void
test_a_full_disk(void **state)
{
	char			row[64];
	struct json_object	*answer;
	int			 i, error = 0;

	(void)state;
	out = fopen("/dev/full", "w");
	if (out == NULL)
		skip();
	e = export_new(EXPORT_NDJSON, out);
	snprintf(row, sizeof(row), "{\"columns\":[\"a\"],\"rows\":[[1]]}");
	answer = json_tokener_parse(row);
	for (i = 0; i < MANY && error == 0; i++)
		error = export_page(e, answer, true);
	assert_int_equal(error, ERR_SYSTEM);
	json_object_put(answer);
	export_free(e);
	fclose(out);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_formulas),
		cmocka_unit_test(test_control_characters),
		cmocka_unit_test(test_pages_of_csv),
		cmocka_unit_test(test_columns_called_other),
		cmocka_unit_test(test_many_columns),
		cmocka_unit_test(test_pages_of_json),
		cmocka_unit_test(test_a_list_without_its_end),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_what_has_no_rows),
		cmocka_unit_test(test_a_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
