/* SPDX-License-Identifier: MIT */
/*
 * Requests that take time: tools and resources.  Runs in the worker.  A call
 * waits until somebody is signed in and a database is connected, then runs;
 * one at a time, in the order they came.  The master knows the id of each
 * from the moment it was read until its answer is written, so that a worker
 * that dies leaves no request without an answer.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/loop.h"
#include "compat/compat.h"
#include "db/db.h"
#include "mcp/method.h"
#include "mcp/write.h"
#include "oauth/seal.h"
#include "tools/resources.h"
#include "tools/tools.h"
#include "worker/reasons.h"
#include "worker/worker.h"

struct call {
	struct call		*next;
	struct worker		*w;
	struct mcp_request	 req;
	char			*name;		/* of the tool, or NULL */
	char			*uri;		/* of the resource, or NULL */
	struct json_object	*arguments;
	char			*line;		/* as read, for a successor */
	size_t			 line_len;
	int64_t			 deadline_ms;	/* to begin */
	struct tools_call	*tool;		/* once begun */
	struct resource_read	*resource;
	bool			 running;
	unsigned int		 progress;	/* notifications sent */
	uint64_t		 answered_at;	/* of worker.out_written */
};

/* Between two notifications of progress, and before the first. */
#define CALLS_PROGRESS_MS	2000

static void	calls_run_later(void *);
static void	calls_tell_progress(void *);

static void
call_announce(struct call *c, enum ipc_type type)
{
	struct ipc_id	id = { .id_len = c->req.id_len };

	memcpy(id.id, c->req.id, c->req.id_len);
	master_send(c->w, type, &id, NULL, 0);
}

static void
call_unlink(struct call **list, struct call *c)
{
	while (*list != c)
		list = &(*list)->next;
	*list = c->next;
}

/* Give up all but its id; what runs in the database runs on, unheard. */
static void
call_clear(struct call *c)
{
	tools_call_free(c->tool);
	c->tool = NULL;
	resource_read_free(c->resource);
	c->resource = NULL;
	mcp_arguments_drop(c->arguments);
	c->arguments = NULL;
	freezero(c->line, c->line_len);
	c->line = NULL;
	free(c->name);
	c->name = NULL;
	free(c->uri);
	c->uri = NULL;
}

static void
call_free(struct call **list, struct call *c)
{
	call_unlink(list, c);
	c->w->ncalls--;
	call_clear(c);
	freezero(c, sizeof(*c));
}

/*
 * The answer is in the out buffer, or there is to be none.  The master keeps
 * the id until all of it is written.
 */
static void
call_end(struct call *c)
{
	struct worker	*w = c->w;
	struct call	**p = &w->answered;

	call_unlink(&w->calls, c);
	call_clear(c);
	c->answered_at = w->out_written + w->out.len;
	while (*p != NULL)
		p = &(*p)->next;
	*p = c;
	c->next = NULL;
	/* Its successor may start, but not from within a callback of db. */
	if (loop_timer_set(w->loop, clock_monotonic_ms(), calls_run_later,
	    w) != 0)
		fatalx("calls: %s", err_text(ERR_MEMORY));
}

/* An answer that could not be written is still one that is owed. */
static void
call_answered(struct call *c, int error)
{
	if (error != 0)
		error = mcp_answer_error(&c->w->out, &c->req,
		    MCP_ERROR_INTERNAL, "the answer is too large");
	if (error != 0)
		log_warnx("an answer could not be written: %s",
		    err_text(error));
	call_end(c);
}

/* A refusal in words that a model can act on. */
static void
call_refuse(struct call *c, const char *text)
{
	struct mcp_tool_result	result = {
		.is_error = true, .text = text, .text_len = strlen(text),
	};

	if (c->name != NULL)
		call_answered(c, mcp_answer_tool(&c->w->out, &c->req,
		    &result));
	else
		call_answered(c, mcp_answer_error(&c->w->out, &c->req,
		    MCP_ERROR_INTERNAL, text));
}

