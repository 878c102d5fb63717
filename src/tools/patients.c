/* SPDX-License-Identifier: MIT */
/*
 * get_patient_demographics, of one patient or of a study's.  Runs in the
 * worker.  Names and identifiers are free text of people; which of them are
 * read at all is decided here, from the arguments and identity-fields.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "tools/call.h"
#include "tools/cell.h"
#include "tools/patients.h"
#include "tools/text.h"

/* With identity-fields never, older people are given as this old. */
#define PATIENTS_AGE_CAP	90
#define PATIENTS_COLUMNS_MAX	9

enum {
	PATIENTS_ROWS,
	PATIENTS_AGES,
	PATIENTS_QUERIES
};

/* A column of the list: where it comes from in both statements. */
struct patients_column {
	const char	*name;
	int		 of_list;	/* -1: not there */
	int		 of_one;
	const char	*include;	/* NULL: always */
	bool		 free_text;
};

static const struct patients_column	patients_columns[] = {
	{ "patient_id", COL_PATIENT_LIST_PATIENT_ID,
	    COL_PATIENT_ONE_PATIENT_ID, NULL, false },
	{ "age", COL_PATIENT_LIST_AGE, COL_PATIENT_ONE_AGE, NULL, false },
	{ "organizations", -1, COL_PATIENT_ONE_ORGANIZATIONS, NULL, false },
	{ "given_name", COL_PATIENT_LIST_GIVEN_NAME,
	    COL_PATIENT_ONE_GIVEN_NAME, "name", true },
	{ "family_name", COL_PATIENT_LIST_FAMILY_NAME,
	    COL_PATIENT_ONE_FAMILY_NAME, "name", true },
	{ "birth_date", COL_PATIENT_LIST_BIRTH_DATE,
	    COL_PATIENT_ONE_BIRTH_DATE, "birth_date", false },
	{ "email", COL_PATIENT_LIST_EMAIL, COL_PATIENT_ONE_EMAIL, "contact",
	    true },
	{ "phone", COL_PATIENT_LIST_PHONE, COL_PATIENT_ONE_PHONE, "contact",
	    true },
	{ "identifiers", COL_PATIENT_LIST_IDENTIFIERS,
	    COL_PATIENT_ONE_IDENTIFIERS, "identifiers", true }
};

#define PATIENTS_COLUMNS	(sizeof(patients_columns) / \
				    sizeof(patients_columns[0]))

struct patients {
	bool			 one;		/* patient_id was given */
	int64_t			 id;		/* patient or study */
	struct cursor_position	 last;
	bool			 free_text;
	/* Of a study. */
	bool			 found, team;
	int64_t			 total, known, min, max;
	double			 median;
	/* Of one patient. */
	int64_t			 age;		/* -1: unknown */
};

static bool
patients_included(const struct tools_call *call, const char *include)
{
	if (call->ctx.identity == TOOLS_IDENTITY_NEVER)
		return false;
	if (call->ctx.identity == TOOLS_IDENTITY_ALWAYS &&
	    strcmp(include, "contact") == 0)
		return true;
	return args_list_has(&call->args, "include", include);
}

static bool
patients_shown(const struct tools_call *call, size_t column)
{
	const struct patients		*state = call->state;
	const struct patients_column	*c = &patients_columns[column];

	if (!state->one && c->of_list < 0)
		return false;
	return c->include == NULL || patients_included(call, c->include);
}

/* --- Queries. ------------------------------------------------------------- */

/* When and where ages are taken, and the cap: of all three statements. */
static void
patients_params_age(const struct tools_call *call, struct db_params *p,
    int now, int timezone, int cap)
{
	const char	*zone = call->ctx.default_timezone;
	char		 text[CLOCK_TEXT_SIZE];

	if (zone == NULL)
		zone = "UTC";
	clock_format(call->base_s, text, sizeof(text));
	db_params_text(p, now, text, strlen(text));
	db_params_text(p, timezone, zone, strlen(zone));
	if (call->ctx.identity == TOOLS_IDENTITY_NEVER)
		db_params_int(p, cap, PATIENTS_AGE_CAP);
}

