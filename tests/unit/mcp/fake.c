/* SPDX-License-Identifier: MIT */
/* A server with a worker behind it that only notes what it was asked. */
#include <json-c/json.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "fake.h"

static const struct mcp_tool	 tools[] = {
	{ "get_study_count", "Count", "counts", "{\"type\":\"object\"}",
	    "{\"type\":\"object\"}", "{\"readOnlyHint\":true}" }
};
static const struct mcp_resource resources[] = {
	{ "schema://a/b", "b", "B", "the b", "application/json" }
};
static const struct mcp_template templates[] = {
	{ "schema://a/{c}/d", "c", "C", "the c", "text/plain",
	    { .name = "c", .completes = 7 } }
};
static const struct mcp_argument greeting[] = {
	{ "who", "Who", "the one", true, 8 },
	{ "when", NULL, NULL, false, 0 }
};
static const struct mcp_prompt	 prompts[] = {
	{ "greet", "Greet", "says hello", greeting, 2 },
	{ "plain", NULL, "says nothing", greeting, 0 }
};

struct fake	fake;

static void
note(const struct mcp_request *req, const char *what, const char *detail)
{
	if (req != NULL)
		fake.asked = *req;
	snprintf(fake.what, sizeof(fake.what), "%s %s", what, detail);
	fake.times++;
}

static void
note_call(const struct mcp_request *req, const struct mcp_slice *raw)
{
	size_t	n = fake.ncalls++ % FAKE_MAX;

	fake.calls[n] = *req;
	snprintf(fake.raws[n], sizeof(fake.raws[n]), "%.*s", (int)raw->len,
	    raw->data);
}

static void
note_tool(void *arg, const struct mcp_request *req,
    const struct mcp_slice *raw, const char *name,
    struct json_object *arguments)
{
	assert_ptr_equal(arg, &fake);
	assert_string_equal(name, "get_study_count");
	assert_true(json_object_is_type(arguments, json_type_object));
	mcp_arguments_drop(fake.kept);
	fake.kept = mcp_arguments_keep(arguments);
	note(req, "tool", json_object_to_json_string(arguments));
	note_call(req, raw);
}

static void
note_resource(void *arg, const struct mcp_request *req,
    const struct mcp_slice *raw, const char *uri)
{
	(void)arg;
	note(req, "resource", uri);
	note_call(req, raw);
}

static void
note_complete(void *arg, const struct mcp_request *req,
    const struct mcp_slice *raw, int kind, const char *value)
{
	char	what[32];

	(void)arg;
	snprintf(what, sizeof(what), "complete %d", kind);
	note(req, what, value);
	note_call(req, raw);
}

/* "nobody" cannot be greeted. */
static int
write_prompt(size_t i, const char *const *values, struct buf *text)
{
	if (i == 1) {
		buf_adds(text, "plain");
		return buf_error(text);
	}
	assert_int_equal(i, 0);
	if (strcmp(values[0], "nobody") == 0) {
		buf_adds(text, "no such person");
		return ERR_FORMAT;
	}
	buf_addf(text, "Hello %s, %s!", values[0],
	    values[1] != NULL ? values[1] : "now");
	return buf_error(text);
}

static void
note_listen(void *arg, const struct mcp_request *req,
    const struct mcp_slice *raw)
{
	(void)arg;
	note(req, "listen", "");
	note_call(req, raw);
	mcp_notify_acknowledged(&fake.out, req);
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

static void
note_batch(void *arg, struct mcp_batch *batch)
{
	(void)arg;
	assert_null(fake.batch);
	fake.batch = batch;
}

static const struct mcp_ops	ops = {
	.call_tool = note_tool, .read_resource = note_resource,
	.complete = note_complete,
	.listen = note_listen, .cancel = note_cancel,
	.keep_batch = note_batch
};

int
fake_setup(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	buf_init(&fake.out, 64 * 1024 * 1024);
	fake.offer.tools = tools;
	fake.offer.ntools = 1;
	fake.offer.resources = resources;
	fake.offer.nresources = 1;
	fake.offer.templates = templates;
	fake.offer.ntemplates = 1;
	fake.offer.prompts = prompts;
	fake.offer.nprompts = 2;
	fake.offer.write_prompt = write_prompt;
	fake.offer.instructions = "Be good.";
	fake.server = mcp_server_new(&fake.offer, &ops, &fake,
	    LINE_MAX_TEST);
	return fake.server == NULL ? -1 : 0;
}

int
fake_teardown(void **state)
{
	(void)state;
	mcp_server_free(fake.server);
	mcp_arguments_drop(fake.kept);
	mcp_batch_free(fake.batch);
	buf_free(&fake.out);
	return 0;
}

const char *
fake_say(const char *line)
{
	buf_reset(&fake.out);
	assert_int_equal(mcp_server_line(fake.server, &fake.session, line,
	    strlen(line), &fake.out), 0);
	if (fake.out.len > 0)
		assert_int_equal(fake.out.data[fake.out.len - 1], '\n');
	return buf_string(&fake.out);
}

const char *
fake_resume(const char *saved, size_t len)
{
	buf_reset(&fake.out);
	assert_int_equal(mcp_server_resume(fake.server, &fake.session, saved,
	    len, &fake.out), 0);
	return buf_string(&fake.out);
}

void
fake_has(const char *line, const char *part)
{
	const char	*answer = fake_say(line);

	if (strstr(answer, part) == NULL)
		fail_msg("%s is not in: %s", part, answer);
}

void
fake_initialize(const char *revision)
{
	char	line[512];

	snprintf(line, sizeof(line), RPCP("0", "initialize",
	    "{\"protocolVersion\":\"%s\",\"capabilities\":{},\"clientInfo\":"
	    "{\"name\":\"c\",\"version\":\"1\"}}"), revision);
	fake_has(line, revision);
}

const char *
fake_answer(size_t n, const char *text)
{
	struct mcp_tool_result	result = {
		.text = text, .text_len = strlen(text)
	};

	buf_reset(&fake.out);
	assert_int_equal(mcp_answer_tool(&fake.out, &fake.calls[n],
	    &result), 0);
	return buf_string(&fake.out);
}
