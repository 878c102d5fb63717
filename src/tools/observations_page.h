/* SPDX-License-Identifier: MIT */
/*
 * One page of get_patient_observations between the database and the answer:
 * rows as they arrived, values read and converted, texts cleaned.
 */
#ifndef TOOLS_OBSERVATIONS_PAGE_H
#define TOOLS_OBSERVATIONS_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "tools/call.h"
#include "tools/observations_query.h"
#include "tools/window.h"

/* A text in page.texts; at is its offset + 1, 0 is none. */
struct page_text {
	size_t	at;
	size_t	len;
};

enum page_value_kind {
	PAGE_VALUE_NONE = 0,
	PAGE_VALUE_NUMBER,	/* text is JSON's */
	PAGE_VALUE_TEXT		/* cleaned */
};

struct page_value {
	enum page_value_kind	kind;
	struct page_text	text;
	struct page_text	unit;	/* cleaned, none if there is none */
};

struct page_row {
	int64_t			id;
	bool			has_start, has_end, has_updated;
	int64_t			start_us, end_us, updated_us;
	int			start_offset_s, end_offset_s;
	const struct omh_type	*type;		/* NULL: not known */
	struct page_text	name;		/* of the type, cleaned */
	struct page_text	code, system, display;	/* cleaned */
	struct page_text	status, source, modality, statistic;
	/* By measure if one type was asked for; else [0] is all as text. */
	struct page_value	values[OMH_MEASURES_MAX];
	struct page_text	header, body;	/* JSON, if stored */
	bool			omitted, later;
};

struct page {
	struct observations_query	query;
	bool				zone_known;
	/* The statement's first columns. */
	bool				seen, readable;
	int64_t				total, inside, undated, withheld;
	struct window_resolved		resolved;
	struct buf			missed, have;	/* arrays' texts */
	struct buf			texts;
	struct page_row			*rows;
	size_t				nrows, size;
	/* Notes to give. */
	size_t				unreadable;	/* rows without value */
	size_t				unconverted;	/* kept their unit */
	bool				free_text;
	bool				words;		/* may be given */
	size_t				hidden;		/* texts withheld */
};

/* Of observations_page.c: a row of the statement; 0 or a negative err. */
int	page_read_row(struct page *page, const struct db_row *row,
	    size_t max_rows);
void	page_clear(struct page *page);
/* "" if there is none; valid until the next text is added. */
const char *page_string(const struct page *page, struct page_text t);
/* Append a text to the page's; cleaned to max_characters, or as it is. */
struct page_text page_add_clean(struct page *page, const char *s, size_t len,
	    size_t max_characters);
struct page_text page_add(struct page *page, const char *s, size_t len);
/* A time of a row as the result has it. */
void	page_time(const struct page *page, int64_t us, int offset_s,
	    char text[MOMENT_TEXT_SIZE]);

/* Of observations_value.c: the values of a row from its body's JSON. */
void	page_read_values(struct page *page, struct page_row *row,
	    const char *body, size_t len);

/*
 * Of observations_table.c: write rows to call->result, "common" to its head,
 * and give the columns in list.  page_columns() has room for them.
 */
#define PAGE_COLUMNS_MAX	(2 * OMH_MEASURES_MAX + 10)
#define PAGE_COLUMN_SIZE	64
struct page_columns {
	size_t		 n;
	char		 names[PAGE_COLUMNS_MAX][PAGE_COLUMN_SIZE];
	const char	*list[PAGE_COLUMNS_MAX];
};
void	page_write_table(struct page *page, struct tools_call *call,
	    struct page_columns *columns);
/* The same for verbosity=full: one object a row. */
void	page_write_stored(struct page *page, struct tools_call *call);

/* Of observations_text.c: the lines of the rows that the result has. */
void	page_write_lines(const struct page *page, struct tools_call *call);
/* JSON with a line for each member, indented by two blanks a level. */
void	page_pretty(struct buf *out, const char *json, size_t len,
	    size_t indent);

/* Of observations_empty.c: the summary of no rows, and unknown_type. */
void	page_write_empty(const struct page *page, struct tools_call *call);
bool	page_check_types(const struct page *page, struct tools_call *call);
/* "12 readings above 240 mg/dL": what was counted. */
void	page_write_subject(const struct page *page, struct buf *out,
	    int64_t n);

#endif
