/* SPDX-License-Identifier: MIT */
/*
 * Starting a child: exec'ed, never only forked, so that it has its own
 * address space layout and nothing of the master's memory.  It gets an empty
 * environment, /dev/null as 0 and 1, the log as 2, its channel as
 * IPC_CHANNEL_FD, and nothing else.
 */
#ifndef IPC_SPAWN_H
#define IPC_SPAWN_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

/*
 * Open a child's binary ("worker"): libexec/jhe-mcp/NAME beside the
 * directory of the running program, so that a build tree, a staged and an
 * installed one all work.  The descriptor (close-on-exec, above 3), or
 * ERR_NOT_FOUND or ERR_SYSTEM; path holds what was tried, for the log.
 */
int	ipc_open_program(const char *name, char *path, size_t size);

/*
 * Start the program behind program_fd as `title`; log_fd becomes its
 * descriptor 2.  On success 0, *pid and this end of the channel's socket in
 * *fd.  ERR_SYSTEM otherwise.
 */
int	ipc_spawn(int program_fd, const char *title, int log_fd, pid_t *pid,
	    int *fd);

#endif
