/* SPDX-License-Identifier: MIT */
/* Two eras in one server, lists in pages, and batches. */
#include <json-c/json.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "config.h"
#include "mcp/server.h"

#include "fake.h"

#define KEY(name, value) "\"io.modelcontextprotocol/" name "\":" value
#define MEMBERS	KEY("protocolVersion", "\"2026-07-28\"") "," \
	KEY("clientCapabilities", "{}")
#define META(more)	"\"_meta\":{" MEMBERS more "}"
/* A request that speaks for itself. */
#define MODERN(id, method, params) RPCP(id, method, "{" META("") params "}")
#define SERVER	"\"_meta\":{" KEY("serverInfo", "{\"name\":\"jhe-mcp\"," \
	"\"title\":\"JupyterHealth Exchange\",\"version\":\"" \
	PACKAGE_VERSION "\"}") "}"
#define PONG(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":{}}"
#define DONE(id, text) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":{" \
	"\"content\":[{\"type\":\"text\",\"text\":\"" text "\"," \
	"\"annotations\":{\"audience\":[\"user\",\"assistant\"]}}]}}"

/* --- Eras --- */

static void
test_modern(void **state)
{
	(void)state;
	assert_string_equal(fake_say(MODERN("\"d\"", "server/discover", "")),
	    "{\"jsonrpc\":\"2.0\",\"id\":\"d\",\"result\":{\"resultType\":"
	    "\"complete\",\"supportedVersions\":[\"2026-07-28\"],"
	    "\"capabilities\":{\"tools\":{},\"resources\":{},\"prompts\":"
	    "{},\"completions\":{}},\"instructions\":\"Be good.\",\"ttlMs\":"
	    "300000,\"cacheScope\":\"private\"," SERVER "}}\n");
	fake_has(MODERN("1", "tools/list", ""), "\"result\":{\"resultType\":"
	    "\"complete\",\"tools\":[{\"name\":\"get_study_count\",\"title\"");
	fake_has(MODERN("1", "resources/templates/list", ""),
	    "\"mimeType\":\"text/plain\"}],\"ttlMs\":300000,\"cacheScope\":"
	    "\"private\"," SERVER "}}");
	fake_has(MODERN("1", "prompts/list", ""), "\"arguments\":[]}],"
	    "\"ttlMs\":300000,\"cacheScope\":\"private\"," SERVER "}}");
	fake_has(MODERN("1", "prompts/get", ",\"name\":\"plain\""),
	    "\"result\":{\"resultType\":\"complete\",\"description\":\"says "
	    "nothing\",\"messages\":[{\"role\":\"user\",\"content\":{\"type"
	    "\":\"text\",\"text\":\"plain\"}}]," SERVER "}}");
	fake_has(MODERN("1", "completion/complete", ",\"ref\":{\"type\":"
	    "\"ref/prompt\",\"name\":\"plain\"},\"argument\":{\"name\":"
	    "\"x\",\"value\":\"\"}"), "\"result\":{\"resultType\":"
	    "\"complete\",\"completion\":{\"values\":[],\"total\":0,"
	    "\"hasMore\":false}," SERVER "}}");
	fake_has(MODERN("1", "resources/read", ",\"uri\":\"schema://a/c\""),
	    "\"error\":{\"code\":-32602,\"message\":\"Resource not found\","
	    "\"data\":{\"uri\":\"schema://a/c\"}}}");
	assert_string_equal(fake_say(MODERN("2", "tools/call",
	    ",\"name\":\"get_study_count\"")), "");
	assert_int_equal(fake.asked.revision, MCP_2026_07_28);
	assert_int_equal(fake.session.initialized, 0);
}

