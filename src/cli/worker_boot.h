/* SPDX-License-Identifier: MIT */
/* The share of the configuration that a worker gets. */
#ifndef CLI_WORKER_BOOT_H
#define CLI_WORKER_BOOT_H

#include <stdbool.h>

#include "ipc/ipc.h"

struct conf;

/*
 * Fill in BOOT_WORKER; with connect also the login of the database, which a
 * bare worker has no use for.  The caller wipes it.  0, or ERR_LIMIT if the
 * option database is too long (or a list of tools).
 */
int	worker_boot_fill(struct ipc_boot_worker *boot,
	    const struct conf *conf, bool connect);
/* May clients have this tool, by tool-list and hide-tool? */
bool	worker_boot_offers(const struct conf *conf, const char *tool);

#endif
