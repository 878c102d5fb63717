/* SPDX-License-Identifier: MIT */
/*
 * The growing byte buffer.  Runs in every process; lengths may be a peer's,
 * so every size is checked before it is used.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "compat/compat.h"

#define BUF_SIZE_MIN	256

void
buf_init(struct buf *b, size_t max)
{
	memset(b, 0, sizeof(*b));
	b->max = max;
}

void
buf_free(struct buf *b)
{
	size_t	max = b->max;

	freezero(b->data, b->size);
	buf_init(b, max);
}

void
buf_reset(struct buf *b)
{
	if (b->data != NULL)
		explicit_bzero(b->data, b->len);
	b->len = 0;
	b->error = 0;
}

void
buf_truncate(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	explicit_bzero(b->data + len, b->len - len);
	b->len = len;
}

void
buf_consume(struct buf *b, size_t n)
{
	if (n >= b->len) {
		buf_truncate(b, 0);
		return;
	}
	memmove(b->data, b->data + n, b->len - n);
	buf_truncate(b, b->len - n);
}

int
buf_reserve(struct buf *b, size_t n)
{
	size_t	 size;
	char	*data;

	if (b->error != 0)
		return b->error;
	if (b->max - b->len < n)
		return b->error = ERR_LIMIT;
	if (b->size > b->len && b->size - b->len > n)
		return 0;
	size = b->size < BUF_SIZE_MIN ? BUF_SIZE_MIN : b->size;
	while (size - b->len <= n)
		size = size > b->max / 2 ? b->max + 1 : size * 2;
	data = recallocarray(b->data, b->size, size, 1);
	if (data == NULL)
		return b->error = ERR_MEMORY;
	b->data = data;
	b->size = size;
	return 0;
}

void
buf_add(struct buf *b, const void *data, size_t len)
{
	if (buf_reserve(b, len) != 0)
		return;
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list	ap;
	int	n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->error = ERR_SYSTEM;
		return;
	}
	if (buf_reserve(b, (size_t)n) != 0)
		return;
	va_start(ap, fmt);
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

int
buf_error(const struct buf *b)
{
	return b->error;
}

const char *
buf_string(const struct buf *b)
{
	return b->data == NULL ? "" : b->data;
}