static int
patients_start_one(struct tools_call *call)
{
	struct patients		*state = call->state;
	struct db_params	 p;
	struct db_query		 q = { .statement = DB_PATIENT_ONE };
	int			 error;

	call_params(call, &p, PARS_PATIENT_ONE);
	db_params_int(&p, PAR_PATIENT_ONE_PATIENT, state->id);
	patients_params_age(call, &p, PAR_PATIENT_ONE_NOW,
	    PAR_PATIENT_ONE_TIMEZONE, PAR_PATIENT_ONE_CAP);
	db_params_bool(&p, PAR_PATIENT_ONE_NAMES,
	    patients_included(call, "name"));
	db_params_bool(&p, PAR_PATIENT_ONE_BIRTH_DATES,
	    patients_included(call, "birth_date"));
	db_params_bool(&p, PAR_PATIENT_ONE_CONTACTS,
	    patients_included(call, "contact"));
	db_params_bool(&p, PAR_PATIENT_ONE_IDENTIFIERS,
	    patients_included(call, "identifiers"));
	if ((error = db_params_done(&p)) == 0) {
		q.params = p.values;
		q.nparams = p.n;
		error = call_submit(call, &q, 1);
	}
	db_params_free(&p);
	return error;
}

static void
patients_params_list(const struct tools_call *call, struct db_params *p)
{
	const struct patients	*state = call->state;

	db_params_int(p, PAR_PATIENT_LIST_STUDY, state->id);
	patients_params_age(call, p, PAR_PATIENT_LIST_NOW,
	    PAR_PATIENT_LIST_TIMEZONE, PAR_PATIENT_LIST_CAP);
	db_params_bool(p, PAR_PATIENT_LIST_NAMES,
	    patients_included(call, "name"));
	db_params_bool(p, PAR_PATIENT_LIST_BIRTH_DATES,
	    patients_included(call, "birth_date"));
	db_params_bool(p, PAR_PATIENT_LIST_CONTACTS,
	    patients_included(call, "contact"));
	db_params_bool(p, PAR_PATIENT_LIST_IDENTIFIERS,
	    patients_included(call, "identifiers"));
	if (call->position.set)
		db_params_int(p, PAR_PATIENT_LIST_AFTER, call->position.id);
	/* One more than the page: so that truncated is a fact. */
	db_params_int(p, PAR_PATIENT_LIST_LIMIT,
	    (int64_t)call_limit(call) + 1);
}

static int
patients_start_study(struct tools_call *call)
{
	struct patients		*state = call->state;
	struct db_params	 rows, ages;
	struct db_query		 q[PATIENTS_QUERIES];
	int			 error;

	call_params(call, &rows, PARS_PATIENT_LIST);
	call_params(call, &ages, PARS_PATIENT_AGES);
	patients_params_list(call, &rows);
	db_params_int(&ages, PAR_PATIENT_AGES_STUDY, state->id);
	patients_params_age(call, &ages, PAR_PATIENT_AGES_NOW,
	    PAR_PATIENT_AGES_TIMEZONE, PAR_PATIENT_AGES_CAP);
	if ((error = db_params_done(&rows)) != 0 ||
	    (error = db_params_done(&ages)) != 0)
		goto out;
	q[PATIENTS_ROWS] = (struct db_query){ DB_PATIENT_LIST, rows.values,
	    rows.n, NULL };
	q[PATIENTS_AGES] = (struct db_query){ DB_PATIENT_AGES, ages.values,
	    ages.n, NULL };
	error = call_submit(call, q, PATIENTS_QUERIES);
out:
	db_params_free(&rows);
	db_params_free(&ages);
	return error;
}

