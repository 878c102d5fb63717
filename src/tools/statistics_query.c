/* SPDX-License-Identifier: MIT */
/*
 * The arguments of get_observation_statistics.  Runs in the worker.  They
 * satisfy the schema and are a client's all the same.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "compat/compat.h"
#include "db/param.h"
#include "tools/policy.h"
#include "tools/statistics_query.h"
#include "tools/text.h"
#include "tools/unit_params.h"

/* Characters of an argument that are repeated in an error. */
#define STATISTICS_ECHO	60
/* Groups that are fetched at once when small ones have to be found. */
#define STATISTICS_WHOLE_MAX	10000
/* Cuts a little lower than written: no value is that near below. */
#define STATISTICS_EPSILON	1e-6

/* Both statements have the same parameters and columns. */
_Static_assert((int)PARS_RECORD_STATISTICS ==
    (int)PARS_OBSERVATION_STATISTICS, "parameters differ");
_Static_assert((int)COLS_RECORD_STATISTICS ==
    (int)COLS_OBSERVATION_STATISTICS, "columns differ");

static const char *const	statistics_buckets[] = {
	[STATISTICS_NO_BUCKET] = "none",
	[STATISTICS_HOUR] = "hour",
	[STATISTICS_DAY] = "day",
	[STATISTICS_WEEK] = "week",
	[STATISTICS_MONTH] = "month",
	[STATISTICS_HOUR_OF_DAY] = "hour_of_day",
	[STATISTICS_WEEKDAY] = "weekday"
};

static const char *const	statistics_groupings[] = {
	[STATISTICS_NO_GROUPING] = "none",
	[STATISTICS_PATIENT] = "patient",
	[STATISTICS_SOURCE] = "data_source",
	[STATISTICS_AGE] = "age_band"
};

const char *
statistics_bucket_name(enum statistics_bucket bucket)
{
	return bucket == STATISTICS_NO_BUCKET ? NULL :
	    statistics_buckets[bucket];
}

static int
statistics_bad(struct tools_call *call, enum errors_code code,
    const char *text)
{
	errors_set(&call->error, code, "%s", text);
	return ERR_FORMAT;
}

/* The text's index in a table; the schema allows nothing else. */
static int
statistics_choice(const char *const *table, size_t n, const char *value)
{
	size_t	i;

	for (i = 0; value != NULL && i < n; i++)
		if (strcmp(table[i], value) == 0)
			return (int)i;
	return 0;
}

/* --- Of whom. ------------------------------------------------------------- */

static int
statistics_parse_whom(struct statistics_query *q, struct tools_call *call)
{
	q->of_study = args_has(&call->args, "study_id");
	q->of_patient = args_has(&call->args, "patient_id");
	q->patient_ids = args_list(&call->args, "patient_ids",
	    &q->npatient_ids);
	if (q->of_study + q->of_patient + (q->npatient_ids > 0) == 0)
		return statistics_bad(call, ERRORS_BAD_ARGUMENT, "give "
		    "study_id or patient_id. search_patients and "
		    "list_studies find ids.");
	if (q->of_study + q->of_patient + (q->npatient_ids > 0) > 1)
		return statistics_bad(call, ERRORS_BAD_ARGUMENT, "study_id, "
		    "patient_id and patient_ids exclude each other. Send one "
		    "of them.");
	q->study_id = args_integer(&call->args, "study_id");
	q->patient_id = args_integer(&call->args, "patient_id");
	q->cohort = !q->of_patient;
	return 0;
}

/* --- Of what. ------------------------------------------------------------- */

/* survey:<questionnaire>/<item> */
static int
statistics_parse_survey(struct statistics_query *q, const char *name,
    struct tools_call *call)
{
	const char	*item = strrchr(name, '/');
	size_t		 i, len = item != NULL ? (size_t)(item - name) : 0;

	if (len == 0 || item[1] == '\0' ||
	    len >= sizeof(q->questionnaire) ||
	    strlcpy(q->item, item + 1, sizeof(q->item)) >= sizeof(q->item))
		return statistics_bad(call, ERRORS_UNKNOWN_TYPE, "a survey's "
		    "answers are named survey:<questionnaire>/<item>. "
		    "get_patient_survey_responses shows both.");
	for (i = 0; i < len; i++)
		q->questionnaire[i] = (char)tolower((unsigned char)name[i]);
	if (args_has(&call->args, "unit"))
		return statistics_bad(call, ERRORS_UNKNOWN_UNIT, "answers of "
		    "surveys have no unit. Leave unit out.");
	if (args_has(&call->args, "measure"))
		return statistics_bad(call, ERRORS_UNKNOWN_MEASURE, "an item "
		    "of a survey has no measures. Leave measure out.");
	if (db_variant(call->ctx.db, DB_LAYOUT_FHIR_RECORDS) != 0) {
		errors_set_no_records(&call->error);
		return ERR_FORMAT;
	}
	q->survey = true;
	q->nmeasures = 1;
	q->unit = "score";
	q->analysis = OMH_READING;
	return 0;
}

