/* SPDX-License-Identifier: MIT */
/* The pass over a line: what is JSON, what is not, and what goes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "mcp/scan.h"

#define LINE_MAX_TEST	(4 * 1024 * 1024)

static struct mcp_scan	scan;

static enum mcp_fault
look_n(const char *line, size_t len)
{
	/* Exactly so much memory: a byte read beyond is found by ASan. */
	char	*copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	memcpy(copy, line, len);
	mcp_scan_line(copy, len, LINE_MAX_TEST, &scan);
	free(copy);
	return scan.fault;
}

static enum mcp_fault
look(const char *line)
{
	mcp_scan_line(line, strlen(line), LINE_MAX_TEST, &scan);
	return look_n(line, strlen(line));
}

/* As look(), the slices still usable. */
static void
keep(const char *line)
{
	mcp_scan_line(line, strlen(line), LINE_MAX_TEST, &scan);
}

static void
slice_is(struct mcp_slice slice, const char *text)
{
	assert_non_null(slice.data);
	assert_int_equal(slice.len, strlen(text));
	assert_memory_equal(slice.data, text, slice.len);
}

static void
test_good(void **state)
{
	static const char *const	lines[] = {
		"{}", "[]", " { } \r", "\t[ ]", "\"a\"", "0", "-0", "true",
		"false", "null", "[1,2 , 3]", "{\"a\":{\"b\":[null,true]}}",
		"[1e5,1E+5,1.5e-5,0.1,-0.1,1e308]", "\"\\ud83d\\ude00\"",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\"", "\"\xc3\xa9\"",
		"\"\xf0\x9f\x98\x80\"", "\"\x7f\"", "\"\\uABCD\"",
		"[9223372036854775807,-9223372036854775808]",
		"[\"\xef\xbf\xbf\",\"\xf4\x8f\xbf\xbf\"]"
	};
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (look(lines[i]) != MCP_FAULT_NONE)
			fail_msg("refused: %s", lines[i]);
}

static void
test_syntax(void **state)
{
	static const char *const	lines[] = {
		"{", "}", "[", "]", "{]", "[}", "{\"a\"}", "{\"a\":}",
		"{\"a\":1,}", "[1,]", "[,1]", "{,}", "[1 2]",
		"{\"a\":1 \"b\":2}",
		"{a:1}", "{'a':1}", "['a']", "nul", "nulll", "True", "NaN",
		"[NaN]", "Infinity", "-Infinity", "[-]", "[+1]", "[01]",
		"[1.]", "[.5]", "[1e]", "[1e+]", "[0x10]", "[1_000]", "--1",
		"{}{}", "{} x", "[] // a", "/* a */ {}", "[1/**/]", "\"a",
		"\"a\\\"", "\"\\x41\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\",
		"\"\\u", "\"\ta\"", "\"a\nb\"", "\xef\xbb\xbf{}", "undefined",
		"{\"a\":1", "[1", "[\"a\":1]", "{1:2}", "{null:1}", ",", ":",
		"1 2", "\"\\ud800\\u12\"", "[1e1.5]", "\v{}", "{}\f"
	};
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (look(lines[i]) != MCP_FAULT_SYNTAX)
			fail_msg("%d: %s", (int)scan.fault, lines[i]);
}

static void
test_utf8(void **state)
{
	static const char *const	lines[] = {
		"\"\x80\"", "\"\xc0\x80\"", "\"\xc1\xbf\"", "\"\xe0\x80\x80\"",
		"\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xf8\x88\"",
		"\"\xff\"", "\"\xc3\"", "\"\xe2\x82\"", "\"\xf0\x9f\x98\"",
		"{\"\xff\":1}"
	};
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (look(lines[i]) != MCP_FAULT_UTF8)
			fail_msg("%zu: %d", i, (int)scan.fault);
	/* Cut inside of a character. */
	assert_int_equal(look_n("\"\xe2\x82", 3), MCP_FAULT_UTF8);
}

static void
test_nul(void **state)
{
	(void)state;
	assert_int_equal(look_n("{\0}", 3), MCP_FAULT_SYNTAX);
	assert_int_equal(look_n("\"a\0b\"", 5), MCP_FAULT_SYNTAX);
	assert_int_equal(look_n("{}\0", 3), MCP_FAULT_SYNTAX);
	assert_int_equal(look_n("1\0", 2), MCP_FAULT_SYNTAX);
	assert_int_equal(look_n("\"\\\0\"", 4), MCP_FAULT_SYNTAX);
	assert_int_equal(look_n("\"\\u00\0" "0\"", 8), MCP_FAULT_SYNTAX);
	assert_int_equal(look_n("\0", 1), MCP_FAULT_SYNTAX);
	assert_int_equal(look("{\"id\":1,\"a\":\"\\u0000\"}"), MCP_FAULT_NUL);
	keep("{\"a\":\"\\u0000\",\"id\":12}");
	slice_is(scan.id, "12");
}

