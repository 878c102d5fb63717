/* SPDX-License-Identifier: MIT */
/*
 * get_data_coverage: the answer.  Runs in the worker.  Names were cleaned
 * when they were read.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "tools/coverage.h"

#define COVERAGE_COLUMNS_MAX	9
/* Patients, weeks or months with this share are told in the summary. */
#define COVERAGE_REACH_PCT	70

enum coverage_column {
	COVERAGE_KEY,		/* named as the grouping is */
	COVERAGE_PATIENTS,
	COVERAGE_DAYS,
	COVERAGE_DAYS_PCT,
	COVERAGE_READINGS,
	COVERAGE_PER_DAY,
	COVERAGE_COMPLETE_PCT,
	COVERAGE_GAP_H,
	COVERAGE_LAST,
	COVERAGE_END
};

static const char *const	coverage_column_names[] = {
	[COVERAGE_PATIENTS] = "patients",
	[COVERAGE_DAYS] = "days",
	[COVERAGE_DAYS_PCT] = "days_pct",
	[COVERAGE_READINGS] = "readings",
	[COVERAGE_PER_DAY] = "per_day",
	[COVERAGE_COMPLETE_PCT] = "complete_pct",
	[COVERAGE_GAP_H] = "longest_gap_h",
	[COVERAGE_LAST] = "last"
};

static const char *const	coverage_keys[] = {
	[COVERAGE_PATIENT] = "patient_id",
	[COVERAGE_TYPE] = "data_type",
	[COVERAGE_SOURCE] = "data_source",
	[COVERAGE_WEEK] = "week",
	[COVERAGE_MONTH] = "month"
};

/* The columns of each grouping: of a study, and of one patient. */
#define COVERAGE_ALL	{ COVERAGE_KEY, COVERAGE_DAYS, COVERAGE_DAYS_PCT, \
	    COVERAGE_READINGS, COVERAGE_PER_DAY, COVERAGE_COMPLETE_PCT, \
	    COVERAGE_GAP_H, COVERAGE_LAST, COVERAGE_END }
#define COVERAGE_TIME	{ COVERAGE_KEY, COVERAGE_PATIENTS, \
	    COVERAGE_DAYS_PCT, COVERAGE_READINGS, COVERAGE_COMPLETE_PCT, \
	    COVERAGE_END }
#define COVERAGE_OWN	{ COVERAGE_KEY, COVERAGE_DAYS, COVERAGE_DAYS_PCT, \
	    COVERAGE_READINGS, COVERAGE_COMPLETE_PCT, COVERAGE_END }

static const enum coverage_column
    coverage_layouts[2][COVERAGE_MONTH + 1][COVERAGE_COLUMNS_MAX] = { {
	[COVERAGE_PATIENT] = COVERAGE_ALL,
	[COVERAGE_TYPE] = { COVERAGE_KEY, COVERAGE_PATIENTS,
	    COVERAGE_DAYS_PCT, COVERAGE_READINGS, COVERAGE_COMPLETE_PCT,
	    COVERAGE_LAST, COVERAGE_END },
	[COVERAGE_SOURCE] = { COVERAGE_KEY, COVERAGE_PATIENTS, COVERAGE_DAYS,
	    COVERAGE_READINGS, COVERAGE_LAST, COVERAGE_END },
	[COVERAGE_WEEK] = COVERAGE_TIME,
	[COVERAGE_MONTH] = COVERAGE_TIME
    }, {
	[COVERAGE_PATIENT] = COVERAGE_ALL,
	[COVERAGE_TYPE] = COVERAGE_ALL,
	[COVERAGE_SOURCE] = { COVERAGE_KEY, COVERAGE_DAYS, COVERAGE_DAYS_PCT,
	    COVERAGE_READINGS, COVERAGE_LAST, COVERAGE_END },
	[COVERAGE_WEEK] = COVERAGE_OWN,
	[COVERAGE_MONTH] = COVERAGE_OWN
    } };

/* --- Cells. --------------------------------------------------------------- */

static void
coverage_write_day(struct json *j, int64_t day, bool month)
{
	char	text[MOMENT_TEXT_SIZE];

	moment_format_day(day, text);
	if (month)
		*strrchr(text, '-') = '\0';
	json_string(j, text);
}

static void
coverage_write_key(const struct coverage *c, const struct coverage_row *r,
    struct json *j)
{
	if (c->by == COVERAGE_PATIENT)
		json_int(j, r->key);
	else if (c->by >= COVERAGE_WEEK)
		coverage_write_day(j, r->key, c->by == COVERAGE_MONTH);
	else if (r->name != NULL && *r->name != '\0')
		json_string(j, r->name);
	else
		json_null(j);
}

