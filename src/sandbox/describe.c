/* SPDX-License-Identifier: MIT */
/*
 * Names how a child ended.  Runs in the master, for its log; the status is
 * the kernel's.
 */
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/sandbox.h"

const char *
sandbox_describe_exit(int status, char *text, size_t size)
{
	const char	*name;

	if (WIFEXITED(status)) {
		snprintf(text, size, "exit code %d", WEXITSTATUS(status));
	} else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) {
		snprintf(text, size, "killed by the sandbox (SIGSYS)");
	} else if (WIFSIGNALED(status)) {
		name = sigabbrev_np(WTERMSIG(status));
		if (name != NULL)
			snprintf(text, size, "SIG%s", name);
		else
			snprintf(text, size, "signal %d", WTERMSIG(status));
	} else {
		snprintf(text, size, "wait status 0x%x",
		    (unsigned int)status);
	}
	return text;
}
