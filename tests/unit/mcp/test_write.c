/* SPDX-License-Identifier: MIT */
/* What goes to the client, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "config.h"
#include "mcp/message.h"
#include "mcp/revision.h"
#include "mcp/write.h"

#define HEAD	"{\"jsonrpc\":\"2.0\",\"id\":7,"
#define SERVER	"\"io.modelcontextprotocol/serverInfo\":{\"name\":" \
	"\"jhe-mcp\",\"title\":\"JupyterHealth Exchange\",\"version\":\"" \
	PACKAGE_VERSION "\"}"
#define META	"\"_meta\":{" SERVER "}"

static struct buf		out;
static struct mcp_request	req;

static int
setup(void **state)
{
	(void)state;
	buf_init(&out, 1024 * 1024);
	return mcp_request_init(&req, MCP_2025_06_18, "7", 1);
}

static int
teardown(void **state)
{
	(void)state;
	buf_free(&out);
	return 0;
}

static void
is(int r, const char *text)
{
	assert_int_equal(r, 0);
	assert_string_equal(buf_string(&out), text);
	buf_reset(&out);
}

static void
test_tool(void **state)
{
	static const struct mcp_tool_result	result = {
		.text = "a\n\"b\"", .text_len = 5,
		.structured = "{\"n\":\n1}", .structured_len = 8,
		.meta = "{\"x\":\n2}", .meta_len = 8
	};

	(void)state;
	is(mcp_answer_tool(&out, &req, &result), HEAD "\"result\":{"
	    "\"content\":[{\"type\":\"text\",\"text\":\"a\\n\\\"b\\\"\","
	    "\"annotations\":{\"audience\":[\"user\",\"assistant\"]}},"
	    "{\"type\":\"text\",\"text\":\"{\\\"n\\\":\\n1}\","
	    "\"annotations\":{\"audience\":[\"assistant\"]}}],"
	    "\"structuredContent\":{\"n\": 1},\"_meta\":{\"x\": 2}}}\n");
	req.revision = MCP_2026_07_28;
	assert_int_equal(mcp_answer_tool(&out, &req, &result), 0);
	assert_non_null(strstr(buf_string(&out), "\"result\":{"
	    "\"resultType\":\"complete\",\"content\":["));
	assert_non_null(strstr(buf_string(&out), "\"structuredContent\":"
	    "{\"n\": 1},\"_meta\":{\"x\": 2," SERVER "}}}\n"));
	buf_reset(&out);
	req.revision = MCP_2024_11_05;
	assert_int_equal(mcp_answer_tool(&out, &req, &result), 0);
	assert_null(strstr(buf_string(&out), "structuredContent"));
	assert_non_null(strstr(buf_string(&out), "{\\\"n\\\":"));
}

static void
test_tool_error(void **state)
{
	static const struct mcp_tool_result	result = {
		.is_error = true, .text = "not_found: x", .text_len = 12,
		.structured = "{}", .structured_len = 2
	};

	(void)state;
	is(mcp_answer_tool(&out, &req, &result), HEAD "\"result\":{"
	    "\"content\":[{\"type\":\"text\",\"text\":\"not_found: x\","
	    "\"annotations\":{\"audience\":[\"user\",\"assistant\"]}}],"
	    "\"isError\":true}}\n");
}

static void
test_errors(void **state)
{
	static const char *const		values[] = { "a", "\"b" };
	static const struct mcp_completion	two = {
		.values = values, .n = 2, .total = 3
	};

	(void)state;
	is(mcp_answer_error(&out, &req, -32603, "x"), HEAD
	    "\"error\":{\"code\":-32603,\"message\":\"x\"}}\n");
	is(mcp_answer_error(&out, NULL, MCP_ERROR_PARSE, "x"),
	    "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700,"
	    "\"message\":\"x\"}}\n");
	is(mcp_answer_resource_not_found(&out, &req, "a://b"), HEAD
	    "\"error\":{\"code\":-32002,\"message\":\"Resource not found\","
	    "\"data\":{\"uri\":\"a://b\"}}}\n");
	req.revision = MCP_2026_07_28;
	is(mcp_answer_resource_not_found(&out, &req, "a://b"), HEAD
	    "\"error\":{\"code\":-32602,\"message\":\"Resource not found\","
	    "\"data\":{\"uri\":\"a://b\"}}}\n");
	is(mcp_answer_empty(&out, &req), HEAD "\"result\":{\"resultType\":"
	    "\"complete\"," META "}}\n");
	is(mcp_answer_completion(&out, &req, NULL), HEAD "\"result\":{"
	    "\"resultType\":\"complete\",\"completion\":{\"values\":[],"
	    "\"total\":0,\"hasMore\":false}," META "}}\n");
	/* An error says nothing of the kind. */
	is(mcp_answer_error(&out, &req, -32603, "x"), HEAD
	    "\"error\":{\"code\":-32603,\"message\":\"x\"}}\n");
	req.revision = MCP_2025_11_25;
	is(mcp_answer_empty(&out, &req), HEAD "\"result\":{}}\n");
	is(mcp_answer_completion(&out, &req, &two), HEAD "\"result\":{"
	    "\"completion\":{\"values\":[\"a\",\"\\\"b\"],\"total\":3,"
	    "\"hasMore\":true}}}\n");
}