static void
test_surrogates(void **state)
{
	(void)state;
	assert_int_equal(look("\"\\ud800\""), MCP_FAULT_SURROGATE);
	assert_int_equal(look("\"\\udc00\""), MCP_FAULT_SURROGATE);
	assert_int_equal(look("\"\\ud800\\ud800\""), MCP_FAULT_SURROGATE);
	assert_int_equal(look("\"\\ud800a\""), MCP_FAULT_SURROGATE);
	assert_int_equal(look("\"\\uDBFF\\uDFFF\""), MCP_FAULT_NONE);
	keep("{\"a\":\"\\ud800\",\"id\":\"x\"}");
	slice_is(scan.id, "\"x\"");
}

static void
test_numbers(void **state)
{
	char	text[256];

	(void)state;
	assert_int_equal(look("[9223372036854775808]"), MCP_FAULT_NUMBER);
	assert_int_equal(look("[-9223372036854775809]"), MCP_FAULT_NUMBER);
	assert_int_equal(look("[1e309]"), MCP_FAULT_NUMBER);
	assert_int_equal(look("[-1e309]"), MCP_FAULT_NUMBER);
	assert_int_equal(look("[1e-999]"), MCP_FAULT_NONE);
	memset(text, '1', sizeof(text));
	memcpy(text, "[0.", 3);
	text[200] = ']';
	assert_int_equal(look_n(text, 201), MCP_FAULT_NUMBER);
	text[100] = ']';
	assert_int_equal(look_n(text, 101), MCP_FAULT_NONE);
}

/* n times open, then n times close. */
static enum mcp_fault
look_nested(const char *open, const char *close, size_t n)
{
	struct buf	b;
	size_t		i;

	buf_init(&b, 8 * LINE_MAX_TEST);
	for (i = 0; i < n; i++)
		buf_adds(&b, open);
	for (i = 0; i < n; i++)
		buf_adds(&b, close);
	assert_int_equal(buf_error(&b), 0);
	look_n(b.data, b.len);
	buf_free(&b);
	return scan.fault;
}

static void
test_depth(void **state)
{
	(void)state;
	assert_int_equal(look_nested("[", "]", MCP_DEPTH_MAX), MCP_FAULT_NONE);
	assert_int_equal(look_nested("[", "]", MCP_DEPTH_MAX + 1),
	    MCP_FAULT_DEPTH);
	assert_int_equal(look_nested("[", "", 1000000), MCP_FAULT_DEPTH);
	assert_int_equal(look_nested("{\"a\":", "", 500000), MCP_FAULT_DEPTH);
	assert_int_equal(look_nested("[{\"a\":", "}]", 32), MCP_FAULT_SYNTAX);
	assert_int_equal(look_nested("[{\"params\":[", "]}]", 100000),
	    MCP_FAULT_DEPTH);
	assert_null(scan.id.data);
}

static void
test_sizes(void **state)
{
	struct buf	b;
	size_t		i;

	(void)state;
	buf_init(&b, 2 * LINE_MAX_TEST);
	/* A string that is the whole line, and one byte too long a line. */
	buf_adds(&b, "{\"id\":7,\"a\":\"");
	for (i = b.len; i < LINE_MAX_TEST - 2; i++)
		buf_addc(&b, 'x');
	buf_adds(&b, "\"}");
	assert_int_equal(b.len, LINE_MAX_TEST);
	mcp_scan_line(b.data, b.len, LINE_MAX_TEST, &scan);
	assert_int_equal(scan.fault, MCP_FAULT_STRING);
	slice_is(scan.id, "7");
	buf_addc(&b, ' ');
	mcp_scan_line(b.data, b.len, LINE_MAX_TEST, &scan);
	assert_int_equal(scan.fault, MCP_FAULT_LINE);
	assert_null(scan.id.data);
	mcp_scan_line(NULL, (size_t)MCP_LINE_MAX + 1, SIZE_MAX, &scan);
	assert_int_equal(scan.fault, MCP_FAULT_LINE);
	/* Many elements. */
	buf_reset(&b);
	buf_addc(&b, '[');
	for (i = 1; i < MCP_COUNT_MAX; i++)
		buf_adds(&b, "0,");
	buf_adds(&b, "0]");
	assert_int_equal(look_n(b.data, b.len), MCP_FAULT_NONE);
	buf_truncate(&b, b.len - 1);
	buf_adds(&b, ",0]");
	assert_int_equal(look_n(b.data, b.len), MCP_FAULT_COUNT);
	buf_free(&b);
}

