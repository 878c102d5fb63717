/* SPDX-License-Identifier: MIT */
/*
 * The table of get_observation_statistics.  Runs in the worker.  Names of
 * data sources are free text, cleaned before.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "tools/statistics_page.h"

static const char *const	statistics_weekdays[] = {
	"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"
};

/* --- Which group a row is of. --------------------------------------------- */

/* 2026-08-07, 2026-08 for a month, 2026-08-07T14:00-07:00 for an hour. */
static void
statistics_bucket_text(const struct statistics_query *q,
    const struct statistics_row *r, char *text, size_t size)
{
	char	moment[MOMENT_TEXT_SIZE];

	switch (q->bucket) {
	case STATISTICS_HOUR_OF_DAY:
		snprintf(text, size, "%" PRId64, r->bucket);
		return;
	case STATISTICS_WEEKDAY:
		snprintf(text, size, "%s", r->bucket < 1 || r->bucket > 7 ?
		    "" : statistics_weekdays[r->bucket - 1]);
		return;
	case STATISTICS_HOUR:
		moment_format((r->bucket - r->shift_s) * MOMENT_US_PER_S,
		    r->shift_s, !window_needs_zone(&q->window), moment);
		/* As recorded, each reading has an offset of its own. */
		if (q->window.recorded)
			moment[strcspn(moment, "Z")] = '\0';
		break;
	default:
		moment_format_day((r->bucket - (r->bucket < 0 ?
		    MOMENT_S_PER_DAY - 1 : 0)) / MOMENT_S_PER_DAY, moment);
		if (q->bucket == STATISTICS_MONTH && strlen(moment) > 3)
			moment[strlen(moment) - 3] = '\0';
	}
	snprintf(text, size, "%s", moment);
}

static void
statistics_age_text(int64_t band, char *text, size_t size)
{
	if (band < 0)
		snprintf(text, size, "unknown");
	else if (band == 0)
		snprintf(text, size, "<18");
	else if (band >= POLICY_AGE_CAP)
		snprintf(text, size, "%d+", POLICY_AGE_CAP);
	else
		snprintf(text, size, "%" PRId64 "-%" PRId64, band,
		    band == 18 ? 29 : band + 9);
}

static void
statistics_write_source(const struct statistics_page *page, int64_t source,
    size_t name, struct json *j)
{
	if (source <= 0)
		json_string(j, "not recorded");
	else if (name != 0)
		json_string(j, statistics_page_text(page, name));
	else
		json_stringf(j, "data source %" PRId64, source);
}

bool
statistics_has_measures(const struct statistics_page *page)
{
	return page->query.nmeasures > 1 || page->mixed;
}

size_t
statistics_key_columns(const struct statistics_page *page, bool measure,
    const char *list[STATISTICS_COLUMNS_MAX])
{
	const struct statistics_query	*q = &page->query;
	size_t				 n = 0;

	if (measure)
		list[n++] = "measure";
	if (q->bucket != STATISTICS_NO_BUCKET)
		list[n++] = "bucket";
	if (q->grouping == STATISTICS_PATIENT)
		list[n++] = "patient_id";
	if (q->grouping == STATISTICS_SOURCE || page->split)
		list[n++] = "data_source";
	if (q->grouping == STATISTICS_AGE)
		list[n++] = "age_band";
	return n;
}

void
statistics_write_key(const struct statistics_page *page,
    const struct statistics_row *r, bool measure, struct json *j)
{
	const struct statistics_query	*q = &page->query;
	struct buf			 name;
	char				 text[MOMENT_TEXT_SIZE];

	if (measure) {
		buf_init(&name, TOOLS_RESULT_MAX);
		statistics_measure_name(page, r, &name);
		json_stringn(j, buf_string(&name), name.len);
		buf_free(&name);
	}
	if (q->bucket != STATISTICS_NO_BUCKET) {
		statistics_bucket_text(q, r, text, sizeof(text));
		json_string(j, text);
	}
	if (q->grouping == STATISTICS_PATIENT)
		json_int(j, r->key);
	if (q->grouping == STATISTICS_SOURCE)
		statistics_write_source(page, r->key, r->key_name, j);
	else if (page->split)
		statistics_write_source(page, r->source, r->source_name, j);
	if (q->grouping == STATISTICS_AGE) {
		statistics_age_text(r->key, text, sizeof(text));
		json_string(j, text);
	}
}

