/* SPDX-License-Identifier: MIT */
/*
 * A tool's inputSchema taken apart, as much of JSON Schema as the tools use:
 * an object of text, integer, number, boolean and lists of text, integer or
 * number.
 */
#ifndef TOOLS_SCHEMA_H
#define TOOLS_SCHEMA_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCHEMA_PROPERTIES_MAX	20
#define SCHEMA_CHOICES_MAX	16

enum schema_type {
	SCHEMA_STRING,
	SCHEMA_INTEGER,
	SCHEMA_NUMBER,
	SCHEMA_BOOLEAN,
	SCHEMA_LIST		/* of text, or of numbers */
};

/* Texts belong to the schema. */
struct schema_property {
	char		*name;
	char		*description;	/* "" if none */
	enum schema_type type;
	enum schema_type item;		/* of a list: STRING, INTEGER, NUMBER */
	bool		 required;
	bool		 has_minimum, has_maximum, has_default;
	bool		 exclusive_minimum, exclusive_maximum;
	bool		 has_pattern;
	double		 minimum, maximum;
	/* Characters and elements; -1: no limit. */
	int64_t		 min_length, max_length;
	int64_t		 max_items;
	int64_t		 default_integer;		/* boolean too */
	char		*default_string;		/* or NULL */
	char		*choices[SCHEMA_CHOICES_MAX];	/* or of items */
	size_t		 nchoices;
	regex_t		 pattern;
};

struct schema {
	struct schema_property	properties[SCHEMA_PROPERTIES_MAX];
	size_t			nproperties;
};

/*
 * JSON text of an inputSchema.  0; ERR_MEMORY; ERR_FORMAT; ERR_UNSUPPORTED
 * for a keyword that is not known here (a test parses them all).
 */
int	schema_parse(struct schema *s, const char *text);
void	schema_free(struct schema *s);
/* The property's index, or -1. */
int	schema_find(const struct schema *s, const char *name);
/* A list of text that is not of choices. */
bool	schema_is_texts(const struct schema_property *p);
/* The choice's index, or -1. */
int	schema_choice(const struct schema_property *p, const char *value);

#endif
