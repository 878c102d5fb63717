/* SPDX-License-Identifier: MIT */
/* The methods, line in and line out, with a worker that only notes. */
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
#include "mcp/method.h"

#define LINE_MAX_TEST	(4 * 1024 * 1024)
#define RPC(id, method)	"{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"" \
	method "\"}"
#define RPCP(id, method, params) "{\"jsonrpc\":\"2.0\",\"id\":" id \
	",\"method\":\"" method "\",\"params\":" params "}"
#define CLIENT	"\"capabilities\":{},\"clientInfo\":{\"name\":\"c\"," \
	"\"version\":\"1\"}"

static const struct mcp_tool	 tools[] = {
	{ "get_study_count", "Count", "counts", "{\"type\":\"object\"}",
	    "{\"type\":\"object\"}", "{\"readOnlyHint\":true}" }
};
static const struct mcp_resource resources[] = {
	{ "schema://a/b", "b", "B", "the b", "application/json" }
};
static const struct mcp_offer	 offer = { tools, 1, resources, 1 };

static struct mcp_server	*server;
static struct mcp_session	 session;
static struct buf		 out;
/* What the ops were called with. */
static struct mcp_request	 asked;
static char			 asked_what[2048];
static int			 asked_times;
static struct json_object	*kept;

static void
note(const struct mcp_request *req, const char *what, const char *detail)
{
	if (req != NULL)
		asked = *req;
	snprintf(asked_what, sizeof(asked_what), "%s %s", what, detail);
	asked_times++;
}

static void
note_tool(void *arg, const struct mcp_request *req, const char *name,
    struct json_object *arguments)
{
	assert_ptr_equal(arg, &out);
	assert_string_equal(name, "get_study_count");
	assert_true(json_object_is_type(arguments, json_type_object));
	mcp_arguments_drop(kept);
	kept = mcp_arguments_keep(arguments);
	note(req, "tool", json_object_to_json_string(arguments));
}

static void
note_resource(void *arg, const struct mcp_request *req, const char *uri)
{
	(void)arg;
	note(req, "resource", uri);
}

static void
note_cancel(void *arg, const char *id, size_t id_len)
{
	char	text[MCP_ID_MAX + 1];

	(void)arg;
	memcpy(text, id, id_len);
	text[id_len] = '\0';
	note(NULL, "cancel", text);
}

static const struct mcp_ops	 ops = {
	.call_tool = note_tool, .read_resource = note_resource,
	.cancel = note_cancel
};

static int
setup(void **state)
{
	(void)state;
	buf_init(&out, 1024 * 1024);
	memset(&session, 0, sizeof(session));
	asked_times = 0;
	server = mcp_server_new(&offer, &ops, &out, LINE_MAX_TEST);
	return server == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	mcp_server_free(server);
	mcp_arguments_drop(kept);
	kept = NULL;
	buf_free(&out);
	return 0;
}

static const char *
say(const char *line)
{
	buf_reset(&out);
	assert_int_equal(mcp_server_line(server, &session, line,
	    strlen(line), &out), 0);
	if (out.len > 0) {
		assert_int_equal(out.data[out.len - 1], '\n');
		assert_ptr_equal(memchr(out.data, '\n', out.len),
		    out.data + out.len - 1);
	}
	return buf_string(&out);
}

static void
has(const char *line, const char *part)
{
	const char	*answer = say(line);

	if (strstr(answer, part) == NULL)
		fail_msg("%s is not in: %s", part, answer);
}

static void
test_initialize(void **state)
{
	(void)state;
	has(RPCP("1", "initialize", "{\"protocolVersion\":\"2024-11-05\","
	    CLIENT "}"), "\"protocolVersion\":\"2024-11-05\"");
	assert_int_equal(session.initialized, 1);
	assert_int_equal(session.revision, MCP_2024_11_05);
	assert_string_equal(session.client_name, "c");
	assert_string_equal(session.client_version, "1");
	has(RPCP("1", "initialize", "{\"protocolVersion\":\"2026-07-28\","
	    CLIENT "}"), "\"protocolVersion\":\"2025-11-25\"");
	has(RPCP("1", "initialize", "{\"protocolVersion\":\"x\"," CLIENT "}"),
	    "\"protocolVersion\":\"2025-11-25\"");
	assert_string_equal(say("{\"jsonrpc\":\"2.0\",\"method\":"
	    "\"notifications/initialized\"}"), "");
}

