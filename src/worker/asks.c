/* SPDX-License-Identifier: MIT */
/*
 * Requests of a client that are no tool's: resources and completions.  Runs
 * in the worker.  What needs no database is answered at once; the rest waits
 * like any call, but that a completion waits only for a sign-in that is stored:
 * it is asked while a person types, and must not open a browser.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "mcp/write.h"
#include "tools/complete.h"
#include "tools/errors.h"
#include "tools/resources.h"
#include "tools/tools.h"
#include "worker/call.h"
#include "worker/reasons.h"
#include "worker/worker.h"

/* How long a completion may wait to begin. */
#define ASKS_COMPLETE_MS	5000

static char *
ask_copy(const char *text)
{
	char	*copy = strdup(text);

	if (copy == NULL)
		fatalx("calls: %s", err_text(ERR_MEMORY));
	return copy;
}

/* An answer that is given at once. */
static void
ask_answered(struct worker *w, const struct mcp_request *req, int error)
{
	if (error != 0)
		mcp_answer_error(&w->out, req, MCP_ERROR_INTERNAL,
		    "the answer is too large");
}

/* --- Resources. ----------------------------------------------------------- */

static void
ask_words(struct worker *w, const struct mcp_request *req, const char *uri)
{
	struct buf	text;
	int		error;

	buf_init(&text, WORKER_OUT_MAX);
	error = resource_write(uri, &text);
	if (error == 0)
		error = mcp_answer_resource(&w->out, req, uri,
		    resource_mime_type(uri), buf_string(&text), text.len);
	ask_answered(w, req, error);
	buf_free(&text);
}

/* A call of the tool whose answer the resource is. */
static void
ask_tool(struct worker *w, const struct mcp_request *req,
    const struct mcp_slice *raw, const char *uri)
{
	struct json_object	*arguments = NULL;
	const char		*name = resource_tool(uri, &arguments);
	struct call		*c = NULL;

	if (name == NULL || tools_find(w->tools, name) == NULL)
		ask_answered(w, req, mcp_answer_resource_not_found(&w->out,
		    req, uri));
	else
		c = call_new(w, req, raw);
	if (c != NULL) {
		c->name = ask_copy(name);
		c->uri = ask_copy(uri);
		c->arguments = mcp_arguments_keep(arguments);
	}
	mcp_arguments_drop(arguments);
}

void
asks_read_resource(void *arg, const struct mcp_request *req,
    const struct mcp_slice *raw, const char *uri)
{
	struct worker	*w = arg;
	struct call	*c;

	switch (resource_kind(uri)) {
	case RESOURCE_WORDS:
		ask_words(w, req, uri);
		break;
	case RESOURCE_TABLE:
		if ((c = call_new(w, req, raw)) != NULL)
			c->uri = ask_copy(uri);
		break;
	case RESOURCE_ANSWER:
		ask_tool(w, req, raw, uri);
		break;
	case RESOURCE_NONE:
		ask_answered(w, req, mcp_answer_resource_not_found(&w->out,
		    req, uri));
		break;
	}
}

static void
call_resource_done(void *arg, int error, const char *text, size_t len)
{
	struct call	*c = arg;

	if (error != 0)
		call_refuse(c, error == ERR_TIMEOUT ?
		    reasons_too_slow : reasons_lost);
	else
		call_answered(c, mcp_answer_resource(&c->w->out, &c->req,
		    c->uri, resource_mime_type(c->uri), text, len));
}

void
call_answer_resource(struct call *c, const struct tools_result *r)
{
	const char	*code = errors_name(ERRORS_NOT_FOUND);
	const char	*text = buf_string(&r->text);
	struct buf	*out = &c->w->out;

	if (!r->is_error)
		call_answered(c, mcp_answer_resource(out, &c->req, c->uri,
		    resource_mime_type(c->uri), buf_string(&r->structured),
		    r->structured.len));
	else if (strncmp(text, code, strlen(code)) == 0)
		call_answered(c, mcp_answer_resource_not_found(out, &c->req,
		    c->uri));
	else
		call_refuse(c, text);
}

/* --- Completions. --------------------------------------------------------- */

/* What our own tables have; false: it is to be looked up. */
static bool
ask_known(struct worker *w, const struct mcp_request *req, int kind,
    const char *value)
{
	const char		*values[MCP_COMPLETIONS_MAX];
	struct mcp_completion	 completion;
	struct complete_values	 found;
	int			 error;
	bool			 known;

	complete_values_init(&found);
	known = complete_known(&found, kind, value);
	if (known) {
		error = complete_values_get(&found, values, &completion);
		if (error == 0)
			error = mcp_answer_completion(&w->out, req,
			    &completion);
		ask_answered(w, req, error);
	}
	complete_values_free(&found);
	return known;
}

void
asks_complete(void *arg, const struct mcp_request *req,
    const struct mcp_slice *raw, int kind, const char *value)
{
	struct worker	*w = arg;
	struct call	*c;

	if (ask_known(w, req, kind, value))
		return;
	if ((c = call_new(w, req, raw)) == NULL)
		return;
	c->typed = ask_copy(value);
	c->kind = kind;
	/* Who types does not wait for long. */
	if (!w->resuming)
		c->deadline_ms = clock_monotonic_ms() + ASKS_COMPLETE_MS;
}

static void
call_complete_done(void *arg, int error,
    const struct mcp_completion *completion)
{
	struct call	*c = arg;

	call_answered(c, mcp_answer_completion(&c->w->out, &c->req,
	    error == 0 ? completion : NULL));
}

/* --- Both. ---------------------------------------------------------------- */

void
call_begin_ask(struct call *c, const struct tools_context *ctx)
{
	int	r;

	if (c->typed != NULL)
		r = complete_start(&c->complete, c->kind, c->typed, ctx,
		    call_complete_done, c);
	else
		r = resource_read_start(&c->resource, c->uri, ctx->db,
		    call_resource_done, c);
	if (r != 0)
		call_refuse(c, reasons_lost);
}
