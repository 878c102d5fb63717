/* SPDX-License-Identifier: MIT */
/*
 * With --enable-debug a call that kills is first logged by its name; the
 * process then dies of the same signal (without the line where libc holds all
 * signals back, as in pthread_create).  In a normal build these do nothing
 * and the kernel kills at once.
 */
#ifndef SANDBOX_VIOLATION_H
#define SANDBOX_VIOLATION_H

/* Remember the name of a call that will kill; name is kept, not copied. */
void	violation_add(int number, const char *name);
/* Catch SIGSYS from now on.  0 or ERR_SYSTEM. */
int	violation_start(const char *process);

#endif