static void
call_tool_done(void *arg, const struct tools_result *r)
{
	struct call		*c = arg;
	struct mcp_tool_result	 result = {
		.is_error = r->is_error,
		.text = buf_string(&r->text), .text_len = r->text.len,
	};

	if (!r->is_error && r->structured.len > 0) {
		result.structured = buf_string(&r->structured);
		result.structured_len = r->structured.len;
	}
	call_answered(c, mcp_answer_tool(&c->w->out, &c->req, &result));
}

static void
call_resource_done(void *arg, int error, const char *text, size_t len)
{
	struct call	*c = arg;

	if (error == ERR_NOT_FOUND)
		call_answered(c, mcp_answer_resource_not_found(&c->w->out,
		    &c->req, c->uri));
	else if (error != 0)
		call_refuse(c, error == ERR_TIMEOUT ?
		    reasons_too_slow : reasons_lost);
	else
		call_answered(c, mcp_answer_resource(&c->w->out, &c->req,
		    c->uri, "application/json", text, len));
}

static int64_t
calls_now_s(void *arg)
{
	(void)arg;
	return clock_wall_s();
}

/* Cursors are bound to the person: theirs is the associated data. */
static int
calls_seal(void *arg, const void *plain, size_t len, struct buf *out)
{
	struct worker	*w = arg;

	return seal_make(w->cursor_key, &w->person, sizeof(w->person), plain,
	    len, out);
}

static int
calls_open(void *arg, const char *text, size_t len, struct buf *out)
{
	struct worker	*w = arg;

	return seal_open(w->cursor_key, &w->person, sizeof(w->person), text,
	    len, out);
}

static enum tools_identity
calls_identity(const struct worker *w)
{
	switch (w->identity_fields) {
	case IPC_IDENTITY_ALWAYS:
		return TOOLS_IDENTITY_ALWAYS;
	case IPC_IDENTITY_ON_REQUEST:
		return TOOLS_IDENTITY_ON_REQUEST;
	default:
		return TOOLS_IDENTITY_NEVER;
	}
}

static void
calls_context(struct worker *w, struct tools_context *ctx)
{
	memset(ctx, 0, sizeof(*ctx));
	ctx->db = w->db;
	ctx->person = w->person;
	ctx->narrowed = w->narrowed;
	ctx->studies = w->studies;
	ctx->nstudies = w->nstudies;
	ctx->identity = calls_identity(w);
	ctx->default_timezone = w->default_timezone;
	ctx->statement_timeout_s = w->statement_timeout_ms / 1000;
	ctx->now_s = calls_now_s;
	ctx->seal = calls_seal;
	ctx->open = calls_open;
	ctx->arg = w;
}

static void
call_begin_tool(struct call *c, const struct tools_context *ctx)
{
	const struct tool	*tool = tools_find(c->w->tools, c->name);
	int			 n;

	n = tools_call_start(&c->tool, tool, c->arguments, ctx,
	    call_tool_done, c);
	if (n == 1)
		call_tool_done(c, tools_call_result(c->tool));
	else if (n < 0)
		call_refuse(c, reasons_lost);
}

static void
call_begin(struct call *c)
{
	struct tools_context	ctx;
	int			error;

	c->running = true;
	calls_context(c->w, &ctx);
	if (c->name != NULL) {
		call_begin_tool(c, &ctx);
		return;
	}
	error = resource_read_start(&c->resource, c->uri, c->w->db,
	    call_resource_done, c);
	if (error != 0)
		call_refuse(c, reasons_lost);
}

bool
calls_running(const struct worker *w)
{
	const struct call	*c;

	for (c = w->calls; c != NULL; c = c->next)
		if (c->running)
			return true;
	return false;
}

static bool
calls_person(const struct worker *w)
{
	return w->person != 0 && clock_wall_s() < w->person_until_s;
}

static bool
calls_database(const struct worker *w)
{
	return w->db != NULL && db_alive(w->db);
}

/*
 * Ask the master for what calls wait for, once; and again when the client
 * has left: then nobody is going to sign in for it.
 */
