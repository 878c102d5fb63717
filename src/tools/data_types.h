/* SPDX-License-Identifier: MIT */
/* The argument data_type, and what a statement takes of it. */
#ifndef TOOLS_DATA_TYPES_H
#define TOOLS_DATA_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "omh/types.h"

struct args;
struct buf;
struct db_params;

/* Names of data types that are in no table of ours. */
#define DATA_TYPES_OTHERS_MAX	16
#define DATA_TYPES_NAME_SIZE	128

struct data_types {
	uint32_t		 known;		/* bits, omh_type_index() */
	size_t			 nothers;
	char	 others[DATA_TYPES_OTHERS_MAX][DATA_TYPES_NAME_SIZE];
	bool			 filtered;	/* any was named */
	bool			 single;	/* exactly one was named */
	const struct omh_type	*type;		/* that, if it is known */
};

/*
 * Names and groups, separated by commas; NULL or "" is no filter.  0, or
 * ERR_FORMAT with a bad_argument in error.
 */
int	data_types_parse(struct data_types *d, const struct args *args,
	    struct buf *error);
/*
 * Set two parameters (text[]): `types`, "namespace:name" of known ones, and
 * `others`, names as a statement compares them; both NULL if not filtered.
 */
void	data_types_params(const struct data_types *d, struct db_params *p,
	    int types, int others);

#endif
