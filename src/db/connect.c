/* SPDX-License-Identifier: MIT */
/*
 * Making the one connection, with every setting in the start packet.  Runs in
 * the worker's boot phase, before the final filter, and waits.  The connection
 * string is the operator's; nothing of it is logged, and of the library's
 * error texts only the SQLSTATE is read.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "compat/compat.h"
#include "db/db.h"
#include "db/private.h"

#define SETTINGS_MAX	64
#define OLDEST_SERVER	140000

/* Everything that is passed to libpq, by name. */
struct settings {
	const char	*names[SETTINGS_MAX + 1];
	const char	*values[SETTINGS_MAX + 1];
	int		 n;
	struct buf	 options;
};

struct attempt {
	const struct db_options	*options;
	struct db_failure	*failure;
	PQconninfoOption	*conninfo;
	int64_t			 due_ms;
	bool			 check_interval;
};

/* Used unless the connection string says otherwise. */
static const struct setting {
	const char	*name;
	const char	*value;
} defaults[] = {
	/* Kerberos would read its files at every start. */
	{ "gssencmode", "disable" },
	{ "application_name", "jhe-mcp" },
	/* A lost network is noticed in two minutes, not two hours. */
	{ "keepalives_idle", "60" },
	{ "keepalives_interval", "15" },
	{ "keepalives_count", "4" },
	{ "tcp_user_timeout", "60000" },
};

/* --- the start packet ----------------------------------------------------- */

static void
settings_set(struct settings *s, const char *name, const char *value)
{
	int	i;

	for (i = 0; i < s->n; i++) {
		if (strcmp(s->names[i], name) == 0)
			return;
	}
	if (s->n == SETTINGS_MAX)
		return;
	s->names[s->n] = name;
	s->values[s->n++] = value;
}

/*
 * Ours come last, so that they win over the operator's: what makes the session
 * read-only and its texts predictable is not negotiable.
 */
static void
settings_options(struct settings *s, const char *theirs,
    const struct attempt *a)
{
	if (theirs != NULL)
		buf_addf(&s->options, "%s ", theirs);
	buf_adds(&s->options,
	    "-c default_transaction_read_only=on "
	    "-c default_transaction_isolation=repeatable\\ read "
	    "-c default_transaction_deferrable=off "
	    "-c search_path=pg_catalog,pg_temp "
	    "-c TimeZone=UTC -c DateStyle=ISO,YMD -c IntervalStyle=iso_8601 "
	    "-c extra_float_digits=1 -c standard_conforming_strings=on "
	    "-c idle_in_transaction_session_timeout=60000 "
	    /* Planning costs several times the execution of ours: once. */
	    "-c plan_cache_mode=force_generic_plan -c jit=off ");
	buf_addf(&s->options, "-c jhe_mcp.consent_gate=%s ",
	    a->options->consent_gate ? "on" : "off");
	buf_addf(&s->options, "-c statement_timeout=%d ",
	    a->options->statement_timeout_ms);
	/* Stops a statement soon after we are gone, also after a SIGKILL. */
	if (a->check_interval)
		buf_adds(&s->options,
		    "-c client_connection_check_interval=100 ");
	settings_set(s, "options", buf_string(&s->options));
}

