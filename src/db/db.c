/* SPDX-License-Identifier: MIT */
/*
 * Running prepared statements and reading rows, never blocking.  Runs in the
 * worker, after its final filter: nothing here opens anything.  The server is
 * trusted to speak its protocol (libpq parses it); what rows contain is not
 * trusted and not looked at.
 */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "db/db.h"
#include "db/private.h"
#include "db/statement.h"

/* --- what a failure is ---------------------------------------------------- */

static const struct sqlstate {
	const char	*prefix;
	int		 err;
	enum db_error	 error;
} sqlstates[] = {
	{ "57014", ERR_TIMEOUT, DB_ERROR_TIMEOUT },	/* query_canceled */
	{ "42501", ERR_DENIED, DB_ERROR_PRIVILEGE },
	{ "57P", ERR_CLOSED, DB_ERROR_LOST },		/* shutdown, killed */
	{ "25P0", ERR_CLOSED, DB_ERROR_LOST },		/* idle too long */
	{ "08", ERR_CLOSED, DB_ERROR_LOST },
	/* The exchange's tables were changed under us: look at them anew. */
	{ "42703", ERR_CLOSED, DB_ERROR_LOST },
	{ "42P01", ERR_CLOSED, DB_ERROR_LOST },
	{ "0A000", ERR_CLOSED, DB_ERROR_LOST },
	{ "22", ERR_RANGE, DB_ERROR_INPUT },
};

static const struct sqlstate *
sqlstate_find(const char *state)
{
	size_t	i;

	for (i = 0; i < sizeof(sqlstates) / sizeof(sqlstates[0]); i++) {
		if (strncmp(state, sqlstates[i].prefix,
		    strlen(sqlstates[i].prefix)) == 0)
			return &sqlstates[i];
	}
	return NULL;
}

/* Only the first counts: what follows in the pipeline is its echo. */
static void
db_note_failure(struct db *db, int err, enum db_error error)
{
	if (db->err != 0)
		return;
	db->err = err;
	db->error = error;
}

static void
db_note_result(struct db *db, const PGresult *res)
{
	const struct sqlstate	*found;
	const char		*state;

	state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	if (state == NULL)
		state = PQstatus(db->conn) == CONNECTION_BAD ? "08006" : "";
	log_debug("statement %s: SQLSTATE %.5s",
	    db_statement_table[db->pending[db->current].statement].name,
	    state);
	found = sqlstate_find(state);
	if (found != NULL)
		db_note_failure(db, found->err, found->error);
	else
		db_note_failure(db, ERR_UNSUPPORTED, DB_ERROR_INTERNAL);
}

/* --- submitting ----------------------------------------------------------- */

static int
queries_check(const struct db_query *queries, size_t n)
{
	size_t	i;

	if (n == 0 || n > DB_QUERIES_MAX)
		return ERR_RANGE;
	for (i = 0; i < n; i++) {
		if ((unsigned int)queries[i].statement >= DB_STATEMENTS)
			return ERR_RANGE;
		if (queries[i].nparams !=
		    db_statement_table[queries[i].statement].nparams)
			return ERR_RANGE;
	}
	return 0;
}

static int
db_flush(struct db *db)
{
	int	n;

	if ((n = PQflush(db->conn)) < 0)
		return ERR_CLOSED;
	db->flush = n > 0;
	return 0;
}

static int
db_send(struct db *db, const struct db_query *queries, size_t n)
{
	const struct db_query	*q;
	size_t			 i;

	for (i = 0; i < n; i++) {
		q = &queries[i];
		if (PQsendQueryPrepared(db->conn,
		    db_statement_table[q->statement].name, q->nparams,
		    q->params, NULL, NULL, 0) != 1)
			return ERR_CLOSED;
	}
	if (PQpipelineSync(db->conn) != 1)
		return ERR_CLOSED;
	return db_flush(db);
}

int
db_submit(struct db *db, const struct db_query *queries, size_t n,
    db_done_fn *done, void *arg)
{
	size_t	i;
	int	error;

	if (db->conn == NULL)
		return ERR_CLOSED;
	if (db->busy)
		return ERR_STATE;
	if ((error = queries_check(queries, n)) != 0)
		return error;
	/* A pipeline cut off in the middle cannot be taken back. */
	if (db_send(db, queries, n) != 0)
		return db_lost(db);
	for (i = 0; i < n; i++) {
		db->pending[i].statement = queries[i].statement;
		db->pending[i].row = queries[i].row;
	}
	db->npending = n;
	db->current = 0;
	db->fresh = true;
	db->busy = true;
	db->err = 0;
	db->error = DB_ERROR_NONE;
	db->done = done;
	db->arg = arg;
	return 0;
}

/* --- results -------------------------------------------------------------- */

static void
db_finish(struct db *db)
{
	db_done_fn	*done = db->done;
	void		*arg = db->arg;

	db->busy = false;
	db->done = NULL;
	db->arg = NULL;
	if (done != NULL)
		done(arg, db->err, db->error);
}

