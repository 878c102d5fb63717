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
#include "mcp/server.h"

#include "fake.h"

#define CLIENT	"\"capabilities\":{},\"clientInfo\":{\"name\":\"c\"," \
	"\"version\":\"1\"}"

static void
test_initialize(void **state)
{
	(void)state;
	fake_has(RPCP("1", "initialize", "{\"protocolVersion\":\"2024-11-05\","
	    CLIENT "}"), "\"protocolVersion\":\"2024-11-05\"");
	assert_int_equal(fake.session.initialized, 1);
	assert_int_equal(fake.session.revision, MCP_2024_11_05);
	assert_string_equal(fake.session.client_name, "c");
	assert_string_equal(fake.session.client_version, "1");
	fake_has(RPCP("1", "initialize", "{\"protocolVersion\":\"2026-07-28\","
	    CLIENT "}"), "\"protocolVersion\":\"2025-11-25\"");
	fake_has(RPCP("1", "initialize", "{\"protocolVersion\":\"x\","
	    CLIENT "}"), "\"protocolVersion\":\"2025-11-25\"");
	assert_string_equal(fake_say("{\"jsonrpc\":\"2.0\",\"method\":"
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
		fake_has(line, "-32602");
	}
	fake_has(RPC("1", "initialize"), "-32602");
	assert_int_equal(fake.session.initialized, 0);
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
	fake_has(line, "\"result\"");
	assert_int_equal(strlen(fake.session.client_name),
	    MCP_CLIENT_NAME_SIZE - 1);
	assert_memory_equal(fake.session.client_name, "a??n", 4);
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
	assert_string_equal(fake_say(RPC("\"a\\u0062\"", "ping")),
	    "{\"jsonrpc\":\"2.0\",\"id\":\"a\\u0062\",\"result\":{}}\n");
	assert_string_equal(fake_say(RPC("123456789012345678901234567890",
	    "ping")), "{\"jsonrpc\":\"2.0\",\"id\":"
	    "123456789012345678901234567890,\"result\":{}}\n");
}

static void
test_lists(void **state)
{
	(void)state;
	fake_has(RPC("1", "tools/list"), "\"result\":{\"tools\":[{\"name\":"
	    "\"get_study_count\",\"title\"");
	fake_has(RPC("2", "tools/list"), "\"id\":2,\"result\":{\"tools\":[{");
	fake_has(RPCP("2", "tools/list", "{\"cursor\":null}"), "\"tools\"");
	fake_has(RPCP("1", "tools/list", "{\"cursor\":\"\"}"), "-32602");
	fake_has(RPCP("1", "tools/list", "{\"cursor\":\"x\"}"),
	    "no such cursor");
	fake_has(RPC("1", "resources/list"), "\"resources\":[{\"uri\":"
	    "\"schema://a/b\"");
	fake_has(RPC("1", "resources/templates/list"), "\"result\":{"
	    "\"resourceTemplates\":[{\"uriTemplate\":\"schema://a/{c}/d\","
	    "\"name\":\"c\",\"title\":\"C\",\"description\":\"the c\","
	    "\"mimeType\":\"text/plain\"}]}}");
	fake_has(RPC("1", "prompts/list"), "\"result\":{\"prompts\":[{"
	    "\"name\":\"greet\",\"title\":\"Greet\",\"description\":\"says "
	    "hello\",\"arguments\":[{\"name\":\"who\",\"title\":\"Who\","
	    "\"description\":\"the one\",\"required\":true},{\"name\":"
	    "\"when\",\"required\":false}]},{\"name\":\"plain\","
	    "\"description\":\"says nothing\",\"arguments\":[]}]}}");
	fake_has(RPCP("1", "prompts/list", "{\"cursor\":\"x\"}"), "-32602");
	fake_has(RPCP("1", "resources/list", "{\"cursor\":1}"), "-32602");
	fake_has(RPCP("1", "resources/templates/list", "{\"cursor\":1}"),
	    "-32602");
}

static void
test_call(void **state)
{
	(void)state;
	assert_string_equal(fake_say(RPCP("9", "tools/call",
	    "{\"name\":\"get_study_count\",\"arguments\":{\"a\":1,\"a\":2},"
	    "\"_meta\":{\"progressToken\":\"p\"}}")), "");
	assert_string_equal(fake.what, "tool { \"a\": 2 }");
	assert_int_equal(fake.asked.id_len, 1);
	assert_int_equal(fake.asked.id[0], '9');
	assert_int_equal(fake.asked.progress_len, 3);
	assert_memory_equal(fake.asked.progress, "\"p\"", 3);
	assert_int_equal(fake.asked.revision, MCP_2025_11_25);
	fake_say(RPCP("9", "tools/call", "{\"name\":\"get_study_count\"}"));
	fake_say(RPCP("9", "tools/call", "{\"name\":\"get_study_count\","
	    "\"arguments\":null}"));
	assert_string_equal(fake.what, "tool { }");
	assert_int_equal(fake.asked.progress_len, 0);
	assert_int_equal(fake.times, 3);
	/* Longer than its message. */
	fake_say(RPC("1", "ping"));
	assert_string_equal(json_object_to_json_string(fake.kept), "{ }");
}

static void
test_call_bad(void **state)
{
	(void)state;
	fake_has(RPC("1", "tools/call"), "-32602");
	fake_has(RPCP("1", "tools/call", "{}"), "-32602");
	fake_has(RPCP("1", "tools/call", "{\"name\":5}"), "-32602");
	fake_has(RPCP("1", "tools/call", "[\"get_study_count\"]"), "-32602");
	fake_has(RPCP("1", "tools/call", "null"), "-32602");
	fake_has(RPCP("1", "tools/call", "{\"name\":\"get_study_count\","
	    "\"arguments\":[]}"), "-32602");
	fake_has(RPCP("1", "tools/call", "{\"name\":\"Drop\\u202e\\n\"}"),
	    "\"code\":-32602,\"message\":\"Unknown tool: Drop??\"");
	fake_has(RPCP("1", "tools/call", "{\"name\":\"get_study_countx\"}"),
	    "Unknown tool");
	assert_int_equal(fake.times, 0);
	/* A call that nobody can be answered for is not made. */
	assert_string_equal(fake_say("{\"jsonrpc\":\"2.0\",\"method\":"
	    "\"tools/call\",\"params\":{\"name\":\"get_study_count\"}}"), "");
	assert_int_equal(fake.times, 0);
}

static void
test_read(void **state)
{
	(void)state;
	assert_string_equal(fake_say(RPCP("3", "resources/read",
	    "{\"uri\":\"schema://a/b\"}")), "");
	assert_string_equal(fake.what, "resource schema://a/b");
	fake_has(RPCP("3", "resources/read", "{\"uri\":\"schema://a/c\"}"),
	    "\"code\":-32002,\"message\":\"Resource not found\",\"data\":"
	    "{\"uri\":\"schema://a/c\"}");
	fake_has(RPCP("3", "resources/read", "{}"), "-32602");
	fake_has(RPCP("3", "resources/read", "{\"uri\":{}}"), "-32602");
	assert_int_equal(fake.times, 1);
}

static void
test_cancel(void **state)
{
	(void)state;
	assert_string_equal(fake_say("{\"jsonrpc\":\"2.0\",\"method\":"
	    "\"notifications/cancelled\",\"params\":{\"requestId\":\"q\","
	    "\"reason\":\"r\"}}"), "");
	assert_string_equal(fake.what, "cancel \"q\"");
	fake_say("{\"jsonrpc\":\"2.0\","
	    "\"method\":\"notifications/cancelled\"}");
	fake_say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
	    "\"params\":{\"requestId\":1.5}}");
	fake_say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
	    "\"params\":[1]}");
	assert_int_equal(fake.times, 1);
	fake_has(RPCP("1", "notifications/cancelled", "{\"requestId\":1}"),
	    "-32601");
}

