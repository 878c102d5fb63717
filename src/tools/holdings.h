/* SPDX-License-Identifier: MIT */
/*
 * What a patient or a study has, as it is told where a question found
 * nothing, and names of data types as they are shown.
 */
#ifndef TOOLS_HOLDINGS_H
#define TOOLS_HOLDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct data_types;
struct db_row;
struct tools_call;

/* Types that are kept; the statements give no more than 20 codes. */
#define HOLDINGS_MAX	20

struct holding {
	char	*name;
	int64_t	 count;
	bool	 dated;
	int64_t	 first_us, last_us;
};

struct holdings {
	size_t		n;
	struct holding	types[HOLDINGS_MAX];
};

void	holdings_clear(struct holdings *h);
/*
 * The name a code is shown by, cleaned; to be freed, NULL: out of memory.
 * code may be NULL: then it is "".
 */
char	*holdings_name(const char *code, size_t code_len, const char *text,
	    size_t text_len);
/* The same of a row's columns. */
char	*holdings_row_name(const struct db_row *row, int code, int text);
/* Add one; versions of one type are one.  Takes t->name over. */
int	holdings_add(struct holdings *h, const struct holding *t);
/* Those of a text[] column, three elements a type: code, text, count. */
int	holdings_read(struct holdings *h, const struct db_row *row,
	    int column);

/* "1,345 blood-glucose from 2026-08-07 to 2026-08-21 and 3 more types" */
void	holdings_write(const struct holdings *h, struct buf *out);
/* The names alone, by commas, as far as they are short. */
void	holdings_write_names(const struct holdings *h, struct buf *out);
/* "blood-glucose ", the one type asked for; else nothing. */
void	holdings_write_asked(const struct data_types *asked, struct buf *out);
/*
 * If missed (the text of a text[]: names that are no type here) is not empty,
 * set unknown_type: with is "With data for this patient".
 */
bool	holdings_check(const struct holdings *h, const struct buf *missed,
	    const char *with, struct tools_call *call);

#endif
