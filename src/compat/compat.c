/* SPDX-License-Identifier: MIT */
/*
 * String and memory functions that glibc 2.36 lacks.  Runs in every process;
 * knows nothing of where its bytes come from.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compat/compat.h"

#ifndef HAVE_STRLCPY
size_t
strlcpy(char *dst, const char *src, size_t size)
{
	size_t	len = strlen(src), n;

	if (size > 0) {
		n = len < size - 1 ? len : size - 1;
		memcpy(dst, src, n);
		dst[n] = '\0';
	}
	return len;
}
#endif

#ifndef HAVE_STRLCAT
size_t
strlcat(char *dst, const char *src, size_t size)
{
	size_t	used = strnlen(dst, size);

	if (used == size)
		return size + strlen(src);
	return used + strlcpy(dst + used, src, size - used);
}
#endif

#ifndef HAVE_FREEZERO
void
freezero(void *ptr, size_t size)
{
	if (ptr == NULL)
		return;
	explicit_bzero(ptr, size);
	free(ptr);
}
#endif

#ifndef HAVE_RECALLOCARRAY
void *
recallocarray(void *ptr, size_t oldnmemb, size_t nmemb, size_t size)
{
	size_t	 oldsize, newsize;
	void	*new;

	if (ptr == NULL)
		return calloc(nmemb, size);
	if (__builtin_mul_overflow(nmemb, size, &newsize)) {
		errno = ENOMEM;
		return NULL;
	}
	if (__builtin_mul_overflow(oldnmemb, size, &oldsize)) {
		errno = EINVAL;
		return NULL;
	}
	new = calloc(nmemb, size);
	if (new == NULL)
		return NULL;
	memcpy(new, ptr, oldsize < newsize ? oldsize : newsize);
	freezero(ptr, oldsize);
	return new;
}
#endif
