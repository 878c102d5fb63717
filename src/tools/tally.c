/* SPDX-License-Identifier: MIT */
/* count_study_observations.  Runs in the worker; one pipeline a call. */
#include <string.h>

#include "base/err.h"
#include "tools/cell.h"
#include "tools/data_types.h"
#include "tools/holdings.h"
#include "tools/inventory.h"
#include "tools/policy.h"
#include "tools/windowed.h"

#define TALLY_MISSED_MAX	(256 * 1024)

struct tally {
	int64_t			study_id;
	bool			by_patient;
	struct data_types	asked;
	struct windowed		w;
	bool			seen, found, team;
	struct buf		missed;
	struct holdings		have;
	int64_t			count, patients, unreadable;
	int64_t			counted_patients;
	int64_t			withheld, withheld_patients;
	int64_t			undated, undated_patients;
	struct cursor_position	last;
};

static int
tally_start(struct tools_call *call)
{
	struct tally		*t = call->state;
	struct db_params	 p;

	buf_init(&t->missed, TALLY_MISSED_MAX);
	t->study_id = args_integer(&call->args, "study_id");
	t->by_patient = args_boolean(&call->args, "by_patient");
	if (windowed_parse(&t->w, call) != 0 ||
	    data_types_parse(&t->asked, &call->args, &call->error) != 0)
		return 0;
	call_params(call, &p, PARS_STUDY_TALLY);
	db_params_int(&p, PAR_STUDY_TALLY_STUDY, t->study_id);
	data_types_params(&t->asked, &p, PAR_STUDY_TALLY_TYPES,
	    PAR_STUDY_TALLY_OTHERS);
	window_db_params(&t->w.window, &p, PAR_STUDY_TALLY_FIRST_DAY);
	if (call->position.set)
		db_params_int(&p, PAR_STUDY_TALLY_AFTER_ID,
		    call->position.id);
	db_params_int(&p, PAR_STUDY_TALLY_ROWS_MAX, t->by_patient ?
	    (int64_t)call->result.max_rows + 1 : 0);
	return windowed_submit(&t->w, call, DB_STUDY_TALLY, &p);
}

static int
tally_read_head(struct tally *t, const struct db_row *row)
{
	const char	*s;
	size_t		 len = 0;

	t->seen = true;
	t->found = cell_get_boolean(row, COL_STUDY_TALLY_FOUND);
	t->team = cell_get_boolean(row, COL_STUDY_TALLY_TEAM);
	windowed_read(&t->w, row, COL_STUDY_TALLY_LOWER_US);
	t->count = cell_get_integer(row, COL_STUDY_TALLY_COUNT, 0);
	t->patients = cell_get_integer(row, COL_STUDY_TALLY_PATIENTS, 0);
	t->counted_patients = cell_get_integer(row,
	    COL_STUDY_TALLY_COUNTED_PATIENTS, 0);
	t->unreadable = cell_get_integer(row, COL_STUDY_TALLY_UNREADABLE, 0);
	t->withheld = cell_get_integer(row, COL_STUDY_TALLY_WITHHELD, 0);
	t->withheld_patients = cell_get_integer(row,
	    COL_STUDY_TALLY_WITHHELD_PATIENTS, 0);
	t->undated = cell_get_integer(row, COL_STUDY_TALLY_UNDATED, 0);
	t->undated_patients = cell_get_integer(row,
	    COL_STUDY_TALLY_UNDATED_PATIENTS, 0);
	s = db_text(row, COL_STUDY_TALLY_MISSED, &len);
	buf_add(&t->missed, s != NULL ? s : "", len);
	if (buf_error(&t->missed) != 0)
		return buf_error(&t->missed);
	return holdings_read(&t->have, row, COL_STUDY_TALLY_HAVE);
}

static int
tally_row(struct tools_call *call, size_t query, const struct db_row *row)
{
	struct tally	*t = call->state;
	struct json	*j;
	int		 error;

	if (windowed_is_zone(&t->w, query))
		return 0;
	if (!t->seen && (error = tally_read_head(t, row)) != 0)
		return error;
	if (db_is_null(row, COL_STUDY_TALLY_PATIENT_ID) ||
	    (j = result_row_begin(&call->result)) == NULL)
		return 0;
	json_array_begin(j);
	cell_integer(j, row, COL_STUDY_TALLY_PATIENT_ID);
	cell_integer(j, row, COL_STUDY_TALLY_PATIENT_COUNT);
	json_array_end(j);
	if (!result_row_end(&call->result))
		return 0;
	t->last.set = t->last.untimed = true;
	return db_int(row, COL_STUDY_TALLY_PATIENT_ID, &t->last.id);
}

