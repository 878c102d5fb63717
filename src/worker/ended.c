/* SPDX-License-Identifier: MIT */
/*
 * Requests whose answers wait to be written.  Runs in the worker.  The
 * master forgets an id when the last byte of its answer is with the client,
 * not before: if this process dies in between, the next one answers it.
 */
#include <string.h>

#include "base/log.h"
#include "worker/worker.h"

void
ended_add(struct worker *w, const char *id, size_t len)
{
	struct ended	*e;

	if (w->out.len == 0) {
		calls_announce(w, WORK_END, id, len);
		return;
	}
	/* There are no more ids than the master keeps. */
	if (w->nended == WORKER_CALLS_MAX)
		fatalx("more answers than requests");
	e = &w->ended[w->nended++];
	e->at = w->out_written + w->out.len;
	e->len = (uint32_t)len;
	memcpy(e->id, id, len);
}

void
ended_written(struct worker *w, size_t n)
{
	uint32_t	i, done = 0;

	w->out_written += n;
	while (done < w->nended && w->ended[done].at <= w->out_written)
		done++;
	for (i = 0; i < done; i++)
		calls_announce(w, WORK_END, w->ended[i].id, w->ended[i].len);
	w->nended -= done;
	memmove(w->ended, w->ended + done, w->nended * sizeof(*w->ended));
}
