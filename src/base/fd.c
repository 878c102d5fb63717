/* SPDX-License-Identifier: MIT */
/*
 * Small things done to descriptors.  Runs in every process.  A memory file
 * may come from a hostile peer: it must be sealed against change before its
 * size is believed.
 */
#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"

#define FD_SEALS	(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

int
fd_set_nonblock(int fd)
{
	int	flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1)
		return ERR_SYSTEM;
	return 0;
}

int
fd_write_all(int fd, const void *data, size_t len)
{
	const char	*p = data;
	struct pollfd	 pfd = { .fd = fd, .events = POLLOUT };
	ssize_t		 n;

	while (len > 0) {
		n = write(fd, p, len);
		if (n >= 0) {
			p += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN)
			poll(&pfd, 1, -1);
		else if (errno != EINTR)
			return errno == EPIPE ? ERR_CLOSED : ERR_SYSTEM;
	}
	return 0;
}

int
fd_memory_file(const char *name, const void *data, size_t len)
{
	int	fd, saved;

	fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd == -1)
		return ERR_SYSTEM;
	if (fd_write_all(fd, data, len) != 0 ||
	    fcntl(fd, F_ADD_SEALS, FD_SEALS | F_SEAL_SEAL) == -1) {
		saved = errno;
		close(fd);
		errno = saved;
		return ERR_SYSTEM;
	}
	return fd;
}

int
fd_read_memory_file(int fd, size_t max, struct buf *out)
{
	int	seals = fcntl(fd, F_GET_SEALS);
	off_t	size;
	size_t	len, done = 0;
	ssize_t	n;

	if (seals == -1 || (seals & FD_SEALS) != FD_SEALS)
		return ERR_FORMAT;
	/* glibc's fstat is a call with a path, which a sandbox refuses. */
	size = lseek(fd, 0, SEEK_END);
	if (size == -1)
		return ERR_SYSTEM;
	if ((size_t)size > max)
		return ERR_LIMIT;
	len = (size_t)size;
	if (buf_reserve(out, len) != 0)
		return buf_error(out);
	while (done < len) {
		n = pread(fd, out->data + out->len, len - done, (off_t)done);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_SYSTEM;
		done += (size_t)n;
		out->len += (size_t)n;
	}
	if (out->data != NULL)
		out->data[out->len] = '\0';
	return 0;
}

void
fd_close(int *fd)
{
	int	saved = errno;

	if (*fd != -1)
		close(*fd);
	*fd = -1;
	errno = saved;
}
