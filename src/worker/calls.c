/* SPDX-License-Identifier: MIT */
/*
 * Requests that take time: tools and resources.  Runs in the worker.  A call
 * waits until somebody is signed in and a database is connected, then runs;
 * one at a time, in the order they came.  The master knows the id of each
 * from the moment it was read until its answer is written, so that a worker
 * that dies leaves no request without an answer.  Of a batch that waits for
 * a call it knows all ids, as none of its answers is written before the last
 * one is there.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"
#include "compat/compat.h"
#include "db/db.h"
#include "mcp/write.h"
#include "tools/complete.h"
#include "tools/resources.h"
#include "tools/tools.h"
#include "worker/call.h"
#include "worker/reasons.h"
#include "worker/worker.h"

/* Between two notifications of progress, and before the first. */
#define CALLS_PROGRESS_MS	2000
/* The master ends the wait for a sign-in; this is for one that does not. */
#define CALLS_GRACE_MS		2000

static void	calls_run_later(void *);
static void	calls_tell_progress(void *);

void
calls_announce(struct worker *w, enum ipc_type type, const char *raw,
    size_t len)
{
	struct ipc_id	id = { .id_len = (uint32_t)len };

	memcpy(id.id, raw, len);
	master_send(w, type, &id, NULL, 0);
	if (type == WORK_BEGIN)
		w->nids++;
	else
		w->nids--;
}

static void
call_unlink(struct call *c)
{
	struct call	**p = &c->w->calls;

	while (*p != c)
		p = &(*p)->next;
	*p = c->next;
	c->w->ncalls--;
}

/* Free it; what runs in the database for it runs on, unheard. */
static void
call_free(struct call *c)
{
	call_unlink(c);
	tools_call_free(c->tool);
	resource_read_free(c->resource);
	complete_free(c->complete);
	mcp_arguments_drop(c->arguments);
	freezero(c->line, c->line_len);
	free(c->name);
	free(c->uri);
	free(c->typed);
	freezero(c, sizeof(*c));
}

/* The next call may start, but not from within a callback of db. */
static void
calls_later(struct worker *w)
{
	if (loop_timer_set(w->loop, clock_monotonic_ms(), calls_run_later,
	    w) != 0)
		fatalx("calls: %s", err_text(ERR_MEMORY));
}

/* A batch's answers are in the out buffer: so are those of its calls. */
static void
calls_settle_batch(struct worker *w, struct mcp_batch *batch)
{
	const struct mcp_batch_id	*ids;
	size_t				 i, n;

	if (!mcp_batch_is_done(batch))
		return;
	ids = mcp_batch_ids(batch, &n);
	for (i = 0; i < n; i++)
		ended_add(w, ids[i].raw, ids[i].len);
	mcp_batch_free(batch);
}

/* The answer is in the out buffer. */
static void
call_end(struct call *c)
{
	struct worker	*w = c->w;

	if (c->req.batch != NULL)
		calls_settle_batch(w, c->req.batch);
	else
		ended_add(w, c->req.id, c->req.id_len);
	call_free(c);
	calls_later(w);
}

void
call_answered(struct call *c, int error)
{
	if (error != 0)
		error = mcp_answer_error(&c->w->out, &c->req,
		    MCP_ERROR_INTERNAL, "the answer is too large");
	/* The master knows what is unanswered, and the next worker will. */
	if (error != 0)
		fatalx("an answer cannot be written: %s", err_text(error));
	call_end(c);
}

void
call_refuse(struct call *c, const char *text)
{
	struct mcp_tool_result	result = {
		.is_error = true, .text = text, .text_len = strlen(text),
	};

	if (c->typed != NULL)
		call_answered(c, mcp_answer_completion(&c->w->out, &c->req,
		    NULL));
	else if (c->uri == NULL)
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
		.meta = r->meta.len > 0 ? buf_string(&r->meta) : NULL,
		.meta_len = r->meta.len,
	};

	if (c->uri != NULL) {
		call_answer_resource(c, r);
		return;
	}
	if (!r->is_error && r->structured.len > 0) {
		result.structured = buf_string(&r->structured);
		result.structured_len = r->structured.len;
	}
	if (r->is_fault)
		log_warnx("request %s: %s could not be answered",
		    c->w->request_id, c->name);
	call_answered(c, mcp_answer_tool(&c->w->out, &c->req, &result));
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