static void
calls_ask(struct worker *w)
{
	struct ipc_work_login	login = { .stored_only = w->in_closed };
	enum login_asked	asked = w->in_closed ? LOGIN_STORED_ASKED :
				    LOGIN_ASKED;
	struct ipc_empty	empty = { 0 };

	if (!calls_person(w)) {
		if (w->login_asked < asked)
			master_send(w, WORK_LOGIN, &login, NULL, 0);
		w->login_asked = asked;
	} else if (!calls_database(w)) {
		if (!w->connect_asked)
			master_send(w, WORK_CONNECT, &empty, NULL, 0);
		w->connect_asked = true;
	}
}

/* Refuse calls that have waited too long. */
static void
calls_expire(struct worker *w)
{
	int64_t		 now = clock_monotonic_ms();
	struct call	*c, *next;

	for (c = w->calls; c != NULL; c = next) {
		next = c->next;
		if (c->running)
			continue;
		if (c->deadline_ms <= now)
			call_refuse(c, calls_person(w) ?
			    reasons_no_database : reasons_no_login);
	}
	if (w->calls != NULL && !calls_running(w) && loop_timer_set(w->loop,
	    w->calls->deadline_ms, calls_run_later, w) != 0)
		fatalx("calls: %s", err_text(ERR_MEMORY));
}

void
calls_run(struct worker *w)
{
	if (w->calls == NULL)
		return;
	calls_expire(w);
	if (w->calls == NULL || calls_running(w) || w->yielding)
		return;
	if (!calls_person(w) || !calls_database(w))
		calls_ask(w);
	else if (!db_busy(w->db)) {
		/* All calls are equal: the oldest is the first. */
		call_begin(w->calls);
		worker_watch_db(w);
	}
}

static void
calls_run_later(void *arg)
{
	client_run(arg);
}

static void
calls_progress_later(struct worker *w)
{
	if (loop_timer_set(w->loop, clock_monotonic_ms() + CALLS_PROGRESS_MS,
	    calls_tell_progress, w) != 0)
		fatalx("calls: %s", err_text(ERR_MEMORY));
}

/* What each call waits for, to those who asked to hear it. */
static void
calls_tell_progress(void *arg)
{
	struct worker	*w = arg;
	struct call	*c;

	for (c = w->calls; c != NULL; c = c->next)
		mcp_notify_progress(&w->out, &c->req, ++c->progress,
		    c->running ? reasons_working :
		    !calls_person(w) ? reasons_signing_in :
		    !calls_database(w) ? reasons_connecting :
		    reasons_queued);
	if (w->calls != NULL)
		calls_progress_later(w);
	client_run(w);
}

/* A call that was just read; NULL after it was refused. */
static struct call *
call_new(struct worker *w, const struct mcp_request *req)
{
	struct call	*c, **p;

	/* One that an earlier worker took is not refused by this one. */
	if (!w->resuming && w->ncalls >= WORKER_CALLS_MAX) {
		mcp_answer_error(&w->out, req, MCP_ERROR_INTERNAL,
		    "too many requests at once; wait for an answer first");
		return NULL;
	}
	c = calloc(1, sizeof(*c));
	if (c != NULL)
		c->line = calloc(1, w->line_len + 1);
	if (c == NULL || c->line == NULL) {
		free(c);
		mcp_answer_error(&w->out, req, MCP_ERROR_INTERNAL,
		    "out of memory");
		return NULL;
	}
	memcpy(c->line, w->line, w->line_len);
	c->line_len = w->line_len;
	c->w = w;
	c->req = *req;
	c->deadline_ms = clock_monotonic_ms() + w->login_timeout_ms;
	for (p = &w->calls; *p != NULL; p = &(*p)->next)
		continue;
	*p = c;
	w->ncalls++;
	if (!w->resuming)
		call_announce(c, WORK_BEGIN);
	calls_progress_later(w);
	return c;
}

static void
calls_call_tool(void *arg, const struct mcp_request *req, const char *name,
    struct json_object *arguments)
{
	struct call	*c = call_new(arg, req);