static void
test_id(void **state)
{
	static const char *const	good[] = {
		"1", "-1", "0", "-0", "\"\"", "\"a\"", "\"\\u0041\\n\"",
		"123456789012345678901234567890", "9223372036854775808",
		"\"\xe2\x82\xac\""
	};
	static const char *const	bad[] = {
		"1.5", "1.0", "1e3", "1E3", "null", "true", "{}", "[]",
		"[1]", "{\"id\":1}"
	};
	char				line[512];
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(line, sizeof(line), "{\"x\":[1], \"id\" :  %s , "
		    "\"y\":{\"id\":9}}", good[i]);
		keep(line);
		assert_int_equal(scan.fault, MCP_FAULT_NONE);
		slice_is(scan.id, good[i]);
		assert_true(mcp_scan_is_id(good[i], strlen(good[i])));
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(line, sizeof(line), "{\"id\":%s}", bad[i]);
		keep(line);
		assert_int_equal(scan.fault, MCP_FAULT_NONE);
		assert_true(scan.has & MCP_HAS_ID);
		assert_null(scan.id.data);
		assert_false(mcp_scan_is_id(bad[i], strlen(bad[i])));
	}
	keep("{\"\\u0069d\":5}");
	slice_is(scan.id, "5");
}

static void
test_id_size(void **state)
{
	char	line[1024];

	(void)state;
	memset(line, '7', sizeof(line));
	memcpy(line, "{\"id\":", 6);
	line[6 + MCP_ID_MAX] = '}';
	line[7 + MCP_ID_MAX] = '\0';
	keep(line);
	assert_int_equal(scan.fault, MCP_FAULT_NONE);
	assert_int_equal(scan.id.len, MCP_ID_MAX);
	line[6 + MCP_ID_MAX] = '7';
	line[7 + MCP_ID_MAX] = '}';
	line[8 + MCP_ID_MAX] = '\0';
	keep(line);
	assert_int_equal(scan.fault, MCP_FAULT_NONE);
	assert_null(scan.id.data);
}

static void
test_is_id(void **state)
{
	(void)state;
	assert_false(mcp_scan_is_id("", 0));
	assert_false(mcp_scan_is_id(NULL, 0));
	assert_false(mcp_scan_is_id(" 1", 2));
	assert_false(mcp_scan_is_id("1 ", 2));
	assert_false(mcp_scan_is_id("1,\"a\":2", 7));
	assert_false(mcp_scan_is_id("\"a\",1", 5));
	assert_false(mcp_scan_is_id("\"a", 2));
	assert_false(mcp_scan_is_id("\"a\n\"", 4));
	assert_false(mcp_scan_is_id("\"\xff\"", 3));
}

static void
test_duplicates(void **state)
{
	(void)state;
	assert_int_equal(look("{\"id\":1,\"id\":1}"), MCP_FAULT_DUPLICATE);
	assert_int_equal(look("{\"id\":1,\"i\\u0064\":2}"),
	    MCP_FAULT_DUPLICATE);
	assert_int_equal(look("{\"method\":\"a\",\"method\":\"b\"}"),
	    MCP_FAULT_DUPLICATE);
	assert_int_equal(look("{\"params\":{},\"params\":{}}"),
	    MCP_FAULT_DUPLICATE);
	assert_int_equal(look("{\"params\":{\"name\":1,\"name\":1}}"),
	    MCP_FAULT_DUPLICATE);
	assert_int_equal(look("{\"params\":{\"_meta\":{\"progressToken\":1,"
	    "\"progressToken\":2}}}"), MCP_FAULT_DUPLICATE);
	/* Elsewhere the last one counts. */
	assert_int_equal(look("{\"params\":{\"arguments\":{\"name\":1,"
	    "\"name\":2,\"id\":1,\"id\":2}}}"), MCP_FAULT_NONE);
	assert_int_equal(look("{\"x\":1,\"x\":2}"), MCP_FAULT_NONE);
	assert_int_equal(look("[{\"id\":1},{\"id\":2}]"), MCP_FAULT_NONE);
}

static void
test_places(void **state)
{
	(void)state;
	keep("{\"params\":{\"_meta\":{\"progressToken\":\"t\"},"
	    "\"requestId\":77}}");
	slice_is(scan.progress_token, "\"t\"");
	slice_is(scan.request_id, "77");
	assert_null(scan.id.data);
	keep("{\"params\":{\"_meta\":{\"progressToken\":1.5}}}");
	assert_null(scan.progress_token.data);
	keep("{\"x\":{\"_meta\":{\"progressToken\":1},\"requestId\":2}}");
	assert_null(scan.progress_token.data);
	assert_null(scan.request_id.data);
	keep("{\"params\":[{\"requestId\":2}]}");
	assert_null(scan.request_id.data);
	keep("{\"jsonrpc\":1,\"result\":2,\"error\":3,\"method\":4}");
	assert_int_equal(scan.has, MCP_HAS_JSONRPC | MCP_HAS_RESULT |
	    MCP_HAS_ERROR | MCP_HAS_METHOD);
}