static void
coverage_write_cell(const struct coverage *c,
    const struct tools_context *ctx, const struct coverage_row *r,
    enum coverage_column column, struct json *j)
{
	switch (column) {
	case COVERAGE_KEY:
		coverage_write_key(c, r, j);
		break;
	case COVERAGE_PATIENTS:
		if (!c->of_patient && policy_too_near(ctx, r->patients,
		    c->patients))
			json_null(j);
		else
			json_int(j, r->patients);
		break;
	case COVERAGE_DAYS:
		json_int(j, r->days);
		break;
	case COVERAGE_DAYS_PCT:
		json_double(j, 100 * r->share, 1);
		break;
	case COVERAGE_READINGS:
		json_int(j, r->readings);
		break;
	case COVERAGE_PER_DAY:
		json_double(j, r->days > 0 ? (double)r->readings /
		    (double)r->days : 0, 1);
		break;
	case COVERAGE_COMPLETE_PCT:
		json_double(j, r->has_complete ? 100 * r->complete : NAN, 1);
		break;
	case COVERAGE_GAP_H:
		json_double(j, r->gap_s / 3600, 1);
		break;
	default:
		if (r->has_last && (c->by == COVERAGE_PATIENT ||
		    policy_single_patients(ctx)))
			coverage_write_day(j, r->last_day, false);
		else
			json_null(j);
	}
}

/* Where the page begins: patients were paged by the database. */
static size_t
coverage_first(const struct coverage *c, const struct tools_call *call)
{
	size_t	i;

	if (c->by == COVERAGE_PATIENT || !call->position.set)
		return 0;
	for (i = 0; i < c->nrows; i++)
		if (c->rows[i].key == call->position.id)
			return i + 1;
	return 0;
}

static void
coverage_write_rows(const struct coverage *c, struct tools_call *call,
    const enum coverage_column *layout, struct cursor_position *last)
{
	const struct coverage_row	*r;
	struct json			*j;
	size_t				 i, k;

	for (i = coverage_first(c, call); i < c->nrows; i++) {
		r = &c->rows[i];
		if (c->shown != NULL && c->shown[i].suppressed)
			continue;
		if ((j = result_row_begin(&call->result)) == NULL)
			return;
		json_array_begin(j);
		for (k = 0; layout[k] != COVERAGE_END; k++)
			coverage_write_cell(c, &call->ctx, r, layout[k], j);
		json_array_end(j);
		if (!result_row_end(&call->result))
			return;
		last->set = true;
		last->time_us = r->value;
		last->id = r->key;
	}
}

/* Which groups of a study are too small to be shown. */
static int
coverage_suppress(struct coverage *c, struct tools_call *call)
{
	size_t	i;

	if (c->by == COVERAGE_PATIENT || c->of_patient || c->nrows == 0)
		return 0;
	if ((c->shown = calloc(c->nrows, sizeof(*c->shown))) == NULL)
		return ERR_MEMORY;
	for (i = 0; i < c->nrows; i++)
		c->shown[i].patients = c->rows[i].patients;
	c->suppressed = policy_suppress(&call->ctx, c->shown, c->nrows);
	result_withheld(&call->result, "small_groups",
	    (int64_t)c->suppressed);
	policy_note_groups(call, c->shown, c->nrows);
	return 0;
}

