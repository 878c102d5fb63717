/* SPDX-License-Identifier: MIT */
/*
 * Which generation of the exchange the database is of: its columns are looked
 * for one by one, and each rule of layout takes the first variant whose
 * columns are all there.  Runs in the worker's boot phase, and waits.  The
 * one statement that this needs reads nothing but the catalogue.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "compat/compat.h"
#include "db/db.h"
#include "db/param.h"
#include "db/private.h"
#include "db/statement.h"

/* What is there of an exchange that was never changed by hand. */
static const struct {
	const char	*name;
	unsigned char	 layout[DB_LAYOUTS];
} generations[] = {
	{ "July 2026 or newer", { 0 } },
	{ "June 2026", {
		[DB_LAYOUT_EFFECTIVE_DATE_TIME] = 1,
		[DB_LAYOUT_EFFECTIVE_PERIOD_START] = 1,
		[DB_LAYOUT_EFFECTIVE_PERIOD_END] = 1 } },
	{ "early 2026", {
		[DB_LAYOUT_EFFECTIVE_DATE_TIME] = 1,
		[DB_LAYOUT_EFFECTIVE_PERIOD_START] = 1,
		[DB_LAYOUT_EFFECTIVE_PERIOD_END] = 1,
		[DB_LAYOUT_FHIR_RECORDS] = 1,
		[DB_LAYOUT_OBSERVATION_PAYLOAD] = 1 } },
	{ "autumn 2025", {
		[DB_LAYOUT_EFFECTIVE_DATE_TIME] = 1,
		[DB_LAYOUT_EFFECTIVE_PERIOD_START] = 1,
		[DB_LAYOUT_EFFECTIVE_PERIOD_END] = 1,
		[DB_LAYOUT_FHIR_RECORDS] = 1,
		[DB_LAYOUT_OBSERVATION_PAYLOAD] = 1,
		[DB_LAYOUT_PATIENT_IDENTIFIED] = 1,
		[DB_LAYOUT_PATIENT_IDENTIFIERS] = 1 } },
};

/* What DB_SCHEMA_GENERATION told; bits are those of db_layout_columns. */
struct layout {
	struct db_facts	*facts;			/* or NULL */
	bool		 study;			/* core_study */
	bool		 payload;		/* of whatever generation */
	uint32_t	 present;
	uint32_t	 readable;
	char		 missing[130];		/* the first, "" if none */
	char		 denied[130];		/* the first, "" if none */
};

/* --- what is not right ---------------------------------------------------- */

static bool
layout_has_table(const char *list, const char *name)
{
	size_t	len = strlen(name);

	for (; list != NULL; list = strchr(list, ' ')) {
		list += *list == ' ';
		if (strncmp(list, name, len) == 0 &&
		    (list[len] == '\0' || list[len] == ','))
			return true;
	}
	return false;
}

static void
layout_note_table(struct db_facts *facts, const char *column)
{
	char	name[64];

	db_copy_name(name, sizeof(name), column);
	name[strcspn(name, ".")] = '\0';
	if (layout_has_table(facts->ungranted, name))
		return;
	if (facts->ungranted[0] != '\0')
		(void)strlcat(facts->ungranted, ", ",
		    sizeof(facts->ungranted));
	(void)strlcat(facts->ungranted, name, sizeof(facts->ungranted));
}

static void
layout_note_denied(struct layout *l, const char *column)
{
	if (l->denied[0] == '\0')
		db_copy_name(l->denied, sizeof(l->denied), column);
	if (l->facts != NULL)
		layout_note_table(l->facts, column);
}

static void
layout_note_missing(struct layout *l, const char *column)
{
	if (l->missing[0] == '\0')
		db_copy_name(l->missing, sizeof(l->missing), column);
}

/* --- what is there -------------------------------------------------------- */

static int
layout_row(void *arg, size_t index, const struct db_row *row)
{
	struct layout	*l = arg;
	const char	*relation, *name;
	int64_t		 place = 0;
	bool		 present, readable;
	char		 column[130];

	(void)index;
	relation = db_text(row, COL_SCHEMA_GENERATION_RELATION, NULL);
	name = db_text(row, COL_SCHEMA_GENERATION_NAME, NULL);
	if (relation == NULL || name == NULL ||
	    db_bool(row, COL_SCHEMA_GENERATION_PRESENT, &present) != 0 ||
	    db_bool(row, COL_SCHEMA_GENERATION_READABLE, &readable) != 0)
		return ERR_FORMAT;
	(void)db_int(row, COL_SCHEMA_GENERATION_PLACE, &place);
	if (place < 0 || place > DB_LAYOUT_COLUMNS)
		return ERR_FORMAT;
	if (place > 0) {
		l->present |= (uint32_t)present << (place - 1);
		l->readable |= (uint32_t)readable << (place - 1);
		return 0;
	}
	(void)snprintf(column, sizeof(column), "%s.%s", relation, name);
	if (present && strcmp(relation, "core_study") == 0)
		l->study = true;
	if (!present)
		layout_note_missing(l, column);
	else if (!readable)
		layout_note_denied(l, column);
	return 0;
}

