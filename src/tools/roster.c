/* SPDX-License-Identifier: MIT */
/*
 * list_study_patients.  Runs in the worker.  Names and identifiers are free
 * text of people; people.c cleans them.
 */
#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "tools/call.h"
#include "tools/cell.h"
#include "tools/moment.h"
#include "tools/people.h"
#include "tools/roster.h"

/* Among the fields: some patient of the study cannot be read. */
#define ROSTER_READABLE		0x10000U

static const struct people_column	roster_columns[] = {
	{ "patient_id", COL_STUDY_ROSTER_PATIENT_ID, PEOPLE_INTEGER, 0 },
	{ "age", COL_STUDY_ROSTER_AGE, PEOPLE_AGE, 0 },
	{ "consented", COL_STUDY_ROSTER_CONSENTED, PEOPLE_INTEGER, 0 },
	{ "requested", COL_STUDY_ROSTER_REQUESTED, PEOPLE_INTEGER, 0 },
	{ "last_received", COL_STUDY_ROSTER_RECEIVED_US, PEOPLE_INSTANT, 0 },
	{ "readable", COL_STUDY_ROSTER_READABLE, PEOPLE_BOOLEAN,
	    ROSTER_READABLE },
	{ "given_name", COL_STUDY_ROSTER_GIVEN_NAME, PEOPLE_TEXT,
	    POLICY_NAME },
	{ "family_name", COL_STUDY_ROSTER_FAMILY_NAME, PEOPLE_TEXT,
	    POLICY_NAME },
	{ "birth_date", COL_STUDY_ROSTER_BIRTH_DATE, PEOPLE_PLAIN,
	    POLICY_BIRTH_DATE },
	{ "email", COL_STUDY_ROSTER_EMAIL, PEOPLE_TEXT, POLICY_CONTACT },
	{ "phone", COL_STUDY_ROSTER_PHONE, PEOPLE_TEXT, POLICY_CONTACT },
	{ "identifiers", COL_STUDY_ROSTER_IDENTIFIERS, PEOPLE_TEXT,
	    POLICY_IDENTIFIERS }
};

struct roster {
	int64_t			 study_id;
	int64_t			 inactive_days;	/* 0: any */
	const char		*consent;
	bool			 by_time;
	struct people		 people;
	struct cursor_position	 last;
	/* What the statement says of the whole study. */
	bool			 found, team, placed;
	int64_t			 listed, unreadable, complete, recent;
	int64_t			 total, undecided, withheld, requested;
};

/* --- The question. -------------------------------------------------------- */

static void
roster_params(const struct tools_call *call, struct db_params *p)
{
	const struct roster	*r = call->state;
	const char		*sort = args_string(&call->args, "sort");
	char			 at[MOMENT_TEXT_SIZE];

	call_params(call, p, PARS_STUDY_ROSTER);
	db_params_int(p, PAR_STUDY_ROSTER_STUDY, r->study_id);
	people_params(call, p, PAR_STUDY_ROSTER_NOW, r->people.fields);
	if (strcmp(r->consent, "any") != 0)
		db_params_bool(p, PAR_STUDY_ROSTER_COMPLETE,
		    strcmp(r->consent, "complete") == 0);
	if (r->inactive_days > 0)
		db_params_int(p, PAR_STUDY_ROSTER_INACTIVE_DAYS,
		    r->inactive_days);
	if (sort != NULL)
		db_params_text(p, PAR_STUDY_ROSTER_SORT, sort, strlen(sort));
	if (call->position.set)
		db_params_int(p, PAR_STUDY_ROSTER_AFTER, call->position.id);
	if (call->position.set && !call->position.untimed) {
		moment_format_sql(call->position.time_us, at);
		db_params_text(p, PAR_STUDY_ROSTER_AFTER_TIME, at,
		    strlen(at));
	}
	/* One more than the page: so that truncated is a fact. */
	db_params_int(p, PAR_STUDY_ROSTER_LIMIT,
	    (int64_t)call_limit(call) + 1);
}