static void
tally_failed(struct tools_call *call, enum db_error error)
{
	struct tally	*t = call->state;

	windowed_failed(&t->w, call, error);
}

static void
tally_clear(void *state)
{
	struct tally	*t = state;

	buf_free(&t->missed);
	holdings_clear(&t->have);
}

/* False: there is no answer but call->error. */
static bool
tally_check(const struct tally *t, struct tools_call *call)
{
	if (!t->found) {
		errors_set_no_study(&call->error, t->study_id);
		return false;
	}
	if (!windowed_check(&t->w, call) || !holdings_check(&t->have,
	    &t->missed, "Requested by this study", call))
		return false;
	/* A number of few is theirs, however many are enrolled. */
	if (policy_too_few(&call->ctx, t->patients) ||
	    (t->count > 0 &&
	    policy_too_few(&call->ctx, t->counted_patients))) {
		errors_set(&call->error, ERRORS_NOT_AVAILABLE, "fewer than "
		    "%u patients of study %lld have such data: too few to "
		    "count here.", policy_minimum(&call->ctx),
		    (long long)t->study_id);
		return false;
	}
	return true;
}

/* What it has instead; of few patients' types only that they are requested. */
static void
tally_write_have(const struct tally *t, struct tools_call *call)
{
	struct buf	*out = &call->result.summary;

	if (policy_minimum(&call->ctx) > 0) {
		buf_adds(out, "; the study requests ");
		holdings_write_names(&t->have, out);
		return;
	}
	buf_adds(out, t->team ? "; the study has " : "; you have ");
	holdings_write(&t->have, out);
	if (t->have.n == 0)
		return;
	buf_adds(out, t->team ? " and requests " : "; the study requests ");
	holdings_write_names(&t->have, out);
}

/* "26,900 blood-glucose observations of 20 patients in this window." */
static void
tally_summary(const struct tally *t, struct tools_call *call)
{
	struct buf	*out = &call->result.summary;
	char		 count[RESULT_COUNT_SIZE];

	buf_addf(out, "%s ", result_count(t->count, count));
	holdings_write_asked(&t->asked, out);
	buf_addf(out, "observation%s%s of %s patient%s",
	    t->count == 1 ? "" : "s",
	    t->asked.single ? "" : " of the requested types",
	    result_count(t->patients, count), t->patients == 1 ? "" : "s");
	if (!window_is_open(&t->w.window))
		buf_adds(out, " in this window");
	if (t->count == 0)
		tally_write_have(t, call);
	buf_addc(out, '.');
}

static void
tally_notes(const struct tally *t, struct tools_call *call)
{
	struct result	*r = &call->result;
	char		 count[RESULT_COUNT_SIZE];

	if (!t->team)
		result_note(r, "You take part in this study: only your own "
		    "observations are counted.");
	policy_withheld(call, "consent", t->withheld, t->withheld_patients);
	policy_withheld(call, "unreadable", t->unreadable, t->unreadable);
	if (t->unreadable > 0 && !policy_too_few(&call->ctx, t->unreadable))
		result_notef(r, "%lld enrolled patient%s with no organization "
		    "of yours: their observations are not counted.",
		    (long long)t->unreadable, t->unreadable == 1 ? "" : "s");
	if (policy_too_few(&call->ctx, t->undated_patients))
		result_note(r, POLICY_NOTE_FEW);
	else if (t->undated > 0)
		result_notef(r, "%s undated observation%s no window and %s "
		    "not counted.", result_count(t->undated, count),
		    t->undated == 1 ? " is in" : "s are in",
		    t->undated == 1 ? "is" : "are");
}

static int
tally_step(struct tools_call *call)
{
	static const char *const	 columns[] = { "patient_id", "count" };
	struct tally			*t = call->state;
	struct result_list		 list = {
		.total = t->patients, .member = "rows", .columns = columns,
		.ncolumns = 2
	};

	if (!t->seen)
		return ERR_STATE;
	if (!tally_check(t, call))
		return 0;
	tally_summary(t, call);
	json_key(&call->result.head, "count");
	json_int(&call->result.head, t->count);
	if (!window_is_open(&t->w.window))
		windowed_write(&t->w, call);
	tally_notes(t, call);
	return call_finish(call, t->by_patient ? &list : NULL, &t->last);
}

const struct tool_ops	tally_tool = {
	.name = "count_study_observations",
	.about = TOOL_ABOUT_STUDY,
	.state_size = sizeof(struct tally),
	.start = tally_start,
	.row = tally_row,
	.step = tally_step,
	.failed = tally_failed,
	.clear = tally_clear
};