/* Each request is of its own era, whatever came before. */
static void
test_mixed(void **state)
{
	(void)state;
	fake_has(MODERN("1", "tools/list", ""), "ttlMs");
	fake_initialize("2024-11-05");
	assert_null(strstr(fake_say(RPC("2", "tools/list")), "title"));
	fake_has(MODERN("3", "tools/list", ""), "\"title\"");
	assert_int_equal(fake.session.revision, MCP_2024_11_05);
	fake_say(MODERN("4", "tools/call", ",\"name\":\"get_study_count\""));
	fake_say(CALL("5"));
	assert_int_equal(fake.calls[0].revision, MCP_2026_07_28);
	assert_int_equal(fake.calls[1].revision, MCP_2024_11_05);
}

static void
test_removed_methods(void **state)
{
	static const char *const	gone[] = {
		"initialize", "ping", "logging/setLevel",
		"resources/subscribe", "resources/unsubscribe", "tasks/list",
		"x"
	};
	char				line[512];
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
		snprintf(line, sizeof(line), MODERN("1", "%s", ""), gone[i]);
		fake_has(line, "\"code\":-32601");
	}
	/* And the other way round. */
	fake_has(RPC("1", "server/discover"), "-32601");
	fake_has(RPCP("1", "subscriptions/listen", "{\"notifications\":{}}"),
	    "-32601");
}

static void
test_meta(void **state)
{
	static const struct {
		const char	*meta;
		const char	*part;
	} rows[] = {
		{ KEY("protocolVersion", "\"2026-07-28\""),
		    "clientCapabilities must be an object" },
		{ KEY("clientCapabilities", "{}"),
		    "protocolVersion must be a string" },
		{ KEY("clientInfo", "{\"name\":\"c\",\"version\":\"1\"}"),
		    "protocolVersion must be a string" },
		{ KEY("logLevel", "\"info\""), "protocolVersion must be a" },
		{ KEY("protocolVersion", "20260728") ","
		    KEY("clientCapabilities", "{}"),
		    "protocolVersion must be a string" },
		{ KEY("protocolVersion", "null"),
		    "protocolVersion must be a string" },
		{ KEY("protocolVersion", "\"2026-07-28\"") ","
		    KEY("clientCapabilities", "[]"),
		    "clientCapabilities must be an object" },
		{ KEY("protocolVersion", "\"2026-07-28\"") ","
		    KEY("clientCapabilities", "null"),
		    "clientCapabilities must be an object" },
		{ MEMBERS "," KEY("clientInfo", "{\"name\":\"c\"}"),
		    "clientInfo must have name and version" },
		{ MEMBERS "," KEY("clientInfo", "5"), "clientInfo must" },
		{ MEMBERS "," KEY("logLevel", "\"verbose\""), "logLevel" },
		{ MEMBERS "," KEY("logLevel", "7"), "logLevel" },
		{ MEMBERS "," KEY("logLevel", "null"), "logLevel" }
	};
	char	line[1024];
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(line, sizeof(line), RPCP("1", "tools/list",
		    "{\"_meta\":{%s}}"), rows[i].meta);
		fake_has(line, "\"code\":-32602,\"message\":\"Invalid params:");
		fake_has(line, rows[i].part);
	}
	/* A session's request may have any other _meta. */
	fake_has(RPCP("1", "tools/list", "{\"_meta\":{\"progressToken\":1,"
	    "\"a/b\":{}}}"), "\"result\":{\"tools\"");
	fake_has(RPCP("1", "tools/list", "{\"_meta\":5}"), "\"result\"");
	/* And one that speaks for itself all of this. */
	fake_has(RPCP("1", "tools/list", "{" META("," KEY("clientInfo",
	    "{\"name\":\"c\",\"version\":\"1\",\"icons\":[]}") ","
	    KEY("logLevel", "\"emergency\"") ",\"traceparent\":\"00-a-b-0\"")
	    "}"), "\"resultType\"");
}

