/* SPDX-License-Identifier: MIT */
/*
 * The arguments of a call, checked against the tool's inputSchema.
 *
 * Accepted beyond the schema, because models write it: null as if it were
 * not there; integers and numbers as text; 5.0 as an integer; "true"; one
 * text (or one with commas) for a list; an array for text with commas; the
 * names of the table in args.c; page=1.  All else is an error that names
 * what would be right.
 */
#ifndef TOOLS_ARGS_H
#define TOOLS_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/schema.h"

struct buf;
struct json_object;

/* Elements of a list argument, whatever its maxItems. */
#define ARGS_ITEMS_MAX	64

struct args_value {
	bool		 present;
	int64_t		 integer;	/* boolean; the index of a choice */
	double		 number;
	/* NUL-terminated UTF-8; of a list of free text: with commas. */
	char		*string;
	/* Integers, indexes of choices, or the bits of doubles. */
	int64_t		*items;
	size_t		 nitems;
};

struct args {
	const struct schema	*schema;
	struct args_value	 values[SCHEMA_PROPERTIES_MAX];
};

/*
 * Check object (NULL: no arguments) and take the values over.  tool: the
 * name for error texts.  0; ERR_FORMAT with the text of a bad_argument in
 * error; ERR_MEMORY.  args_free() is right after each of them.
 */
int	args_parse(struct args *a, const struct schema *schema,
	    const char *tool, struct json_object *object, struct buf *error);
void	args_free(struct args *a);

/*
 * The values by name, the schema's default if not given.  A name that the
 * schema does not have is a fault of the program and reads as not given.
 */
bool	args_has(const struct args *a, const char *name);
int64_t	args_integer(const struct args *a, const char *name);	/* else 0 */
double	args_number(const struct args *a, const char *name);	/* else NaN */
bool	args_boolean(const struct args *a, const char *name);
/*
 * Text, or the text of a choice, or a list of free text with commas; NULL if
 * there is none.
 */
const char *args_string(const struct args *a, const char *name);
/* True if the list has that choice. */
bool	args_list_has(const struct args *a, const char *name,
	    const char *choice);
/* The integers of a list; *n is 0 if not given. */
const int64_t *args_list(const struct args *a, const char *name, size_t *n);
/* Up to max numbers of a list; how many it has. */
size_t	args_list_numbers(const struct args *a, const char *name,
	    double *values, size_t max);

#endif