static void
coverage_write_quality(const struct coverage *c, struct tools_call *call)
{
	static const char		 columns[] = "[\"problem\","
	    "\"readings\",\"patients\",\"example_observation_id\"]";
	const struct coverage_problem	*p;
	struct json			*j = &call->result.tail;
	size_t				 i;

	json_key(j, "quality");
	json_object_begin(j);
	json_key(j, "columns");
	json_raw(j, columns, sizeof(columns) - 1);
	json_key(j, "rows");
	json_array_begin(j);
	for (i = 0; i < c->nproblems; i++) {
		p = &c->problems[i];
		if (policy_too_few(&call->ctx, p->patients) && !c->of_patient)
			continue;
		json_array_begin(j);
		json_string(j, p->name);
		json_int(j, p->readings);
		if (!c->of_patient && policy_too_near(&call->ctx, p->patients,
		    c->patients))
			json_null(j);
		else
			json_int(j, p->patients);
		if (policy_single_patients(&call->ctx))
			json_int(j, p->example);
		else
			json_null(j);
		json_array_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

/* --- Expected readings. --------------------------------------------------- */

/* "15 minutes", "1 day" */
static void
coverage_write_spacing(double s, struct buf *out)
{
	static const struct {
		double		 length_s;
		const char	*name;
	} units[] = {
		{ 86400, "day" }, { 3600, "hour" }, { 60, "minute" },
		{ 1, "second" }
	};
	size_t	i = 0;
	double	n;

	while (i < 3 && s < 0.995 * units[i].length_s)
		i++;
	n = round(10 * s / units[i].length_s) / 10;
	buf_addf(out, "%.10g %s%s", n, units[i].name, n == 1 ? "" : "s");
}

static void
coverage_note_one(const struct coverage_type *t, struct tools_call *call)
{
	struct buf	spacing;

	buf_init(&spacing, 256);
	if (t->has_spacing) {
		coverage_write_spacing(t->spacing_s, &spacing);
		result_notef(&call->result, "expected_per_day %.10g was "
		    "worked out from the usual spacing of %s.", t->expected,
		    buf_string(&spacing));
	} else if (t->has_expected)
		result_notef(&call->result, "One %s record a day is "
		    "expected.", t->name);
	buf_free(&spacing);
}

static void
coverage_note_expected(const struct coverage *c, struct tools_call *call)
{
	struct buf	unknown;
	size_t		i;

	if (c->by == COVERAGE_SOURCE || c->asked_expected)
		return;
	if (c->ntypes == 1)
		coverage_note_one(&c->types[0], call);
	buf_init(&unknown, TOOLS_RESULT_MAX);
	for (i = 0; i < c->ntypes; i++)
		if (c->types[i].readings > 0 && !c->types[i].has_expected)
			buf_addf(&unknown, "%s%s", unknown.len > 0 ? ", " : "",
			    c->types[i].name);
	if (unknown.len > 0)
		result_notef(&call->result, "What to expect a day is not "
		    "known of: %s. Send expected_per_day.",
		    buf_string(&unknown));
	buf_free(&unknown);
}

static void
coverage_notes(const struct coverage *c, struct tools_call *call)
{
	const struct window_resolved	*w = &c->w.resolved;
	struct result			*r = &call->result;

	coverage_note_expected(c, call);
	if (w->has_upper && w->upper_us > call->base_s * MOMENT_US_PER_S)
		result_note(r, "The window ends in the future: what is still "
		    "to come is not expected yet.");
	if (c->of_study && !c->team)
		result_note(r, "You take part in this study: only your own "
		    "data are described.");
	policy_withheld(call, "consent", c->withheld, c->of_patient ? 0 :
	    c->withheld_patients);
	if (c->withheld > 0)
		result_note(r, "Readings that a patient does not consent to "
		    "share are held back and count as missing.");
	policy_withheld(call, "unreadable", c->unreadable, c->of_patient ? 0 :
	    c->unreadable);
	if (c->unreadable > 0 && (c->of_patient ||
	    !policy_too_few(&call->ctx, c->unreadable)))
		result_notef(r, "%lld enrolled patient%s with no organization "
		    "of yours: nothing is told of their data.",
		    (long long)c->unreadable, c->unreadable == 1 ? "" : "s");
}

/* --- The summary. --------------------------------------------------------- */

/* "20 patients", "9 data types", "2 sources", "12 weeks" */
static void
coverage_write_groups(const struct coverage *c, struct buf *out)
{
	static const char *const	names[][2] = {
		[COVERAGE_PATIENT] = { "patient", "patients" },
		[COVERAGE_TYPE] = { "data type", "data types" },
		[COVERAGE_SOURCE] = { "source", "sources" },
		[COVERAGE_WEEK] = { "week", "weeks" },
		[COVERAGE_MONTH] = { "month", "months" }
	};
	int64_t	n = c->groups - (int64_t)c->suppressed;
	char	count[RESULT_COUNT_SIZE];

	buf_addf(out, "%s %s", result_count(n, count),
	    names[c->by][n != 1]);
}

/* What is there instead: counted of all, or of the one who asks. */
static void
coverage_write_have(const struct coverage *c, struct tools_call *call)
{
	struct buf	*out = &call->result.summary;

	/* Of few patients' types only that they are requested. */
	if (!c->of_patient && policy_minimum(&call->ctx) > 0) {
		buf_adds(out, "; the study requests ");
		holdings_write_names(&c->have, out);
		return;
	}
	if (c->of_patient)
		buf_adds(out, "; the patient has ");
	else
		buf_adds(out, c->team ? "; the study has " : "; you have ");
	holdings_write(&c->have, out);
	if (!c->of_study || c->ntypes > 0 || c->have.n == 0)
		return;
	buf_adds(out, c->of_patient || !c->team ? "; the study requests " :
	    " and requests ");
	holdings_write_names(&c->have, out);
}

static void
coverage_summary_empty(const struct coverage *c, struct tools_call *call)
{
	struct buf	*out = &call->result.summary;
	char		 count[RESULT_COUNT_SIZE];

	buf_adds(out, "0 ");
	holdings_write_asked(&c->asked, out);
	if (c->of_patient)
		buf_addf(out, "readings of patient %lld",
		    (long long)c->patient_id);
	else
		buf_addf(out, "readings of %s patient%s",
		    result_count(c->patients, count),
		    c->patients == 1 ? "" : "s");
	if (!window_is_open(&c->w.window))
		buf_adds(out, " in this window");
	coverage_write_have(c, call);
	buf_addc(out, '.');
}

/* "Patient 40006: 14 of 14 days, 1,344 readings, 100% of those expected." */
static void
coverage_summary_one(const struct coverage *c, struct buf *out)
{
	const struct coverage_row	*r = &c->rows[0];
	char				 count[RESULT_COUNT_SIZE];

	buf_addf(out, "Patient %lld: data on %lld of %lld day%s, %s reading%s",
	    (long long)c->patient_id, (long long)r->days,
	    (long long)c->span_days, c->span_days == 1 ? "" : "s",
	    result_count(r->readings, count), r->readings == 1 ? "" : "s");
	if (r->has_complete)
		buf_addf(out, ", %.0f%% of those expected",
		    floor(100 * r->complete + 0.5));
	buf_addc(out, '.');
}

static void
coverage_summary(const struct coverage *c, struct tools_call *call)
{
	struct buf	*out = &call->result.summary;

	if (c->readings == 0)
		coverage_summary_empty(c, call);
	else if (c->by == COVERAGE_PATIENT && c->of_patient && c->nrows == 1)
		coverage_summary_one(c, out);
	else {
		coverage_write_groups(c, out);
		if (c->by == COVERAGE_SOURCE)
			buf_adds(out, " sent data");
		if (c->has_median && c->suppressed == 0)
			buf_addf(out, "; median %.0f%% of expected readings; "
			    "%lld of %lld reach %d%%",
			    floor(100 * c->median + 0.5),
			    (long long)c->reaching, (long long)c->groups,
			    COVERAGE_REACH_PCT);
		buf_addc(out, '.');
	}
	if (!c->window_given && !c->of_patient)
		buf_addf(out, " Last %d days, as no window was given.",
		    COVERAGE_STUDY_DAYS);
}

/* --- All of it. ----------------------------------------------------------- */

static void
coverage_write_head(const struct coverage *c, struct tools_call *call)
{
	struct json	*j = &call->result.head;
	size_t		 i;

	windowed_write(&c->w, call);
	if (c->asked.filtered) {
		json_key(j, "data_types");
		json_array_begin(j);
		for (i = 0; i < c->ntypes; i++)
			json_string(j, c->types[i].name);
		json_array_end(j);
	}
	json_key(j, "expected_per_day");
	if (c->asked_expected)
		json_double(j, c->expected, 4);
	else if (c->ntypes == 1 && c->types[0].has_expected &&
	    c->by != COVERAGE_SOURCE)
		json_double(j, c->types[0].expected, 4);
	else
		json_null(j);
}

int
coverage_write(struct coverage *c, struct tools_call *call)
{
	const enum coverage_column	*layout;
	const char			*columns[COVERAGE_COLUMNS_MAX];
	struct cursor_position		 last;
	struct result_list		 list;
	int				 error;

	memset(&last, 0, sizeof(last));
	memset(&list, 0, sizeof(list));
	layout = coverage_layouts[c->of_patient][c->by];
	for (; layout[list.ncolumns] != COVERAGE_END; list.ncolumns++)
		columns[list.ncolumns] = layout[list.ncolumns] ==
		    COVERAGE_KEY ? coverage_keys[c->by] :
		    coverage_column_names[layout[list.ncolumns]];
	list.columns = columns;
	list.member = "rows";
	if ((error = coverage_suppress(c, call)) != 0)
		return error;
	list.total = c->groups - (int64_t)c->suppressed;
	coverage_write_head(c, call);
	coverage_write_rows(c, call, layout, &last);
	coverage_write_quality(c, call);
	coverage_summary(c, call);
	coverage_notes(c, call);
	return call_finish(call, &list, &last);
}
