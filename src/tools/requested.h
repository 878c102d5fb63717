/* SPDX-License-Identifier: MIT */
/*
 * The data types that a study requests, as a statement gives them, under the
 * names they are shown by.
 */
#ifndef TOOLS_REQUESTED_H
#define TOOLS_REQUESTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct db_row;

/* Data types that are listed. */
#define REQUESTED_MAX		100
#define REQUESTED_DATE_SIZE	16

struct requested_type {
	int64_t	concept_id;
	char	*name;		/* cleaned */
	char	*code;		/* cleaned */
	int	known;		/* index of the known type, or -1 */
	int64_t	consented, refused, pending;
	bool	wanted;
	/* get_study_metadata's. */
	int64_t	patients, observations;
	char	first[REQUESTED_DATE_SIZE];	/* "" if there is none */
	char	last[REQUESTED_DATE_SIZE];
};

struct requested {
	struct requested_type	*types;
	size_t			 n;
	size_t			 more;		/* beyond REQUESTED_MAX */
};

/* Where a statement has what. */
struct requested_columns {
	int	concept_id, code, text, consented, refused, pending;
};

/*
 * Take a row over.  The new type, or NULL with 0 (one too many) or a negative
 * enum err in *error.
 */
struct requested_type *requested_add(struct requested *r,
	    const struct db_row *row, const struct requested_columns *columns,
	    int *error);
void	requested_clear(struct requested *r);
/* NULL if it is none of those listed. */
struct requested_type *requested_find(const struct requested *r,
	    int64_t concept_id);
/* The name; the code where two codes have one name. */
const char *requested_shown(const struct requested *r, size_t i);
/* Append the names, by commas, as far as max bytes of out reach. */
void	requested_write_names(const struct requested *r, struct buf *out,
	    size_t max);

#endif
