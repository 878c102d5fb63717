/* SPDX-License-Identifier: MIT */
/*
 * What stands beside the table of get_observation_statistics: shares in
 * ranges, means of patients, glucose's derived numbers, extremes.  Runs in
 * the worker.  The clinical conventions are those of jhe-mcp-tools(7).
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "tools/statistics_page.h"

/* Readings at least so often are of a continuous monitor. */
#define STATISTICS_CONTINUOUS_S	3600.0
/* What a report of one needs. */
#define STATISTICS_ENOUGH_DAYS	14
#define STATISTICS_ENOUGH_PCT	70.0

/* --- Ranges. -------------------------------------------------------------- */

size_t
statistics_range_count(const struct statistics_query *q)
{
	if (q->shares == STATISTICS_NO_SHARES)
		return 0;
	return q->shares == STATISTICS_PRESSURE ? 4 : q->ncuts + 1;
}

void
statistics_range_name(const struct statistics_query *q, size_t bin,
    char *text, size_t size)
{
	static const char *const	pressure[] = { "<120 and <80",
	    "120-129 and <80", "130-139 or 80-89", ">=140 or >=90" };
	static const char *const	mmol[] = { "<3.0", "3.0 to <3.9",
	    "3.9 to 10.0", ">10.0 to 13.9", ">13.9" };

	if (q->shares == STATISTICS_PRESSURE)
		snprintf(text, size, "%s", pressure[bin]);
	else if (q->shares == STATISTICS_GLUCOSE &&
	    strcmp(q->unit, "mmol/L") == 0)
		snprintf(text, size, "%s", mmol[bin]);
	else if (bin == 0)
		snprintf(text, size, "<%.12g", q->cuts[0]);
	else if (bin == q->ncuts)
		snprintf(text, size, ">=%.12g", q->cuts[bin - 1]);
	else
		snprintf(text, size, "%.12g to <%.12g", q->cuts[bin - 1],
		    q->cuts[bin]);
}

static void
statistics_write_range_columns(const struct statistics_page *page,
    bool measure, struct json *j)
{
	const char	*list[STATISTICS_COLUMNS_MAX];
	char		 name[80];
	size_t		 i, n;

	json_key(j, "columns");
	json_array_begin(j);
	n = statistics_key_columns(page, measure, list);
	for (i = 0; i < n; i++)
		json_string(j, list[i]);
	n = statistics_range_count(&page->query);
	for (i = 0; i < n; i++) {
		statistics_range_name(&page->query, i, name, sizeof(name));
		json_string(j, name);
	}
	json_array_end(j);
}