/* --- Its numbers. --------------------------------------------------------- */

void
statistics_write_number(const struct statistics_page *page, size_t measure,
    double value, struct json *j)
{
	json_double(j, value, statistics_decimals(page, measure));
}

/* As it was stored, unless it was converted or is a sum. */
void
statistics_write_value(const struct statistics_page *page, size_t measure,
    double value, struct json *j)
{
	if (page->converted == 0 && page->query.analysis == OMH_READING)
		json_double(j, value, 6);
	else
		statistics_write_number(page, measure, value, j);
}

/* One value a group: what there is to say of it is the value. */
static bool
statistics_is_plain(const struct statistics_page *page)
{
	const struct statistics_row	*r = page->rows[STATISTICS_GROUP];
	size_t				 i;

	if (page->query.bucket == STATISTICS_NO_BUCKET)
		return false;
	for (i = 0; i < page->nrows[STATISTICS_GROUP]; i++)
		if (r[i].n > 1)
			return false;
	return true;
}

/* Which numbers there are, by the columns' names. */
struct statistics_form {
	bool	measures;
	bool	patients;
	bool	plain;
	bool	range;		/* min and max: of single patients */
	bool	full;
};

static void
statistics_columns_fill(const struct statistics_page *page,
    const struct statistics_form *f, struct statistics_columns *c)
{
	static const char *const	full[] = { "p5", "p25", "p50", "p75",
					    "p95" };
	size_t				i;

	c->n = statistics_key_columns(page, f->measures, c->list);
	if (f->patients)
		c->list[c->n++] = "patients";
	c->list[c->n++] = "n";
	c->list[c->n++] = "mean";
	if (f->plain)
		return;
	c->list[c->n++] = "sd";
	if (f->range)
		c->list[c->n++] = "min";
	for (i = 0; i < STATISTICS_POINTS_MAX; i++)
		if (f->full || i == STATISTICS_POINTS_MAX / 2)
			c->list[c->n++] = full[i];
	if (f->range)
		c->list[c->n++] = "max";
}

static void
statistics_write_row(const struct statistics_page *page,
    const struct statistics_form *f, const struct statistics_row *r,
    struct json *j)
{
	size_t	i;

	json_array_begin(j);
	statistics_write_key(page, r, f->measures, j);
	if (f->patients)
		json_int(j, r->patients);
	json_int(j, r->n);
	statistics_write_number(page, r->measure, r->mean, j);
	if (!f->plain) {
		statistics_write_number(page, r->measure, r->sd, j);
		if (f->range)
			statistics_write_value(page, r->measure, r->low, j);
		for (i = 0; i < (f->full ? STATISTICS_POINTS_MAX : 1); i++)
			statistics_write_number(page, r->measure,
			    statistics_page_median(page, r->patients,
			    r->points[i]), j);
		if (f->range)
			statistics_write_value(page, r->measure, r->high, j);
	}
	json_array_end(j);
}

void
statistics_write_table(struct statistics_page *page, struct tools_call *call,
    struct statistics_columns *columns)
{
	const struct statistics_query	*q = &page->query;
	struct statistics_row		*r;
	struct statistics_form		 f;
	struct json			*j;
	size_t				 i;

	memset(&f, 0, sizeof(f));
	f.measures = statistics_has_measures(page);
	f.patients = q->cohort && q->grouping != STATISTICS_PATIENT;
	f.plain = statistics_is_plain(page);
	f.range = !q->aggregate;
	f.full = q->full;
	statistics_columns_fill(page, &f, columns);
	/* The ranges take of the same room. */
	if (q->shares != STATISTICS_NO_SHARES && !q->alone)
		call->result.max_characters = call->result.max_characters *
		    3 / 5;
	i = q->whole ? q->skip : 0;
	for (; i < page->nrows[STATISTICS_GROUP]; i++) {
		r = &page->rows[STATISTICS_GROUP][i];
		if (page->small != NULL && page->small[i].suppressed)
			continue;
		if ((j = result_row_begin(&call->result)) == NULL)
			break;
		statistics_write_row(page, &f, r, j);
		if (!result_row_end(&call->result))
			break;
		r->shown = true;
	}
}
