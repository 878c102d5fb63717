/* SPDX-License-Identifier: MIT */
/*
 * Patients as rows of a list.  Runs in the worker.  Names, addresses and
 * identifiers are free text of people.
 */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "db/param.h"
#include "tools/call.h"
#include "tools/cell.h"
#include "tools/moment.h"
#include "tools/people.h"
#include "tools/text.h"

#define PEOPLE_SECOND_US	INT64_C(1000000)
/* Words of a name that is one. */
#define PEOPLE_WORDS		3

void
people_params_age(const struct tools_call *call, struct db_params *p,
    int first)
{
	const char	*zone = call->ctx.default_timezone;
	unsigned int	 cap = policy_age_cap(&call->ctx);
	char		 now[CLOCK_TEXT_SIZE];

	if (zone == NULL)
		zone = "UTC";
	clock_format(call->base_s, now, sizeof(now));
	db_params_text(p, first, now, strlen(now));
	db_params_text(p, first + 1, zone, strlen(zone));
	if (cap != 0)
		db_params_int(p, first + 2, cap);
}

void
people_params(const struct tools_call *call, struct db_params *p, int first,
    unsigned int fields)
{
	people_params_age(call, p, first);
	db_params_bool(p, first + 3, (fields & POLICY_NAME) != 0);
	db_params_bool(p, first + 4, (fields & POLICY_BIRTH_DATE) != 0);
	db_params_bool(p, first + 5, (fields & POLICY_CONTACT) != 0);
	db_params_bool(p, first + 6, (fields & POLICY_IDENTIFIERS) != 0);
}

static bool
people_shown(const struct people *people, const struct people_column *c)
{
	return c->fields == 0 || (c->fields & people->fields) != 0;
}

size_t
people_names(const struct people *people,
    const char *names[PEOPLE_COLUMNS_MAX])
{
	size_t	i, n = 0;

	for (i = 0; i < people->ncolumns && n < PEOPLE_COLUMNS_MAX; i++) {
		if (people_shown(people, &people->columns[i]))
			names[n++] = people->columns[i].name;
	}
	return n;
}

/* Whole seconds: the exchange's clock has more, nobody needs them. */
static void
people_write_instant(struct json *j, const struct db_row *row, int column)
{
	char	text[MOMENT_TEXT_SIZE];
	int64_t	us;

	if (db_is_null(row, column) || db_int(row, column, &us) != 0) {
		json_null(j);
		return;
	}
	us -= (us % PEOPLE_SECOND_US + PEOPLE_SECOND_US) % PEOPLE_SECOND_US;
	moment_format(us, 0, true, text);
	json_string(j, text);
}

/* True if it is not what names and addresses usually are. */
static bool
people_write_text(struct json *j, const struct db_row *row, int column)
{
	const char	*s;
	size_t		 len = 0;

	cell_text(j, row, column, TEXT_CELL_MAX);
	s = db_text(row, column, &len);
	return s != NULL && !text_is_plain(s, len, PEOPLE_WORDS);
}

void
people_write(const struct people *people, const struct tools_call *call,
    struct json *j, const struct db_row *row, bool *free_text, bool *capped)
{
	unsigned int			 cap = policy_age_cap(&call->ctx);
	const struct people_column	*c;
	size_t				 i;

	*free_text = *capped = false;
	json_array_begin(j);
	for (i = 0; i < people->ncolumns; i++) {
		c = &people->columns[i];
		if (!people_shown(people, c))
			continue;
		if (c->kind == PEOPLE_TEXT)
			*free_text |= people_write_text(j, row, c->column);
		else if (c->kind == PEOPLE_NAME)
			(void)cell_text(j, row, c->column,
			    TEXT_CELL_MAX);
		else if (c->kind == PEOPLE_PLAIN)
			cell_plain(j, row, c->column);
		else if (c->kind == PEOPLE_BOOLEAN)
			json_boolean(j, cell_get_boolean(row, c->column));
		else if (c->kind == PEOPLE_INSTANT)
			people_write_instant(j, row, c->column);
		else
			cell_integer(j, row, c->column);
		if (c->kind == PEOPLE_AGE && cap != 0 &&
		    cell_get_integer(row, c->column, 0) >= (int64_t)cap)
			*capped = true;
	}
	json_array_end(j);
}

void
people_write_notes(const struct people *people, struct tools_call *call)
{
	policy_note_fields(call, people->capped);
	if ((people->fields & POLICY_IDENTIFIERS) != 0 &&
	    db_variant(call->ctx.db, DB_LAYOUT_PATIENT_IDENTIFIERS) != 0)
		result_note(&call->result, "not_available: the systems of "
		    "identifiers. This exchange's database, of an older "
		    "generation, keeps one identifier for a patient, without "
		    "its system.");
	if (people->free_text)
		result_note(&call->result, RESULT_NOTE_RECORDS);
}