static void
layout_note_columns(struct layout *l, uint32_t columns,
    void (*note)(struct layout *, const char *))
{
	size_t	i;

	for (i = 0; i < DB_LAYOUT_COLUMNS; i++)
		if ((columns >> i & 1) != 0)
			note(l, db_layout_columns[i]);
}

/*
 * A column that may not be read is there all the same: an older variant would
 * only hide that a privilege is missing.
 */
static void
layout_choose(struct db *db, struct layout *l, size_t rule)
{
	const struct db_layout_row	*row = &db_layout_table[rule];
	unsigned char			 v = 0;

	while (v < row->nvariants && (row->variants[v].reads &
	    ~l->present) != 0)
		v++;
	if (v == row->nvariants) {
		layout_note_columns(l, row->variants[0].reads & ~l->present,
		    layout_note_missing);
		return;
	}
	layout_note_columns(l, row->variants[v].reads & ~l->readable,
	    layout_note_denied);
	db->layout[rule] = v;
	if (rule == DB_LAYOUT_OBSERVATION_PAYLOAD)
		l->payload = true;
}

static int
layout_judge(const struct layout *l, struct db_failure *failure)
{
	if (!l->study)
		return db_fail(failure, DB_FAILURE_NOT_EXCHANGE);
	db_copy_name(failure->object, sizeof(failure->object),
	    l->missing[0] != '\0' ? l->missing : l->denied);
	if (!l->payload)
		return db_fail(failure, DB_FAILURE_NOT_EXCHANGE);
	if (l->missing[0] != '\0')
		return db_fail(failure, DB_FAILURE_GENERATION);
	if (l->denied[0] != '\0')
		return db_fail(failure, DB_FAILURE_PRIVILEGE);
	return 0;
}

static int
layout_ask(struct db *db, struct layout *l, int64_t due_ms,
    struct db_failure *failure)
{
	struct db_params	 p;
	struct db_query		 q = { .statement = DB_SCHEMA_GENERATION };
	int			 error;

	db_params_init(&p, PARS_SCHEMA_GENERATION);
	db_params_texts(&p, PAR_SCHEMA_GENERATION_SOME, db_layout_columns,
	    DB_LAYOUT_COLUMNS);
	if (db_params_done(&p) != 0)
		error = db_fail(failure, DB_FAILURE_INTERNAL);
	else {
		q.params = p.values;
		q.nparams = p.n;
		error = db_query_wait(db, &q, layout_row, l, due_ms, failure);
	}
	db_params_free(&p);
	return error;
}

int
db_look_at_layout(struct db *db, int64_t due_ms, struct db_facts *facts,
    struct db_failure *failure)
{
	struct layout	 l;
	size_t		 i;
	int		 error;

	memset(&l, 0, sizeof(l));
	l.facts = facts;
	if ((error = db_prepare_range(db, DB_SCHEMA_GENERATION,
	    DB_SCHEMA_GENERATION + 1, due_ms, failure)) != 0 ||
	    (error = layout_ask(db, &l, due_ms, failure)) != 0)
		return error;
	for (i = 0; i < DB_LAYOUTS; i++)
		layout_choose(db, &l, i);
	return layout_judge(&l, failure);
}

/* --- what was taken ------------------------------------------------------- */

void
db_layout_text(const struct db *db, const char *text, struct buf *out)
{
	const char	*mark;
	size_t		 rule;

	for (; (mark = strchr(text, DB_LAYOUT_MARK)) != NULL;
	    text = mark + 2) {
		rule = (size_t)(mark[1] - 'A');
		buf_add(out, text, (size_t)(mark - text));
		buf_adds(out, db_layout_table[rule].variants[
		    db->layout[rule]].text);
	}
	buf_adds(out, text);
}

int
db_variant(const struct db *db, enum db_layout rule)
{
	return db->layout[rule];
}

const char *
db_generation(const struct db *db)
{
	size_t	i;

	for (i = 0; i < sizeof(generations) / sizeof(generations[0]); i++) {
		if (memcmp(db->layout, generations[i].layout,
		    sizeof(db->layout)) == 0)
			return generations[i].name;
	}
	return "between generations";
}