static void
test_unsupported(void **state)
{
	static const char *const	versions[] = {
		"1900-01-01", "2025-11-25", "2026-07-29", ""
	};
	char				line[512], part[256];
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		snprintf(line, sizeof(line), RPCP("1", "server/discover",
		    "{\"_meta\":{" KEY("protocolVersion", "\"%s\"") "}}"),
		    versions[i]);
		snprintf(part, sizeof(part), "\"error\":{\"code\":-32022,"
		    "\"message\":\"Unsupported protocol version\",\"data\":"
		    "{\"supported\":[\"2026-07-28\"],\"requested\":\"%s\"}}}",
		    versions[i]);
		fake_has(line, part);
	}
}

static void
test_listen(void **state)
{
	static const char *const	bad[] = {
		"", ",\"notifications\":null", ",\"notifications\":[]",
		",\"notifications\":{\"toolsListChanged\":1}",
		",\"notifications\":{\"promptsListChanged\":\"x\"}",
		",\"notifications\":{\"resourcesListChanged\":{}}",
		",\"notifications\":{\"resourceSubscriptions\":\"a\"}",
		",\"notifications\":{\"resourceSubscriptions\":[\"a\",1]}"
	};
	char				line[512];
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(line, sizeof(line), MODERN("1",
		    "subscriptions/listen", "%s"), bad[i]);
		fake_has(line, "\"code\":-32602");
	}
	assert_int_equal(fake.times, 0);
	assert_string_equal(fake_say(MODERN("5", "subscriptions/listen",
	    ",\"notifications\":{\"toolsListChanged\":true,"
	    "\"resourceSubscriptions\":[\"schema://a/b\"]}")),
	    "{\"jsonrpc\":\"2.0\",\"method\":"
	    "\"notifications/subscriptions/acknowledged\",\"params\":"
	    "{\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":5},"
	    "\"notifications\":{}}}\n");
	assert_string_equal(fake.what, "listen ");
	fake_say(MODERN("6", "subscriptions/listen", ",\"notifications\":{}"));
	assert_int_equal(fake.times, 2);
}

/* --- Pages --- */

#define MANY	250

static void
page_is(const char *cursor, const char *first, const char *last,
    const char *next)
{
	char	line[256];

	snprintf(line, sizeof(line), RPCP("1", "tools/list",
	    "{\"cursor\":\"%s\"}"), cursor);
	if (cursor[0] == '\0')
		snprintf(line, sizeof(line), "%s", RPC("1", "tools/list"));
	fake_has(line, first);
	fake_has(line, last);
	fake_has(line, next);
}

static void
test_pages(void **state)
{
	static struct mcp_tool	many[MANY];
	static char		names[MANY][16];
	size_t			i;

	(void)state;
	for (i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "tool_%zu", i);
		many[i].name = names[i];
		many[i].description = "x";
		many[i].input_schema = "{\"type\":\"object\"}";
	}
	fake.offer.tools = many;
	fake.offer.ntools = MANY;
	for (i = 0; i < 2; i++) {
		page_is("", "[{\"name\":\"tool_0\"", "\"tool_99\",",
		    "],\"nextCursor\":\"tools.100\"}");
		page_is("tools.100", "[{\"name\":\"tool_100\"",
		    "\"tool_199\",", "],\"nextCursor\":\"tools.200\"}");
		page_is("tools.200", "[{\"name\":\"tool_200\"",
		    "\"tool_249\",", "}]}}\n");
	}
	fake_has(RPCP("1", "tools/list", "{\"cursor\":\"tools.300\"}"),
	    "-32602");
	fake_has(RPCP("1", "resources/list", "{\"cursor\":\"tools.100\"}"),
	    "-32602");
	/* In this revision all the same, and how long it holds. */
	fake_has(MODERN("1", "tools/list", ",\"cursor\":\"tools.100\""),
	    "\"nextCursor\":\"tools.200\",\"ttlMs\":300000,\"cacheScope\":"
	    "\"private\"");
}

/* --- Batches --- */

