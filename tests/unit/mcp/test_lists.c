/* SPDX-License-Identifier: MIT */
/* What the server says of itself, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "config.h"
#include "mcp/lists.h"
#include "mcp/message.h"
#include "mcp/revision.h"

#define HEAD	"{\"jsonrpc\":\"2.0\",\"id\":7,"
#define OFFERED	"\"capabilities\":{\"tools\":{},\"resources\":{}," \
	"\"prompts\":{},\"completions\":{}}"
#define OFFERED_2024 "\"capabilities\":{\"tools\":{},\"resources\":{}," \
	"\"prompts\":{}}"
#define SERVER	"{\"name\":\"jhe-mcp\",\"title\":\"JupyterHealth Exchange" \
	"\",\"version\":\"" PACKAGE_VERSION "\"}"
#define META	"\"_meta\":{\"io.modelcontextprotocol/serverInfo\":" SERVER "}"

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
test_initialize(void **state)
{
	(void)state;
	is(mcp_answer_initialize(&out, &req, NULL), HEAD "\"result\":{"
	    "\"protocolVersion\":\"2025-06-18\"," OFFERED
	    ",\"serverInfo\":" SERVER "}}\n");
	req.revision = MCP_2025_03_26;
	is(mcp_answer_initialize(&out, &req, NULL), HEAD "\"result\":{"
	    "\"protocolVersion\":\"2025-03-26\"," OFFERED
	    ",\"serverInfo\":{\"name\":\"jhe-mcp\",\"version\":\""
	    PACKAGE_VERSION "\"}}}\n");
	req.revision = MCP_2024_11_05;
	is(mcp_answer_initialize(&out, &req, "Be \"good\"."), HEAD
	    "\"result\":{\"protocolVersion\":\"2024-11-05\"," OFFERED_2024
	    ",\"serverInfo\":{\"name\":\"jhe-mcp\",\"version\":\""
	    PACKAGE_VERSION "\"},\"instructions\":\"Be \\\"good\\\".\"}}\n");
}

static void
test_template_fits(void **state)
{
	static const struct {
		const char	*pattern, *uri;
		bool		 fits;
	} rows[] = {
		{ "a://b/{c}", "a://b/1", true },
		{ "a://b/{c}", "a://b/1/2 %20", true },
		{ "a://b/{c}", "a://b/", false },
		{ "a://b/{c}", "a://b", false },
		{ "a://b/{c}", "A://b/1", false },
		{ "a://b/{c}/d", "a://b/1/d", true },
		{ "a://b/{c}/d", "a://b//d", false },
		{ "a://b/{c}/d", "a://b/d", false },
		{ "a://b/{c}/d", "a://b/1/d/", false },
		{ "a://b", "a://b", false },
		{ "a://{b", "a://b", false },
		{ "a://b/{c}", "", false }
	};
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(mcp_template_fits(rows[i].pattern,
		    rows[i].uri), rows[i].fits);
}

static void
test_discover(void **state)
{
	(void)state;
	req.revision = MCP_2026_07_28;
	is(mcp_answer_discover(&out, &req, NULL), HEAD "\"result\":{"
	    "\"resultType\":\"complete\",\"supportedVersions\":"
	    "[\"2026-07-28\"]," OFFERED ",\"ttlMs\":300000,\"cacheScope\":"
	    "\"private\"," META "}}\n");
	/* What is said here is what is said there. */
	is(mcp_answer_unsupported(&out, &req, "1900-01-01"), HEAD
	    "\"error\":{\"code\":-32022,\"message\":\"Unsupported protocol "
	    "version\",\"data\":{\"supported\":[\"2026-07-28\"],"
	    "\"requested\":\"1900-01-01\"}}}\n");
}

