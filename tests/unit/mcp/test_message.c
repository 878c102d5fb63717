/* SPDX-License-Identifier: MIT */
/* Lines taken apart as JSON-RPC messages. */
#include <json-c/json.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "mcp/message.h"
#include "mcp/revision.h"

static struct mcp_parser	*parser;
static struct mcp_message	 m;

static int
setup(void **state)
{
	(void)state;
	parser = mcp_parser_new(4 * 1024 * 1024);
	return parser == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	mcp_message_free(&m);
	mcp_parser_free(parser);
	return 0;
}

static enum mcp_kind
parse(const char *line)
{
	mcp_message_free(&m);
	mcp_message_parse(parser, line, strlen(line), &m);
	return m.kind;
}

static void
invalid(const char *line, int error, const char *id)
{
	if (parse(line) != MCP_KIND_INVALID)
		fail_msg("kind %d: %s", (int)m.kind, line);
	assert_int_equal(m.error, error);
	assert_non_null(m.reason);
	if (id == NULL) {
		assert_null(m.id.data);
		return;
	}
	assert_non_null(m.id.data);
	assert_int_equal(m.id.len, strlen(id));
	assert_memory_equal(m.id.data, id, m.id.len);
}

static void
test_kinds(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"
	    "\"ping\"} \r"), MCP_KIND_REQUEST);
	assert_string_equal(m.method, "ping");
	assert_null(m.params);
	assert_int_equal(parse("{\"jsonrpc\":\"2.0\",\"method\":\"a\","
	    "\"params\":{\"b\":1}}"), MCP_KIND_NOTIFICATION);
	assert_non_null(m.params);
	assert_int_equal(parse("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"),
	    MCP_KIND_RESPONSE);
	assert_int_equal(parse("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":"
	    "{\"code\":1,\"message\":\"x\"}}"), MCP_KIND_RESPONSE);
	assert_int_equal(parse("[]"), MCP_KIND_BATCH);
	assert_int_equal(parse("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"
	    "\"ping\"}]"), MCP_KIND_BATCH);
	assert_int_equal(parse(""), MCP_KIND_BLANK);
	assert_int_equal(parse(" \r"), MCP_KIND_BLANK);
}

static void
test_invalid(void **state)
{
	(void)state;
	invalid("{", MCP_ERROR_PARSE, NULL);
	invalid("{\"id\":1,", MCP_ERROR_PARSE, NULL);
	invalid("{\"id\":1,\"a\":\"\xff\"}", MCP_ERROR_PARSE, NULL);
	invalid("{\"id\":1,\"a\":NaN}", MCP_ERROR_PARSE, NULL);
	invalid("1", MCP_ERROR_INVALID_REQUEST, NULL);
	invalid("\"ping\"", MCP_ERROR_INVALID_REQUEST, NULL);
	invalid("null", MCP_ERROR_INVALID_REQUEST, NULL);
	invalid("{}", MCP_ERROR_INVALID_REQUEST, NULL);
	invalid("{\"id\":1,\"method\":\"ping\"}", MCP_ERROR_INVALID_REQUEST,
	    "1");
	invalid("{\"jsonrpc\":\"1.0\",\"id\":\"x\",\"method\":\"ping\"}",
	    MCP_ERROR_INVALID_REQUEST, "\"x\"");
	invalid("{\"jsonrpc\":2.0,\"id\":1,\"method\":\"ping\"}",
	    MCP_ERROR_INVALID_REQUEST, "1");
	invalid("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":5}",
	    MCP_ERROR_INVALID_REQUEST, "1");
	invalid("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":null}",
	    MCP_ERROR_INVALID_REQUEST, "1");
	invalid("{\"jsonrpc\":\"2.0\",\"id\":1}", MCP_ERROR_INVALID_REQUEST,
	    "1");
}

static void
test_bad_id(void **state)
{
	static const char *const	ids[] = {
		"null", "1.5", "1.0", "1e2", "true", "{}", "[1]"
	};
	char				line[128];
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%s,"
		    "\"method\":\"ping\"}", ids[i]);
		invalid(line, MCP_ERROR_INVALID_REQUEST, NULL);
	}
	invalid("{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"ping\"}",
	    MCP_ERROR_INVALID_REQUEST, NULL);
}

