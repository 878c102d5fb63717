/* SPDX-License-Identifier: MIT */
/*
 * The preparing of all statements; a few round trips.  Runs in the worker's
 * boot phase, and waits.  Statements of another generation of the exchange
 * would not even parse, so that a look at its tables comes first.
 */
#include <poll.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "compat/compat.h"
#include "db/db.h"
#include "db/private.h"
#include "db/statement.h"

#define STATEMENT_MAX	(1024 * 1024)	/* bytes of its text */

/* --- preparing ------------------------------------------------------------ */

static bool
prepare_send(struct db *db, size_t first, size_t end)
{
	const struct db_statement_row	*st;
	struct buf			 text;
	bool				 sent = true;
	size_t				 i;

	buf_init(&text, STATEMENT_MAX);
	for (i = first; i < end && sent; i++) {
		st = &db_statement_table[i];
		buf_reset(&text);
		db_layout_text(db, st->text, &text);
		sent = buf_error(&text) == 0 && PQsendPrepare(db->conn,
		    st->name, buf_string(&text), st->nparams, st->types) == 1;
	}
	buf_free(&text);
	return sent && PQpipelineSync(db->conn) == 1;
}

static const struct {
	const char		*prefix;
	enum db_failure_code	 code;
} prepare_failures[] = {
	/* Something holds the tables: a migration, a restore. */
	{ "57014", DB_FAILURE_BUSY },
	{ "55P03", DB_FAILURE_BUSY },
	{ "57P", DB_FAILURE_BUSY },
	{ "53", DB_FAILURE_BUSY },
	{ "42501", DB_FAILURE_PRIVILEGE },
	{ "42P01", DB_FAILURE_GENERATION },
	{ "42703", DB_FAILURE_GENERATION },
	{ "26000", DB_FAILURE_POOLER },
	{ "42P05", DB_FAILURE_POOLER },
};

static void
prepare_failed(const PGresult *res, size_t at, struct db_failure *failure)
{
	enum db_failure_code	 code = DB_FAILURE_INTERNAL;
	size_t			 i;

	db_copy_name(failure->sqlstate, sizeof(failure->sqlstate),
	    PQresultErrorField(res, PG_DIAG_SQLSTATE));
	db_copy_name(failure->object, sizeof(failure->object),
	    at < DB_STATEMENTS ? db_statement_table[at].name : "");
	log_debug("statement %s: SQLSTATE %s", failure->object,
	    failure->sqlstate);
	for (i = 0; i < sizeof(prepare_failures) / sizeof(prepare_failures[0]);
	    i++) {
		if (strncmp(failure->sqlstate, prepare_failures[i].prefix,
		    strlen(prepare_failures[i].prefix)) != 0)
			continue;
		code = prepare_failures[i].code;
		break;
	}
	(void)db_fail(failure, code);
}

/* One result of PQgetResult; true when all have been seen. */
static bool
prepare_take(PGresult *res, size_t *at, struct db_failure *failure)
{
	bool	last = false;

	if (res == NULL) {
		(*at)++;
		return false;
	}
	switch (PQresultStatus(res)) {
	case PGRES_COMMAND_OK:
	case PGRES_PIPELINE_ABORTED:
		break;
	case PGRES_PIPELINE_SYNC:
		last = true;
		break;
	default:
		prepare_failed(res, *at, failure);
		break;
	}
	PQclear(res);
	return last;
}

int
db_prepare_range(struct db *db, size_t first, size_t end, int64_t due_ms,
    struct db_failure *failure)
{
	size_t	at = first;
	int	unsent;

	if (!prepare_send(db, first, end))
		return db_fail(failure, DB_FAILURE_INTERNAL);
	for (;;) {
		if ((unsent = PQflush(db->conn)) < 0)
			return db_fail(failure, DB_FAILURE_UNREACHABLE);
		while (!PQisBusy(db->conn)) {
			if (PQstatus(db->conn) == CONNECTION_BAD)
				return db_fail(failure,
				    DB_FAILURE_UNREACHABLE);
			if (!prepare_take(PQgetResult(db->conn), &at,
			    failure))
				continue;
			return failure->code == DB_FAILURE_NONE ? 0 :
			    db_fail(failure, failure->code);
		}
		if (db_wait(db->fd, unsent ? POLLIN | POLLOUT : POLLIN,
		    due_ms) != 0) {
			(void)db_fail(failure, DB_FAILURE_UNREACHABLE);
			return ERR_TIMEOUT;
		}
		if (PQconsumeInput(db->conn) != 1)
			return db_fail(failure, DB_FAILURE_UNREACHABLE);
	}
}

/* --- running one at the start --------------------------------------------- */

/* A submit that is waited for. */
struct waited {
	db_row_fn	*row;
	void		*arg;
	bool		 done;
	int		 err;
};

static int
waited_row(void *arg, size_t index, const struct db_row *row)
{
	struct waited	*w = arg;

	return w->row(w->arg, index, row);
}

static void
waited_done(void *arg, int err, enum db_error error)
{
	struct waited	*w = arg;

	(void)error;
	w->done = true;
	w->err = err;
}

int
db_run_wait(struct db *db, enum db_statement statement, db_row_fn *row,
    void *arg, int64_t due_ms, struct db_failure *failure)
{
	struct db_query	q = { statement, NULL, 0, NULL };

	return db_query_wait(db, &q, row, arg, due_ms, failure);
}

int
db_query_wait(struct db *db, const struct db_query *query, db_row_fn *row,
    void *arg, int64_t due_ms, struct db_failure *failure)
{
	struct db_query	 q = *query;
	struct waited	 w = { row, arg, false, 0 };

	q.row = waited_row;
	if (db_submit(db, &q, 1, waited_done, &w) != 0)
		return db_fail(failure, DB_FAILURE_UNREACHABLE);
	while (!w.done) {
		if (db_wait(db->fd, db_want(db), due_ms) != 0) {
			(void)db_fail(failure, DB_FAILURE_UNREACHABLE);
			return ERR_TIMEOUT;
		}
		(void)db_dispatch(db, POLLIN | POLLOUT);
	}
	if (w.err == 0)
		return 0;
	return db_fail(failure, w.err == ERR_CLOSED ? DB_FAILURE_UNREACHABLE :
	    DB_FAILURE_INTERNAL);
}

_Static_assert((int)DB_SCHEMA_FACTS == (int)DB_SCHEMA_GENERATION + 1,
    "both are left out below");

int
db_prepare(struct db *db, int64_t due_ms, struct db_facts *facts,
    struct db_failure *failure)
{
	int	error;

	if ((error = db_look_at_layout(db, due_ms, facts, failure)) != 0)
		return error;
	if ((error = db_prepare_range(db, 0, DB_SCHEMA_GENERATION, due_ms,
	    failure)) != 0)
		return error;
	return db_prepare_range(db, DB_SCHEMA_FACTS + 1, DB_STATEMENTS,
	    due_ms, failure);
}