int
db_lost(struct db *db)
{
	if (db->conn != NULL) {
		PQfinish(db->conn);
		db->conn = NULL;
	}
	if (db->busy) {
		db_note_failure(db, ERR_CLOSED, DB_ERROR_LOST);
		db_finish(db);
	}
	return ERR_CLOSED;
}

static void
db_row_deliver(struct db *db, const PGresult *res)
{
	const struct db_pending	*p = &db->pending[db->current];
	struct db_row		 row = { res };
	int			 error;

	if (db->err != 0 || p->row == NULL)
		return;
	if ((error = p->row(db->arg, db->current, &row)) < 0)
		db_note_failure(db, error, DB_ERROR_STOPPED);
}

static void
db_result_take(struct db *db, PGresult *res)
{
	if (res == NULL) {
		/* The end of one query's results. */
		db->current++;
		db->fresh = db->current < db->npending;
		return;
	}
	switch (PQresultStatus(res)) {
	case PGRES_SINGLE_TUPLE:
		db_row_deliver(db, res);
		break;
	case PGRES_TUPLES_OK:
	case PGRES_PIPELINE_ABORTED:
		break;
	case PGRES_PIPELINE_SYNC:
		PQclear(res);
		if (db->error == DB_ERROR_LOST)
			(void)db_lost(db);
		else
			db_finish(db);
		return;
	default:
		if (db->current < db->npending)
			db_note_result(db, res);
		else
			db_note_failure(db, ERR_UNSUPPORTED,
			    DB_ERROR_INTERNAL);
		break;
	}
	PQclear(res);
}

/* Take what has arrived; callbacks may submit anew. */
static void
db_results(struct db *db)
{
	while (db->busy) {
		if (db->fresh) {
			(void)PQsetSingleRowMode(db->conn);
			db->fresh = false;
		}
		if (PQisBusy(db->conn))
			return;
		if (PQstatus(db->conn) == CONNECTION_BAD)
			return;
		db_result_take(db, PQgetResult(db->conn));
		if (db->conn == NULL)
			return;
	}
}

int
db_dispatch(struct db *db, short revents)
{
	int	readable = 1;

	if (db->conn == NULL)
		return ERR_CLOSED;
	if (revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL))
		readable = PQconsumeInput(db->conn);
	/* Rows which came before the end of the connection are delivered. */
	db_results(db);
	if (db->conn == NULL)
		return ERR_CLOSED;
	if (!readable || PQstatus(db->conn) == CONNECTION_BAD ||
	    db_flush(db) != 0)
		return db_lost(db);
	return 0;
}

/* --- state ---------------------------------------------------------------- */

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	db->done = NULL;
	if (db->conn != NULL)
		PQfinish(db->conn);
	free(db);
}

int
db_fd(const struct db *db)
{
	return db->fd;
}

short
db_want(const struct db *db)
{
	if (db->conn == NULL)
		return 0;
	return (short)(db->flush ? POLLIN | POLLOUT : POLLIN);
}

bool
db_busy(const struct db *db)
{
	return db->busy;
}

bool
db_alive(const struct db *db)
{
	return db->conn != NULL;
}

int
db_server_version(const struct db *db)
{
	return db->server_version;
}

bool
db_login_is_superuser(const struct db *db)
{
	return db->superuser;
}

int
db_backend_pid(const struct db *db)
{
	return db->backend_pid;
}

/* --- rows ----------------------------------------------------------------- */

int
db_columns(const struct db_row *row)
{
	return PQnfields(row->res);
}

bool
db_is_null(const struct db_row *row, int column)
{
	return db_text(row, column, NULL) == NULL;
}

const char *
db_text(const struct db_row *row, int column, size_t *len)
{
	if (len != NULL)
		*len = 0;
	if (column < 0 || column >= PQnfields(row->res) ||
	    PQgetisnull(row->res, 0, column))
		return NULL;
	if (len != NULL)
		*len = (size_t)PQgetlength(row->res, 0, column);
	return PQgetvalue(row->res, 0, column);
}

int
db_int(const struct db_row *row, int column, int64_t *value)
{
	const char	*text;
	size_t		 len;

	if ((text = db_text(row, column, &len)) == NULL)
		return ERR_NOT_FOUND;
	return num_parse(text, len, INT64_MIN, INT64_MAX, value);
}

int
db_bool(const struct db_row *row, int column, bool *value)
{
	const char	*text;
	size_t		 len;

	if ((text = db_text(row, column, &len)) == NULL)
		return ERR_NOT_FOUND;
	if (len != 1 || (text[0] != 't' && text[0] != 'f'))
		return ERR_FORMAT;
	*value = text[0] == 't';
	return 0;
}

int
db_double(const struct db_row *row, int column, double *value)
{
	const char	*text;
	char		*end;
	double		 d;
	size_t		 len;

	if ((text = db_text(row, column, &len)) == NULL)
		return ERR_NOT_FOUND;
	/* The worker never sets a locale: the point is a point. */
	errno = 0;
	d = strtod(text, &end);
	if (end == text || end != text + len)
		return ERR_FORMAT;
	if (!isfinite(d))
		return ERR_RANGE;
	*value = d;
	return 0;
}
