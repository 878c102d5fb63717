/* SPDX-License-Identifier: MIT */
/*
 * Names the call that is about to kill the process (--enable-debug only).
 * Runs in every child, inside a signal handler: the names are collected
 * before, the handler only looks up, writes and dies.
 */
#include "compat/compat.h"

#include "sandbox/violation.h"

#ifdef JHE_DEBUG

#include <sys/syscall.h>

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

#define VIOLATION_NAMES_MAX	256
#define VIOLATION_LINE_MAX		160

static struct {
	int		 number;
	const char	*name;
} violation_names[VIOLATION_NAMES_MAX];
static size_t		 violation_count;
static const char	*violation_process = "child";

void
violation_add(int number, const char *name)
{
	size_t	i;

	for (i = 0; i < violation_count; i++)
		if (violation_names[i].number == number)
			return;
	if (violation_count == VIOLATION_NAMES_MAX)
		return;
	violation_names[violation_count].number = number;
	violation_names[violation_count].name = name;
	violation_count++;
}

static const char *
violation_find(int number)
{
	size_t	i;

	for (i = 0; i < violation_count; i++)
		if (violation_names[i].number == number)
			return violation_names[i].name;
	return "(not in the table)";
}

static size_t
violation_append(char *line, size_t len, const char *text)
{
	while (*text != '\0' && len < VIOLATION_LINE_MAX)
		line[len++] = *text++;
	return len;
}

static void
violation_signal(int sig, siginfo_t *info, void *context)
{
	char	line[VIOLATION_LINE_MAX];
	size_t	len;

	(void)context;
	len = violation_append(line, 0, "jhe-mcp[");
	len = violation_append(line, len, violation_process);
	len = violation_append(line, len, "]: forbidden system call: ");
	len = violation_append(line, len, violation_find(info->si_syscall));
	len = violation_append(line, len, "\n");
	if (write(STDERR_FILENO, line, len) == -1)
		len = 0;
	/* The handler was reset on entry: this one is fatal. */
	syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid), sig);
	_exit(128 + sig);
}

int
violation_start(const char *process)
{
	struct sigaction	sa;

	violation_process = process;
	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = violation_signal;
	sa.sa_flags = SA_SIGINFO | SA_RESETHAND | SA_NODEFER;
	return sigaction(SIGSYS, &sa, NULL) == -1 ? ERR_SYSTEM : 0;
}

#else

void
violation_add(int number, const char *name)
{
	(void)number;
	(void)name;
}

int
violation_start(const char *process)
{
	(void)process;
	return 0;
}

#endif