static int
patients_start(struct tools_call *call)
{
	struct patients	*state = call->state;
	bool		 study = args_has(&call->args, "study_id");

	state->one = args_has(&call->args, "patient_id");
	if (state->one && study) {
		errors_set(&call->error, ERRORS_BAD_ARGUMENT, "study_id and "
		    "patient_id exclude each other. Send one of them.");
		return 0;
	}
	if (!state->one && !study) {
		errors_set(&call->error, ERRORS_BAD_ARGUMENT, "give study_id "
		    "or patient_id. search_patients and list_studies find "
		    "ids.");
		return 0;
	}
	state->id = args_integer(&call->args, state->one ? "patient_id" :
	    "study_id");
	return state->one ? patients_start_one(call) :
	    patients_start_study(call);
}

/* --- Rows. ---------------------------------------------------------------- */

static int
patients_ages_row(struct patients *state, const struct db_row *row)
{
	state->found = true;
	state->team = cell_get_boolean(row, COL_PATIENT_AGES_TEAM);
	state->total = cell_get_integer(row, COL_PATIENT_AGES_TOTAL, 0);
	state->known = cell_get_integer(row, COL_PATIENT_AGES_KNOWN, 0);
	state->min = cell_get_integer(row, COL_PATIENT_AGES_MIN, 0);
	state->max = cell_get_integer(row, COL_PATIENT_AGES_MAX, 0);
	(void)db_double(row, COL_PATIENT_AGES_MEDIAN, &state->median);
	return 0;
}

/* "Patient 40001: Age 42 years, Email: …", as the first server had it. */
static void
patients_line(struct tools_call *call, const struct db_row *row)
{
	const struct patients	*state = call->state;
	struct buf		*lines = &call->result.lines;
	int			 email = state->one ? COL_PATIENT_ONE_EMAIL :
				    COL_PATIENT_LIST_EMAIL;

	if (!state->one)
		buf_adds(lines, "\n  ");
	buf_addf(lines, "Patient %" PRId64 ": Age ", cell_get_integer(row,
	    state->one ? COL_PATIENT_ONE_PATIENT_ID :
	    COL_PATIENT_LIST_PATIENT_ID, 0));
	if (state->age >= 0)
		buf_addf(lines, "%" PRId64 " years", state->age);
	else
		buf_adds(lines, "N/A");
	if (!patients_included(call, "contact"))
		return;
	buf_adds(lines, ", Email: ");
	if (db_is_null(row, email))
		buf_adds(lines, "No email");
	else
		cell_get_text(lines, row, email, TEXT_CELL_MAX);
}

static int
patients_row(struct tools_call *call, size_t query, const struct db_row *row)
{
	struct patients	*state = call->state;
	struct json	*j;
	size_t		 i;
	int		 column;
	bool		 any = false, written;

	if (query == PATIENTS_AGES)
		return patients_ages_row(state, row);
	if ((j = result_row_begin(&call->result)) == NULL)
		return 0;
	json_array_begin(j);
	for (i = 0; i < PATIENTS_COLUMNS; i++) {
		if (!patients_shown(call, i))
			continue;
		column = state->one ? patients_columns[i].of_one :
		    patients_columns[i].of_list;
		if (i < 2)
			cell_integer(j, row, column);
		else {
			written = cell_text(j, row, column, TEXT_CELL_MAX);
			any |= written && patients_columns[i].free_text;
		}
	}
	json_array_end(j);
	state->age = cell_get_integer(row, state->one ? COL_PATIENT_ONE_AGE :
	    COL_PATIENT_LIST_AGE, -1);
	patients_line(call, row);
	if (!result_row_end(&call->result))
		return 0;
	state->free_text |= any;
	state->last.set = true;
	state->last.untimed = true;
	return db_int(row, COL_PATIENT_LIST_PATIENT_ID, &state->last.id);
}

/* --- The answer. ---------------------------------------------------------- */

