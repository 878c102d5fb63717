/* SPDX-License-Identifier: MIT */
/* The table made from src/db/sql/: everything that can be run. */
#ifndef DB_STATEMENT_H
#define DB_STATEMENT_H

#include "db/statements.h"

struct db_statement_row {
	const char		*name;		/* "study_count" */
	const char		*text;		/* rules expanded */
	const unsigned int	*types;		/* PostgreSQL's type numbers */
	int			 nparams;
	int			 ncolumns;
};

/* Indexed by enum db_statement. */
extern const struct db_statement_row db_statement_table[DB_STATEMENTS];

#endif
