/* SPDX-License-Identifier: MIT */
/* What the files of this folder share.  Nobody else includes this. */
#ifndef DB_PRIVATE_H
#define DB_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/db.h"
#include "db/libpq.h"

struct buf;

struct db_pending {
	enum db_statement	 statement;
	db_row_fn		*row;
};

struct db {
	PGconn			*conn;		/* NULL once lost */
	int			 fd;
	int			 server_version;
	int			 backend_pid;
	bool			 superuser;
	unsigned char		 layout[DB_LAYOUTS];	/* variant taken */

	/* The submit that runs. */
	struct db_pending	 pending[DB_QUERIES_MAX];
	size_t			 npending;
	size_t			 current;	/* whose results come now */
	bool			 busy;
	bool			 fresh;		/* current: nothing read yet */
	bool			 flush;		/* libpq holds unsent bytes */
	int			 err;		/* the first failure */
	enum db_error		 error;
	db_done_fn		*done;
	void			*arg;
};

struct db_row {
	const PGresult	*res;
};

/* Fill in code and retry; returns the error that goes with it. */
int	db_fail(struct db_failure *failure, enum db_failure_code code);
/* A name from outside, cut to size and fit to be shown. */
void	db_copy_name(char *to, size_t size, const char *from);
/* Until the descriptor is ready: 0; ERR_TIMEOUT at the deadline; ERR_SYSTEM. */
int	db_wait(int fd, short events, int64_t due_ms);
/* See which variants the database takes; as db_connect. */
int	db_look_at_layout(struct db *db, int64_t due_ms,
	    struct db_facts *facts, struct db_failure *failure);
/* Append a text of the table with the variants that the database takes. */
void	db_layout_text(const struct db *db, const char *text,
	    struct buf *out);
/* Judge the layout and prepare all statements; as db_connect. */
int	db_prepare(struct db *db, int64_t due_ms, struct db_facts *facts,
	    struct db_failure *failure);
/* Prepare the statements first … end - 1 in one round trip; as db_connect. */
int	db_prepare_range(struct db *db, size_t first, size_t end,
	    int64_t due_ms, struct db_failure *failure);
/* Run a prepared one without parameters; as db_connect. */
int	db_run_wait(struct db *db, enum db_statement statement,
	    db_row_fn *row, void *arg, int64_t due_ms,
	    struct db_failure *failure);
/* The same of any query; its row() is not used. */
int	db_query_wait(struct db *db, const struct db_query *query,
	    db_row_fn *row, void *arg, int64_t due_ms,
	    struct db_failure *failure);
/* Ask DB_SCHEMA_FACTS; whatever fails, facts->known is false then. */
void	db_look(struct db *db, int64_t due_ms, struct db_facts *facts);
/* The connection is gone: close it, tell a submit that runs. ERR_CLOSED. */
int	db_lost(struct db *db);

#endif