static int
statistics_unknown_measure(const struct omh_type *t, struct tools_call *call)
{
	struct buf	names;
	size_t		i;

	buf_init(&names, ERRORS_TEXT_MAX);
	for (i = 0; i < t->nmeasures; i++)
		if (t->measures[i].kind == OMH_NUMBER)
			buf_addf(&names, "%s%s", names.len > 0 ? ", " : "",
			    t->measures[i].name);
	errors_set(&call->error, ERRORS_UNKNOWN_MEASURE, "%s has only %s.%s",
	    t->name, buf_string(&names),
	    (t->groups & OMH_GROUP_SLEEP) != 0 &&
	    strcmp(t->name, "sleep-stage-summary") != 0 ?
	    " Stages are in sleep-stage-summary." : "");
	buf_free(&names);
	return ERR_FORMAT;
}

static int
statistics_parse_measures(struct statistics_query *q, struct tools_call *call)
{
	const char			*name;
	const struct omh_measure	*m;
	size_t				 i;

	name = args_string(&call->args, "measure");
	if (name != NULL && *name != '\0') {
		m = omh_measure_find(q->type, name);
		if (m == NULL || m->kind != OMH_NUMBER)
			return statistics_unknown_measure(q->type, call);
		q->measures[0] = m;
		q->nmeasures = 1;
		return 0;
	}
	for (i = 0; i < q->type->nmeasures; i++)
		if (q->type->measures[i].kind == OMH_NUMBER)
			q->measures[q->nmeasures++] = &q->type->measures[i];
	return 0;
}

static int
statistics_unknown_unit(const struct statistics_query *q, const char *unit,
    struct tools_call *call)
{
	struct buf	clean, units;
	size_t		i, k;

	buf_init(&clean, ERRORS_TEXT_MAX);
	buf_init(&units, ERRORS_TEXT_MAX);
	text_clean(&clean, unit, strlen(unit), STATISTICS_ECHO);
	for (i = 0; i < q->nmeasures; i++) {
		for (k = 0; k < i; k++)
			if (q->measures[k]->quantity ==
			    q->measures[i]->quantity)
				break;
		if (k < i || q->measures[i]->quantity == OMH_NO_QUANTITY)
			continue;
		buf_adds(&units, units.len > 0 ? ", " : "");
		omh_measure_units(&units, q->measures[i]);
	}
	errors_set(&call->error, ERRORS_UNKNOWN_UNIT,
	    "%s cannot be given in %s. Possible: %s.", q->type->name,
	    buf_string(&clean), units.len > 0 ? buf_string(&units) :
	    "only as stored");
	buf_free(&clean);
	buf_free(&units);
	return ERR_FORMAT;
}

/* What does not come in the unit asked for keeps its usual one. */
static int
statistics_parse_unit(struct statistics_query *q, struct tools_call *call)
{
	const char		*unit = args_string(&call->args, "unit");
	const struct omh_unit	*asked = NULL, *u;
	size_t			 i;

	if (unit != NULL && *unit == '\0')
		unit = NULL;
	for (i = 0; i < q->nmeasures; i++) {
		q->units[i] = omh_measure_unit(q->measures[i]);
		if (unit == NULL)
			continue;
		u = omh_unit_asked(q->measures[i]->quantity, unit);
		if (u == NULL)
			continue;
		q->units[i] = asked = u;
	}
	if (unit != NULL && asked == NULL)
		return statistics_unknown_unit(q, unit, call);
	if (asked == NULL)
		asked = q->units[0];
	q->unit = asked != NULL ? asked->name : "count";
	return 0;
}

/* --- Ranges. -------------------------------------------------------------- */

static int
statistics_parse_cuts(struct statistics_query *q, struct tools_call *call)
{
	size_t	i;

	for (i = 1; i < q->nmeasures; i++)
		if (q->units[i] != q->units[0])
			return statistics_bad(call, ERRORS_BAD_ARGUMENT,
			    "ranges need one measure, since the units differ. "
			    "Send measure too.");
	for (i = 1; i < q->ncuts; i++)
		if (q->cuts[i] <= q->cuts[i - 1])
			return statistics_bad(call, ERRORS_BAD_ARGUMENT,
			    "ranges are cut points in ascending order, such "
			    "as [70,181].");
	q->shares = STATISTICS_CUTS;
	return 0;
}

