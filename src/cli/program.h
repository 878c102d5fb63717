/* SPDX-License-Identifier: MIT */
/*
 * What every command that has children shares: the configuration, the loop,
 * the children and their binaries, opened once at start.
 */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include <stdbool.h>

struct conf;
struct ipc_children;
struct loop;

/* Exit codes of jhe-mcp(1). */
enum program_exit {
	PROGRAM_OK = 0,
	PROGRAM_USAGE = 1,
	PROGRAM_FAILURES = 2,
	PROGRAM_LOGIN = 3,
	PROGRAM_UNREACHABLE = 4,
	PROGRAM_TOOL_ERROR = 5,
	PROGRAM_CONFIG = 78
};

struct program {
	struct conf		*conf;
	struct loop		*loop;
	struct ipc_children	*children;
	int			 worker_fd, gate_fd, broker_fd;
	int			 signal_fd;
	int			 signal;		/* that came last */
	void			(*stop)(void *arg);	/* SIGTERM and so on */
	void			*stop_arg;
};

/*
 * Keep descriptors 0 and 1 for messages only: they become *in_fd and
 * *out_fd, the caller's to keep; whatever a library reads or prints from
 * here on goes to /dev/null and to stderr.  Fatal if that is impossible.
 */
void	program_take_messages(int *in_fd, int *out_fd);
/*
 * Protect the memory, open the binaries, watch signals.  Fatal if anything
 * is not as it must be.  stop is called for SIGTERM, SIGINT and SIGHUP.
 */
void	program_start(struct program *p, struct conf *conf,
	    void (*stop)(void *arg), void *arg);
/*
 * Kill and reap the children that are left, without their callbacks; close
 * everything.  conf stays.
 */
void	program_end(struct program *p);

#endif
