/* SPDX-License-Identifier: MIT */
/*
 * Answers of several responses as a table: a row for each response, a column
 * for each item that any of them answers.
 */
#ifndef TOOLS_SURVEY_ITEMS_H
#define TOOLS_SURVEY_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "tools/fhir.h"
#include "tools/records.h"

/* Columns of a table, and levels of items below items. */
#define SURVEY_ITEMS_MAX	200
#define SURVEY_DEPTH_MAX	16

struct survey_item {
	char		*key;		/* what items are told apart by */
	char		*name;		/* cleaned; no other has it */
	char		*text;		/* cleaned, of the question; or NULL */
	const char	*type;		/* of the answers, or "mixed" */
};

/* The answers of one response to one item, while it is read. */
struct survey_answer {
	struct buf	text;
	unsigned int	n;
	enum fhir_kind	kind;
};

struct survey_row {
	char			 id[RECORDS_ID_SIZE];
	struct records_cell	 date, status;
	struct records_cell	*cells;		/* SURVEY_ITEMS_MAX */
};

struct survey_table {
	bool			 words;		/* free text may be given */
	struct survey_item	*items;
	size_t			 nitems;
	struct survey_row	*rows;		/* nrows are used */
	size_t			 nrows, size;
	struct buf		 cells;		/* what cells point into */
	struct survey_answer	*answers;	/* SURVEY_ITEMS_MAX */
	int64_t			 withheld;	/* answers in words */
	bool			 skipped;	/* items that had no place */
};

/* Room for so many rows; words: answers in words are given. */
int	survey_init(struct survey_table *t, size_t rows, bool words);
void	survey_free(struct survey_table *t);
/*
 * The next row, its cells null; survey_read() fills them from the JSON of the
 * response's items (no piece: none).  ERR_LIMIT: there is no room.
 */
int	survey_add(struct survey_table *t, struct survey_row **row);
int	survey_read(struct survey_table *t, struct survey_row *row,
	    struct omh_piece items);
/*
 * The value of the member "items": columns and rows of item, text, type.  At
 * most so many characters of texts; false if some were left out.
 */
bool	survey_write_items(const struct survey_table *t, size_t characters,
	    struct json *j);

#endif
