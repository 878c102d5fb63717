/* SPDX-License-Identifier: MIT */
/*
 * What this program uses and glibc 2.36 lacks.  The names and the contracts
 * are those of OpenBSD's libc.
 */
#ifndef COMPAT_COMPAT_H
#define COMPAT_COMPAT_H

#include <stddef.h>

#include "config.h"

#ifndef HAVE_STRLCPY
/* Copy at most size - 1 bytes and terminate; returns strlen(src). */
size_t	strlcpy(char *dst, const char *src, size_t size);
#endif
#ifndef HAVE_STRLCAT
/* Append, at most size bytes in total; returns the length tried. */
size_t	strlcat(char *dst, const char *src, size_t size);
#endif
#ifndef HAVE_FREEZERO
/* Wipe size bytes, then free; NULL is allowed. */
void	freezero(void *ptr, size_t size);
#endif
#ifndef HAVE_RECALLOCARRAY
/*
 * Grow or shrink an array; new members are zero, memory given up is wiped.
 * NULL with errno ENOMEM or EINVAL, the old array then is untouched.
 */
void	*recallocarray(void *ptr, size_t oldnmemb, size_t nmemb, size_t size);
#endif

#endif
