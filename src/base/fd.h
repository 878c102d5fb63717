/* SPDX-License-Identifier: MIT */
/* Small things done to descriptors. */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <stddef.h>

struct buf;

/* 0 or ERR_SYSTEM. */
int	fd_set_nonblock(int fd);
/* Write all, waiting as needed; 0, ERR_CLOSED (EPIPE) or ERR_SYSTEM. */
int	fd_write_all(int fd, const void *data, size_t len);
/*
 * A sealed memory file with the bytes, close-on-exec; the descriptor, or
 * ERR_SYSTEM.  The caller closes it.
 */
int	fd_memory_file(const char *name, const void *data, size_t len);
/*
 * Append what a memory file of a peer holds, at most max bytes.
 * 0; ERR_FORMAT if it is no sealed memory file; ERR_LIMIT; ERR_SYSTEM.
 */
int	fd_read_memory_file(int fd, size_t max, struct buf *out);
/* close(2) unless it is -1, and set it to -1; errno is kept. */
void	fd_close(int *fd);

#endif
