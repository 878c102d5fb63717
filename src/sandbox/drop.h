/* SPDX-License-Identifier: MIT */
/* Limits, capabilities and the empty root. */
#ifndef SANDBOX_DROP_H
#define SANDBOX_DROP_H

#include <stdbool.h>
#include <stdint.h>

/* No core, no process, at most so much; all hard.  0 or ERR_SYSTEM. */
int	drop_limits(unsigned int open_files, uint64_t data_bytes);

/* True if the process has CAP_SYS_CHROOT now. */
bool	drop_can_chroot(void);
/*
 * An open directory that is empty and has no name any more, so stays empty.
 * The descriptor (O_PATH, close-on-exec), the caller's to close; ERR_SYSTEM.
 */
int	drop_empty_directory(void);
/* Make it the root and the working directory; needs the capability. */
int	drop_change_root(int directory);

/*
 * Every capability but CAP_SYS_CHROOT, the bounding and ambient sets; then
 * no_new_privs, and no core file or reader of the memory.  The user ids stay.
 * 0 or ERR_SYSTEM.
 */
int	drop_privileges(void);
/* The last capability.  0 or ERR_SYSTEM. */
int	drop_last_capability(void);

#endif
