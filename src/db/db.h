/* SPDX-License-Identifier: MIT */
/*
 * One connection to the exchange's database.  It is made once, with blocking
 * calls, while the process starts; from then on nothing blocks, and nothing
 * needs a system call beyond send, recv and memory.  What can be run is the
 * table of prepared statements (db/statements.h, made from src/db/sql/), with
 * parameters: there is no function that takes SQL.
 *
 * The session is read-only, each submit sees one snapshot, times come as UTC
 * in ISO 8601, names resolve in pg_catalog only.
 *
 * Not one word of the database's or the library's error texts leaves this
 * module, not even into the log: they may quote parameters, rows or the
 * connection string.  SQLSTATE and the statement's name are logged, at debug.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/statements.h"

struct db;
struct db_row;

/* --- Connecting: in the boot phase only ---------------------------------- */

/*
 * What an administrator wants to know; texts are cleaned, "" if unknown.
 * known is false if the server could not be asked.
 */
struct db_facts {
	bool		 known;
	bool		 tls;
	bool		 superuser;
	bool		 bypasses_rls;
	bool		 standby;
	bool		 pooled;	/* another process than we were told */
	bool		 recent_index;
	char		 generation[32]; /* db_generation(); "" if unknown */
	int64_t		 clock_s;	/* the server's; 0 if unknown */
	int64_t		 our_clock_s;	/* when that was told */
	char		 role[64];
	char		 writable[130];	/* a table it may change */
	char		 secret[130];	/* a column it should not read */
	char		 ungranted[1024]; /* tables it should read, ", " */
};

struct db_options {
	/*
	 * postgresql://… or keyword=value …, as libpq has it; may hold a
	 * password.  Only read during db_connect.
	 */
	const char	*conninfo;
	int		 connect_timeout_ms;	/* in all; > 0 */
	int		 statement_timeout_ms;	/* of each statement; > 0 */
	/*
	 * Observations need consent: our statements ask the session, so that
	 * one in which it is not in force is refused (POOLER).
	 */
	bool		 consent_gate;
	/* An IANA name that statements are given; NULL: not looked at. */
	const char	*default_timezone;
	struct db_facts	*facts;		/* filled in if not NULL, also when
					 * the connection is not accepted */
};

/* Why there is no connection; for messages of our own words. */
enum db_failure_code {
	DB_FAILURE_NONE = 0,
	DB_FAILURE_CONNINFO,	/* not a connection string */
	DB_FAILURE_UNREACHABLE,	/* no server answered in time */
	DB_FAILURE_TLS,		/* no agreement about encryption */
	DB_FAILURE_LOGIN,	/* the server refused the login */
	DB_FAILURE_NO_DATABASE,	/* there is no database of this name */
	DB_FAILURE_BUSY,	/* starting, stopping or full: try again */
	DB_FAILURE_OLD_SERVER,	/* PostgreSQL older than 14 */
	DB_FAILURE_POOLER,	/* settings refused or lost on the way */
	DB_FAILURE_NOT_EXCHANGE, /* no exchange's tables in it */
	DB_FAILURE_GENERATION,	/* the exchange's, but not a known layout */
	DB_FAILURE_PRIVILEGE,	/* SELECT on `object` is missing */
	DB_FAILURE_INTERNAL,	/* memory, protocol, our own statements */
	DB_FAILURE_ZONE		/* default_timezone is none of the server's */
};

/*
 * All safe to show: of the connection string only the host and the database;
 * odd bytes in names are '?'.  object is the column "core_study.name" of
 * PRIVILEGE, GENERATION and, if it is nearly one, NOT_EXCHANGE; or the name of
 * the statement that was refused.
 */
struct db_failure {
	enum db_failure_code	 code;
	bool			 retry;		/* may pass by itself */
	int			 server_version; /* 130012, 0 if unknown */
	char			 sqlstate[6];	/* "" if none */
	char			 host[128];
	char			 database[64];
	char			 object[130];	/* "" if none */
};

/* A few words for a log line or a person: "the server refused the login". */
const char	*db_failure_text(enum db_failure_code code);

/*
 * Load what connecting needs (libpq and what that brings), if it is not
 * loaded.  db_connect() does it, too; a process with filters does it before
 * them.  0; ERR_SYSTEM: it is not installed.
 */