static int
settings_fill(struct settings *s, const struct attempt *a)
{
	const PQconninfoOption	*o;
	const char		*theirs = NULL;
	size_t			 i;

	settings_set(s, "client_encoding", "UTF8");
	for (o = a->conninfo; o->keyword != NULL; o++) {
		if (o->val == NULL)
			continue;
		if (strcmp(o->keyword, "options") == 0)
			theirs = o->val;
		else
			settings_set(s, o->keyword, o->val);
	}
	for (i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		settings_set(s, defaults[i].name, defaults[i].value);
	settings_options(s, theirs, a);
	return buf_error(&s->options);
}

/* --- connecting ----------------------------------------------------------- */

int
db_wait(int fd, short events, int64_t due_ms)
{
	struct pollfd	pfd = { fd, events, 0 };
	int64_t		left;
	int		n;

	while ((left = due_ms - clock_monotonic_ms()) > 0) {
		if ((n = poll(&pfd, 1, (int)left)) > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return ERR_SYSTEM;
	}
	return ERR_TIMEOUT;
}

/* The SQLSTATE at the end of a text "…:  28P01\n"; "" if there is none. */
static void
find_sqlstate(const char *text, char state[6])
{
	static const char	 digits[] =
	    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t			 len = strlen(text);

	state[0] = '\0';
	while (len > 0 && text[len - 1] == '\n')
		len--;
	if (len < 7 || text[len - 6] != ' ')
		return;
	if (strspn(text + len - 5, digits) != 5)
		return;
	memcpy(state, text + len - 5, 5);
	state[5] = '\0';
}

static const struct {
	const char		*prefix;
	enum db_failure_code	 code;
} refusals[] = {
	{ "28", DB_FAILURE_LOGIN },
	{ "42501", DB_FAILURE_LOGIN },		/* no CONNECT privilege */
	{ "3D000", DB_FAILURE_NO_DATABASE },
	{ "57P03", DB_FAILURE_BUSY },		/* starting or stopping */
	{ "57P", DB_FAILURE_BUSY },
	{ "53", DB_FAILURE_BUSY },		/* too many clients, memory */
	{ "55000", DB_FAILURE_BUSY },		/* database takes no logins */
	{ "08P01", DB_FAILURE_POOLER },		/* start packet's options */
	{ "42704", DB_FAILURE_CONNINFO },	/* a setting's name */
	{ "22023", DB_FAILURE_CONNINFO },	/* a setting's value */
	{ "42601", DB_FAILURE_CONNINFO },
};

static int
classify(struct db *db, ConnStatusType stage, struct db_failure *failure)
{
	size_t	i;

	find_sqlstate(PQerrorMessage(db->conn), failure->sqlstate);
	for (i = 0; failure->sqlstate[0] != '\0' &&
	    i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (strncmp(failure->sqlstate, refusals[i].prefix,
		    strlen(refusals[i].prefix)) == 0)
			return db_fail(failure, refusals[i].code);
	}
	if (failure->sqlstate[0] != '\0')
		return db_fail(failure, DB_FAILURE_INTERNAL);
	if (PQconnectionNeedsPassword(db->conn))
		return db_fail(failure, DB_FAILURE_LOGIN);
	if (stage == CONNECTION_SSL_STARTUP)
		return db_fail(failure, DB_FAILURE_TLS);
	return db_fail(failure, DB_FAILURE_UNREACHABLE);
}

static void
discard_notice(void *arg, const PGresult *res)
{
	(void)arg;
	(void)res;
}

static int
poll_connection(struct db *db, const struct attempt *a)
{
	PostgresPollingStatusType	 next = PGRES_POLLING_WRITING;
	ConnStatusType			 stage = CONNECTION_BAD;

	if (PQstatus(db->conn) == CONNECTION_BAD)
		return classify(db, stage, a->failure);
	while (next != PGRES_POLLING_OK) {
		if (db_wait(PQsocket(db->conn),
		    next == PGRES_POLLING_READING ? POLLIN : POLLOUT,
		    a->due_ms) != 0) {
			(void)db_fail(a->failure, DB_FAILURE_UNREACHABLE);
			return ERR_TIMEOUT;
		}
		stage = PQstatus(db->conn);
		next = PQconnectPoll(db->conn);
		if (next == PGRES_POLLING_FAILED)
			return classify(db, stage, a->failure);
	}
	return 0;
}

static int
open_connection(struct db *db, const struct attempt *a)
{
	struct settings	 s;
	int		 error;

	memset(&s, 0, sizeof(s));
	buf_init(&s.options, 8192);
	if (settings_fill(&s, a) != 0) {
		error = db_fail(a->failure, DB_FAILURE_CONNINFO);
		goto out;
	}
	if ((db->conn = PQconnectStartParams(s.names, s.values, 0)) == NULL) {
		(void)db_fail(a->failure, DB_FAILURE_INTERNAL);
		error = ERR_MEMORY;
		goto out;
	}
	/* Texts are translated and quote things; the SQLSTATE is neither. */
	(void)PQsetErrorVerbosity(db->conn, PQERRORS_SQLSTATE);
	(void)PQsetNoticeReceiver(db->conn, discard_notice, NULL);
	db_copy_name(a->failure->host, sizeof(a->failure->host),
	    PQhost(db->conn));
	db_copy_name(a->failure->database, sizeof(a->failure->database),
	    PQdb(db->conn));
	error = poll_connection(db, a);
out:
	buf_free(&s.options);
	return error;
}

/*
 * What the server says by itself about the session.  A server, or something
 * in between, that dropped our settings is not one to go on with.
 */
static int
check_session(struct db *db, struct db_failure *failure)
{
	const char	*value;

	db->server_version = PQserverVersion(db->conn);
	failure->server_version = db->server_version;
	if (db->server_version < OLDEST_SERVER)
		return db_fail(failure, DB_FAILURE_OLD_SERVER);
	value = PQparameterStatus(db->conn, "default_transaction_read_only");
	if (value == NULL || strcmp(value, "on") != 0)
		return db_fail(failure, DB_FAILURE_POOLER);
	value = PQparameterStatus(db->conn, "is_superuser");
	db->superuser = value != NULL && strcmp(value, "on") == 0;
	db->backend_pid = PQbackendPID(db->conn);
	db->fd = PQsocket(db->conn);
	if (PQsetnonblocking(db->conn, 1) != 0 ||
	    PQenterPipelineMode(db->conn) != 1)
		return db_fail(failure, DB_FAILURE_INTERNAL);
	return 0;
}

static int
gate_row(void *arg, size_t index, const struct db_row *row)
{
	bool	*gate = arg;

	(void)index;
	return db_bool(row, COL_SESSION_GATE_CONSENT_GATE, gate);
}

/*
 * Statements see the gate as the session has it: a session that lost it on
 * the way would give out what nobody consented to.
 */
static int
check_gate(struct db *db, const struct attempt *a)
{
	bool	gate = !a->options->consent_gate;
	int	error;

	if ((error = db_run_wait(db, DB_SESSION_GATE, gate_row, &gate,
	    a->due_ms, a->failure)) != 0)
		return error;
	return gate == a->options->consent_gate ? 0 :
	    db_fail(a->failure, DB_FAILURE_POOLER);
}

static int
zone_row(void *arg, size_t index, const struct db_row *row)
{
	(void)arg;
	(void)index;
	(void)row;
	return 0;
}

/* Else the questions about days fail one by one, and nobody knows why. */
static int
check_zone(struct db *db, const struct attempt *a)
{
	const char	*zone = a->options->default_timezone;
	struct db_query	 q = { DB_TIME_ZONE, &zone, PARS_TIME_ZONE, NULL };
	int		 error;

	if (zone == NULL)
		return 0;
	error = db_query_wait(db, &q, zone_row, NULL, a->due_ms, a->failure);
	if (error == 0 || a->failure->code != DB_FAILURE_INTERNAL)
		return error;
	db_copy_name(a->failure->object, sizeof(a->failure->object), zone);
	return db_fail(a->failure, DB_FAILURE_ZONE);
}

/* --- all of it ------------------------------------------------------------ */

static int
try_connect(struct db *db, const struct attempt *a)
{
	int	error;

	if ((error = open_connection(db, a)) != 0)
		return error;
	if ((error = check_session(db, a->failure)) != 0)
		return error;
	if (a->options->facts != NULL)
		db_look(db, a->due_ms, a->options->facts);
	if ((error = db_prepare(db, a->due_ms, a->options->facts,
	    a->failure)) != 0)
		return error;
	if (a->options->facts != NULL)
		(void)strlcpy(a->options->facts->generation,
		    db_generation(db), sizeof(a->options->facts->generation));
	if ((error = check_gate(db, a)) != 0)
		return error;
	return check_zone(db, a);
}

static void
conninfo_free(PQconninfoOption *conninfo)
{
	PQconninfoOption	*o;

	for (o = conninfo; o != NULL && o->keyword != NULL; o++) {
		if (o->val != NULL)
			explicit_bzero(o->val, strlen(o->val));
	}
	PQconninfoFree(conninfo);
}

int
db_load(void)
{
	return libpq_load();
}

int
db_connect(struct db **out, const struct db_options *options,
    struct db_failure *failure)
{
	struct attempt	 a = { options, failure, NULL, 0, true };
	struct db	*db = NULL;
	char		*text = NULL;
	int		 error;

	*out = NULL;
	memset(failure, 0, sizeof(*failure));
	if (options->facts != NULL)
		memset(options->facts, 0, sizeof(*options->facts));
	if (db_load() != 0)
		return db_fail(failure, DB_FAILURE_INTERNAL);
	a.due_ms = clock_monotonic_ms() + options->connect_timeout_ms;
	a.conninfo = PQconninfoParse(options->conninfo, &text);
	PQfreemem(text);
	if (a.conninfo == NULL)
		return db_fail(failure, DB_FAILURE_CONNINFO);
	for (;;) {
		error = ERR_MEMORY;
		if ((db = calloc(1, sizeof(*db))) == NULL)
			break;
		if ((error = try_connect(db, &a)) == 0)
			break;
		db_close(db);
		db = NULL;
		/*
		 * The interval is younger than the oldest servers, and some
		 * platforms refuse it: find out what is there without it.
		 */
		if (!a.check_interval || failure->code != DB_FAILURE_CONNINFO)
			break;
		a.check_interval = false;
		memset(failure, 0, sizeof(*failure));
	}
	conninfo_free(a.conninfo);
	*out = db;
	return error;
}
