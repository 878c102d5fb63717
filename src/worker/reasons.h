/* SPDX-License-Identifier: MIT */
/*
 * Why a call cannot be served, in words for the model and its person: what
 * is wrong on which side, and what to do.  The first word is a stable code.
 */
#ifndef WORKER_REASONS_H
#define WORKER_REASONS_H

#include "ipc/ipc.h"

struct buf;

extern const char	reasons_no_login[];
extern const char	reasons_no_database[];
extern const char	reasons_too_slow[];
extern const char	reasons_lost[];
extern const char	reasons_silent[];
extern const char	reasons_died[];

/* What a call waits for, as a notification of progress tells it. */
extern const char	reasons_signing_in[];
extern const char	reasons_connecting[];
extern const char	reasons_queued[];
extern const char	reasons_working[];

/*
 * Append the text for a reason; port: of IPC_REASON_PORT; url: where one can
 * still sign in, or "".
 */
void	reasons_write(struct buf *out, enum ipc_reason reason, uint32_t port,
	    const char *url);

#endif
