/* SPDX-License-Identifier: MIT */
/*
 * Patients as rows of a list: the columns that identify them, as far as the
 * policy lets a call show them, and their ages.
 */
#ifndef TOOLS_PEOPLE_H
#define TOOLS_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db_params;
struct db_row;
struct json;
struct tools_call;

#define PEOPLE_COLUMNS_MAX	16

enum people_kind {
	PEOPLE_INTEGER,
	PEOPLE_AGE,
	PEOPLE_BOOLEAN,
	PEOPLE_INSTANT,		/* microseconds since 1970; shown in UTC */
	PEOPLE_PLAIN,		/* PostgreSQL's own text, such as a date */
	PEOPLE_NAME,		/* of an organization */
	PEOPLE_TEXT		/* free text of people: noted if it is odd */
};

/* A column of a tool's list. */
struct people_column {
	const char		*name;
	int			 column;	/* of the statement */
	enum people_kind	 kind;
	/* Shown if these bits are among a call's fields; 0: always. */
	unsigned int		 fields;
};

struct people {
	const struct people_column	*columns;
	size_t				 ncolumns;
	/* enum policy_field, and bits of the tool's own from 16 on. */
	unsigned int			 fields;
	/* What the rows that were written had. */
	bool				 free_text;
	bool				 capped;
};

/*
 * Set seven parameters from `first` on: now, timezone, cap, names,
 * birth_dates, contacts, identifiers.
 */
void	people_params(const struct tools_call *call, struct db_params *p,
	    int first, unsigned int fields);
/* The first three of them. */
void	people_params_age(const struct tools_call *call, struct db_params *p,
	    int first);
/* The names of the columns that are shown; how many they are. */
size_t	people_names(const struct people *people,
	    const char *names[PEOPLE_COLUMNS_MAX]);
/*
 * Write the row's array.  *free_text and *capped are set if it has any: take
 * them over into people once result_row_end() has let the row stay.
 */
void	people_write(const struct people *people, const struct tools_call *call,
	    struct json *j, const struct db_row *row, bool *free_text,
	    bool *capped);
/* The notes on identity fields, ages and free text. */
void	people_write_notes(const struct people *people,
	    struct tools_call *call);

#endif