static void
test_no_batches(void **state)
{
	static const char *const	without[] = {
		"2024-11-05", "2025-06-18", "2025-11-25"
	};
	size_t				i;

	(void)state;
	fake_has("[" RPC("1", "ping") "]", "{\"jsonrpc\":\"2.0\",\"error\":"
	    "{\"code\":-32600");
	for (i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
		fake_initialize(without[i]);
		fake_has("[" RPC("1", "ping") "]",
		    "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600");
	}
}

static void
test_batch(void **state)
{
	(void)state;
	fake_initialize("2025-03-26");
	assert_string_equal(fake_say(" [ " RPC("1", "ping") " ,\t"
	    RPC("\"1\"", "ping") "] "), "[" PONG("1") "," PONG("\"1\"")
	    "]\n");
	fake_has("[]", "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,"
	    "\"message\":\"Invalid Request: an empty batch\"}}\n");
	/* Nobody waits for an answer to these. */
	assert_string_equal(fake_say("[" NOTE("notifications/initialized",
	    "{}") ",{\"jsonrpc\":\"2.0\",\"id\":9,\"result\":{}}]"), "");
	/* A single message is answered as one. */
	assert_string_equal(fake_say(RPC("1", "ping")), PONG("1") "\n");
	assert_null(fake.batch);
}

static void
test_batch_refusals(void **state)
{
	(void)state;
	fake_initialize("2025-03-26");
	assert_string_equal(fake_say("[1,{},[],[" RPC("9", "ping") "],"
	    RPC("1.5", "ping") "," RPC("2", "no/such") ","
	    RPCP("3", "ping", "{\"x\":1e999}") "," RPC("4", "ping") "]"),
	    "[{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":"
	    "\"Invalid Request: not an object\"}},"
	    "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":"
	    "\"Invalid Request: jsonrpc must be \\\"2.0\\\"\"}},"
	    "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":"
	    "\"Invalid Request: a batch in a batch\"}},"
	    "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":"
	    "\"Invalid Request: a batch in a batch\"}},"
	    "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":"
	    "\"Invalid Request: id must be a string or an integer of at "
	    "most 256 bytes\"}},"
	    "{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":-32601,"
	    "\"message\":\"Method not found: no/such\"}},"
	    "{\"jsonrpc\":\"2.0\",\"id\":3,\"error\":{\"code\":-32600,"
	    "\"message\":\"Invalid Request: a number is beyond 64 bits\"}},"
	    PONG("4") "]\n");
	fake_has("[" RPCP("1", "initialize", "{\"protocolVersion\":"
	    "\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":"
	    "\"c\",\"version\":\"1\"}}") "]", "[{\"jsonrpc\":\"2.0\",\"id\":1,"
	    "\"error\":{\"code\":-32600,\"message\":\"Invalid Request: "
	    "initialize may not be in a batch\"}}]");
	assert_int_equal(fake.session.revision, MCP_2025_03_26);
	fake_has("[" MODERN("1", "tools/list", "") "]", "\"id\":1,\"error\":"
	    "{\"code\":-32600");
	/* What is no JSON is no batch. */
	fake_has("[" RPC("1", "ping"), "{\"jsonrpc\":\"2.0\",\"error\":"
	    "{\"code\":-32700");
	fake_has("[" RPC("1", "ping") ",]", "-32700");
	fake_has("[" RPC("1", "ping") ",{\"a\":NaN}]", "-32700");
}

