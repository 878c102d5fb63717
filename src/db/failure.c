/* SPDX-License-Identifier: MIT */
/*
 * Why there is no connection, in our own words.  Runs in the worker's boot
 * phase; names may come from the connection string or from the server.
 */
#include <string.h>

#include "base/err.h"
#include "db/db.h"
#include "db/private.h"

static const struct {
	enum db_failure_code	 code;
	int			 err;
	bool			 retry;
	const char		*text;
} failures[] = {
	{ DB_FAILURE_NONE, 0, false, "no failure" },
	{ DB_FAILURE_CONNINFO, ERR_FORMAT, false,
	    "the connection string is not understood" },
	{ DB_FAILURE_UNREACHABLE, ERR_UNREACHABLE, true,
	    "no database server answers" },
	{ DB_FAILURE_TLS, ERR_DENIED, false,
	    "no agreement with the database server about encryption" },
	{ DB_FAILURE_LOGIN, ERR_DENIED, false,
	    "the database server refused the login" },
	{ DB_FAILURE_NO_DATABASE, ERR_DENIED, false,
	    "there is no database of this name" },
	{ DB_FAILURE_BUSY, ERR_UNREACHABLE, true,
	    "the database server takes no connections at the moment" },
	{ DB_FAILURE_OLD_SERVER, ERR_UNSUPPORTED, false,
	    "the database server is older than PostgreSQL 14" },
	{ DB_FAILURE_POOLER, ERR_UNSUPPORTED, false,
	    "a connection pooler is between us and the database server" },
	{ DB_FAILURE_NOT_EXCHANGE, ERR_UNSUPPORTED, false,
	    "the database is not that of a JupyterHealth Exchange" },
	{ DB_FAILURE_GENERATION, ERR_UNSUPPORTED, false,
	    "this generation of the exchange's database is not known" },
	{ DB_FAILURE_PRIVILEGE, ERR_DENIED, false,
	    "the database login lacks a privilege" },
	{ DB_FAILURE_INTERNAL, ERR_UNSUPPORTED, false,
	    "the database answered something unexpected" },
	{ DB_FAILURE_ZONE, ERR_UNSUPPORTED, false,
	    "the database server knows no time zone of this name "
	    "(default-timezone)" },
};

const char *
db_failure_text(enum db_failure_code code)
{
	size_t	i;

	for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		if (failures[i].code == code)
			return failures[i].text;
	}
	return "unknown failure";
}

int
db_fail(struct db_failure *failure, enum db_failure_code code)
{
	size_t	i;

	failure->code = code;
	for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		if (failures[i].code != code)
			continue;
		failure->retry = failures[i].retry;
		return failures[i].err;
	}
	return ERR_UNSUPPORTED;
}

void
db_copy_name(char *to, size_t size, const char *from)
{
	size_t	i;

	if (from == NULL)
		from = "";
	for (i = 0; from[i] != '\0' && i < size - 1; i++)
		to[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
	to[i] = '\0';
}
