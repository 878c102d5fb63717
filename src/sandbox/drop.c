/* SPDX-License-Identifier: MIT */
/*
 * Gives up limits and privileges.  Runs in every child, run by root or by
 * anybody; no untrusted input.
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "compat/compat.h"
#include "sandbox/drop.h"
#include "sandbox/sandbox.h"

#define DROP_BIT(cap)	((uint32_t)1 << ((cap) % 32))

/* capabilities(7), both halves of each set. */
struct drop_sets {
	struct __user_cap_data_struct	half[_LINUX_CAPABILITY_U32S_3];
};

static int
drop_sets_get(struct drop_sets *sets)
{
	struct __user_cap_header_struct	header = {
		.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0
	};

	memset(sets, 0, sizeof(*sets));
	return syscall(SYS_capget, &header, sets->half) == -1 ?
	    ERR_SYSTEM : 0;
}

/* The one capability, if it is permitted now, or none. */
static int
drop_sets_keep(int cap)
{
	struct __user_cap_header_struct	header = {
		.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0
	};
	struct drop_sets	sets;
	size_t			i;
	uint32_t		keep;

	if (drop_sets_get(&sets) != 0)
		return ERR_SYSTEM;
	for (i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		keep = 0;
		if (cap >= 0 && (size_t)cap / 32 == i)
			keep = DROP_BIT(cap);
		sets.half[i].permitted &= keep;
		sets.half[i].effective = sets.half[i].permitted;
		sets.half[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, sets.half) == -1 ?
	    ERR_SYSTEM : 0;
}

static bool
drop_has(int cap)
{
	struct drop_sets	sets;

	return drop_sets_get(&sets) == 0 &&
	    (sets.half[cap / 32].effective & DROP_BIT(cap)) != 0;
}

bool
drop_can_chroot(void)
{
	return drop_has(CAP_SYS_CHROOT);
}

static int
drop_limit(__rlimit_resource_t resource, rlim_t value)
{
	struct rlimit	now, limit = { .rlim_cur = value, .rlim_max = value };

	if (getrlimit(resource, &now) == -1)
		return ERR_SYSTEM;
	/* A stricter limit of the administrator stays. */
	if (now.rlim_max < value)
		limit.rlim_max = limit.rlim_cur = now.rlim_max;
	return setrlimit(resource, &limit) == -1 ? ERR_SYSTEM : 0;
}

int
drop_limits(unsigned int open_files, uint64_t data_bytes)
{
	if (drop_limit(RLIMIT_CORE, 0) != 0 ||
	    drop_limit(RLIMIT_NPROC, 0) != 0 ||
	    drop_limit(RLIMIT_NOFILE, open_files) != 0 ||
	    drop_limit(RLIMIT_DATA, data_bytes) != 0)
		return ERR_SYSTEM;
	return 0;
}

static int
drop_try_directory(const char *parent)
{
	char	path[64];
	int	fd, saved;

	strlcpy(path, parent, sizeof(path));
	strlcat(path, "/jhe-mcp.XXXXXX", sizeof(path));
	if (mkdtemp(path) == NULL)
		return -1;
	fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	saved = errno;
	if (rmdir(path) == -1) {
		saved = errno;
		fd_close(&fd);
	}
	errno = saved;
	return fd;
}

int
drop_empty_directory(void)
{
	static const char *const	parents[] = {
		"/tmp", "/run", "/dev/shm", "/var/tmp"
	};
	size_t	i;
	int	fd;

	for (i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
		fd = drop_try_directory(parents[i]);
		if (fd != -1)
			return fd;
	}
	return ERR_SYSTEM;
}

int
drop_change_root(int directory)
{
	if (fchdir(directory) == -1 || chroot(".") == -1 || chdir("/") == -1)
		return ERR_SYSTEM;
	return 0;
}

/* Only CAP_SETPCAP may shrink it; without, no_new_privs makes it idle. */
static int
drop_bounding_set(void)
{
	int	cap, set;

	if (!drop_has(CAP_SETPCAP))
		return 0;
	for (cap = 0; cap < 64; cap++) {
		set = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
		if (set == -1)
			break;
		if (set == 1 && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == -1)
			return ERR_SYSTEM;
	}
	return 0;
}

int
drop_privileges(void)
{
	if (drop_bounding_set() != 0 ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1 ||
	    drop_sets_keep(CAP_SYS_CHROOT) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return ERR_SYSTEM;
	return sandbox_protect_memory();
}

int
drop_last_capability(void)
{
	return drop_sets_keep(-1);
}

int
sandbox_protect_memory(void)
{
	if (drop_limit(RLIMIT_CORE, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		return ERR_SYSTEM;
	return 0;
}
