/* SPDX-License-Identifier: MIT */
/*
 * Listening for the browser's return on localhost (RFC 8252 §7.3): the
 * master accepts, a gate of its own reads each connection.
 */
#ifndef CLI_CALLBACK_H
#define CLI_CALLBACK_H

#include <stdint.h>

#include "ipc/ipc.h"

/* Connections of browsers at a time; more wait in the kernel. */
#define CALLBACK_GATES_MAX	8

struct callback;
struct callback_gate;
struct program;

/* A gate has read a callback; it waits for callback_answer(). */
typedef void	callback_fn(void *arg, struct callback_gate *g,
		    const struct ipc_gate_callback *cb);
/* A gate that had called is dead; it cannot be answered any more. */
typedef void	callback_gone_fn(void *arg, struct callback_gate *g);

/*
 * Listen on port of 127.0.0.1 and of ::1, as far as the machine has them.
 * 0; ERR_DUPLICATE if another program has the port; ERR_SYSTEM; ERR_MEMORY.
 */
int	callback_open(struct program *p, uint16_t port, callback_fn *fn,
	    callback_gone_fn *gone, void *arg, struct callback **out);
/*
 * Stop listening, NULL is allowed.  Gates with a verdict finish their page;
 * the others are killed.
 */
void	callback_free(struct callback *cb);
/* Tell a gate its verdict; NULL is allowed: it is gone. */
void	callback_answer(struct callback_gate *g, enum ipc_page page);
/* The same, with what the exchange said when it was asked for tokens. */
void	callback_report(struct callback_gate *g, enum ipc_page page,
	    enum ipc_oauth_error error);

#endif