/* The array comes when the last of its calls is answered. */
static void
test_batch_waits(void **state)
{
	const struct mcp_batch_id	*ids;
	size_t				 n;

	(void)state;
	fake_initialize("2025-03-26");
	assert_string_equal(fake_say("[" CALL("1") "," RPC("2", "ping") ","
	    CALL("\"3\"") "," NOTE("no/such", "{}") "]"), "");
	assert_int_equal(fake.ncalls, 2);
	assert_int_equal(fake.calls[0].revision, MCP_2025_03_26);
	assert_string_equal(fake.raws[1], CALL("\"3\""));
	assert_non_null(fake.batch);
	assert_ptr_equal(fake.calls[1].batch, fake.batch);
	assert_int_equal(mcp_batch_size(fake.batch), 4);
	ids = mcp_batch_ids(fake.batch, &n);
	assert_int_equal(n, 3);
	assert_memory_equal(ids[2].raw, "\"3\"", 3);
	/* Others do not wait for it. */
	assert_string_equal(fake_say(RPC("4", "ping")), PONG("4") "\n");
	assert_string_equal(fake_answer(1, "b"), "");
	assert_false(mcp_batch_is_done(fake.batch));
	assert_string_equal(fake_answer(0, "a"), "[" PONG("2") ","
	    DONE("\"3\"", "b") "," DONE("1", "a") "]\n");
	assert_true(mcp_batch_is_done(fake.batch));
}

static void
test_batch_cancel(void **state)
{
	size_t	n;

	(void)state;
	fake_initialize("2025-03-26");
	fake_say("[" CALL("1") "," CALL("2") "]");
	buf_reset(&fake.out);
	assert_int_equal(mcp_batch_drop(fake.batch, &fake.calls[0],
	    &fake.out), 0);
	mcp_batch_ids(fake.batch, &n);
	assert_int_equal(n, 1);
	assert_false(mcp_batch_is_done(fake.batch));
	assert_string_equal(fake_answer(1, "b"), "[" DONE("2", "b") "]\n");
	mcp_batch_free(fake.batch);
	/* All of them: then there is nothing to say. */
	fake.batch = NULL;
	fake.ncalls = 0;
	fake_say("[" CALL("1") "]");
	assert_int_equal(mcp_batch_drop(fake.batch, &fake.calls[0],
	    &fake.out), 0);
	assert_true(mcp_batch_is_done(fake.batch));
	assert_int_equal(fake.out.len, 0);
	/* A batch may cancel its own: the op is called before it is kept. */
	fake_say("[" NOTE("notifications/cancelled", "{\"requestId\":1}")
	    "]");
	assert_string_equal(fake.what, "cancel 1");
}

/* Give what waits to another process, which is this one, too. */
static void
pass_on(size_t first)
{
	struct buf	saved;
	const char	*separator = "[";
	size_t		i, n = fake.ncalls;

	buf_init(&saved, 1024 * 1024);
	mcp_batch_save(fake.batch, &saved);
	for (i = first; i < n; i++) {
		buf_adds(&saved, separator);
		buf_adds(&saved, fake.raws[i]);
		separator = ",";
	}
	buf_addc(&saved, ']');
	assert_int_equal(buf_error(&saved), 0);
	mcp_batch_free(fake.batch);
	fake.batch = NULL;
	fake.ncalls = 0;
	assert_string_equal(fake_resume(saved.data, saved.len), "");
	assert_int_equal(fake.ncalls, n - first);
	buf_free(&saved);
}

static void
test_batch_moves(void **state)
{
	const struct mcp_batch_id	*ids;
	size_t				 n;

	(void)state;
	fake_initialize("2025-03-26");
	fake_say("[" CALL("1") ",7," RPC("2", "ping") "," CALL("3") ","
	    CALL("4") "]");
	assert_string_equal(fake_answer(0, "a"), "");
	/* A session may change meanwhile; the batch was one. */
	fake_initialize("2025-11-25");
	pass_on(1);
	ids = mcp_batch_ids(fake.batch, &n);
	assert_int_equal(n, 4);
	assert_memory_equal(ids[0].raw, "1", 1);
	assert_int_equal(fake.calls[0].revision, MCP_2025_03_26);
	/* Once more before the first answer, once more after it. */
	pass_on(0);
	assert_string_equal(fake_answer(1, "b"), "");
	pass_on(0);
	mcp_batch_free(fake.batch);
	fake.batch = NULL;
}

