/* SPDX-License-Identifier: MIT */
/*
 * The order in which a child walls itself in.  Runs in every child between
 * its BOOT_ messages and BOOT_READY; nothing untrusted has been read yet.
 */
#include <malloc.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "compat/compat.h"
#include "sandbox/drop.h"
#include "sandbox/filter.h"
#include "sandbox/landlock.h"
#include "sandbox/violation.h"
#include "sandbox/sandbox.h"

struct sandbox {
	struct filter	boot;
	struct filter	final;
	int		root;		/* an empty directory, -1: stay */
};

#ifdef JHE_NO_SANDBOX

bool
sandbox_is_built(void)
{
	return false;
}

int
sandbox_enter_boot(const struct sandbox_profile *profile,
    struct sandbox **out)
{
	log_warnx("THE SANDBOX IS OFF: %s runs without any protection; "
	    "this build is for tests only", profile->name);
	*out = calloc(1, sizeof(**out));
	return *out == NULL ? ERR_MEMORY : 0;
}

int
sandbox_enter_final(struct sandbox *sb)
{
	free(sb);
	return 0;
}

#else

bool
sandbox_is_built(void)
{
	return true;
}

static void
sandbox_free(struct sandbox *sb)
{
	if (sb == NULL)
		return;
	fd_close(&sb->root);
	filter_free(&sb->boot);
	filter_free(&sb->final);
	free(sb);
}

/* Everything that needs files, memory or privileges that will be gone. */
static int
sandbox_prepare(const struct sandbox_profile *profile, struct sandbox *sb)
{
	int	result;

	if (drop_can_chroot()) {
		sb->root = drop_empty_directory();
		if (sb->root < 0) {
			result = sb->root;
			sb->root = -1;
			return result;
		}
	}
	result = filter_compile(profile->boot, NULL, &sb->boot);
	if (result == 0)
		result = filter_compile(profile->final, profile->boot,
		    &sb->final);
	/* libseccomp leaves some 150 kB of heap that were used once. */
	malloc_trim(0);
	return result;
}

int
sandbox_enter_boot(const struct sandbox_profile *profile,
    struct sandbox **out)
{
	struct sandbox	*sb = calloc(1, sizeof(*sb));
	int		 result;

	*out = NULL;
	if (sb == NULL)
		return ERR_MEMORY;
	sb->root = -1;
	result = sandbox_prepare(profile, sb);
	if (result == 0)
		result = drop_limits(profile->open_files,
		    profile->data_bytes);
	if (result == 0)
		result = drop_privileges();
	if (result == 0)
		result = violation_start(profile->name);
	if (result == 0)
		result = filter_load(&sb->boot);
	if (result != 0) {
		sandbox_free(sb);
		return result;
	}
	filter_free(&sb->boot);
	*out = sb;
	return 0;
}

int
sandbox_enter_final(struct sandbox *sb)
{
	int	result = 0;

	if (sb->root != -1)
		result = drop_change_root(sb->root);
	fd_close(&sb->root);
	if (result == 0)
		result = drop_last_capability();
	if (result == 0)
		result = landlock_deny_all();
	/* What preparing has left, before the stay begins. */
	malloc_trim(0);
	if (result == 0)
		result = filter_load(&sb->final);
	sandbox_free(sb);
	return result;
}

#endif
