/* SPDX-License-Identifier: MIT */
/*
 * What an administrator should know of a connection.  Runs in the worker's
 * boot phase, and waits.  What the server says is cleaned before it leaves.
 */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "db/db.h"
#include "db/private.h"

static bool
facts_true(const struct db_row *row, int column)
{
	bool	value;

	return db_bool(row, column, &value) == 0 && value;
}

struct facts_asked {
	struct db_facts	*facts;
	int		 backend_pid;	/* as the server said first */
};

static int
facts_row(void *arg, size_t index, const struct db_row *row)
{
	struct facts_asked	*a = arg;
	struct db_facts		*f = a->facts;
	int64_t			 n;

	(void)index;
	f->known = true;
	f->superuser = facts_true(row, COL_SCHEMA_FACTS_SUPERUSER);
	f->bypasses_rls = facts_true(row, COL_SCHEMA_FACTS_BYPASSES_RLS);
	f->standby = facts_true(row, COL_SCHEMA_FACTS_STANDBY);
	f->recent_index = facts_true(row, COL_SCHEMA_FACTS_RECENT_INDEX);
	if (db_int(row, COL_SCHEMA_FACTS_CLOCK_S, &f->clock_s) == 0)
		f->our_clock_s = clock_wall_s();
	if (db_int(row, COL_SCHEMA_FACTS_BACKEND_PID, &n) == 0)
		f->pooled = n != a->backend_pid;
	db_copy_name(f->role, sizeof(f->role),
	    db_text(row, COL_SCHEMA_FACTS_ROLE, NULL));
	db_copy_name(f->writable, sizeof(f->writable),
	    db_text(row, COL_SCHEMA_FACTS_WRITABLE, NULL));
	db_copy_name(f->secret, sizeof(f->secret),
	    db_text(row, COL_SCHEMA_FACTS_SECRET, NULL));
	return 0;
}

void
db_look(struct db *db, int64_t due_ms, struct db_facts *facts)
{
	struct facts_asked	a = { facts, db->backend_pid };
	struct db_failure	failure;

	memset(&failure, 0, sizeof(failure));
	facts->tls = PQsslInUse(db->conn) != 0;
	if (db_prepare_range(db, DB_SCHEMA_FACTS, DB_SCHEMA_FACTS + 1, due_ms,
	    &failure) == 0)
		(void)db_run_wait(db, DB_SCHEMA_FACTS, facts_row, &a, due_ms,
		    &failure);
}