/* A bound in mg/dL or mmHg, in the unit of the result. */
static double
statistics_bound(const struct statistics_query *q, double value)
{
	const struct omh_unit	*usual = omh_measure_unit(q->measures[0]);

	if (usual == q->units[0])
		return value;
	return omh_unit_convert(usual, q->units[0],
	    value - STATISTICS_EPSILON);
}

static int
statistics_parse_ranges(struct statistics_query *q, struct tools_call *call)
{
	static const double	glucose[] = { 54, 70, 181, 251 };
	static const double	pressure[] = { 120, 80, 130, 140, 90 };
	size_t			i;

	q->ncuts = args_list_numbers(&call->args, "ranges", q->cuts,
	    STATISTICS_CUTS_MAX);
	if (q->ncuts > 0 && q->aggregate)
		return statistics_bad(call, ERRORS_NOT_AVAILABLE, "this "
		    "server gives aggregates only, and ranges find single "
		    "values. Leave ranges out.");
	if (q->ncuts > 0)
		return statistics_parse_cuts(q, call);
	if (q->aggregate)
		return 0;
	/* A pattern of the day or the week is told by its means. */
	if (q->type == NULL || q->bucket == STATISTICS_HOUR ||
	    q->bucket == STATISTICS_HOUR_OF_DAY ||
	    q->bucket == STATISTICS_WEEKDAY)
		return 0;
	if (strcmp(q->type->name, "blood-glucose") == 0) {
		q->shares = STATISTICS_GLUCOSE;
		q->ncuts = sizeof(glucose) / sizeof(glucose[0]);
		for (i = 0; i < q->ncuts; i++)
			q->cuts[i] = statistics_bound(q, glucose[i]);
	} else if (strcmp(q->type->name, "blood-pressure") == 0 &&
	    q->nmeasures == 2) {
		q->shares = STATISTICS_PRESSURE;
		for (i = 0; i < 5; i++)
			q->joint[i] = statistics_bound(q, pressure[i]);
	}
	return 0;
}

/* --- How. ----------------------------------------------------------------- */

void
statistics_set_too_broad(const struct statistics_query *q, int64_t n,
    const char *from, struct buf *error)
{
	static const char *const	names[] = { NULL, "hourly", "daily",
					    "weekly", "monthly", NULL, NULL };
	char				count[RESULT_COUNT_SIZE];

	if (names[q->bucket] == NULL) {
		errors_set(error, ERRORS_TOO_BROAD, "%s groups are more than "
		    "%d. Leave group_by or bucket out, or ask for fewer "
		    "patients.", result_count(n, count),
		    STATISTICS_GROUPS_MAX);
		return;
	}
	errors_set(error, ERRORS_TOO_BROAD, "%s buckets of %s are %s groups. "
	    "Use bucket=%s or a shorter window.", names[q->bucket], from,
	    result_count(n, count),
	    q->bucket == STATISTICS_HOUR ? "day" :
	    q->bucket == STATISTICS_DAY ? "week" : "month");
}

/* Instants as they are; days without regard to the zone. */
static int64_t
statistics_window_days(const struct window *w)
{
	int64_t	start, end;

	if (w->start.kind == WINDOW_OPEN)
		return 0;
	start = w->start.day;
	if (w->start.kind == WINDOW_INSTANT)
		start = w->start.us / MOMENT_US_PER_DAY;
	end = w->now_s / MOMENT_S_PER_DAY;
	if (w->end.kind == WINDOW_DAY && w->end.day < end)
		end = w->end.day;
	if (w->end.kind == WINDOW_INSTANT &&
	    w->end.us / MOMENT_US_PER_DAY < end)
		end = w->end.us / MOMENT_US_PER_DAY;
	return end - start;
}

/* What a window alone tells: the groups there can be. */
static int
statistics_check_breadth(const struct statistics_query *q,
    struct tools_call *call)
{
	int64_t	days = statistics_window_days(&q->window), n = 0;
	char	from[64];

	if (q->bucket == STATISTICS_HOUR)
		n = days * 24;
	else if (q->bucket == STATISTICS_DAY)
		n = days;
	if (n <= STATISTICS_GROUPS_MAX)
		return 0;
	if (days % 365 < 3 && days >= 365)
		snprintf(from, sizeof(from), "%" PRId64 " year%s", days / 365,
		    days / 365 == 1 ? "" : "s");
	else
		snprintf(from, sizeof(from), "%" PRId64 " days", days);
	statistics_set_too_broad(q, n, from, &call->error);
	return ERR_FORMAT;
}

