/* SPDX-License-Identifier: MIT */
/*
 * Starting a child.  Runs in the master only.  Between vfork and execveat
 * the child shares the master's memory, so that nothing but system calls is
 * done there.
 */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "ipc/ipc.h"
#include "ipc/spawn.h"

/* Descriptors from here on cannot be in the way of dup2 to 0..3. */
#define SPAWN_FD_LEAST	10

int
ipc_open_program(const char *name, char *path, size_t size)
{
	char	 self[PATH_MAX], *slash;
	ssize_t	 n;
	int	 i, fd, high;

	path[0] = '\0';
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n <= 0)
		return ERR_SYSTEM;
	self[n] = '\0';
	for (i = 0; i < 2; i++) {
		slash = strrchr(self, '/');
		if (slash == NULL)
			return ERR_NOT_FOUND;
		*slash = '\0';
	}
	n = snprintf(path, size, "%s/libexec/jhe-mcp/%s", self, name);
	if (n < 0 || (size_t)n >= size)
		return ERR_NOT_FOUND;
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd == -1)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM;
	high = fcntl(fd, F_DUPFD_CLOEXEC, SPAWN_FD_LEAST);
	fd_close(&fd);
	return high == -1 ? ERR_SYSTEM : high;
}

/* In the child, after vfork; returns only if it fails. */
static void
spawn_child(int program_fd, char *const argv[], int null_fd, int log_fd,
    int channel_fd, pid_t parent)
{
	static const int	 reset[] = { SIGPIPE, SIGCHLD, SIGINT, SIGTERM,
				     SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN,
				     SIGTTOU, SIGXFSZ };
	char			*envp[] = { NULL };
	struct sigaction	 sa;
	sigset_t		 none;
	size_t			 i;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_DFL;
	for (i = 0; i < sizeof(reset) / sizeof(reset[0]); i++)
		sigaction(reset[i], &sa, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Its own session: a terminal's signals are the master's business. */
	/* It dies with its master, whatever it has become. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		return;
	if (setsid() == -1 || dup2(log_fd, STDERR_FILENO) == -1 ||
	    dup2(null_fd, STDIN_FILENO) == -1 ||
	    dup2(null_fd, STDOUT_FILENO) == -1 ||
	    dup2(channel_fd, IPC_CHANNEL_FD) == -1 ||
	    close_range(IPC_CHANNEL_FD + 1, UINT_MAX,
	    CLOSE_RANGE_CLOEXEC) == -1)
		return;
	execveat(program_fd, "", argv, envp, AT_EMPTY_PATH);
}

/* A copy of fd out of the way of dup2; closed by the caller. */
static int
spawn_high(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, SPAWN_FD_LEAST);
}

static int
spawn_socket(int *ours, int *theirs)
{
	int	pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return ERR_SYSTEM;
	*ours = spawn_high(pair[0]);
	*theirs = spawn_high(pair[1]);
	fd_close(&pair[0]);
	fd_close(&pair[1]);
	return *ours == -1 || *theirs == -1 ? ERR_SYSTEM : 0;
}

static pid_t
spawn_exec(int program_fd, const char *title, int null_fd, int log_fd,
    int channel_fd)
{
	char		 name[32];
	char		*argv[] = { name, NULL };
	sigset_t	 all, before;
	volatile int	 failure = 0;
	int		 saved;
	pid_t		 pid, self = getpid();

	snprintf(name, sizeof(name), "jhe-mcp: %s", title);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = vfork();
	if (pid == 0) {
		spawn_child(program_fd, argv, null_fd, log_fd, channel_fd,
		    self);
		failure = errno;
		_exit(127);
	}
	saved = pid == -1 ? errno : failure;
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid > 0 && saved != 0)
		waitpid(pid, NULL, 0);
	errno = saved;
	return saved == 0 ? pid : -1;
}

int
ipc_spawn(int program_fd, const char *title, int log_fd, pid_t *pid, int *fd)
{
	int	ours = -1, theirs = -1, null_fd = -1, log_high = -1;
	int	error = ERR_SYSTEM;

	if (spawn_socket(&ours, &theirs) != 0)
		goto out;
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	log_high = spawn_high(log_fd);
	if (null_fd == -1 || log_high == -1)
		goto out;
	*pid = spawn_exec(program_fd, title, null_fd, log_high, theirs);
	if (*pid == -1)
		goto out;
	*fd = ours;
	ours = -1;
	error = 0;
out:
	fd_close(&ours);
	fd_close(&theirs);
	fd_close(&null_fd);
	fd_close(&log_high);
	return error;
}
