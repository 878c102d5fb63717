/* SPDX-License-Identifier: MIT */
/*
 * Tools on the FHIR records that came from elsewhere, and what they share.
 */
#ifndef TOOLS_RECORDS_H
#define TOOLS_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/call.h"
#include "tools/window.h"

extern const struct tool_ops	records_page_tool;	/* get_fhir_resources */
extern const struct tool_ops	records_summary_tool;
extern const struct tool_ops	surveys_tool;

/* A UUID in its text form, and its NUL. */
#define RECORDS_ID_SIZE		37

/* Both letters' cases; *high and *low are its halves.  False if it is none. */
bool	records_parse_id(const char *text, uint64_t *high, uint64_t *low);
/* Where a page ends: at the record with this id. */
void	records_set_position(struct cursor_position *at, const char *id);
/* The id of the position into a parameter; nothing if it is not set. */
void	records_position_param(const struct cursor_position *at,
	    struct db_params *p, int index);

/* Submit the one statement; *p is freed.  0 or a negative err. */
int	records_submit_one(struct tools_call *call, enum db_statement statement,
	    struct db_params *p);

/* The database has FHIR records; else call->error says that it has none. */
bool	records_available(struct tools_call *call);
/* The columns lower_us and upper_us of a row, for window_check(). */
void	records_read_window(struct window_resolved *r,
	    const struct db_row *row, int lower, int upper);
/* " from 2026-01-01 to 2026-03-31", nothing for an open window. */
void	records_write_window(const struct window *w, struct buf *out);
/*
 * Append a date of a record to out: as written, or the instant at_us in the
 * zone.  date, at_us, at_offset are columns, one after the other from date on.
 */
void	records_add_date(const struct window *w, const struct db_row *row,
	    int date, struct buf *out);
/*
 * "12 Condition, 3 Encounter" of an array of names and numbers, width
 * elements each; cleaned; "" for none.
 */
void	records_write_have(const char *array, size_t width, struct buf *out);
/* A name in a sentence: in quotes unless it is one word; "" is told of. */
void	records_add_name(const char *name, struct buf *out);
/* A note that so many records have no date, if a window was asked for. */
void	records_note_undated(struct tools_call *call, const struct window *w,
	    int64_t undated);

/* A cell of a row that is held until all rows are there, in a buffer. */
struct records_cell {
	size_t	at;
	size_t	len;		/* 0: null */
};

/* Keep the text as a JSON string; an empty one is null. */
void	records_keep_text(struct records_cell *cell, struct buf *cells,
	    const struct buf *text);
/* Keep text that is JSON, such as a number. */
void	records_keep_json(struct records_cell *cell, struct buf *cells,
	    const struct buf *text);
void	records_write_cell(const struct records_cell *cell,
	    const struct buf *cells, struct json *j);

#endif