/* params, and a part of the answer. */
struct asked {
	const char	*params;
	const char	*part;
};

static void
ask_each(const char *method, const struct asked *rows, size_t n)
{
	char	line[1024];
	size_t	i;

	for (i = 0; i < n; i++) {
		snprintf(line, sizeof(line), RPCP("1", "%s", "{%s}"), method,
		    rows[i].params);
		fake_has(line, rows[i].part);
	}
}

#define ASK_EACH(method, rows) \
	ask_each(method, rows, sizeof(rows) / sizeof(rows[0]))

static void
test_prompt(void **state)
{
	static const struct asked	rows[] = {
		{ "\"name\":\"greet\",\"arguments\":{\"who\":\"you\"}",
		    "\"result\":{\"description\":\"says hello\",\"messages\":["
		    "{\"role\":\"user\",\"content\":{\"type\":\"text\","
		    "\"text\":\"Hello you, now!\"}}]}}\n" },
		{ "\"name\":\"greet\",\"arguments\":{\"who\":\"\\\"<\","
		    "\"when\":\"soon\",\"x\":\"y\"}",
		    "\"Hello \\\"<, soon!\"" },
		{ "\"name\":\"greet\",\"arguments\":{\"who\":\"you\","
		    "\"when\":\"\"}", "\"Hello you, now!\"" },
		{ "\"name\":\"plain\"", "\"text\":\"plain\"" },
		{ "\"name\":\"plain\",\"arguments\":null", "\"plain\"" },
		{ "\"name\":\"plain\",\"arguments\":{\"a\":1}", "\"plain\"" },
		{ "\"name\":\"greet\"", "-32602,\"message\":\"Missing "
		    "required argument: who\"" },
		{ "\"name\":\"greet\",\"arguments\":{\"who\":\"\"}",
		    "Missing required argument: who" },
		{ "\"name\":\"greet\",\"arguments\":{\"who\":5}",
		    "-32602,\"message\":\"Invalid params: an argument must be "
		    "a string: who\"" },
		{ "\"name\":\"greet\",\"arguments\":{\"who\":\"nobody\"}",
		    "-32602,\"message\":\"no such person\"" },
		{ "\"name\":\"greet\",\"arguments\":[]", "-32602" },
		{ "\"name\":\"none\"",
		    "-32602,\"message\":\"Unknown prompt: none\"" },
		{ "\"name\":5", "-32602" },
		{ "", "-32602" }
	};

	(void)state;
	ASK_EACH("prompts/get", rows);
	assert_int_equal(fake.times, 0);
}