static void
test_batch_moves_and_ends(void **state)
{
	size_t	n;

	(void)state;
	fake_initialize("2025-03-26");
	fake_say("[" RPC("2", "ping") "," CALL("1") "]");
	pass_on(0);
	assert_string_equal(fake_answer(0, "a"), "[" PONG("2") ","
	    DONE("1", "a") "]\n");
	mcp_batch_ids(fake.batch, &n);
	assert_int_equal(n, 2);
}

static void
test_resume_single(void **state)
{
	(void)state;
	assert_string_equal(fake_resume(CALL("8"), strlen(CALL("8"))), "");
	assert_null(fake.batch);
	assert_null(fake.calls[0].batch);
	assert_int_equal(fake.calls[0].id[0], '8');
}

/* Answers beyond the limit are errors, and the array is whole. */
static void
test_batch_limit(void **state)
{
	static char	text[1024 * 1024];
	const char	*answer = "";
	char		line[4096] = "[";
	size_t		i;

	(void)state;
	fake_initialize("2025-03-26");
	memset(text, 'x', sizeof(text) - 1);
	for (i = 0; i < 20; i++)
		snprintf(line + strlen(line), sizeof(line) - strlen(line),
		    "%s" CALL("%zu"), i == 0 ? "" : ",", i);
	snprintf(line + strlen(line), sizeof(line) - strlen(line), "]");
	fake_say(line);
	assert_int_equal(fake.ncalls, 20);
	for (i = 0; i < 20; i++) {
		struct mcp_tool_result	result = {
			.text = text, .text_len = sizeof(text) - 1
		};
		int			r;

		r = mcp_answer_tool(&fake.out, &fake.calls[i], &result);
		assert_int_equal(r, i < 15 ? 0 : ERR_LIMIT);
		if (r != 0)
			assert_int_equal(mcp_answer_error(&fake.out,
			    &fake.calls[i], MCP_ERROR_INTERNAL, "large"), 0);
	}
	answer = buf_string(&fake.out);
	assert_true(mcp_batch_is_done(fake.batch));
	assert_true(fake.out.len > 15 * 1024 * 1024);
	assert_non_null(strstr(answer + fake.out.len - 100, "\"id\":19,"
	    "\"error\":{\"code\":-32603,\"message\":\"large\"}}]\n"));
	assert_ptr_equal(memchr(answer, '\n', fake.out.len),
	    answer + fake.out.len - 1);
}

/* A full buffer takes an answer back: it can be given again. */
static void
test_batch_out_is_full(void **state)
{
	struct buf	small;
	size_t		n;

	(void)state;
	fake_initialize("2025-03-26");
	fake_say("[" CALL("1") "," RPC("2", "ping") "]");
	buf_init(&small, 64);
	assert_int_equal(mcp_answer_error(&small, &fake.calls[0],
	    MCP_ERROR_INTERNAL, "x"), ERR_LIMIT);
	assert_int_equal(small.len, 0);
	assert_int_equal(buf_error(&small), 0);
	assert_int_equal(mcp_batch_drop(fake.batch, &fake.calls[0], &small),
	    0);
	buf_free(&small);
	mcp_batch_ids(fake.batch, &n);
	assert_int_equal(n, 1);
}

int
main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, fake_setup, \
	fake_teardown)
	const struct CMUnitTest	tests[] = {
		TEST(test_modern), TEST(test_mixed),
		TEST(test_removed_methods), TEST(test_meta),
		TEST(test_unsupported), TEST(test_listen), TEST(test_pages),
		TEST(test_no_batches), TEST(test_batch),
		TEST(test_batch_refusals), TEST(test_batch_waits),
		TEST(test_batch_cancel), TEST(test_batch_moves),
		TEST(test_batch_moves_and_ends), TEST(test_resume_single),
		TEST(test_batch_limit), TEST(test_batch_out_is_full)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