static void
test_resource(void **state)
{
	(void)state;
	is(mcp_answer_resource(&out, &req, "a://1", "text/plain", "x\xff", 2),
	    HEAD "\"result\":{\"contents\":[{\"uri\":\"a://1\",\"mimeType\":"
	    "\"text/plain\",\"text\":\"x\xef\xbf\xbd\"}]}}\n");
	req.revision = MCP_2026_07_28;
	is(mcp_answer_resource(&out, &req, "a://1", "text/plain", "x", 1),
	    HEAD "\"result\":{\"resultType\":\"complete\",\"contents\":"
	    "[{\"uri\":\"a://1\",\"mimeType\":\"text/plain\",\"text\":"
	    "\"x\"}],\"ttlMs\":60000,\"cacheScope\":\"private\"," META "}}\n");
}

static void
test_progress(void **state)
{
	(void)state;
	is(mcp_notify_progress(&out, &req, 2, "still"), "");
	memcpy(req.progress, "\"p\"", 3);
	req.progress_len = 3;
	is(mcp_notify_progress(&out, &req, 2, "still"), "{\"jsonrpc\":"
	    "\"2.0\",\"method\":\"notifications/progress\",\"params\":"
	    "{\"progressToken\":\"p\",\"progress\":2,\"message\":"
	    "\"still\"}}\n");
	/* There was no message yet. */
	req.revision = MCP_2024_11_05;
	is(mcp_notify_progress(&out, &req, 5, "still"), "{\"jsonrpc\":"
	    "\"2.0\",\"method\":\"notifications/progress\",\"params\":"
	    "{\"progressToken\":\"p\",\"progress\":5}}\n");
}

static void
test_subscription(void **state)
{
	(void)state;
	assert_int_equal(mcp_request_init(&req, MCP_2026_07_28, "\"s\"", 3),
	    0);
	is(mcp_notify_acknowledged(&out, &req), "{\"jsonrpc\":\"2.0\","
	    "\"method\":\"notifications/subscriptions/acknowledged\","
	    "\"params\":{\"_meta\":{\"io.modelcontextprotocol/"
	    "subscriptionId\":\"s\"},\"notifications\":{}}}\n");
	is(mcp_answer_subscription(&out, &req), "{\"jsonrpc\":\"2.0\","
	    "\"method\":\"notifications/cancelled\",\"params\":{"
	    "\"requestId\":\"s\",\"_meta\":{\"io.modelcontextprotocol/"
	    "subscriptionId\":\"s\"}}}\n"
	    "{\"jsonrpc\":\"2.0\",\"id\":\"s\",\"result\":{"
	    "\"resultType\":\"complete\",\"_meta\":{\"io.model"
	    "contextprotocol/subscriptionId\":\"s\"," SERVER "}}}\n");
}

/* What does not fit leaves the buffer as it was, and usable. */
static void
test_limit(void **state)
{
	char	text[600];

	(void)state;
	buf_free(&out);
	buf_init(&out, 512);
	assert_int_equal(mcp_answer_empty(&out, &req), 0);
	memset(text, 'x', sizeof(text));
	assert_int_equal(mcp_answer_resource(&out, &req, "a", "b", text,
	    sizeof(text)), ERR_LIMIT);
	assert_int_equal(buf_error(&out), 0);
	assert_string_equal(buf_string(&out), HEAD "\"result\":{}}\n");
	assert_int_equal(mcp_answer_empty(&out, &req), 0);
}

static void
test_clean(void **state)
{
	char	text[9];

	(void)state;
	mcp_clean_text(text, sizeof(text), "abc", 3);
	assert_string_equal(text, "abc");
	mcp_clean_text(text, sizeof(text), "a\n\x1b[1m", 6);
	assert_string_equal(text, "a??[1m");
	mcp_clean_text(text, sizeof(text), "1234567\xc3\xa9", 9);
	assert_string_equal(text, "1234567");
	mcp_clean_text(text, sizeof(text), "123456\xc3\xa9", 8);
	assert_string_equal(text, "123456\xc3\xa9");
	mcp_clean_text(text, sizeof(text), "a\xff\xe2\x80\xae" "b", 6);
	assert_string_equal(text, "a??b");
	mcp_clean_text(text, sizeof(text), "", 0);
	assert_string_equal(text, "");
	mcp_clean_text(text, 1, "abc", 3);
	assert_string_equal(text, "");
}

int
main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest	tests[] = {
		TEST(test_tool), TEST(test_tool_error), TEST(test_errors),
		TEST(test_resource), TEST(test_progress),
		TEST(test_subscription), TEST(test_limit),
		cmocka_unit_test(test_clean)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
