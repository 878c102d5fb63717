/* SPDX-License-Identifier: MIT */
/* The types of FHIR records, and what people call them. */
#ifndef TOOLS_RECORDS_TYPE_H
#define TOOLS_RECORDS_TYPE_H

#include <stdbool.h>

struct buf;
struct db_params;

/* One type, or a part of it: laboratory results are Observations. */
struct records_type {
	const char	*name;		/* as FHIR has it */
	const char	*one, *many;	/* "medication request" */
	const char	*coded;		/* what its codes are: "medications" */
	/* A code that the record's category has, if it has any; or NULL. */
	const char	*category;
	bool		 strict;	/* not those without a category */
};

/*
 * The type of a FHIR name, in any case of letters, or of a word such as
 * conditions, medications, labs; NULL with unknown_type in error.
 */
const struct records_type *records_type_find(const char *text,
	    struct buf *error);
/* The type of exactly this name, NULL if it is not known here. */
const struct records_type *records_type_named(const char *name);
/*
 * Set the parameters type, category and strict of a statement, one after the
 * other from `first` on; type may be NULL.
 */
void	records_type_params(const struct records_type *type,
	    struct db_params *p, int first);

#endif
