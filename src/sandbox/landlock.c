/* SPDX-License-Identifier: MIT */
/*
 * Denies everything that Landlock can deny.  Runs in every child before the
 * final filter; no untrusted input.  The numbers are the kernel's and written
 * out, since the headers of Debian 12 know only the first two revisions.
 */
#include <sys/syscall.h>

#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "sandbox/landlock.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset	444
#define SYS_landlock_restrict_self	446
#endif

#define LANDLOCK_ASK_VERSION	1U

/* What a ruleset may handle; shorter in older revisions. */
struct landlock_handled {
	uint64_t	fs;		/* ABI 1 */
	uint64_t	net;		/* ABI 4 */
	uint64_t	scoped;		/* ABI 6 */
};

static const struct {
	int		abi;		/* from this one on */
	uint64_t	fs;
	uint64_t	net;
	uint64_t	scoped;
	size_t		size;
} landlock_levels[] = {
	{ 6, 0xffff, 0x3, 0x3, sizeof(struct landlock_handled) },
	{ 5, 0xffff, 0x3, 0, offsetof(struct landlock_handled, scoped) },
	{ 4, 0x7fff, 0x3, 0, offsetof(struct landlock_handled, scoped) },
	{ 3, 0x7fff, 0, 0, offsetof(struct landlock_handled, net) },
	{ 2, 0x3fff, 0, 0, offsetof(struct landlock_handled, net) },
	{ 1, 0x1fff, 0, 0, offsetof(struct landlock_handled, net) },
};

int
landlock_abi(void)
{
	long	abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
		    LANDLOCK_ASK_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

int
landlock_deny_all(void)
{
	struct landlock_handled	handled = { 0, 0, 0 };
	int			abi = landlock_abi(), fd, result = 0;
	size_t			i = 0;

	if (abi < 1)
		return 0;
	while (landlock_levels[i].abi > abi)
		i++;
	handled.fs = landlock_levels[i].fs;
	handled.net = landlock_levels[i].net;
	handled.scoped = landlock_levels[i].scoped;
	fd = (int)syscall(SYS_landlock_create_ruleset, &handled,
	    landlock_levels[i].size, 0U);
	if (fd == -1)
		return ERR_SYSTEM;
	if (syscall(SYS_landlock_restrict_self, fd, 0U) == -1)
		result = ERR_SYSTEM;
	fd_close(&fd);
	return result;
}