static void
test_shapes(void **state)
{
	(void)state;
	look("");
	assert_int_equal(scan.shape, MCP_SHAPE_BLANK);
	look(" \t\r");
	assert_int_equal(scan.shape, MCP_SHAPE_BLANK);
	assert_int_equal(scan.fault, MCP_FAULT_NONE);
	look("[]");
	assert_int_equal(scan.shape, MCP_SHAPE_ARRAY);
	look("{}");
	assert_int_equal(scan.shape, MCP_SHAPE_OBJECT);
	look("1");
	assert_int_equal(scan.shape, MCP_SHAPE_OTHER);
}

static void
test_meta_keys(void **state)
{
	static const char *const	keys[] = {
		"protocolVersion", "clientCapabilities", "clientInfo",
		"logLevel"
	};
	char				line[512];
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		snprintf(line, sizeof(line), "{\"params\":{\"_meta\":{"
		    "\"io.modelcontextprotocol/%s\":1,\"io.modelcontextprotocol"
		    "\\u002f%s\":2}}}", keys[i], keys[i]);
		assert_int_equal(look(line), MCP_FAULT_DUPLICATE);
		/* A longer one is another one. */
		snprintf(line, sizeof(line), "{\"params\":{\"_meta\":{"
		    "\"io.modelcontextprotocol/%s\":1,\"io.modelcontextprotocol"
		    "/%s/that/goes/on/and/on/and/on\":2}}}", keys[i], keys[i]);
		assert_int_equal(look(line), MCP_FAULT_NONE);
	}
}

static void
test_elements(void **state)
{
	static const char *const	parts[] = {
		"{\"a\":[1,2]}", "3", "\"],[\"", "[]", "null"
	};
	struct mcp_slice		array, element;
	size_t				at = 0, i;

	(void)state;
	array.data = " [ {\"a\":[1,2]},3 , \"],[\",[],null ] \r";
	array.len = strlen(array.data);
	assert_int_equal(look(array.data), MCP_FAULT_NONE);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		assert_true(mcp_scan_element(&array, &at, &element));
		slice_is(element, parts[i]);
	}
	assert_false(mcp_scan_element(&array, &at, &element));
	assert_false(mcp_scan_element(&array, &at, &element));
	array.data = "[ ]";
	array.len = 3;
	at = 0;
	assert_false(mcp_scan_element(&array, &at, &element));
}

/* The one fault that is also an array's goes before the others. */
static void
test_count_of_array(void **state)
{
	struct buf	b;
	size_t		i;

	(void)state;
	buf_init(&b, LINE_MAX_TEST);
	buf_adds(&b, "[\"\\ud800\"");
	for (i = 0; i < MCP_COUNT_MAX; i++)
		buf_adds(&b, ",0");
	buf_adds(&b, "]");
	assert_int_equal(look_n(b.data, b.len), MCP_FAULT_COUNT);
	buf_free(&b);
}

/* Every prefix of a message is refused, and none is read beyond. */
static void
test_prefixes(void **state)
{
	static const char	line[] =
	    "{\"jsonrpc\":\"2.0\",\"id\":\"\\u00e9\",\"params\":"
	    "{\"a\":[1,-2.5e3,true,null,\"\xe2\x82\xac\"]}}";
	size_t			i;

	(void)state;
	for (i = 1; i < sizeof(line) - 1; i++) {
		assert_int_not_equal(look_n(line, i), MCP_FAULT_NONE);
		assert_null(scan.id.data);
	}
	assert_int_equal(look_n(line, sizeof(line) - 1), MCP_FAULT_NONE);
}

/* Every byte of a message changed to every other: no crash, no overrun. */
static void
test_mutations(void **state)
{
	static const char	line[] =
	    "{\"id\":\"\\ud83d\\ude00\",\"params\":{\"_meta\":"
	    "{\"progressToken\":-1.5e3},\"x\":[true,\"\xe2\x82\xac\"]}}";
	char			copy[sizeof(line)];
	size_t			i;
	int			c;

	(void)state;
	for (i = 0; i < sizeof(line) - 1; i++)
		for (c = 0; c < 256; c++) {
			memcpy(copy, line, sizeof(line));
			copy[i] = (char)c;
			look_n(copy, sizeof(line) - 1);
		}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_syntax),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_surrogates),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_id),
		cmocka_unit_test(test_id_size),
		cmocka_unit_test(test_is_id),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_meta_keys),
		cmocka_unit_test(test_elements),
		cmocka_unit_test(test_count_of_array),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_mutations)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