/* The database ends a statement in time, if it lives at all. */
static int64_t
calls_due_ms(const struct worker *w)
{
	return clock_monotonic_ms() + w->statement_timeout_ms +
	    CALLS_GRACE_MS;
}

void
calls_heard(struct worker *w)
{
	struct call	*c;

	for (c = w->calls; c != NULL; c = c->next)
		if (c->running)
			c->due_ms = calls_due_ms(w);
}

static void
call_begin(struct call *c)
{
	struct tools_context	ctx;

	c->running = true;
	c->due_ms = calls_due_ms(c->w);
	context_begin(c->w, &ctx);
	if (c->name != NULL) {
		call_begin_tool(c, &ctx);
		return;
	}
	call_begin_ask(c, &ctx);
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

/* A database that says nothing may be stopped: its connection is given up. */
static void
call_expire_running(struct call *c)
{
	struct worker	*w = c->w;

	log_warnx("the database does not answer: its connection is given up");
	call_refuse(c, reasons_silent);
	worker_disconnect(w);
}

/* Refuse calls that have waited too long. */
static void
calls_expire(struct worker *w)
{
	int64_t		 now = clock_monotonic_ms(), then = INT64_MAX, due;
	struct call	*c, *next;

	for (c = w->calls; c != NULL; c = next) {
		next = c->next;
		due = c->running ? c->due_ms : c->deadline_ms;
		if (due > now)
			then = due < then ? due : then;
		else if (c->running)
			call_expire_running(c);
		else
			call_refuse(c, !calls_person(w) ? reasons_no_login :
			    !calls_database(w) ? reasons_no_database :
			    reasons_too_slow);
	}
	if (w->calls != NULL && then != INT64_MAX &&
	    loop_timer_set(w->loop, then, calls_run_later, w) != 0)
		fatalx("calls: %s", err_text(ERR_MEMORY));
}

void
calls_run(struct worker *w)
{
	if (w->calls == NULL)
		return;
	calls_expire(w);
	if (w->calls == NULL || calls_running(w) || w->yielding ||
	    w->out.len >= WORKER_OUT_HIGH)
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

/* How long a call may wait to begin. */
static int64_t
calls_patience_ms(const struct worker *w)
{
	return (int64_t)w->login_timeout_ms + CALLS_GRACE_MS;
}

/*
 * What it waits for, with the seconds it has waited: a number that grows
 * also from worker to worker, as the deadline goes with the call.
 */
static void
call_tell_progress(struct call *c)
{
	struct worker	*w = c->w;
	int64_t		 left_ms = c->deadline_ms - clock_monotonic_ms();
	int64_t		 waited_s = (calls_patience_ms(w) - left_ms) / 1000;

	c->progress = waited_s > c->progress ? waited_s : c->progress + 1;
	mcp_notify_progress(&w->out, &c->req, c->progress,
	    c->running ? reasons_working :
	    !calls_person(w) ? reasons_signing_in :
	    !calls_database(w) ? reasons_connecting : reasons_queued);
}

static void
calls_tell_progress(void *arg)
{
	struct worker	*w = arg;
	struct call	*c;

	for (c = w->calls; c != NULL; c = c->next)
		if (w->out.len < WORKER_OUT_HIGH)
			call_tell_progress(c);
	if (w->calls != NULL)
		calls_progress_later(w);
	client_run(w);
}

/* Whether there is room for a request, or for all of its batch. */
static bool
calls_have_room(const struct worker *w, const struct mcp_request *req)
{
	size_t	n = req->batch == NULL ? 1 : mcp_batch_size(req->batch);

	return w->resuming || n <= WORKER_CALLS_MAX - w->nids;
}

static struct call *
call_alloc(struct worker *w, const struct mcp_request *req,
    const struct mcp_slice *raw)
{
	struct call	*c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->line = calloc(1, raw->len + 1);
	if (c->line == NULL) {
		free(c);
		return NULL;
	}
	memcpy(c->line, raw->data, raw->len);
	c->line_len = raw->len;
	c->w = w;
	c->req = *req;
	c->deadline_ms = w->resuming ? w->resume_deadline_ms :
	    clock_monotonic_ms() + calls_patience_ms(w);
	return c;
}

struct call *
call_new(struct worker *w, const struct mcp_request *req,
    const struct mcp_slice *raw)
{
	struct call	*c, **p;

	if (!calls_have_room(w, req)) {
		mcp_answer_error(&w->out, req, MCP_ERROR_INTERNAL,
		    "too many requests at once; wait for an answer first");
		return NULL;
	}
	c = call_alloc(w, req, raw);
	if (c == NULL)
		fatalx("calls: %s", err_text(ERR_MEMORY));
	for (p = &w->calls; *p != NULL; p = &(*p)->next)
		continue;
	*p = c;
	if (w->ncalls++ == 0)
		calls_progress_later(w);
	if (req->batch != NULL)
		return c;
	c->announced = true;
	if (w->resuming)
		w->nids++;
	else
		calls_announce(w, WORK_BEGIN, req->id, req->id_len);
	return c;
}

static void
calls_call_tool(void *arg, const struct mcp_request *req,
    const struct mcp_slice *raw, const char *name,
    struct json_object *arguments)
{
	struct call	*c = call_new(arg, req, raw);

	if (c == NULL)
		return;
	c->name = strdup(name);
	c->arguments = mcp_arguments_keep(arguments);
	if (c->name == NULL)
		fatalx("calls: %s", err_text(ERR_MEMORY));
}

/* A batch that waits for calls: a death would lose all its answers. */
static void
calls_keep_batch(void *arg, struct mcp_batch *batch)
{
	struct worker			*w = arg;
	const struct mcp_batch_id	*ids;
	struct call			*c;
	size_t				 i, n;

	ids = mcp_batch_ids(batch, &n);
	for (i = 0; i < n; i++) {
		if (w->resuming)
			w->nids++;
		else
			calls_announce(w, WORK_BEGIN, ids[i].raw, ids[i].len);
	}
	for (c = w->calls; c != NULL; c = c->next)
		if (c->req.batch == batch)
			c->announced = true;
	calls_settle_batch(w, batch);
}

/* Not answered; others of its batch are. */
static void
call_drop(struct call *c)
{
	struct worker		*w = c->w;
	struct mcp_batch	*batch = c->req.batch;

	if (c->announced)
		calls_announce(w, WORK_END, c->req.id, c->req.id_len);
	if (batch != NULL) {
		if (mcp_batch_drop(batch, &c->req, &w->out) != 0)
			fatalx("an answer cannot be written");
		calls_settle_batch(w, batch);
	}
	call_free(c);
	calls_later(w);
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
	if (c == NULL) {
		listens_cancel(w, id, id_len);
		return;
	}
	running = c->running;
	call_drop(c);
	if (running)
		worker_disconnect(w);
}

const struct mcp_ops	calls_ops = {
	.call_tool = calls_call_tool,
	.read_resource = asks_read_resource,
	.complete = asks_complete,
	.listen = listens_add,
	.cancel = calls_cancel,
	.keep_batch = calls_keep_batch,
};

void
calls_lost(struct worker *w, const char *id, size_t len)
{
	struct mcp_request	req;

	if (mcp_request_init(&req, mcp_session_revision(&w->session), id,
	    len) != 0 || mcp_answer_error(&w->out, &req, MCP_ERROR_INTERNAL,
	    reasons_died) != 0)
		log_warnx("a lost request could not be answered");
	w->nids++;
	ended_add(w, id, len);
}

void
call_give_up(struct call *c)
{
	struct worker		*w = c->w;
	struct mcp_batch	*batch = c->req.batch;
	struct call		*next;

	if (batch == NULL) {
		call_free(c);
		return;
	}
	for (c = w->calls; c != NULL; c = next) {
		next = c->next;
		if (c->req.batch == batch)
			call_free(c);
	}
	mcp_batch_free(batch);
}

void
calls_free(struct worker *w)
{
	while (w->calls != NULL)
		call_give_up(w->calls);
}