static void
test_initialize_bad(void **state)
{
	static const char *const	params[] = {
		"{}", "{" CLIENT "}", "{\"protocolVersion\":5," CLIENT "}",
		"{\"protocolVersion\":\"2025-06-18\"}",
		"{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{}}",
		"{\"protocolVersion\":\"2025-06-18\",\"capabilities\":[],"
		    "\"clientInfo\":{\"name\":\"c\",\"version\":\"1\"}}",
		"{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},"
		    "\"clientInfo\":{\"name\":\"c\"}}",
		"{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},"
		    "\"clientInfo\":\"c\"}"
	};
	char				line[512];
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
		snprintf(line, sizeof(line), RPCP("1", "initialize", "%s"),
		    params[i]);
		has(line, "-32602");
	}
	has(RPC("1", "initialize"), "-32602");
	assert_int_equal(session.initialized, 0);
}

static void
test_client_name(void **state)
{
	char	line[4096], name[2048];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	memcpy(name, "a\\n\\u001b", 9);
	snprintf(line, sizeof(line), RPCP("1", "initialize",
	    "{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},"
	    "\"clientInfo\":{\"name\":\"%s\",\"version\":\"\"}}"), name);
	has(line, "\"result\"");
	assert_int_equal(strlen(session.client_name),
	    MCP_CLIENT_NAME_SIZE - 1);
	assert_memory_equal(session.client_name, "a??n", 4);
}

static void
test_restore(void **state)
{
	struct mcp_session	s;

	(void)state;
	assert_int_equal(mcp_session_restore(&s, "2025-03-26", "c", "1"), 0);
	assert_int_equal(mcp_session_revision(&s), MCP_2025_03_26);
	assert_string_equal(s.client_name, "c");
	assert_int_equal(mcp_session_restore(&s, "2026-07-28", "c", "1"),
	    ERR_FORMAT);
	assert_int_equal(s.initialized, 0);
	assert_int_equal(mcp_session_revision(&s), MCP_2025_11_25);
	assert_int_equal(mcp_session_restore(&s, "", "c", "1"), ERR_FORMAT);
}

static void
test_ping(void **state)
{
	(void)state;
	assert_string_equal(say(RPC("\"a\\u0062\"", "ping")),
	    "{\"jsonrpc\":\"2.0\",\"id\":\"a\\u0062\",\"result\":{}}\n");
	assert_string_equal(say(RPC("123456789012345678901234567890",
	    "ping")), "{\"jsonrpc\":\"2.0\",\"id\":"
	    "123456789012345678901234567890,\"result\":{}}\n");
}

static void
test_lists(void **state)
{
	(void)state;
	has(RPC("1", "tools/list"), "\"result\":{\"tools\":[{\"name\":"
	    "\"get_study_count\",\"title\"");
	has(RPC("2", "tools/list"), "\"id\":2,\"result\":{\"tools\":[{");
	has(RPCP("2", "tools/list", "{\"cursor\":null}"), "\"tools\"");
	has(RPCP("1", "tools/list", "{\"cursor\":\"\"}"), "-32602");
	has(RPCP("1", "tools/list", "{\"cursor\":\"x\"}"), "Invalid cursor");
	has(RPC("1", "resources/list"), "\"resources\":[{\"uri\":"
	    "\"schema://a/b\"");
	has(RPC("1", "resources/templates/list"),
	    "\"result\":{\"resourceTemplates\":[]}");
	has(RPCP("1", "resources/list", "{\"cursor\":1}"), "-32602");
	has(RPCP("1", "resources/templates/list", "{\"cursor\":1}"), "-32602");
}

static void
test_call(void **state)
{
	(void)state;
	assert_string_equal(say(RPCP("9", "tools/call",
	    "{\"name\":\"get_study_count\",\"arguments\":{\"a\":1,\"a\":2},"
	    "\"_meta\":{\"progressToken\":\"p\"}}")), "");
	assert_string_equal(asked_what, "tool { \"a\": 2 }");
	assert_int_equal(asked.id_len, 1);
	assert_int_equal(asked.id[0], '9');
	assert_int_equal(asked.progress_len, 3);
	assert_memory_equal(asked.progress, "\"p\"", 3);
	assert_int_equal(asked.revision, MCP_2025_11_25);
	say(RPCP("9", "tools/call", "{\"name\":\"get_study_count\"}"));
	say(RPCP("9", "tools/call", "{\"name\":\"get_study_count\","
	    "\"arguments\":null}"));
	assert_string_equal(asked_what, "tool { }");
	assert_int_equal(asked.progress_len, 0);
	assert_int_equal(asked_times, 3);
	/* Longer than its message. */
	say(RPC("1", "ping"));
	assert_string_equal(json_object_to_json_string(kept), "{ }");
}

