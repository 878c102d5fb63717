/* SPDX-License-Identifier: MIT */
/*
 * Read a one-dimensional array in PostgreSQL's text form, {a,"b c",NULL},
 * element by element, without memory of its own.
 */
#ifndef DB_ARRAY_H
#define DB_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

struct db_array {
	const char	*at;
	const char	*end;
	bool		 first;
	bool		 ended;
};

/* An array's text as db_text() gives it; 0 or ERR_FORMAT. */
int	db_array_begin(struct db_array *a, const char *text, size_t len);
/*
 * The next element into buf, terminated, its length in *len and *null: 1.
 * No more: 0.  ERR_LIMIT if it does not fit into size bytes with its NUL;
 * ERR_FORMAT (several dimensions and explicit bounds are ERR_FORMAT too).
 */
int	db_array_next(struct db_array *a, char *buf, size_t size, size_t *len,
	    bool *null);

#endif
