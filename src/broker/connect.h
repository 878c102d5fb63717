/* SPDX-License-Identifier: MIT */
/*
 * The connections of a broker's job.  They are made in the boot phase, all
 * to the one name of BOOT_BROKER: after the final filter there are no
 * others.
 */
#ifndef BROKER_CONNECT_H
#define BROKER_CONNECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/ipc.h"

struct broker_connections {
	int	fd[IPC_BROKER_CONNECTIONS];	/* -1: given away or unused */
	size_t	n;
	char	address[64];	/* numeric, of the peer */
	bool	ipv6;
};

/* Where and why the start failed, as BOOT_FAILED has it. */
struct broker_failure {
	enum ipc_stage	stage;
	enum ipc_reason	reason;
};

/*
 * Resolve the name, try its addresses in order until one accepts, and open
 * the further connections there; a server that does not want them all may
 * refuse all but the first.  Non-blocking sockets, cfg->connect_timeout_ms
 * for everything behind the resolver.  0, or -1 with *why.
 */
int	connect_open(const struct ipc_boot_broker *cfg,
	    struct broker_connections *c, struct broker_failure *why);
/*
 * The next connection that the server has not closed meanwhile, to be
 * closed by the caller; -1 if none is left.
 */
int	connect_take(struct broker_connections *c);
void	connect_close(struct broker_connections *c);

#endif