#define OF_PROMPT "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"greet\"}"

static void
test_complete(void **state)
{
	static const struct asked	rows[] = {
		{ OF_PROMPT ",\"argument\":{\"name\":\"when\","
		    "\"value\":\"\"}", "\"result\":{\"completion\":{"
		    "\"values\":[],\"total\":0,\"hasMore\":false}}}\n" },
		{ OF_PROMPT ",\"argument\":{\"name\":\"x\",\"value\":\"\"}",
		    "\"values\":[]" },
		{ OF_PROMPT, "-32602" },
		{ OF_PROMPT ",\"argument\":{\"name\":\"who\"}", "-32602" },
		{ OF_PROMPT ",\"argument\":{\"name\":1,\"value\":\"\"}",
		    "-32602" },
		{ OF_PROMPT ",\"argument\":[]", "-32602" },
		{ OF_PROMPT ",\"argument\":{\"name\":\"who\",\"value\":"
		    "\"\"},\"context\":5", "-32602" },
		{ "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"none\"},"
		    "\"argument\":{\"name\":\"who\",\"value\":\"\"}",
		    "-32602" },
		{ "\"ref\":{\"type\":\"ref/resource\",\"uri\":\"schema://a/b"
		    "\"},\"argument\":{\"name\":\"c\",\"value\":\"\"}",
		    "-32602" },
		{ "\"ref\":{\"type\":\"ref/else\",\"name\":\"greet\"},"
		    "\"argument\":{\"name\":\"who\",\"value\":\"\"}",
		    "-32602" },
		{ OF_PROMPT "," OF_PROMPT, "-32600" }
	};

	(void)state;
	ASK_EACH("completion/complete", rows);
	assert_int_equal(fake.times, 0);
	assert_string_equal(fake_say(RPCP("2", "completion/complete", "{"
	    OF_PROMPT ",\"argument\":{\"name\":\"who\",\"value\":\"y\"},"
	    "\"context\":{\"arguments\":{\"when\":\"soon\"}}}")), "");
	assert_string_equal(fake.what, "complete 8 y");
	assert_string_equal(fake_say(RPCP("2", "completion/complete",
	    "{\"ref\":{\"type\":\"ref/resource\",\"uri\":"
	    "\"schema://a/{c}/d\"},\"argument\":{\"name\":\"c\","
	    "\"value\":\"\"}}")), "");
	assert_string_equal(fake.what, "complete 7 ");
}

