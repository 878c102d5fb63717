/* SPDX-License-Identifier: MIT */
/*
 * A byte buffer that grows to a limit.  Errors stick: after the first
 * failure further appends do nothing and buf_error() tells, so that writers
 * need one check at the end.  Contents are wiped when given up.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>

struct buf {
	char	*data;		/* len bytes, always followed by a NUL */
	size_t	 len;
	size_t	 size;		/* allocated */
	size_t	 max;		/* most bytes allowed */
	int	 error;		/* 0, ERR_MEMORY or ERR_LIMIT */
};

/* An empty buffer that may hold at most max bytes; allocates nothing. */
void	 buf_init(struct buf *b, size_t max);
/* Wipe and free; the buffer is as after buf_init with the same limit. */
void	 buf_free(struct buf *b);
/* Empty it and clear the error; keeps the memory. */
void	 buf_reset(struct buf *b);
/* Cut to len bytes, len <= b->len. */
void	 buf_truncate(struct buf *b, size_t len);
/* Take n bytes off the front, n <= b->len. */
void	 buf_consume(struct buf *b, size_t n);
/* Room for n more bytes at data + len; 0 or the error, which sticks. */
int	 buf_reserve(struct buf *b, size_t n);
void	 buf_add(struct buf *b, const void *data, size_t len);
void	 buf_adds(struct buf *b, const char *s);
void	 buf_addc(struct buf *b, char c);
void	 buf_addf(struct buf *b, const char *fmt, ...)
	     __attribute__((__format__(__printf__, 2, 3)));
int	 buf_error(const struct buf *b);
/* The bytes as a C string, "" when empty; owned by the buffer. */
const char *buf_string(const struct buf *b);

#endif