static void
patients_write_ages(const struct patients *state, struct json *j)
{
	json_key(j, "ages");
	json_object_begin(j);
	json_key(j, "known");
	json_int(j, state->known);
	json_key(j, "missing");
	json_int(j, state->total - state->known);
	if (state->known > 0) {
		json_key(j, "min");
		json_int(j, state->min);
		json_key(j, "median");
		json_double(j, state->median, 1);
		json_key(j, "max");
		json_int(j, state->max);
	}
	json_object_end(j);
}

static void
patients_summarize_study(const struct patients *state, struct buf *out)
{
	char	n[RESULT_COUNT_SIZE];
	int64_t	missing = state->total - state->known;

	buf_addf(out, "%s patient%s", result_count(state->total, n),
	    state->total == 1 ? "" : "s");
	if (state->known == 1)
		buf_addf(out, ", age %" PRId64, state->min);
	else if (state->known > 1)
		buf_addf(out, ", age %" PRId64 " to %" PRId64 ", median %.*f",
		    state->min, state->max,
		    state->median == floor(state->median) ? 0 : 1,
		    state->median);
	if (missing > 0)
		buf_addf(out, "%s %s without a birth date",
		    state->known > 0 ? ";" : ",", result_count(missing, n));
	buf_addc(out, '.');
}

static void
patients_summarize_one(const struct patients *state, struct buf *out)
{
	if (state->age >= 0)
		buf_addf(out, "Patient %" PRId64 " is %" PRId64 " year%s old.",
		    state->id, state->age, state->age == 1 ? "" : "s");
	else
		buf_addf(out, "Patient %" PRId64 " has no birth date recorded.",
		    state->id);
}

static void
patients_write_notes(struct tools_call *call)
{
	const struct patients	*state = call->state;
	struct result		*r = &call->result;

	if (!state->one && !state->team)
		result_note(r, "You take part in this study: only you are "
		    "listed; the others are for its team.");
	if (call->ctx.identity == TOOLS_IDENTITY_NEVER) {
		if (args_has(&call->args, "include"))
			result_note(r, "This server gives no names, birth "
			    "dates, contacts or identifiers.");
		result_notef(r, "Ages over %d are given as %d.",
		    PATIENTS_AGE_CAP - 1, PATIENTS_AGE_CAP);
	}
	if (patients_included(call, "identifiers") &&
	    db_variant(call->ctx.db, DB_LAYOUT_PATIENT_IDENTIFIERS) != 0)
		result_note(r, "not_available: the systems of identifiers. "
		    "This exchange's database, of an older generation, keeps "
		    "one identifier for a patient, without its system.");
	if (state->free_text)
		result_note(r, RESULT_NOTE_RECORDS);
}

static int
patients_finish(struct tools_call *call, int64_t total)
{
	struct patients		*state = call->state;
	const char		*columns[PATIENTS_COLUMNS_MAX];
	struct result_list	 list = { .total = total, .member = "rows",
				    .columns = columns };
	size_t			 i;

	for (i = 0; i < PATIENTS_COLUMNS; i++) {
		if (patients_shown(call, i))
			columns[list.ncolumns++] = patients_columns[i].name;
	}
	patients_write_notes(call);
	return call_finish(call, &list, &state->last);
}

static int
patients_step(struct tools_call *call)
{
	struct patients	*state = call->state;
	struct result	*r = &call->result;

	if (state->one) {
		if (r->nrows == 0) {
			errors_set_no_patient(&call->error, state->id);
			return 0;
		}
		patients_summarize_one(state, &r->summary);
		return patients_finish(call, 1);
	}
	if (!state->found) {
		errors_set_no_study(&call->error, state->id);
		return 0;
	}
	patients_summarize_study(state, &r->summary);
	patients_write_ages(state, &r->head);
	buf_addf(&r->text, "Study %" PRId64 " - %" PRId64 " patient(s):",
	    state->id, state->total);
	return patients_finish(call, state->total);
}

const struct tool_ops	patients_demographics_tool = {
	.name = "get_patient_demographics",
	.state_size = sizeof(struct patients),
	.start = patients_start,
	.row = patients_row,
	.step = patients_step
};
