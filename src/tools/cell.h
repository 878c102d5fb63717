/* SPDX-License-Identifier: MIT */
/* From a column of the database to a cell of a result. */
#ifndef TOOLS_CELL_H
#define TOOLS_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct db_row;
struct json;

/* An integer, or null for SQL NULL and for what is none. */
void	cell_integer(struct json *j, const struct db_row *row, int column);
/* Free text, cleaned; null for SQL NULL.  True if anything was written. */
bool	cell_text(struct json *j, const struct db_row *row, int column,
	    size_t max_characters);
/* A short text of PostgreSQL's own, such as a date; null for SQL NULL. */
void	cell_plain(struct json *j, const struct db_row *row, int column);
/* The integer, or `other` for SQL NULL and for what is none. */
int64_t	cell_get_integer(const struct db_row *row, int column,
	    int64_t other);
bool	cell_get_boolean(const struct db_row *row, int column);
/* Append free text, cleaned; nothing for SQL NULL. */
void	cell_get_text(struct buf *out, const struct db_row *row, int column,
	    size_t max_characters);

#endif
