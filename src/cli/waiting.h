/* SPDX-License-Identifier: MIT */
/*
 * What a client waits for, kept by the master: the ids of requests that a
 * worker has read and not answered, and, between two workers, the requests
 * that have not begun.
 */
#ifndef CLI_WAITING_H
#define CLI_WAITING_H

#include "ipc/ipc.h"

struct ipc_child;
struct waiting;

/* Requests of one client at a time; a worker keeps to it. */
#define WAITING_MAX	64
/* Ids: of these, and of answers that wait for a client to read. */
#define WAITING_IDS_MAX	128

/* NULL when out of memory. */
struct waiting	*waiting_new(void);
void		 waiting_free(struct waiting *w);
/*
 * WORK_BEGIN and WORK_END.  0, or ERR_DENIED: over WAITING_IDS_MAX, or the
 * end of what never began.
 */
int		 waiting_begin(struct waiting *w, const struct ipc_id *id);
int		 waiting_end(struct waiting *w, const struct ipc_id *id);
/* WORK_WAITING; takes the descriptor.  0, or ERR_DENIED: over WAITING_MAX. */
int		 waiting_add(struct waiting *w, struct ipc_message *m);
/* The worker died: all that it worked on is lost. */
void		 waiting_lose(struct waiting *w);
/* How many WORK_RESUME waiting_give() will send. */
uint32_t	 waiting_count(const struct waiting *w);
/* Tell a worker that has just adopted the client: WORK_LOST, WORK_RESUME. */
void		 waiting_give(struct waiting *w, struct ipc_child *c);

#endif