void
statistics_write_ranges(const struct statistics_page *page, struct json *j)
{
	const struct statistics_query	*q = &page->query;
	const struct statistics_row	*r;
	size_t				 i, k, n = statistics_range_count(q);
	bool				 measure;

	if (n == 0)
		return;
	measure = q->shares == STATISTICS_PRESSURE ? page->mixed :
	    statistics_has_measures(page);
	json_key(j, "ranges");
	json_object_begin(j);
	statistics_write_range_columns(page, measure, j);
	json_key(j, "rows");
	json_array_begin(j);
	for (i = 0; i < page->nrows[STATISTICS_GROUP]; i++) {
		r = &page->rows[STATISTICS_GROUP][i];
		/* Of a pair the first measure has the counts. */
		if (!r->shown || isnan(statistics_share(r, 0)))
			continue;
		json_array_begin(j);
		statistics_write_key(page, r, measure, j);
		for (k = 0; k < n; k++)
			json_double(j, statistics_share(r, k), 1);
		json_array_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

/* --- Means of patients. --------------------------------------------------- */

/* These tables have no pages. */
size_t
statistics_beside_count(const struct statistics_page *page,
    enum statistics_kind kind)
{
	return page->nrows[kind] < STATISTICS_BESIDE_MAX ?
	    page->nrows[kind] : STATISTICS_BESIDE_MAX;
}

/* The measure, and what else tells the rows apart. */
static void
statistics_write_label(const struct statistics_page *page,
    const struct statistics_row *r, struct json *j)
{
	struct buf	name;

	buf_init(&name, TOOLS_RESULT_MAX);
	statistics_measure_name(page, r, &name);
	if (r->source > 0 && r->source_name != 0)
		buf_addf(&name, ", %s", statistics_page_text(page,
		    r->source_name));
	else if (r->source > 0)
		buf_addf(&name, ", data source %" PRId64, r->source);
	else if (r->source < 0)
		buf_adds(&name, ", source not recorded");
	json_stringn(j, buf_string(&name), name.len);
	buf_free(&name);
}

void
statistics_write_between(const struct statistics_page *page, struct json *j)
{
	static const char *const	columns[] = { "measure", "patients",
	    "mean_of_means", "sd_of_means", "median", "min", "max" };
	const struct statistics_row	*r;
	bool				 label, more, range;
	size_t				 i;

	label = statistics_has_measures(page) || page->split;
	/* Beside a trend the mean and its spread are enough. */
	more = page->query.bucket == STATISTICS_NO_BUCKET;
	range = more && !page->query.aggregate;
	json_key(j, "between_patients");
	json_object_begin(j);
	json_key(j, "columns");
	json_array_begin(j);
	for (i = label ? 0 : 1; i < (range ? 7 : more ? 5 : 4); i++)
		json_string(j, columns[i]);
	json_array_end(j);
	json_key(j, "rows");
	json_array_begin(j);
	for (i = 0; i < statistics_beside_count(page, STATISTICS_BETWEEN);
	    i++) {
		r = &page->rows[STATISTICS_BETWEEN][i];
		json_array_begin(j);
		if (label)
			statistics_write_label(page, r, j);
		json_int(j, r->patients);
		statistics_write_number(page, r->measure, r->mean, j);
		statistics_write_number(page, r->measure, r->sd, j);
		if (more)
			statistics_write_number(page, r->measure,
			    statistics_page_median(page, r->patients,
			    r->points[0]), j);
		if (range) {
			statistics_write_number(page, r->measure, r->low, j);
			statistics_write_number(page, r->measure, r->high, j);
		}
		json_array_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

/* --- Glucose. ------------------------------------------------------------- */

bool
statistics_is_continuous(const struct statistics_page *page)
{
	return page->spacing_s[1] > 0 &&
	    page->spacing_s[1] <= STATISTICS_CONTINUOUS_S;
}

/* Percent of the readings that the usual spacing lets expect. */
static double
statistics_active(const struct statistics_page *page)
{
	const struct window	*w = &page->query.window;
	double			 span_s, expected, pct;

	span_s = (double)statistics_days(page) * MOMENT_S_PER_DAY;
	/* Without a window it is from the first reading to the last. */
	if (window_is_open(w) && page->dated)
		span_s = (double)(page->last_us - page->first_us) /
		    MOMENT_US_PER_S + page->spacing_s[1];
	expected = span_s / page->spacing_s[1] *
	    (double)statistics_page_patients(page);
	pct = 100 * (double)statistics_page_n(page) / expected;
	return pct > 100 ? 100 : pct;
}

void
statistics_write_derived(const struct statistics_page *page, struct json *j)
{
	const struct statistics_query	*q = &page->query;
	const struct statistics_row	*r = page->rows[STATISTICS_GROUP];
	double				 mean;

	if (q->type == NULL || strcmp(q->type->name, "blood-glucose") != 0 ||
	    !q->alone || page->nrows[STATISTICS_GROUP] != 1 || !r->shown)
		return;
	mean = r->mean;
	if (q->units[0] != omh_measure_unit(q->measures[0]))
		mean = omh_unit_convert(q->units[0],
		    omh_measure_unit(q->measures[0]), mean);
	json_key(j, "derived");
	json_object_begin(j);
	if (statistics_is_continuous(page)) {
		json_key(j, "gmi_pct");
		json_double(j, 3.31 + 0.02392 * mean, 1);
	}
	json_key(j, "cv_pct");
	json_double(j, 100 * r->sd / r->mean, 1);
	/* Of an open window it would tell the first or the last reading. */
	if (statistics_is_continuous(page) && (!q->aggregate ||
	    (page->resolved.has_lower && page->resolved.has_upper))) {
		json_key(j, "active_pct");
		json_double(j, statistics_active(page), 1);
		json_key(j, "sufficient");
		json_boolean(j, statistics_days(page) >=
		    STATISTICS_ENOUGH_DAYS &&
		    statistics_active(page) >= STATISTICS_ENOUGH_PCT);
	}
	json_object_end(j);
}

/* --- Extremes. ------------------------------------------------------------ */

static void
statistics_write_moment(const struct statistics_query *q,
    const struct statistics_row *r, struct json *j)
{
	char	text[MOMENT_TEXT_SIZE];

	if (!r->timed) {
		json_null(j);
		return;
	}
	/* Of a survey mostly the day is known, no hour. */
	if (q->analysis == OMH_DAILY_TOTAL || (q->survey &&
	    r->local_us % MOMENT_US_PER_DAY == 0))
		moment_format_day((r->local_us - (r->local_us < 0 ?
		    MOMENT_US_PER_DAY - 1 : 0)) / MOMENT_US_PER_DAY, text);
	else
		moment_format(r->at_us, (int)((r->local_us - r->at_us) /
		    MOMENT_US_PER_S), window_is_utc(&q->window), text);
	json_string(j, text);
}

static void
statistics_write_extreme(const struct statistics_page *page,
    const struct statistics_row *r, bool measure, struct json *j)
{
	json_array_begin(j);
	if (measure)
		statistics_write_label(page, r, j);
	json_string(j, r->kind == STATISTICS_MIN ? "min" : "max");
	statistics_write_value(page, r->measure, r->mean, j);
	statistics_write_moment(&page->query, r, j);
	if (page->query.cohort)
		json_int(j, r->patient);
	if (r->id != 0)
		json_int(j, r->id);
	else if (!page->query.survey)
		json_null(j);
	json_array_end(j);
}

void
statistics_write_extremes(const struct statistics_page *page, struct json *j)
{
	const struct statistics_row	*least = page->rows[STATISTICS_MIN];
	const struct statistics_row	*most = page->rows[STATISTICS_MAX];
	bool				 measure;
	size_t				 i;

	if (!page->query.extremes || page->nrows[STATISTICS_MIN] == 0 ||
	    page->nrows[STATISTICS_MAX] != page->nrows[STATISTICS_MIN])
		return;
	measure = statistics_has_measures(page) || page->split;
	json_key(j, "extremes");
	json_object_begin(j);
	json_key(j, "columns");
	json_array_begin(j);
	if (measure)
		json_string(j, "measure");
	json_string(j, "which");
	json_string(j, "value");
	json_string(j, "effective_at");
	if (page->query.cohort)
		json_string(j, "patient_id");
	if (!page->query.survey)
		json_string(j, "observation_id");
	json_array_end(j);
	json_key(j, "rows");
	json_array_begin(j);
	for (i = 0; i < statistics_beside_count(page, STATISTICS_MIN); i++) {
		statistics_write_extreme(page, &least[i], measure, j);
		statistics_write_extreme(page, &most[i], measure, j);
	}
	json_array_end(j);
	json_object_end(j);
}