	if (c == NULL)
		return;
	c->name = strdup(name);
	c->arguments = mcp_arguments_keep(arguments);
	if (c->name == NULL)
		fatalx("calls: %s", err_text(ERR_MEMORY));
}

static void
calls_read_resource(void *arg, const struct mcp_request *req, const char *uri)
{
	struct worker	*w = arg;
	struct buf	 text;
	struct call	*c;

	buf_init(&text, WORKER_OUT_MAX);
	if (resource_permission_model(uri, &text) == 0) {
		mcp_answer_resource(&w->out, req, uri, "application/json",
		    buf_string(&text), text.len);
		buf_free(&text);
		return;
	}
	c = call_new(w, req);
	if (c == NULL)
		return;
	c->uri = strdup(uri);
	if (c->uri == NULL)
		fatalx("calls: %s", err_text(ERR_MEMORY));
}

/*
 * A call that has not begun is forgotten.  One that runs is ended in the
 * database by closing the connection, as PostgreSQL looks for that while a
 * statement runs; to ask it otherwise would need a new connection, which
 * this process cannot make.  The other calls wait for the next worker.
 */
static void
calls_cancel(void *arg, const char *id, size_t id_len)
{
	struct worker	*w = arg;
	struct call	*c;
	bool		 running;

	for (c = w->calls; c != NULL; c = c->next)
		if (c->req.id_len == id_len &&
		    memcmp(c->req.id, id, id_len) == 0)
			break;
	if (c == NULL)
		return;
	running = c->running;
	call_end(c);
	if (running)
		worker_disconnect(w);
}

const struct mcp_ops	calls_ops = {
	.call_tool = calls_call_tool,
	.read_resource = calls_read_resource,
	.cancel = calls_cancel,
};

void
calls_refuse(struct worker *w, enum ipc_need what, enum ipc_reason reason,
    uint32_t port)
{
	struct call	*c, *next;
	struct buf	 text;

	if (what == IPC_NEED_LOGIN)
		w->login_asked = LOGIN_NOT_ASKED;
	else
		w->connect_asked = false;
	/* Meanwhile it may have come after all. */
	if (what == IPC_NEED_LOGIN ? calls_person(w) : calls_database(w))
		return;
	buf_init(&text, 8192);
	reasons_write(&text, reason, port);
	for (c = w->calls; c != NULL; c = next) {
		next = c->next;
		if (!c->running)
			call_refuse(c, buf_string(&text));
	}
	buf_free(&text);
}

void
calls_lost(struct worker *w, const char *id, size_t len)
{
	struct mcp_request	req;

	if (mcp_request_init(&req, mcp_session_revision(&w->session), id,
	    len) != 0 || mcp_answer_error(&w->out, &req, MCP_ERROR_INTERNAL,
	    reasons_died) != 0)
		log_warnx("a lost request could not be answered");
}

void
calls_hand_over(struct worker *w)
{
	struct ipc_call	 msg;
	struct call	*c;
	int		 fd;

	while ((c = w->calls) != NULL) {
		memset(&msg, 0, sizeof(msg));
		msg.deadline_ms = c->deadline_ms;
		fd = -1;
		if (c->line_len <= IPC_INLINE_MAX) {
			msg.data_len = (uint32_t)c->line_len;
			memcpy(msg.data, c->line, c->line_len);
		} else {
			fd = fd_memory_file("call", c->line, c->line_len);
			if (fd < 0)
				fatal("hand-over");
		}
		master_send(w, WORK_WAITING, &msg, &fd, fd == -1 ? 0 : 1);
		fd_close(&fd);
		call_free(&w->calls, c);
	}
}

void
calls_written(struct worker *w)
{
	struct call	*c;

	while ((c = w->answered) != NULL &&
	    c->answered_at <= w->out_written) {
		call_announce(c, WORK_END);
		call_free(&w->answered, c);
	}
}

void
calls_free(struct worker *w)
{
	while (w->calls != NULL)
		call_free(&w->calls, w->calls);
	while (w->answered != NULL)
		call_free(&w->answered, w->answered);
}
