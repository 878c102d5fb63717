/* SPDX-License-Identifier: MIT */
/*
 * A look at the layout of the exchange's tables, then the preparing of all
 * statements; a few round trips.  Runs in the worker's boot phase, and waits.
 * Statements of another generation would not even parse, so that the layout
 * comes first, by a statement that needs nothing but the catalogue.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "compat/compat.h"
#include "db/db.h"
#include "db/private.h"
#include "db/statement.h"

/* --- preparing ------------------------------------------------------------ */

static bool
prepare_send(struct db *db, size_t first, size_t end)
{
	const struct db_statement_row	*st;
	size_t				 i;

	for (i = first; i < end; i++) {
		st = &db_statement_table[i];
		if (PQsendPrepare(db->conn, st->name, st->text, st->nparams,
		    st->types) != 1)
			return false;
	}
	return PQpipelineSync(db->conn) == 1;
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

/* --- the layout ----------------------------------------------------------- */

/* What DB_SCHEMA_GENERATION told. */
struct layout {
	struct db_facts	*facts;		/* or NULL */
	bool	study;			/* core_study and an observation's */
	bool	payload;		/* body, of whatever generation */
	bool	missing;
	bool	denied;
	char	first_missing[130];
	char	first_denied[130];
};

/* Columns come table by table. */
static void
layout_note_table(struct db_facts *facts, const char *relation)
{
	char	name[64];
	char	*last;

	db_copy_name(name, sizeof(name), relation);
	last = strrchr(facts->ungranted, ' ');
	last = last == NULL ? facts->ungranted : last + 1;
	if (strcmp(last, name) == 0)
		return;
	if (last[0] != '\0')
		(void)strlcat(facts->ungranted, ", ",
		    sizeof(facts->ungranted));
	(void)strlcat(facts->ungranted, name, sizeof(facts->ungranted));
}

static int
layout_row(void *arg, size_t index, const struct db_row *row)
{
	struct layout	*l = arg;
	const char	*relation, *name;
	bool		 required, present, readable;
	char		 column[130];

	(void)index;
	relation = db_text(row, COL_SCHEMA_GENERATION_RELATION, NULL);
	name = db_text(row, COL_SCHEMA_GENERATION_NAME, NULL);
	if (relation == NULL || name == NULL ||
	    db_bool(row, COL_SCHEMA_GENERATION_REQUIRED, &required) != 0 ||
	    db_bool(row, COL_SCHEMA_GENERATION_PRESENT, &present) != 0 ||
	    db_bool(row, COL_SCHEMA_GENERATION_READABLE, &readable) != 0)
		return ERR_FORMAT;
	(void)snprintf(column, sizeof(column), "%s.%s", relation, name);
	if (present && strcmp(relation, "core_study") == 0)
		l->study = true;
	if (present && (strcmp(name, "omh_data") == 0 ||
	    strcmp(name, "value_attachment_data") == 0))
		l->payload = true;
	if (required && !present && !l->missing) {
		l->missing = true;
		db_copy_name(l->first_missing, sizeof(l->first_missing),
		    column);
	}
	if (required && present && !readable && l->facts != NULL)
		layout_note_table(l->facts, relation);
	if (required && present && !readable && !l->denied) {
		l->denied = true;
		db_copy_name(l->first_denied, sizeof(l->first_denied), column);
	}
	return 0;
}

static int
layout_judge(const struct layout *l, struct db_failure *failure)
{
	if (!l->study || !l->payload)
		return db_fail(failure, DB_FAILURE_NOT_EXCHANGE);
	if (l->missing) {
		db_copy_name(failure->object, sizeof(failure->object),
		    l->first_missing);
		return db_fail(failure, DB_FAILURE_GENERATION);
	}
	if (l->denied) {
		db_copy_name(failure->object, sizeof(failure->object),
		    l->first_denied);
		return db_fail(failure, DB_FAILURE_PRIVILEGE);
	}
	return 0;
}

/* A submit that db_run_wait() waits for. */
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
	struct db_query	 q = { statement, NULL, 0, waited_row };
	struct waited	 w = { row, arg, false, 0 };

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

static int
look_at_layout(struct db *db, int64_t due_ms, struct db_facts *facts,
    struct db_failure *failure)
{
	struct layout	 l;
	int		 error;

	memset(&l, 0, sizeof(l));
	l.facts = facts;
	if ((error = db_prepare_range(db, DB_SCHEMA_GENERATION,
	    DB_SCHEMA_GENERATION + 1, due_ms, failure)) != 0 ||
	    (error = db_run_wait(db, DB_SCHEMA_GENERATION, layout_row, &l,
	    due_ms, failure)) != 0)
		return error;
	return layout_judge(&l, failure);
}

_Static_assert((int)DB_SCHEMA_FACTS == (int)DB_SCHEMA_GENERATION + 1,
    "both are left out below");

int
db_prepare(struct db *db, int64_t due_ms, struct db_facts *facts,
    struct db_failure *failure)
{
	int	error;

	if ((error = look_at_layout(db, due_ms, facts, failure)) != 0)
		return error;
	if ((error = db_prepare_range(db, 0, DB_SCHEMA_GENERATION, due_ms,
	    failure)) != 0)
		return error;
	return db_prepare_range(db, DB_SCHEMA_FACTS + 1, DB_STATEMENTS,
	    due_ms, failure);
}