static void
test_call_bad(void **state)
{
	(void)state;
	has(RPC("1", "tools/call"), "-32602");
	has(RPCP("1", "tools/call", "{}"), "-32602");
	has(RPCP("1", "tools/call", "{\"name\":5}"), "-32602");
	has(RPCP("1", "tools/call", "[\"get_study_count\"]"), "-32602");
	has(RPCP("1", "tools/call", "null"), "-32602");
	has(RPCP("1", "tools/call", "{\"name\":\"get_study_count\","
	    "\"arguments\":[]}"), "-32602");
	has(RPCP("1", "tools/call", "{\"name\":\"Drop\\u202e\\n\"}"),
	    "\"code\":-32602,\"message\":\"Unknown tool: Drop??\"");
	has(RPCP("1", "tools/call", "{\"name\":\"get_study_countx\"}"),
	    "Unknown tool");
	assert_int_equal(asked_times, 0);
	/* A call that nobody can be answered for is not made. */
	assert_string_equal(say("{\"jsonrpc\":\"2.0\",\"method\":"
	    "\"tools/call\",\"params\":{\"name\":\"get_study_count\"}}"), "");
	assert_int_equal(asked_times, 0);
}

static void
test_read(void **state)
{
	(void)state;
	assert_string_equal(say(RPCP("3", "resources/read",
	    "{\"uri\":\"schema://a/b\"}")), "");
	assert_string_equal(asked_what, "resource schema://a/b");
	has(RPCP("3", "resources/read", "{\"uri\":\"schema://a/c\"}"),
	    "\"code\":-32002,\"message\":\"Resource not found\",\"data\":"
	    "{\"uri\":\"schema://a/c\"}");
	has(RPCP("3", "resources/read", "{}"), "-32602");
	has(RPCP("3", "resources/read", "{\"uri\":{}}"), "-32602");
	assert_int_equal(asked_times, 1);
}

static void
test_cancel(void **state)
{
	(void)state;
	assert_string_equal(say("{\"jsonrpc\":\"2.0\",\"method\":"
	    "\"notifications/cancelled\",\"params\":{\"requestId\":\"q\","
	    "\"reason\":\"r\"}}"), "");
	assert_string_equal(asked_what, "cancel \"q\"");
	say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\"}");
	say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
	    "\"params\":{\"requestId\":1.5}}");
	say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
	    "\"params\":[1]}");
	assert_int_equal(asked_times, 1);
	has(RPCP("1", "notifications/cancelled", "{\"requestId\":1}"),
	    "-32601");
}

static void
test_unknown(void **state)
{
	char	line[4096], name[2048];

	(void)state;
	has(RPC("1", "server/discover"), "\"code\":-32601,\"message\":"
	    "\"Method not found: server/discover\"");
	has(RPC("1", ""), "-32601");
	has(RPC("1", "prompts/list"), "-32601");
	has(RPC("1", "logging/setLevel"), "-32601");
	assert_string_equal(say("{\"jsonrpc\":\"2.0\",\"method\":"
	    "\"notifications/none\"}"), "");
	memset(name, 'm', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	snprintf(line, sizeof(line), RPC("1", "%s"), name);
	assert_true(strlen(say(line)) < 200);
}

static void
test_no_answer(void **state)
{
	(void)state;
	assert_string_equal(say(""), "");
	assert_string_equal(say(" \r"), "");
	assert_string_equal(say("{\"jsonrpc\":\"2.0\",\"id\":1,"
	    "\"result\":{}}"), "");
	assert_string_equal(say("{\"jsonrpc\":\"2.0\",\"error\":{}}"), "");
}

static void
test_faults(void **state)
{
	(void)state;
	has("{\"jsonrpc\"", "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700");
	has("[" RPC("1", "ping") "]", "\"error\":{\"code\":-32600");
	has("[]", "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600");
	has(RPC("null", "ping"), "{\"jsonrpc\":\"2.0\",\"error\":");
	has(RPC("1.5", "ping"), "{\"jsonrpc\":\"2.0\",\"error\":");
	has(RPCP("4", "ping", "{\"a\":\"\\udfff\"}"), "\"id\":4,\"error\":"
	    "{\"code\":-32600");
	buf_reset(&out);
	assert_int_equal(mcp_server_line(server, &session, "x",
	    LINE_MAX_TEST + 1, &out), 0);
	assert_non_null(strstr(buf_string(&out), "-32600"));
}

int
main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest	tests[] = {
		TEST(test_initialize), TEST(test_initialize_bad),
		TEST(test_client_name), TEST(test_restore), TEST(test_ping),
		TEST(test_lists), TEST(test_call), TEST(test_call_bad),
		TEST(test_read), TEST(test_cancel), TEST(test_unknown),
		TEST(test_no_answer), TEST(test_faults)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