static int
statistics_parse_form(struct statistics_query *q, struct tools_call *call)
{
	const char	*detail = args_string(&call->args, "detail");

	q->bucket = (enum statistics_bucket)statistics_choice(
	    statistics_buckets, sizeof(statistics_buckets) /
	    sizeof(statistics_buckets[0]), args_string(&call->args, "bucket"));
	q->grouping = (enum statistics_grouping)statistics_choice(
	    statistics_groupings, sizeof(statistics_groupings) /
	    sizeof(statistics_groupings[0]),
	    args_string(&call->args, "group_by"));
	q->alone = q->bucket == STATISTICS_NO_BUCKET &&
	    q->grouping == STATISTICS_NO_GROUPING;
	q->full = !q->aggregate && (detail != NULL ?
	    strcmp(detail, "full") == 0 : q->alone);
	/* They are long, where there are many: then only if asked for. */
	q->extremes = q->alone && q->full && (detail != NULL ||
	    (q->of_patient && q->nmeasures <= 2));
	q->sort = args_string(&call->args, "sort");
	if (q->sort == NULL)
		q->sort = "key";
	/* A day's total has no hour. */
	if (q->analysis == OMH_DAILY_TOTAL &&
	    (q->bucket == STATISTICS_HOUR ||
	    q->bucket == STATISTICS_HOUR_OF_DAY))
		q->analysis = OMH_READING;
	q->whole = q->cohort && policy_minimum(&call->ctx) > 0;
	q->skip = call->position.set ? (size_t)call->position.id : 0;
	return statistics_check_breadth(q, call);
}

int
statistics_query_parse(struct statistics_query *q, struct tools_call *call)
{
	const char	*name = args_string(&call->args, "data_type");
	int		 error;

	memset(q, 0, sizeof(*q));
	q->aggregate = !policy_single_patients(&call->ctx);
	if ((error = statistics_parse_whom(q, call)) != 0 ||
	    (error = window_parse(&q->window, &call->args, call->base_s,
	    call->ctx.default_timezone, &call->error)) != 0)
		return error;
	if (name != NULL && strncasecmp(name, "survey:", 7) == 0) {
		if ((error = statistics_parse_survey(q, name + 7, call)) != 0)
			return error;
	} else {
		if ((error = data_types_parse(&q->wanted, &call->args,
		    &call->error)) != 0)
			return error;
		if (!q->wanted.single)
			return statistics_bad(call, ERRORS_BAD_ARGUMENT,
			    "data_type is one type, such as blood-glucose. "
			    "Ask once for each.");
		/* One that is not known is told apart by who asks. */
		if ((q->type = q->wanted.type) == NULL)
			return 0;
		q->analysis = q->type->analysed_as;
		if ((error = statistics_parse_measures(q, call)) != 0 ||
		    (error = statistics_parse_unit(q, call)) != 0)
			return error;
	}
	if ((error = statistics_parse_form(q, call)) != 0)
		return error;
	return statistics_parse_ranges(q, call);
}

/* --- Parameters of the statement. ----------------------------------------- */

static void
statistics_set_text(struct db_params *p, int index, const char *text)
{
	if (text != NULL)
		db_params_text(p, index, text, strlen(text));
}

static void
statistics_set_doubles(struct db_params *p, int index, const double *values,
    size_t n)
{
	char		 texts[STATISTICS_CUTS_MAX][32];
	const char	*list[STATISTICS_CUTS_MAX];
	size_t		 i;

	for (i = 0; i < n && i < STATISTICS_CUTS_MAX; i++) {
		snprintf(texts[i], sizeof(texts[i]), "%.17g", values[i]);
		list[i] = texts[i];
	}
	db_params_texts(p, index, list, i);
}

static void
statistics_params_measures(const struct statistics_query *q,
    struct db_params *p)
{
	const char	*summed[OMH_MEASURES_MAX];
	size_t		 i;

	unit_params_all(p, q->measures, q->units, q->nmeasures,
	    PAR_OBSERVATION_STATISTICS_PATHS);
	for (i = 0; i < q->nmeasures; i++)
		summed[i] = q->measures[i]->quantity == OMH_SHARE ||
		    q->measures[i]->quantity == OMH_MET ? "f" : "t";
	db_params_texts(p, PAR_OBSERVATION_STATISTICS_SUMMED, summed,
	    q->nmeasures);
	/* Blood pressure is a pair; other measures may be missing. */
	db_params_bool(p, PAR_OBSERVATION_STATISTICS_OPTIONAL,
	    q->type->nmeasures > 2);
}