static void
test_list(void **state)
{
	struct mcp_page	page = { .next = "" };
	struct buf	array;

	(void)state;
	buf_init(&array, 16);
	buf_adds(&array, "[1]");
	is(mcp_answer_list(&out, &req, "things", &array, &page), HEAD
	    "\"result\":{\"things\":[1]}}\n");
	memcpy(page.next, "t.1", 4);
	is(mcp_answer_list(&out, &req, "things", &array, &page), HEAD
	    "\"result\":{\"things\":[1],\"nextCursor\":\"t.1\"}}\n");
	req.revision = MCP_2026_07_28;
	is(mcp_answer_list(&out, &req, "things", &array, &page), HEAD
	    "\"result\":{\"resultType\":\"complete\",\"things\":[1],"
	    "\"nextCursor\":\"t.1\",\"ttlMs\":300000,\"cacheScope\":"
	    "\"private\"," META "}}\n");
	buf_adds(&array, "too much for it");
	assert_int_equal(mcp_answer_list(&out, &req, "things", &array,
	    &page), ERR_LIMIT);
	assert_int_equal(out.len, 0);
	buf_free(&array);
}

/* What an array is at a revision. */
static void
array_is(void (*write)(struct buf *, uint32_t, const struct mcp_offer *,
    const struct mcp_page *), uint32_t revision,
    const struct mcp_offer *offer, const char *text)
{
	static const struct mcp_page	both = { .from = 0, .to = 2 };

	write(&out, revision, offer, &both);
	is(buf_error(&out), text);
}

static void
test_resources(void **state)
{
	static const struct mcp_resource	list[] = {
		{ "a://1", "one", "One", "first", "text/plain" },
		{ "a://2", "two", NULL, NULL, NULL }
	};
	static const struct mcp_offer		offer = {
		.resources = list, .nresources = 2
	};
	static const struct mcp_page		last = { .from = 1, .to = 2 };

	(void)state;
	array_is(mcp_write_resources, MCP_2026_07_28, &offer,
	    "[{\"uri\":\"a://1\",\"name\":\"one\",\"title\":\"One\","
	    "\"description\":\"first\",\"mimeType\":\"text/plain\"},"
	    "{\"uri\":\"a://2\",\"name\":\"two\"}]");
	array_is(mcp_write_resources, MCP_2025_03_26, &offer,
	    "[{\"uri\":\"a://1\",\"name\":\"one\",\"description\":"
	    "\"first\",\"mimeType\":\"text/plain\"},"
	    "{\"uri\":\"a://2\",\"name\":\"two\"}]");
	mcp_write_resources(&out, MCP_2025_11_25, &offer, &last);
	is(0, "[{\"uri\":\"a://2\",\"name\":\"two\"}]");
}

static void
test_tools(void **state)
{
	static const struct mcp_tool	tools[] = {
		{ "t", "T", "does", "{\"type\":\n\"object\"}",
		    "{\"type\":\"object\"}", "{\"readOnlyHint\":true}" },
		{ "u", "U", "is", "{\"type\":\"object\"}", NULL, NULL }
	};
	static const struct mcp_offer	offer = { .tools = tools, .ntools = 2 };

	(void)state;
	array_is(mcp_write_tools, MCP_2025_11_25, &offer, "["
	    "{\"name\":\"t\",\"title\":\"T\",\"description\":\"does\","
	    "\"inputSchema\":{\"type\": \"object\"},\"outputSchema\":"
	    "{\"type\":\"object\"},\"annotations\":{\"readOnlyHint\":true}},"
	    "{\"name\":\"u\",\"title\":\"U\",\"description\":\"is\","
	    "\"inputSchema\":{\"type\":\"object\"}}]");
	array_is(mcp_write_tools, MCP_2025_03_26, &offer, "["
	    "{\"name\":\"t\",\"description\":\"does\",\"inputSchema\":"
	    "{\"type\": \"object\"},\"annotations\":{\"readOnlyHint\":true}},"
	    "{\"name\":\"u\",\"description\":\"is\",\"inputSchema\":"
	    "{\"type\":\"object\"}}]");
	array_is(mcp_write_tools, MCP_2024_11_05, &offer, "["
	    "{\"name\":\"t\",\"description\":\"does\",\"inputSchema\":"
	    "{\"type\": \"object\"}},{\"name\":\"u\",\"description\":\"is\","
	    "\"inputSchema\":{\"type\":\"object\"}}]");
}

int
main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest	tests[] = {
		TEST(test_initialize), TEST(test_discover), TEST(test_list),
		TEST(test_resources), TEST(test_tools),
		TEST(test_template_fits)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
