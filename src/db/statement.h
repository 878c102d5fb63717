/* SPDX-License-Identifier: MIT */
/* The table made from src/db/sql/: everything that can be run. */
#ifndef DB_STATEMENT_H
#define DB_STATEMENT_H

#include <stdint.h>

#include "db/statements.h"

/* In a statement's text, with 'A' + enum db_layout behind it: a variant. */
#define DB_LAYOUT_MARK	'\001'

struct db_statement_row {
	const char		*name;		/* "study_count" */
	const char		*text;		/* rules expanded, with marks */
	const unsigned int	*types;		/* PostgreSQL's type numbers */
	int			 nparams;
	int			 ncolumns;
};

/* Indexed by enum db_statement. */
extern const struct db_statement_row db_statement_table[DB_STATEMENTS];

/* An expression, for databases that have all the columns it reads. */
struct db_variant {
	const char	*text;
	uint32_t	 reads;		/* bits of db_layout_columns */
};

/* From the newest generation of the exchange to the oldest. */
struct db_layout_row {
	const struct db_variant	*variants;
	unsigned char		 nvariants;
};

/* Indexed by enum db_layout. */
extern const struct db_layout_row db_layout_table[DB_LAYOUTS];
/* "core_observation.omh_data" */
extern const char *const db_layout_columns[DB_LAYOUT_COLUMNS];

#endif
