/* SPDX-License-Identifier: MIT */
/* The part of a child's start that every child has. */
#ifndef IPC_BOOT_H
#define IPC_BOOT_H

#include <stdint.h>

#include "ipc/ipc.h"

struct ipc_boot {
	struct ipc_channel	*ch;
};

/*
 * In a child: take over IPC_CHANNEL_FD as `role`, wait for BOOT_HELLO, set
 * up the log (name), then wait for the child's own BOOT_ message `type` and
 * copy its payload, size bytes, to payload.
 * 0; ERR_CLOSED: the master is gone; ERR_STATE: it has another message table
 * (exit with IPC_EXIT_MISMATCH); ERR_DENIED, ERR_MEMORY, ERR_SYSTEM.
 */
int	ipc_boot_receive(struct ipc_boot *boot, uint32_t role,
	    const char *name, enum ipc_type type, void *payload,
	    uint32_t size);
/* Tell the master: ready, or where it failed.  As ipc_send(), waiting. */
int	ipc_boot_ready(struct ipc_boot *boot);
int	ipc_boot_failed(struct ipc_boot *boot, enum ipc_stage stage,
	    enum ipc_reason reason);
/* Wait for one message; as ipc_receive(), but never ERR_AGAIN. */
int	ipc_wait(struct ipc_channel *ch, struct ipc_message *m);
/* The same until due_ms (clock_monotonic_ms), then ERR_TIMEOUT. */
int	ipc_wait_until(struct ipc_channel *ch, struct ipc_message *m,
	    int64_t due_ms);

#endif