static void
test_soft_faults(void **state)
{
	(void)state;
	/* A request: refused under its id. */
	invalid("{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":"
	    "{\"x\":\"\\ud800\"},\"id\":5}", MCP_ERROR_INVALID_REQUEST, "5");
	invalid("{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":"
	    "{\"x\":99999999999999999999},\"id\":5}",
	    MCP_ERROR_INVALID_REQUEST, "5");
	invalid("{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":"
	    "{\"x\":\"\\u0000\"},\"id\":5}", MCP_ERROR_INVALID_REQUEST, "5");
	/* Others: nobody waits. */
	assert_int_equal(parse("{\"jsonrpc\":\"2.0\",\"method\":\"a\","
	    "\"params\":{\"x\":1e999}}"), MCP_KIND_BLANK);
	assert_int_equal(parse("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":"
	    "{\"x\":1e999}}"), MCP_KIND_BLANK);
	/* An id itself may be of any size. */
	assert_int_equal(parse("{\"jsonrpc\":\"2.0\",\"method\":\"ping\","
	    "\"id\":123456789012345678901234567890}"), MCP_KIND_REQUEST);
}

/* json-c must take whatever the scan lets through. */
static void
test_agreement(void **state)
{
	struct buf	b;
	int		i;

	(void)state;
	buf_init(&b, 8 * 1024 * 1024);
	buf_adds(&b, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\","
	    "\"params\":");
	for (i = 0; i < MCP_DEPTH_MAX - 1; i++)
		buf_adds(&b, "{\"a\":");
	buf_adds(&b, "[\"\\ud83d\\ude00\",1E+5,-0,-0.0,1e-400,0.1]");
	for (i = 0; i < MCP_DEPTH_MAX - 1; i++)
		buf_addc(&b, '}');
	buf_adds(&b, "}");
	/* One too deep: the array within 63 objects within the message. */
	assert_int_equal(parse(buf_string(&b)), MCP_KIND_INVALID);
	assert_int_equal(m.error, MCP_ERROR_INVALID_REQUEST);
	buf_reset(&b);
	buf_adds(&b, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\","
	    "\"params\":");
	for (i = 0; i < MCP_DEPTH_MAX - 2; i++)
		buf_adds(&b, "{\"a\":");
	buf_adds(&b, "[\"\\ud83d\\ude00\",1E+5,-0,-0.0,1e-400,0.1]");
	for (i = 0; i < MCP_DEPTH_MAX - 2; i++)
		buf_addc(&b, '}');
	buf_adds(&b, "}\t\r");
	assert_int_equal(parse(buf_string(&b)), MCP_KIND_REQUEST);
	buf_free(&b);
}

/* After a refused line the next one is read as if nothing had been. */
static void
test_reuse(void **state)
{
	int	i;

	(void)state;
	for (i = 0; i < 100; i++) {
		assert_int_equal(parse("{\"id\":1,\"a\":{\"b\":["),
		    MCP_KIND_INVALID);
		assert_int_equal(parse("{\"jsonrpc\":\"2.0\",\"id\":1,"
		    "\"method\":\"ping\"}"), MCP_KIND_REQUEST);
	}
}

static void
test_largest(void **state)
{
	struct buf	b;
	int		i;

	(void)state;
	buf_init(&b, 4 * 1024 * 1024);
	buf_adds(&b, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\","
	    "\"params\":{\"a\":[");
	for (i = 0; i < 3; i++) {
		buf_adds(&b, i == 0 ? "\"" : ",\"");
		while (b.len % MCP_STRING_MAX != MCP_STRING_MAX - 2)
			buf_addc(&b, 'y');
		buf_adds(&b, "\"");
	}
	buf_adds(&b, "]}}");
	assert_int_equal(buf_error(&b), 0);
	assert_int_equal(parse(buf_string(&b)), MCP_KIND_REQUEST);
	buf_free(&b);
}

static void
test_request_init(void **state)
{
	struct mcp_request	req;

	(void)state;
	assert_int_equal(mcp_request_init(&req, MCP_2025_06_18, "\"a\"", 3),
	    0);
	assert_int_equal(req.id_len, 3);
	assert_int_equal(req.progress_len, 0);
	assert_int_equal(mcp_request_init(&req, MCP_2025_06_18,
	    "1,\"result\":{}", 13), ERR_FORMAT);
	assert_int_equal(mcp_request_init(&req, MCP_2025_06_18, "", 0),
	    ERR_FORMAT);
	assert_int_equal(mcp_request_init(&req, MCP_REVISION_COUNT, "1", 1),
	    ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_bad_id),
		cmocka_unit_test(test_soft_faults),
		cmocka_unit_test(test_agreement),
		cmocka_unit_test(test_reuse),
		cmocka_unit_test(test_largest),
		cmocka_unit_test(test_request_init)
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
