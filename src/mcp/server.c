/* SPDX-License-Identifier: MIT */
/*
 * Lines of a client, and what they are: one message, or a batch of them.
 * Runs in the worker; every line is a stranger's.
 */
#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "mcp/batch.h"
#include "mcp/method.h"
#include "mcp/scan.h"
#include "mcp/server.h"

/* The arrays of tools that are kept; more is no list that we have. */
#define SERVER_LIST_MAX	(4 * 1024 * 1024)

struct json_object *
mcp_arguments_keep(struct json_object *arguments)
{
	return json_object_get(arguments);
}

void
mcp_arguments_drop(struct json_object *arguments)
{
	json_object_put(arguments);
}

struct mcp_server *
mcp_server_new(const struct mcp_offer *offer, const struct mcp_ops *ops,
    void *arg, size_t line_max)
{
	struct mcp_server	*s = calloc(1, sizeof(*s));
	size_t			 i;

	if (s == NULL)
		return NULL;
	s->offer = offer;
	s->ops = ops;
	s->arg = arg;
	for (i = 0; i < MCP_REVISION_COUNT; i++)
		buf_init(&s->tools[i], SERVER_LIST_MAX);
	s->parser = mcp_parser_new(line_max);
	s->no_arguments = json_object_new_object();
	if (s->parser == NULL || s->no_arguments == NULL) {
		mcp_server_free(s);
		return NULL;
	}
	return s;
}

void
mcp_server_free(struct mcp_server *s)
{
	size_t	i;

	if (s == NULL)
		return;
	for (i = 0; i < MCP_REVISION_COUNT; i++)
		buf_free(&s->tools[i]);
	mcp_parser_free(s->parser);
	json_object_put(s->no_arguments);
	free(s);
}

/* One message, by itself or of a batch; an array in an array is none. */
static int
server_message(struct method_call *c, struct mcp_batch *batch)
{
	const struct mcp_message	*m = c->message;

	method_fill_request(c, batch);
	if (batch != NULL && m->kind != MCP_KIND_NOTIFICATION &&
	    m->kind != MCP_KIND_RESPONSE && m->kind != MCP_KIND_BLANK)
		mcp_batch_expect(batch, m->id);
	switch (m->kind) {
	case MCP_KIND_REQUEST:
	case MCP_KIND_NOTIFICATION:
		return method_run(c);
	case MCP_KIND_INVALID:
		return mcp_answer_error(c->out, &c->request, m->error,
		    m->reason);
	case MCP_KIND_BATCH:
		return mcp_answer_error(c->out, &c->request,
		    MCP_ERROR_INVALID_REQUEST, batch != NULL ?
		    "Invalid Request: a batch in a batch" :
		    "Invalid Request: this revision has no batches");
	case MCP_KIND_RESPONSE:
	case MCP_KIND_BLANK:
		break;
	}
	return 0;
}

/* The messages of an array, one after the other. */
static int
server_batch_messages(struct method_call *c, struct mcp_batch *batch,
    const struct mcp_slice *array)
{
	struct mcp_message	m;
	size_t			at = 0;
	int			r = 0;

	c->message = &m;
	while (r == 0 && mcp_scan_element(array, &at, &c->raw)) {
		mcp_message_parse(c->server->parser, c->raw.data, c->raw.len,
		    &m);
		r = server_message(c, batch);
		if (r != 0 && m.kind != MCP_KIND_NOTIFICATION)
			r = mcp_answer_error(c->out, &c->request,
			    MCP_ERROR_INTERNAL, "the answer is too large");
		mcp_message_free(&m);
	}
	return r;
}

static size_t
server_count(const struct mcp_slice *array)
{
	struct mcp_slice	element;
	size_t			at = 0, n = 0;

	while (mcp_scan_element(array, &at, &element))
		n++;
	return n;
}

/*
 * saved: what mcp_batch_save() made of a batch that is resumed, or no bytes.
 * The batch is the process's once it has requests of it.
 */
static int
server_batch(struct method_call *c, const struct mcp_slice *saved,
    const struct mcp_slice *array)
{
	struct mcp_batch	*batch;
	struct mcp_slice	 ids = *saved;
	size_t			 n = server_count(array);
	int			 r = 0;

	if (saved->len > 0) {
		ids.len = (size_t)((const char *)memchr(saved->data, '\n',
		    saved->len) - saved->data);
		n += server_count(&ids);
	}
	if (n == 0)
		return mcp_answer_error(c->out, NULL,
		    MCP_ERROR_INVALID_REQUEST,
		    "Invalid Request: an empty batch");
	batch = mcp_batch_new(n);
	if (batch == NULL)
		return ERR_MEMORY;
	if (saved->len > 0)
		r = mcp_batch_restore(batch, saved->data, saved->len);
	if (r == 0)
		r = server_batch_messages(c, batch, array);
	if (r == 0)
		r = mcp_batch_release(batch, c->out);
	if (saved->len > 0 || !mcp_batch_is_done(batch))
		c->server->ops->keep_batch(c->server->arg, batch);
	else
		mcp_batch_free(batch);
	return r;
}

int
mcp_server_line(struct mcp_server *s, struct mcp_session *session,
    const char *line, size_t len, struct buf *out)
{
	static const struct mcp_slice	none;
	struct mcp_message		m;
	struct method_call		c = {
		.server = s, .session = session, .message = &m,
		.raw = { .data = line, .len = len }, .out = out
	};
	struct mcp_slice		array = c.raw;
	int				r;

	mcp_message_parse(s->parser, line, len, &m);
	if (m.kind == MCP_KIND_BATCH &&
	    mcp_revision_has(mcp_session_revision(session),
	    MCP_FEATURE_BATCH))
		r = server_batch(&c, &none, &array);
	else
		r = server_message(&c, NULL);
	mcp_message_free(&m);
	return r;
}

int
mcp_server_resume(struct mcp_server *s, struct mcp_session *session,
    const char *saved, size_t len, struct buf *out)
{
	struct method_call	c = {
		.server = s, .session = session, .out = out
	};
	struct mcp_slice	before = { .data = saved }, array;

	/* No line of a client has a newline; a saved batch has. */
	for (before.len = len; before.len > 0; before.len--)
		if (saved[before.len - 1] == '\n')
			break;
	if (before.len == 0)
		return mcp_server_line(s, session, saved, len, out);
	array.data = saved + before.len;
	array.len = len - before.len;
	return server_batch(&c, &before, &array);
}
