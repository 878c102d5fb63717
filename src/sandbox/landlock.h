/* SPDX-License-Identifier: MIT */
/* Landlock (landlock(7)): a wall behind the filter, where the kernel has it. */
#ifndef SANDBOX_LANDLOCK_H
#define SANDBOX_LANDLOCK_H

/* The kernel's Landlock ABI, 1 and up; 0 if it has none or it is off. */
int	landlock_abi(void);
/*
 * For good: no file may be opened or changed by name; from ABI 4 on no TCP
 * port bound or connected; from ABI 6 on no signal and no abstract socket
 * outside.  Descriptors already open stay as they are.  Needs no_new_privs.
 * 0, also where there is no Landlock; ERR_SYSTEM.
 */
int	landlock_deny_all(void);

#endif
