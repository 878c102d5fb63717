/* SPDX-License-Identifier: MIT */
/*
 * The configuration file and the files of secrets.  Runs in the master with
 * its user's rights; a file that somebody else could have written is not
 * believed, one that others can read holds no secret any more.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "conf/file.h"

#define CHUNK	4096

static int
check(int fd, enum file_guard guard, const char **why)
{
	struct stat	st;

	if (fstat(fd, &st) == -1) {
		*why = "cannot be examined";
		return ERR_SYSTEM;
	}
	if (!S_ISREG(st.st_mode))
		*why = "not a regular file";
	else if (st.st_uid != 0 && st.st_uid != geteuid())
		*why = "owned by somebody else than its user or root";
	else if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		*why = "other users can write it (chmod go-w)";
	else if (guard == FILE_NOT_READABLE &&
	    (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		*why = "other users can read it (chmod 600)";
	else
		return 0;
	return ERR_DENIED;
}

static int
slurp(int fd, struct buf *out, const char **why)
{
	char	chunk[CHUNK];
	ssize_t	n;

	do {
		n = read(fd, chunk, sizeof(chunk));
		if (n > 0)
			buf_add(out, chunk, (size_t)n);
	} while (buf_error(out) == 0 && (n > 0 || (n == -1 && errno == EINTR)));
	explicit_bzero(chunk, sizeof(chunk));
	if (buf_error(out) == ERR_LIMIT)
		*why = "too large";
	if (buf_error(out) != 0)
		return buf_error(out);
	if (n == -1) {
		*why = "cannot be read";
		return ERR_SYSTEM;
	}
	return 0;
}

int
file_read(const char *path, enum file_guard guard, struct buf *out,
    const char **why)
{
	int	fd, r;

	/* A FIFO in its place must not make us wait. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd == -1) {
		*why = errno == EACCES ? "permission denied" :
		    "cannot be opened";
		if (errno == ENOENT || errno == ENOTDIR) {
			*why = "no such file";
			return ERR_NOT_FOUND;
		}
		return ERR_SYSTEM;
	}
	r = check(fd, guard, why);
	if (r == 0)
		r = slurp(fd, out, why);
	fd_close(&fd);
	return r;
}
