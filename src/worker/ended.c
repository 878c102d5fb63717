/* SPDX-License-Identifier: MIT */
/*
 * Requests whose answers wait to be written.  Runs in the worker.  The
 * master forgets an id when the last byte of its answer is with the client,
 * not before: if this process dies in between, the next one answers it.  Of
 * a request that was answered at once it is told when the answer could not
 * be written at once, too.
 */
#include <string.h>

#include "base/log.h"
#include "worker/worker.h"

static struct ended *
ended_new(struct worker *w, const char *id, size_t len)
{
	struct ended	*e;

	/* There are no more ids than the master keeps. */
	if (w->nended == sizeof(w->ended) / sizeof(w->ended[0]))
		fatalx("more answers than requests");
	e = &w->ended[w->nended++];
	e->at = w->out_written + w->out.len;
	e->quick = false;
	e->announced = true;
	e->len = (uint32_t)len;
	memcpy(e->id, id, len);
	return e;
}

void
ended_add(struct worker *w, const char *id, size_t len)
{
	if (w->out.len == 0)
		calls_announce(w, WORK_END, id, len);
	else
		ended_new(w, id, len);
}

void
ended_add_quick(struct worker *w, const char *id, size_t len)
{
	struct ended	*e;

	if (w->out.len == 0 || w->nquick == WORKER_QUICK_MAX)
		return;
	e = ended_new(w, id, len);
	e->quick = true;
	e->announced = false;
	w->nquick++;
}

void
ended_announce(struct worker *w)
{
	uint32_t	i;

	for (i = 0; i < w->nended; i++) {
		if (w->ended[i].announced)
			continue;
		w->ended[i].announced = true;
		calls_announce(w, WORK_BEGIN, w->ended[i].id,
		    w->ended[i].len);
		w->nids--;
	}
}

static void
ended_tell(struct worker *w, const struct ended *e)
{
	if (e->quick) {
		w->nquick--;
		w->nids += e->announced;
	}
	if (e->announced)
		calls_announce(w, WORK_END, e->id, e->len);
}

void
ended_written(struct worker *w, size_t n)
{
	uint32_t	i, done = 0;

	w->out_written += n;
	while (done < w->nended && w->ended[done].at <= w->out_written)
		done++;
	for (i = 0; i < done; i++)
		ended_tell(w, &w->ended[i]);
	w->nended -= done;
	memmove(w->ended, w->ended + done, w->nended * sizeof(*w->ended));
}
