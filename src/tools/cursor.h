/* SPDX-License-Identifier: MIT */
/*
 * What next_cursor holds: tool, every filter, page size, the place to go on
 * from, and when it was made.  Plain bytes, which the worker seals for the
 * person; they are read as untrusted all the same.
 *
 * A required argument (an id) is not in it but must be repeated, and is
 * compared.  If the filters do not fit, the longest are left out, to be
 * repeated by the caller, and are compared too.
 */
#ifndef TOOLS_CURSOR_H
#define TOOLS_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/args.h"

struct buf;

/* Characters of the sealed text. */
#define CURSOR_TEXT_MAX		96
/* Bytes before sealing adds its 28. */
#define CURSOR_PLAIN_MAX	44
/* Seconds that one may be used. */
#define CURSOR_LIFE_S		3600

/*
 * Where a page ends, in the order of the tool's list: a time with the id to
 * break ties, rows without a time after all others; or only an id.  The id is
 * a number or, if wide, the two halves of a UUID, and then there is no time.
 */
struct cursor_position {
	bool	 set;		/* false: from the beginning */
	bool	 untimed;	/* the row had no time, or the list has none */
	bool	 wide;
	int64_t	 time_us;	/* since 1970, if not untimed */
	int64_t	 id;
	uint64_t id_rest;	/* if wide */
};

struct cursor {
	unsigned int		tool;	/* its number */
	/* Of the first page: what "now" means to all of them. */
	int64_t			base_s;
	int64_t			issued_s;
	struct cursor_position	position;
};

/* 0, or ERR_LIMIT if it cannot be made to fit.  Replaces plain. */
int	cursor_pack(const struct cursor *c, const struct args *a,
	    struct buf *plain);
/*
 * Read one, and complete the arguments of a call that goes on with it.
 * 0; ERR_FORMAT with bad_cursor or cursor_mismatch in error; ERR_MEMORY.
 */
int	cursor_unpack(struct cursor *c, unsigned int tool, int64_t now_s,
	    const void *plain, size_t len, struct args *a, struct buf *error);

#endif