static void
test_read_template(void **state)
{
	static const struct asked	rows[] = {
		{ "\"uri\":\"schema://a//d\"", "-32002" },
		{ "\"uri\":\"schema://a/d\"", "-32002" },
		{ "\"uri\":\"schema://a/x/e\"", "-32002" },
		{ "\"uri\":\"schema://a/{c}\"", "-32002" }
	};

	(void)state;
	ASK_EACH("resources/read", rows);
	assert_int_equal(fake.times, 0);
	assert_string_equal(fake_say(RPCP("2", "resources/read",
	    "{\"uri\":\"schema://a/5/d\"}")), "");
	assert_string_equal(fake.what, "resource schema://a/5/d");
}

static void
test_unknown(void **state)
{
	char	line[4096], name[2048];

	(void)state;
	fake_has(RPC("1", "server/discover"), "\"code\":-32601,\"message\":"
	    "\"Method not found: server/discover\"");
	fake_has(RPC("1", ""), "-32601");
	fake_has(RPC("1", "resources/subscribe"), "-32601");
	fake_has(RPC("1", "logging/setLevel"), "-32601");
	assert_string_equal(fake_say("{\"jsonrpc\":\"2.0\",\"method\":"
	    "\"notifications/none\"}"), "");
	memset(name, 'm', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	snprintf(line, sizeof(line), RPC("1", "%s"), name);
	assert_true(strlen(fake_say(line)) < 200);
}

static void
test_no_answer(void **state)
{
	(void)state;
	assert_string_equal(fake_say(""), "");
	assert_string_equal(fake_say(" \r"), "");
	assert_string_equal(fake_say("{\"jsonrpc\":\"2.0\",\"id\":1,"
	    "\"result\":{}}"), "");
	assert_string_equal(fake_say("{\"jsonrpc\":\"2.0\",\"error\":{}}"), "");
}

static void
test_faults(void **state)
{
	(void)state;
	fake_has("{\"jsonrpc\"", "{\"jsonrpc\":\"2.0\",\"error\":"
	    "{\"code\":-32700");
	fake_has("[" RPC("1", "ping") "]", "\"error\":{\"code\":-32600");
	fake_has("[]", "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600");
	fake_has(RPC("null", "ping"), "{\"jsonrpc\":\"2.0\",\"error\":");
	fake_has(RPC("1.5", "ping"), "{\"jsonrpc\":\"2.0\",\"error\":");
	fake_has(RPCP("4", "ping", "{\"a\":\"\\udfff\"}"), "\"id\":4,\"error\":"
	    "{\"code\":-32600");
	buf_reset(&fake.out);
	assert_int_equal(mcp_server_line(fake.server, &fake.session, "x",
	    LINE_MAX_TEST + 1, &fake.out), 0);
	assert_non_null(strstr(buf_string(&fake.out), "-32600"));
}

int
main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, fake_setup, \
	fake_teardown)
	const struct CMUnitTest	tests[] = {
		TEST(test_initialize), TEST(test_initialize_bad),
		TEST(test_client_name), TEST(test_restore), TEST(test_ping),
		TEST(test_lists), TEST(test_call), TEST(test_call_bad),
		TEST(test_read), TEST(test_cancel), TEST(test_unknown),
		TEST(test_prompt), TEST(test_complete),
		TEST(test_read_template),
		TEST(test_no_answer), TEST(test_faults)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
