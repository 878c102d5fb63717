/* SPDX-License-Identifier: MIT */
/*
 * The rows of a tool's answers as a file: CSV, JSON or a JSON object a line.
 * Page after page is written as it comes; nothing of a page is kept but the
 * names of the first one's columns.
 */
#ifndef CLI_EXPORT_H
#define CLI_EXPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct export;
struct json_object;

/* In the order of the choices of --format in commands.def. */
enum export_format {
	EXPORT_CSV,
	EXPORT_JSON,
	EXPORT_NDJSON,
	EXPORT_FORMATS
};

/* NULL when out of memory. */
struct export	*export_new(enum export_format format, FILE *out);
/*
 * Write the rows of one structured answer: cells of columns, with what the
 * answer has under common as if it were columns; or whole objects, for
 * answers that have those in place of a table.  more: it is not the last one.
 * 0; ERR_UNSUPPORTED: the answer has no rows, or none that CSV can hold;
 * ERR_MEMORY; ERR_SYSTEM: out took no more, see errno.
 */
int		 export_page(struct export *e, struct json_object *answer,
		    bool more);
/* All pages were written: the end of the file.  0 or ERR_SYSTEM. */
int		 export_end(struct export *e);
/* Rows so far. */
int64_t		 export_rows(const struct export *e);
void		 export_free(struct export *e);

#endif
