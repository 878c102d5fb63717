/* SPDX-License-Identifier: MIT */
/*
 * Parameters of a statement as PostgreSQL's text, built by index (PAR_…); what
 * is not set is SQL NULL.  Errors stick: check db_params_done() alone.
 */
#ifndef DB_PARAM_H
#define DB_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define DB_PARAMS_MAX	32
#define DB_PARAMS_BYTES	(256 * 1024)

struct db_params {
	struct buf	 text;		/* terminated values, one by one */
	size_t		 at[DB_PARAMS_MAX]; /* offset + 1; 0 is NULL */
	const char	*values[DB_PARAMS_MAX]; /* valid after done */
	int		 n;
	int		 error;
};

/* n parameters, all NULL; n at most DB_PARAMS_MAX (else done() tells). */
void	db_params_init(struct db_params *p, int n);
/* Wipes: parameters may be a person's. */
void	db_params_free(struct db_params *p);
void	db_params_int(struct db_params *p, int index, int64_t value);
void	db_params_bool(struct db_params *p, int index, bool value);
/* A text that reads back as the same double; NaN, infinite: ERR_RANGE. */
void	db_params_double(struct db_params *p, int index, double value);
/* A NUL within len bytes is ERR_FORMAT, invalid UTF-8 too. */
void	db_params_text(struct db_params *p, int index, const char *text,
	    size_t len);
/* Arrays, in PostgreSQL's literal form; n may be 0. */
void	db_params_ints(struct db_params *p, int index, const int64_t *values,
	    size_t n);
void	db_params_texts(struct db_params *p, int index,
	    const char *const *values, size_t n);
/*
 * Fill values[]; 0, or the first error: ERR_RANGE (index), ERR_FORMAT,
 * ERR_LIMIT (more than DB_PARAMS_BYTES), ERR_MEMORY.
 */
int	db_params_done(struct db_params *p);

#endif