static int
roster_start(struct tools_call *call)
{
	struct roster		*r = call->state;
	const char		*sort = args_string(&call->args, "sort");
	struct db_params	 p;
	struct db_query		 q = { .statement = DB_STUDY_ROSTER };
	int			 error;

	r->study_id = args_integer(&call->args, "study_id");
	r->inactive_days = args_integer(&call->args, "inactive_days");
	if ((r->consent = args_string(&call->args, "consent")) == NULL)
		r->consent = "any";
	r->by_time = sort != NULL && strcmp(sort, "last_received") == 0;
	r->people.columns = roster_columns;
	r->people.ncolumns = sizeof(roster_columns) /
	    sizeof(roster_columns[0]);
	r->people.fields = policy_fields(call, 0);
	/* The order alone would tell of names that may not be shown. */
	if (sort != NULL && strcmp(sort, "name") == 0 &&
	    (policy_fields(call, POLICY_NAME) & POLICY_NAME) == 0) {
		errors_set(&call->error, ERRORS_NOT_AVAILABLE, "this server "
		    "gives no names, so sort=name is refused. Sort by "
		    "patient_id or last_received.");
		return 0;
	}
	roster_params(call, &p);
	if ((error = db_params_done(&p)) == 0) {
		q.params = p.values;
		q.nparams = p.n;
		error = call_submit(call, &q, 1);
	}
	db_params_free(&p);
	return error;
}

/* --- Rows. ---------------------------------------------------------------- */

static void
roster_read_head(struct roster *r, const struct db_row *row)
{
	r->found = true;
	r->team = cell_get_boolean(row, COL_STUDY_ROSTER_TEAM);
	r->placed = cell_get_boolean(row, COL_STUDY_ROSTER_PLACED);
	r->listed = cell_get_integer(row, COL_STUDY_ROSTER_LISTED, 0);
	r->unreadable = cell_get_integer(row, COL_STUDY_ROSTER_UNREADABLE, 0);
	r->complete = cell_get_integer(row, COL_STUDY_ROSTER_COMPLETE, 0);
	r->recent = cell_get_integer(row, COL_STUDY_ROSTER_RECENT, 0);
	r->total = cell_get_integer(row, COL_STUDY_ROSTER_TOTAL, 0);
	r->undecided = cell_get_integer(row, COL_STUDY_ROSTER_UNDECIDED, 0);
	r->withheld = cell_get_integer(row, COL_STUDY_ROSTER_WITHHELD, 0);
	r->requested = cell_get_integer(row, COL_STUDY_ROSTER_REQUESTED, 0);
	if (r->unreadable > 0)
		r->people.fields |= ROSTER_READABLE;
}

static int
roster_row(struct tools_call *call, size_t query, const struct db_row *row)
{
	struct roster	*r = call->state;
	struct json	*j;
	bool		 free_text, capped;

	(void)query;
	if (!r->found)
		roster_read_head(r, row);
	if (db_is_null(row, COL_STUDY_ROSTER_PATIENT_ID) ||
	    (j = result_row_begin(&call->result)) == NULL)
		return 0;
	people_write(&r->people, call, j, row, &free_text, &capped);
	if (!result_row_end(&call->result))
		return 0;
	r->people.free_text |= free_text;
	r->people.capped |= capped;
	r->last.set = true;
	r->last.untimed = !r->by_time ||
	    db_is_null(row, COL_STUDY_ROSTER_RECEIVED_US);
	r->last.time_us = cell_get_integer(row, COL_STUDY_ROSTER_RECEIVED_US,
	    0);
	return db_int(row, COL_STUDY_ROSTER_PATIENT_ID, &r->last.id);
}

/* --- The answer. ---------------------------------------------------------- */