static void
statistics_params_type(const struct statistics_query *q, struct db_params *p)
{
	const char	*names[2] = { q->questionnaire, q->item };
	char		 type[DATA_TYPES_NAME_SIZE];

	if (q->type == NULL) {
		db_params_texts(p, PAR_OBSERVATION_STATISTICS_TYPES, names,
		    q->survey ? 2 : 0);
		unit_params_all(p, q->measures, q->units, 0,
		    PAR_OBSERVATION_STATISTICS_PATHS);
		return;
	}
	snprintf(type, sizeof(type), "%s:%s", q->type->space, q->type->name);
	names[0] = type;
	db_params_texts(p, PAR_OBSERVATION_STATISTICS_TYPES, names, 1);
	statistics_params_measures(q, p);
}

static void
statistics_params_whom(const struct statistics_query *q, struct db_params *p)
{
	if (q->of_study)
		db_params_int(p, PAR_OBSERVATION_STATISTICS_STUDY,
		    q->study_id);
	else if (q->of_patient)
		db_params_ints(p, PAR_OBSERVATION_STATISTICS_PATIENTS,
		    &q->patient_id, 1);
	else
		db_params_ints(p, PAR_OBSERVATION_STATISTICS_PATIENTS,
		    q->patient_ids, q->npatient_ids);
}

static void
statistics_params_form(const struct statistics_query *q,
    const struct tools_call *call, struct db_params *p)
{
	static const double	all[] = { 0.05, 0.25, 0.5, 0.75, 0.95 };
	char			today[MOMENT_TEXT_SIZE];

	statistics_set_text(p, PAR_OBSERVATION_STATISTICS_ANALYSIS,
	    omh_analysis_name(q->analysis));
	statistics_set_text(p, PAR_OBSERVATION_STATISTICS_BUCKET,
	    statistics_buckets[q->bucket]);
	statistics_set_text(p, PAR_OBSERVATION_STATISTICS_GROUPING,
	    statistics_groupings[q->grouping]);
	statistics_set_doubles(p, PAR_OBSERVATION_STATISTICS_FRACTIONS,
	    q->full ? all : &all[2], q->full ? STATISTICS_POINTS_MAX : 1);
	if (q->ncuts > 0)
		statistics_set_doubles(p, PAR_OBSERVATION_STATISTICS_CUTS,
		    q->cuts, q->ncuts);
	if (q->shares == STATISTICS_PRESSURE)
		statistics_set_doubles(p, PAR_OBSERVATION_STATISTICS_JOINT,
		    q->joint, 5);
	statistics_set_text(p, PAR_OBSERVATION_STATISTICS_SORT, q->sort);
	db_params_int(p, PAR_OBSERVATION_STATISTICS_SKIP,
	    q->whole ? 0 : (int64_t)q->skip);
	db_params_int(p, PAR_OBSERVATION_STATISTICS_ROWS_MAX, q->whole ?
	    STATISTICS_WHOLE_MAX : (int64_t)call->result.max_rows + 1);
	moment_format_day(call->base_s / MOMENT_S_PER_DAY, today);
	statistics_set_text(p, PAR_OBSERVATION_STATISTICS_TODAY, today);
	db_params_bool(p, PAR_OBSERVATION_STATISTICS_ALONE, q->alone);
}

int
statistics_query_submit(const struct statistics_query *q,
    struct tools_call *call)
{
	struct db_params	p, zone;
	struct db_query		queries[2];
	size_t			n = 0;
	int			error;

	call_params(call, &p, PARS_OBSERVATION_STATISTICS);
	db_params_init(&zone, PARS_TIME_ZONE);
	statistics_params_whom(q, &p);
	statistics_params_type(q, &p);
	window_db_params(&q->window, &p,
	    PAR_OBSERVATION_STATISTICS_FIRST_DAY);
	statistics_params_form(q, call, &p);
	if ((error = db_params_done(&p)) != 0)
		goto out;
	memset(queries, 0, sizeof(queries));
	if (window_needs_zone(&q->window)) {
		statistics_set_text(&zone, PAR_TIME_ZONE_ZONE,
		    q->window.zone);
		if ((error = db_params_done(&zone)) != 0)
			goto out;
		queries[n].statement = DB_TIME_ZONE;
		queries[n].params = zone.values;
		queries[n].nparams = zone.n;
		n++;
	}
	queries[n].statement = q->survey ? DB_RECORD_STATISTICS :
	    DB_OBSERVATION_STATISTICS;
	queries[n].params = p.values;
	queries[n].nparams = p.n;
	error = call_submit(call, queries, n + 1);
out:
	db_params_free(&p);
	db_params_free(&zone);
	return error;
}
