/* SPDX-License-Identifier: MIT */
/*
 * The column `have` of statements: which types there are, in place of rows
 * when there are none.  Five elements a code: code, text, count, first and
 * last time in microseconds since 1970, the last three NULL if not told.
 */
#ifndef TOOLS_HAVE_H
#define TOOLS_HAVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/text.h"

struct buf;

/* Types that are named; the statements give no more than 20. */
#define HAVE_TYPES_MAX	20

struct have_type {
	char	name[TEXT_CELL_MAX * 4 + 8];	/* cleaned */
	int64_t	count;
	bool	dated;
	int64_t	first_us, last_us;
};

struct have_types {
	size_t			n;
	struct have_type	types[HAVE_TYPES_MAX];
};

/* From the column's text; versions of one type are one.  0 or ERR_FORMAT. */
int	have_read(struct have_types *all, const char *text, size_t len);
/* Append "1,345 blood-glucose from 2026-08-07 to 2026-08-21, …". */
void	have_write(const struct have_types *all, struct buf *out);
/* Append " on 2026-08-07", or " from 2026-08-07 to 2026-08-21" in UTC. */
void	have_write_days(struct buf *out, int64_t first_us, int64_t last_us);
/* Append the names, by commas. */
void	have_write_names(const struct have_types *all, struct buf *out);

#endif