int	db_load(void);
/*
 * Connect, look which layout the database has, prepare all statements.
 * Waits; resolves names, opens a socket, may read a password file and CA
 * files.  0 and *db (db_close() it); or ERR_MEMORY, ERR_FORMAT (CONNINFO),
 * ERR_TIMEOUT or ERR_UNREACHABLE (worth a retry), ERR_DENIED, ERR_UNSUPPORTED
 * with *failure filled in and *db NULL.
 */
int	db_connect(struct db **db, const struct db_options *options,
	    struct db_failure *failure);
/* NULL is allowed.  A running submit ends without its done callback. */
void	db_close(struct db *db);

/* The server's version as 150003, and whether the login may do everything. */
int	db_server_version(const struct db *db);
bool	db_login_is_superuser(const struct db *db);
/* The server process that serves us; 0 when unknown. */
int	db_backend_pid(const struct db *db);
/*
 * Which variant of a rule of layout (src/db/sql/layout) the database takes:
 * 0 is that of the newest generation.
 */
int	db_variant(const struct db *db, enum db_layout rule);
/* All of them in a word or two for a log line: "autumn 2025". */
const char	*db_generation(const struct db *db);

/* --- Running statements -------------------------------------------------- */

enum db_error {
	DB_ERROR_NONE = 0,
	DB_ERROR_TIMEOUT,	/* stopped by the statement time-out */
	DB_ERROR_PRIVILEGE,	/* the login may not read something */
	DB_ERROR_INPUT,		/* a parameter the server cannot take */
	DB_ERROR_LOST,		/* no connection any more */
	DB_ERROR_STOPPED,	/* the row callback asked for it */
	DB_ERROR_INTERNAL
};

/*
 * One row of the index-th query; its texts live until the return.  0, or a
 * negative code: then no further row is delivered, what still arrives is
 * thrown away, and done() gets the code with DB_ERROR_STOPPED.
 * Must not submit or close.
 */
typedef int	db_row_fn(void *arg, size_t index, const struct db_row *row);
/*
 * Once, at the end: err 0, or the first failure as ERR_TIMEOUT, ERR_DENIED,
 * ERR_RANGE, ERR_CLOSED, ERR_UNSUPPORTED (internal), or the row callback's
 * code.  The connection is idle again: may submit.  Must not close.
 */
typedef void	db_done_fn(void *arg, int err, enum db_error error);

struct db_query {
	enum db_statement	 statement;
	const char *const	*params;	/* text; NULL is SQL NULL */
	int			 nparams;	/* as the statement declares */
	db_row_fn		*row;		/* NULL: rows are not wanted */
};

#define DB_QUERIES_MAX	16

/*
 * Send n queries (1 … DB_QUERIES_MAX) as one pipeline: one round trip, one
 * read-only transaction, one snapshot.  Queries and parameters are copied.
 * Callbacks come from db_dispatch() only.  0; ERR_STATE if busy; ERR_CLOSED if
 * not alive; ERR_RANGE for a wrong statement or number of parameters;
 * ERR_MEMORY.  On an error there will be no callback.
 */
int	db_submit(struct db *db, const struct db_query *queries, size_t n,
	    db_done_fn *done, void *arg);
/*
 * What to poll for: always POLLIN (also when idle: the server may end the
 * connection), POLLOUT while bytes wait.  The descriptor is the same until
 * the end; once db_alive() is false it is closed: forget it.
 */
int	db_fd(const struct db *db);
short	db_want(const struct db *db);
/*
 * After poll() reported revents: reads, calls row() and done().  0; ERR_CLOSED
 * when the connection is gone (done was called before, if a submit ran).
 */
int	db_dispatch(struct db *db, short revents);
/* A submit has not come to its done() yet. */
bool	db_busy(const struct db *db);
bool	db_alive(const struct db *db);

/* --- Reading a row: columns count from 0, COL_… names them ---------------- */

int		 db_columns(const struct db_row *row);
bool		 db_is_null(const struct db_row *row, int column);
/*
 * The text, terminated, not copied; its length if len is not NULL.  NULL for
 * SQL NULL and for a column that does not exist.
 */
const char	*db_text(const struct db_row *row, int column, size_t *len);
/* 0; ERR_NOT_FOUND for SQL NULL; ERR_FORMAT; ERR_RANGE.  *value kept then. */
int		 db_int(const struct db_row *row, int column, int64_t *value);
int		 db_bool(const struct db_row *row, int column, bool *value);
int		 db_double(const struct db_row *row, int column,
		    double *value);

#endif