static void
roster_summarize_all(const struct roster *r, struct buf *out)
{
	int64_t	readable = r->listed - r->unreadable;
	char	n[RESULT_COUNT_SIZE];

	buf_addf(out, "%s patient%s", result_count(r->listed, n),
	    r->listed == 1 ? "" : "s");
	if (r->listed > 0 && r->requested > 0)
		buf_addf(out, ", %s with complete consent",
		    result_count(r->complete, n));
	if (readable > 0)
		buf_addf(out, "; data from %s%s within 24 hours",
		    r->recent == 0 ? "none" : r->recent == readable ? "all" :
		    result_count(r->recent, n),
		    r->unreadable > 0 ? " of those readable" : "");
	buf_addc(out, '.');
}

static void
roster_summarize_some(const struct roster *r, struct buf *out)
{
	bool	one = r->total == 1;
	char	n[RESULT_COUNT_SIZE];

	buf_addf(out, "%s of ", result_count(r->total, n));
	buf_addf(out, "%s patient%s ", result_count(r->listed, n),
	    r->listed == 1 ? "" : "s");
	if (r->inactive_days > 0)
		buf_addf(out, "sent nothing for %" PRId64 " day%s or more",
		    r->inactive_days, r->inactive_days == 1 ? "" : "s");
	if (strcmp(r->consent, "any") != 0)
		buf_addf(out, "%s%s to everything requested",
		    r->inactive_days > 0 ? " and " : "",
		    strcmp(r->consent, "complete") == 0 ? "consented" :
		    one ? "has not consented" : "have not consented");
	buf_addc(out, '.');
}

static void
roster_write_notes(struct tools_call *call)
{
	struct roster	*r = call->state;
	struct result	*out = &call->result;

	if (!r->team)
		result_note(out, "You take part in this study: only you are "
		    "listed; the others are for its team.");
	if (r->inactive_days > 0)
		result_note(out, "last_received is when the exchange stored "
		    "the data, not when they were measured.");
	result_withheld(out, "unreadable", r->undecided);
	if (r->undecided > 0)
		result_notef(out, "%" PRId64 " enrolled patient%s no "
		    "organization with you: whether data arrive from them is "
		    "not known to you, so they are not listed.", r->undecided,
		    r->undecided == 1 ? " shares" : "s share");
	else if (r->unreadable > 0)
		result_note(out, "readable=false: the patient shares no "
		    "organization with you; null is then not \"no data\".");
	result_withheld(out, "consent", r->withheld);
	if (r->withheld > 0)
		result_notef(out, "last_received is of data types with "
		    "consent: %" PRId64 " patient%s sent newer data that are "
		    "withheld.", r->withheld, r->withheld == 1 ? "" : "s");
	people_write_notes(&r->people, call);
}

static int
roster_step(struct tools_call *call)
{
	struct roster		*r = call->state;
	struct result		*out = &call->result;
	const char		*names[PEOPLE_COLUMNS_MAX];
	struct result_list	 list = { .total = r->total, .member = "rows",
				    .columns = names };

	if (!r->found) {
		errors_set_no_study(&call->error, r->study_id);
		return 0;
	}
	/* Whoever it goes on after is gone, and with them the place. */
	if (call->position.set && !r->placed) {
		errors_set_bad_cursor(&call->error);
		return 0;
	}
	if (r->inactive_days > 0 || strcmp(r->consent, "any") != 0)
		roster_summarize_some(r, &out->summary);
	else
		roster_summarize_all(r, &out->summary);
	if ((int64_t)out->nrows < r->total)
		buf_addf(&out->summary, " %zu listed here.", out->nrows);
	json_key(&out->head, "study_id");
	json_int(&out->head, r->study_id);
	list.ncolumns = people_names(&r->people, names);
	roster_write_notes(call);
	return call_finish(call, &list, &r->last);
}

const struct tool_ops	roster_tool = {
	.name = "list_study_patients",
	.about = TOOL_ABOUT_PATIENT,
	.state_size = sizeof(struct roster),
	.start = roster_start,
	.row = roster_row,
	.step = roster_step
};
