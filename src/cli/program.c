/* SPDX-License-Identifier: MIT */
/*
 * The start of a command that has children.  Runs in jhe-mcp, the user's own
 * process; no untrusted bytes.
 */
#include <sys/signalfd.h>

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/loop.h"
#include "cli/program.h"
#include "ipc/child.h"
#include "ipc/spawn.h"
#include "sandbox/sandbox.h"

/* Above everything that children get by number. */
#define PROGRAM_FD_LEAST	10

/* Descriptors 0 to 2 exist, whoever started us. */
static void
program_open_standard(void)
{
	int	fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd == -1)
			fatal("/dev/null");
	} while (fd <= STDERR_FILENO);
	close(fd);
}

void
program_take_messages(int *in_fd, int *out_fd)
{
	int	null_fd;

	program_open_standard();
	*in_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, PROGRAM_FD_LEAST);
	*out_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, PROGRAM_FD_LEAST);
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (*in_fd == -1 || *out_fd == -1 || null_fd == -1 ||
	    dup2(null_fd, STDIN_FILENO) == -1 ||
	    dup2(STDERR_FILENO, STDOUT_FILENO) == -1)
		fatal("standard input and output");
	fd_close(&null_fd);
}

static int
program_open(const char *name)
{
	char	path[PATH_MAX];
	int	fd = ipc_open_program(name, path, sizeof(path));

	if (fd < 0)
		fatalx("%s: %s: the installation is not whole",
		    path[0] != '\0' ? path : name, err_text(fd));
	return fd;
}

static void
program_signal(void *arg, int fd, short revents)
{
	struct program		*p = arg;
	struct signalfd_siginfo	 info;

	(void)revents;
	while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			ipc_children_reap(p->children);
		else {
			p->signal = (int)info.ssi_signo;
			p->stop(p->stop_arg);
		}
	}
}

static void
program_watch_signals(struct program *p)
{
	sigset_t	set;

	signal(SIGPIPE, SIG_IGN);
	/* A limit of file sizes is an error like a full disk. */
	signal(SIGXFSZ, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		fatal("signals");
	p->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (p->signal_fd == -1 || loop_fd_set(p->loop, p->signal_fd, POLLIN,
	    program_signal, p) != 0)
		fatal("signals");
}

void
program_start(struct program *p, struct conf *conf, void (*stop)(void *arg),
    void *arg)
{
	memset(p, 0, sizeof(*p));
	p->conf = conf;
	p->stop = stop;
	p->stop_arg = arg;
	program_open_standard();
	if (sandbox_protect_memory() != 0)
		fatal("memory protection");
	p->worker_fd = program_open("worker");
	p->gate_fd = program_open("gate");
	p->broker_fd = program_open("broker");
	p->loop = loop_new();
	if (p->loop != NULL)
		p->children = ipc_children_new(p->loop, STDERR_FILENO);
	if (p->loop == NULL || p->children == NULL)
		fatalx("start: %s", err_text(ERR_MEMORY));
	program_watch_signals(p);
}

void
program_end(struct program *p)
{
	ipc_children_free(p->children);
	loop_fd_clear(p->loop, p->signal_fd);
	loop_free(p->loop);
	fd_close(&p->signal_fd);
	fd_close(&p->worker_fd);
	fd_close(&p->gate_fd);
	fd_close(&p->broker_fd);
}
