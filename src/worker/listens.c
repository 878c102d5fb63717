/* SPDX-License-Identifier: MIT */
/*
 * Subscriptions (subscriptions/listen of 2026-07-28).  Runs in the worker.
 * Nothing that we offer changes while we run, so that nothing is ever told;
 * but a client that asked to be told is right to leave its request open,
 * and it stays open, also from worker to worker.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "compat/compat.h"
#include "mcp/write.h"
#include "worker/worker.h"

struct listen {
	struct listen		*next;
	struct mcp_request	 req;
	size_t			 line_len;
	char			 line[];	/* as read, for a successor */
};

void
listens_add(void *arg, const struct mcp_request *req,
    const struct mcp_slice *raw)
{
	struct worker	*w = arg;
	struct listen	*l;

	if (!w->resuming && (w->nlistens == WORKER_LISTENS_MAX ||
	    w->nids == WORKER_CALLS_MAX)) {
		mcp_answer_error(&w->out, req, MCP_ERROR_INTERNAL,
		    "too many subscriptions");
		return;
	}
	l = calloc(1, sizeof(*l) + raw->len);
	if (l == NULL)
		fatalx("subscription: %s", err_text(ERR_MEMORY));
	l->req = *req;
	l->line_len = raw->len;
	memcpy(l->line, raw->data, raw->len);
	l->next = w->listens;
	w->listens = l;
	w->nlistens++;
	/* A resumed one was acknowledged by the worker that read it. */
	if (w->resuming) {
		w->nids++;
		return;
	}
	calls_announce(w, WORK_BEGIN, req->id, req->id_len);
	if (mcp_notify_acknowledged(&w->out, req) != 0)
		fatalx("subscription: %s", err_text(ERR_MEMORY));
}

static void
listen_free(struct worker *w, struct listen *l)
{
	struct listen	**p = &w->listens;

	while (*p != l)
		p = &(*p)->next;
	*p = l->next;
	w->nlistens--;
	freezero(l, sizeof(*l) + l->line_len);
}

bool
listens_cancel(struct worker *w, const char *id, size_t len)
{
	struct listen	*l;

	for (l = w->listens; l != NULL; l = l->next)
		if (l->req.id_len == len && memcmp(l->req.id, id, len) == 0)
			break;
	if (l == NULL)
		return false;
	calls_announce(w, WORK_END, id, len);
	listen_free(w, l);
	return true;
}

void
listens_end(struct worker *w)
{
	struct listen	*l;

	while ((l = w->listens) != NULL) {
		if (mcp_answer_subscription(&w->out, &l->req) != 0)
			fatalx("subscription: %s", err_text(ERR_MEMORY));
		ended_add(w, l->req.id, l->req.id_len);
		listen_free(w, l);
	}
}

void
listens_hand_over(struct worker *w)
{
	struct listen	*l;

	while ((l = w->listens) != NULL) {
		calls_pass_on(w, 0, l->line, l->line_len);
		listen_free(w, l);
	}
}

void
listens_free(struct worker *w)
{
	while (w->listens != NULL)
		listen_free(w, w->listens);
}
