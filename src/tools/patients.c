/* SPDX-License-Identifier: MIT */
/*
 * get_patient_demographics, of one patient or of a study's.  Runs in the
 * worker.  Names and identifiers are free text of people; which of them are
 * read at all is decided by policy.c.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "tools/call.h"
#include "tools/cell.h"
#include "tools/patients.h"
#include "tools/people.h"
#include "tools/text.h"

enum {
	PATIENTS_ROWS,
	PATIENTS_AGES,
	PATIENTS_QUERIES
};

static const struct people_column	patients_of_study[] = {
	{ "patient_id", COL_PATIENT_LIST_PATIENT_ID, PEOPLE_INTEGER, 0 },
	{ "age", COL_PATIENT_LIST_AGE, PEOPLE_AGE, 0 },
	{ "given_name", COL_PATIENT_LIST_GIVEN_NAME, PEOPLE_TEXT,
	    POLICY_NAME },
	{ "family_name", COL_PATIENT_LIST_FAMILY_NAME, PEOPLE_TEXT,
	    POLICY_NAME },
	{ "birth_date", COL_PATIENT_LIST_BIRTH_DATE, PEOPLE_PLAIN,
	    POLICY_BIRTH_DATE },
	{ "email", COL_PATIENT_LIST_EMAIL, PEOPLE_TEXT, POLICY_CONTACT },
	{ "phone", COL_PATIENT_LIST_PHONE, PEOPLE_TEXT, POLICY_CONTACT },
	{ "identifiers", COL_PATIENT_LIST_IDENTIFIERS, PEOPLE_TEXT,
	    POLICY_IDENTIFIERS }
};

static const struct people_column	patients_one[] = {
	{ "patient_id", COL_PATIENT_ONE_PATIENT_ID, PEOPLE_INTEGER, 0 },
	{ "age", COL_PATIENT_ONE_AGE, PEOPLE_AGE, 0 },
	{ "organizations", COL_PATIENT_ONE_ORGANIZATIONS, PEOPLE_NAME, 0 },
	{ "given_name", COL_PATIENT_ONE_GIVEN_NAME, PEOPLE_TEXT,
	    POLICY_NAME },
	{ "family_name", COL_PATIENT_ONE_FAMILY_NAME, PEOPLE_TEXT,
	    POLICY_NAME },
	{ "birth_date", COL_PATIENT_ONE_BIRTH_DATE, PEOPLE_PLAIN,
	    POLICY_BIRTH_DATE },
	{ "email", COL_PATIENT_ONE_EMAIL, PEOPLE_TEXT, POLICY_CONTACT },
	{ "phone", COL_PATIENT_ONE_PHONE, PEOPLE_TEXT, POLICY_CONTACT },
	{ "identifiers", COL_PATIENT_ONE_IDENTIFIERS, PEOPLE_TEXT,
	    POLICY_IDENTIFIERS }
};

struct patients {
	bool			 one;		/* patient_id was given */
	int64_t			 id;		/* patient or study */
	struct cursor_position	 last;
	struct people		 people;
	/* Of a study. */
	bool			 found, team;
	int64_t			 total, known, min, max;
	double			 median;
	/* Of one patient. */
	int64_t			 age;		/* -1: unknown */
};

/* --- Queries. ------------------------------------------------------------- */

static int
patients_start_one(struct tools_call *call)
{
	struct patients		*state = call->state;
	struct db_params	 p;
	struct db_query		 q = { .statement = DB_PATIENT_ONE };
	int			 error;

	call_params(call, &p, PARS_PATIENT_ONE);
	db_params_int(&p, PAR_PATIENT_ONE_PATIENT, state->id);
	people_params(call, &p, PAR_PATIENT_ONE_NOW, state->people.fields);
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
	people_params(call, p, PAR_PATIENT_LIST_NOW, state->people.fields);
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
	people_params_age(call, &ages, PAR_PATIENT_AGES_NOW);
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
	state->people.fields = policy_fields(call, 0);
	state->people.columns = state->one ? patients_one : patients_of_study;
	state->people.ncolumns = state->one ?
	    sizeof(patients_one) / sizeof(patients_one[0]) :
	    sizeof(patients_of_study) / sizeof(patients_of_study[0]);
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
	if ((state->people.fields & POLICY_CONTACT) == 0)
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
	bool		 free_text, capped;

	if (query == PATIENTS_AGES)
		return patients_ages_row(state, row);
	if (!policy_single_patients(&call->ctx) ||
	    (j = result_row_begin(&call->result)) == NULL)
		return 0;
	people_write(&state->people, call, j, row, &free_text, &capped);
	state->age = cell_get_integer(row, state->one ? COL_PATIENT_ONE_AGE :
	    COL_PATIENT_LIST_AGE, -1);
	patients_line(call, row);
	if (!result_row_end(&call->result))
		return 0;
	state->people.free_text |= free_text;
	state->people.capped |= capped;
	state->last.set = true;
	state->last.untimed = true;
	return db_int(row, COL_PATIENT_LIST_PATIENT_ID, &state->last.id);
}

