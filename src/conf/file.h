/* SPDX-License-Identifier: MIT */
/* Reading files whose owner and mode matter. */
#ifndef CONF_FILE_H
#define CONF_FILE_H

struct buf;

enum file_guard {
	FILE_NOT_WRITABLE,	/* by others than its owner */
	FILE_NOT_READABLE	/* nor readable */
};

/*
 * Append the file to out.  It must be a regular file of ours or of root.
 * 0; ERR_NOT_FOUND if there is none; ERR_MEMORY; else ERR_DENIED,
 * ERR_SYSTEM or ERR_LIMIT (more than out may hold), and *why a sentence.
 */
int	file_read(const char *path, enum file_guard guard, struct buf *out,
	    const char **why);

#endif
