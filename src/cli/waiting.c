/* SPDX-License-Identifier: MIT */
/*
 * What a client waits for.  Runs in jhe-mcp.  Ids and requests are the
 * client's bytes, reported by a worker: they are kept and passed on, never
 * looked into.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fd.h"
#include "cli/waiting.h"
#include "compat/compat.h"
#include "ipc/child.h"

struct waiting_id {
	struct ipc_id	id;
	bool		lost;
};

struct waiting_call {
	struct ipc_call	call;
	int		fd;
};

struct waiting {
	struct waiting_id	 ids[WAITING_IDS_MAX];
	size_t			 nids;
	struct waiting_call	*calls[WAITING_MAX];
	size_t			 ncalls;
};

struct waiting *
waiting_new(void)
{
	return calloc(1, sizeof(struct waiting));
}

static void
waiting_drop_calls(struct waiting *w)
{
	size_t	i;

	for (i = 0; i < w->ncalls; i++) {
		fd_close(&w->calls[i]->fd);
		freezero(w->calls[i], sizeof(*w->calls[i]));
	}
	w->ncalls = 0;
}

void
waiting_free(struct waiting *w)
{
	if (w == NULL)
		return;
	waiting_drop_calls(w);
	freezero(w, sizeof(*w));
}

int
waiting_begin(struct waiting *w, const struct ipc_id *id)
{
	if (w->nids == WAITING_IDS_MAX)
		return ERR_DENIED;
	w->ids[w->nids].id = *id;
	w->ids[w->nids++].lost = false;
	return 0;
}

int
waiting_end(struct waiting *w, const struct ipc_id *id)
{
	size_t	i;

	for (i = 0; i < w->nids; i++)
		if (memcmp(&w->ids[i].id, id, sizeof(*id)) == 0)
			break;
	if (i == w->nids)
		return ERR_DENIED;
	w->ids[i] = w->ids[--w->nids];
	return 0;
}

int
waiting_add(struct waiting *w, struct ipc_message *m)
{
	struct waiting_call	*c;

	if (w->ncalls == WAITING_MAX)
		return ERR_DENIED;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return ERR_DENIED;
	memcpy(&c->call, m->payload, sizeof(c->call));
	c->fd = m->fds[0];
	m->fds[0] = -1;
	w->calls[w->ncalls++] = c;
	return 0;
}

void
waiting_lose(struct waiting *w)
{
	size_t	i;

	/* A request that was passed on is among the ids, too. */
	waiting_drop_calls(w);
	for (i = 0; i < w->nids; i++)
		w->ids[i].lost = true;
}

uint32_t
waiting_count(const struct waiting *w)
{
	return (uint32_t)w->ncalls;
}

void
waiting_give(struct waiting *w, struct ipc_child *c)
{
	size_t	i;

	/* A lost one is kept until it is answered, like any other. */
	for (i = 0; i < w->nids; i++)
		if (w->ids[i].lost)
			ipc_child_send(c, WORK_LOST, &w->ids[i].id, NULL, 0);
	for (i = 0; i < w->ncalls; i++)
		ipc_child_send(c, WORK_RESUME, &w->calls[i]->call,
		    &w->calls[i]->fd, w->calls[i]->fd == -1 ? 0 : 1);
	waiting_drop_calls(w);
}