/* --- The answer. ---------------------------------------------------------- */

/* Least and greatest are of one patient each. */
static void
patients_write_ages(const struct tools_call *call, struct json *j)
{
	const struct patients	*state = call->state;

	json_key(j, "ages");
	json_object_begin(j);
	json_key(j, "known");
	json_int(j, state->known);
	json_key(j, "missing");
	json_int(j, state->total - state->known);
	if (state->known > 0) {
		if (policy_single_patients(&call->ctx)) {
			json_key(j, "min");
			json_int(j, state->min);
		}
		json_key(j, "median");
		json_double(j, state->median, 1);
		if (policy_single_patients(&call->ctx)) {
			json_key(j, "max");
			json_int(j, state->max);
		}
	}
	json_object_end(j);
}

static void
patients_summarize_study(const struct tools_call *call, struct buf *out)
{
	const struct patients	*state = call->state;
	char			 n[RESULT_COUNT_SIZE];
	int64_t			 missing = state->total - state->known;
	bool			 range;

	range = policy_single_patients(&call->ctx);
	buf_addf(out, "%s patient%s", result_count(state->total, n),
	    state->total == 1 ? "" : "s");
	if (range && state->known == 1)
		buf_addf(out, ", age %" PRId64, state->min);
	if (range && state->known > 1)
		buf_addf(out, ", age %" PRId64 " to %" PRId64, state->min,
		    state->max);
	if (state->known > 1)
		buf_addf(out, ", median %s%.*f", range ? "" : "age ",
		    state->median == floor(state->median) ? 0 : 1,
		    state->median);
	if (missing > 0)
		buf_addf(out, "%s %s without a birth date",
		    state->known > 0 ? ";" : ",", result_count(missing, n));
	buf_addc(out, '.');
}

/* Ages of a study, if it and the two groups in it are large enough. */
static void
patients_answer_study(struct tools_call *call)
{
	const struct patients	*state = call->state;
	struct result		*r = &call->result;
	char			 n[RESULT_COUNT_SIZE];
	int64_t			 missing = state->total - state->known;
	bool			 few;

	few = state->team && policy_too_few(&call->ctx, state->total);
	buf_addf(&r->text, "Study %" PRId64 " - %" PRId64 " patient(s):",
	    state->id, few ? 0 : state->total);
	if (!state->team || (!few &&
	    !policy_too_few(&call->ctx, state->known) &&
	    !policy_too_few(&call->ctx, missing))) {
		patients_summarize_study(call, &r->summary);
		patients_write_ages(call, &r->head);
		return;
	}
	if (few)
		buf_adds(&r->summary, "Too few patients to be told of.");
	else
		buf_addf(&r->summary, "%s patient%s.",
		    result_count(state->total, n),
		    state->total == 1 ? "" : "s");
	result_withheld(r, "small_groups", 1);
	result_notef(r, "Ages are held back: fewer than %u patients have one, "
	    "or have none.", policy_minimum(&call->ctx));
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

static int
patients_finish(struct tools_call *call, int64_t total)
{
	struct patients		*state = call->state;
	const char		*names[PEOPLE_COLUMNS_MAX];
	struct result_list	 list = { .total = total, .member = "rows",
				    .columns = names };

	list.ncolumns = people_names(&state->people, names);
	if (!state->one && !state->team)
		result_note(&call->result, "You take part in this study: only "
		    "you are listed; the others are for its team.");
	if (!policy_single_patients(&call->ctx)) {
		list.total = 0;
		result_note(&call->result, "This server gives aggregates "
		    "only: no patients are listed.");
	}
	people_write_notes(&state->people, call);
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
	patients_answer_study(call);
	return patients_finish(call, state->total);
}

const struct tool_ops	patients_demographics_tool = {
	.name = "get_patient_demographics",
	.about = TOOL_ABOUT_EITHER,
	.state_size = sizeof(struct patients),
	.start = patients_start,
	.row = patients_row,
	.step = patients_step
};
