/* SPDX-License-Identifier: MIT */
/*
 * Summary and notes of get_observation_statistics.  Runs in the worker.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "tools/have.h"
#include "tools/statistics_page.h"
#include "tools/text.h"

/* "1 night", "30 nights": what one value is. */
static void
statistics_write_count(const struct statistics_page *page, int64_t n,
    struct buf *out)
{
	static const char *const	nouns[] = {
		[OMH_READING] = "reading",
		[OMH_DAILY_TOTAL] = "day",
		[OMH_NIGHT] = "night"
	};
	char				count[RESULT_COUNT_SIZE];

	buf_addf(out, "%s %s%s", result_count(n, count),
	    page->query.type == NULL ? "answer" :
	    nouns[page->query.analysis], n == 1 ? "" : "s");
}

static void
statistics_write_patients(int64_t n, struct buf *out)
{
	char	count[RESULT_COUNT_SIZE];

	buf_addf(out, "%s patient%s", result_count(n, count),
	    n == 1 ? "" : "s");
}

/* The only row of a measure among the given kind; NULL if several. */
static const struct statistics_row *
statistics_only(const struct statistics_page *page,
    enum statistics_kind kind, size_t measure)
{
	const struct statistics_row	*found = NULL;
	size_t				 i;

	for (i = 0; i < page->nrows[kind]; i++) {
		if (page->rows[kind][i].measure != measure)
			continue;
		if (found != NULL)
			return NULL;
		found = &page->rows[kind][i];
	}
	return found;
}

/* Blood pressure: both numbers belong together. */
static bool
statistics_is_pair(const struct statistics_page *page)
{
	return page->query.type != NULL && page->query.nmeasures == 2 &&
	    strcmp(page->query.type->name, "blood-pressure") == 0;
}

/* " total sleep", for types of several measures and for nights. */
static void
statistics_write_of(const struct statistics_page *page, struct buf *out)
{
	const struct statistics_query	*q = &page->query;
	const char			*name;

	if (q->type == NULL || statistics_is_pair(page) ||
	    (q->analysis != OMH_NIGHT && q->nmeasures == 1))
		return;
	name = q->measures[0]->name;
	if (strcmp(name, "total_sleep_time") == 0)
		name = "total_sleep";
	for (buf_addc(out, ' '); *name != '\0'; name++)
		buf_addc(out, *name == '_' ? ' ' : *name);
}

static void
statistics_write_unit(const struct statistics_page *page, struct buf *out)
{
	if (page->query.units[0] != NULL)
		buf_addf(out, " %s", page->query.units[0]->name);
	if (page->query.analysis == OMH_DAILY_TOTAL)
		buf_adds(out, " a day");
}

enum statistics_mean {
	STATISTICS_POOLED,
	STATISTICS_OF_MEANS
};

/* "113.7", "126.6/78.6"; false if there is not one number to tell. */
static bool
statistics_write_mean(const struct statistics_page *page,
    enum statistics_mean which, struct buf *out)
{
	const struct statistics_row	*r;
	size_t				 m, n;

	n = statistics_is_pair(page) ? 2 : 1;
	for (m = 0; m < n; m++)
		if (statistics_only(page, STATISTICS_BETWEEN, m) == NULL)
			return false;
	for (m = 0; m < n; m++) {
		r = statistics_only(page, STATISTICS_BETWEEN, m);
		buf_addf(out, "%s%.*f", m > 0 ? "/" : "",
		    statistics_decimals(page, m), which == STATISTICS_POOLED ?
		    r->points[1] : r->mean);
	}
	return true;
}

/* " in 14 days", or from when to when. */
static void
statistics_write_span(const struct statistics_page *page, struct buf *out)
{
	const struct window	*w = &page->query.window;
	char			 first[MOMENT_TEXT_SIZE];
	char			 last[MOMENT_TEXT_SIZE];
	int64_t			 days;

	if (w->start.kind != WINDOW_OPEN && w->end.kind != WINDOW_OPEN) {
		days = statistics_days(page);
		buf_addf(out, " in %" PRId64 " day%s", days,
		    days == 1 ? "" : "s");
		return;
	}
	if (!page->dated)
		return;
	moment_format(page->first_us, 0, true, first);
	moment_format(page->last_us, 0, true, last);
	first[strcspn(first, "T")] = '\0';
	last[strcspn(last, "T")] = '\0';
	if (strcmp(first, last) == 0)
		buf_addf(out, " on %s", first);
	else
		buf_addf(out, " from %s to %s", first, last);
}

/* ", 100.0 % in 70-180" */
static void
statistics_write_in_range(const struct statistics_page *page,
    struct buf *out)
{
	const struct statistics_row	*r;

	r = statistics_only(page, STATISTICS_GROUP, 0);
	if (page->query.shares != STATISTICS_GLUCOSE || r == NULL ||
	    isnan(statistics_share(r, 2)))
		return;
	buf_addf(out, ", %.1f %% in %s", statistics_share(r, 2),
	    strcmp(page->query.unit, "mmol/L") == 0 ? "3.9-10.0" : "70-180");
}

/* "1,345 readings in 14 days: mean 113.7 mg/dL, 100.0 % in 70-180" */
static void
statistics_write_alone(const struct statistics_page *page, struct buf *out)
{
	const struct statistics_query	*q = &page->query;
	struct buf			 mean;

	buf_init(&mean, 256);
	statistics_write_count(page, statistics_page_n(page), out);
	if (q->cohort) {
		buf_adds(out, " of ");
		statistics_write_patients(statistics_page_patients(page),
		    out);
	} else if (q->analysis == OMH_READING)
		statistics_write_span(page, out);
	if (!statistics_write_mean(page, STATISTICS_POOLED, &mean))
		buf_adds(out, ", of several kinds that are given apart");
	else if (q->cohort) {
		buf_adds(out, ":");
		statistics_write_of(page, out);
		buf_addf(out, " pooled mean %s, mean of patient means ",
		    buf_string(&mean));
		statistics_write_mean(page, STATISTICS_OF_MEANS, out);
		statistics_write_unit(page, out);
	} else {
		buf_adds(out, q->analysis == OMH_NIGHT ? ", mean" : ": mean");
		statistics_write_of(page, out);
		buf_addf(out, " %s", buf_string(&mean));
		statistics_write_unit(page, out);
		statistics_write_in_range(page, out);
	}
	buf_free(&mean);
}

/* Different buckets among the rows of the page. */
static int64_t
statistics_bucket_count(const struct statistics_page *page)
{
	const struct statistics_row	*r = page->rows[STATISTICS_GROUP];
	size_t				 i, k;
	int64_t				 n = 0;

	for (i = 0; i < page->nrows[STATISTICS_GROUP]; i++) {
		for (k = 0; k < i; k++)
			if (r[k].bucket == r[i].bucket &&
			    r[k].shift_s == r[i].shift_s)
				break;
		n += k == i;
	}
	return n;
}

/* "; latest week mean 126.6/78.6 mmHg" */
static void
statistics_write_latest(const struct statistics_page *page, struct buf *out)
{
	const struct statistics_row	*r, *last[2] = { NULL, NULL };
	size_t				 i, m, n;

	n = statistics_is_pair(page) ? 2 : 1;
	if (page->mixed || page->split)
		return;
	for (i = 0; i < page->nrows[STATISTICS_GROUP]; i++) {
		r = &page->rows[STATISTICS_GROUP][i];
		if (r->measure < n && (last[r->measure] == NULL ||
		    last[r->measure]->bucket <= r->bucket))
			last[r->measure] = r;
	}
	if (last[0] == NULL || last[n - 1] == NULL ||
	    last[0]->bucket != last[n - 1]->bucket)
		return;
	buf_addf(out, "; latest %s mean",
	    statistics_bucket_name(page->query.bucket));
	statistics_write_of(page, out);
	buf_addc(out, ' ');
	for (m = 0; m < n; m++)
		buf_addf(out, "%s%.*f", m > 0 ? "/" : "",
		    statistics_decimals(page, m), last[m]->mean);
	statistics_write_unit(page, out);
}

/* "15 days", "24 hours of the day", "150 readings in 12 weeks; …" */
static void
statistics_write_buckets(const struct statistics_page *page, struct buf *out)
{
	static const char *const	nouns[] = { "", "hour", "day", "week",
	    "month", "hour", "weekday" };
	const struct statistics_query	*q = &page->query;
	char				 count[RESULT_COUNT_SIZE];
	int64_t				 n = statistics_bucket_count(page);
	bool				 trend;

	trend = (q->bucket == STATISTICS_WEEK ||
	    q->bucket == STATISTICS_MONTH) && page->suppressed == 0;
	if (trend) {
		statistics_write_count(page, statistics_page_n(page), out);
		buf_adds(out, " in ");
	}
	buf_addf(out, "%s %s%s%s", result_count(n, count), nouns[q->bucket],
	    n == 1 ? "" : "s",
	    q->bucket == STATISTICS_HOUR_OF_DAY ? " of the day" : "");
	if (trend && !q->cohort)
		statistics_write_latest(page, out);
}

static void
statistics_write_groups(const struct statistics_page *page, struct buf *out)
{
	static const char *const	by[] = { "", " by patient",
	    " by data source", " by age" };
	static const char *const	nouns[] = { "group", "patient",
	    "data source", "age band" };
	const struct statistics_query	*q = &page->query;
	char				 count[RESULT_COUNT_SIZE];
	enum statistics_grouping	 g = q->grouping;
	int64_t				 n = page->total;

	if (q->bucket != STATISTICS_NO_BUCKET && g == STATISTICS_NO_GROUPING) {
		statistics_write_buckets(page, out);
		return;
	}
	if (g == STATISTICS_PATIENT && q->bucket == STATISTICS_NO_BUCKET)
		n = statistics_page_patients(page);
	else if (q->bucket != STATISTICS_NO_BUCKET || q->nmeasures > 1 ||
	    page->mixed || page->split)
		g = STATISTICS_NO_GROUPING;
	buf_addf(out, "%s %s%s%s", result_count(n, count), nouns[g],
	    n == 1 ? "" : "s", g == q->grouping ? "" : by[q->grouping]);
}

static void
statistics_write_nothing(const struct statistics_page *page,
    struct buf *out)
{
	const struct statistics_query	*q = &page->query;
	struct have_types		*all;

	buf_addf(out, "0 %s %s", q->type != NULL ? q->type->name : "survey",
	    q->type == NULL ? "answers" : q->analysis == OMH_NIGHT ?
	    "nights" : q->analysis == OMH_DAILY_TOTAL ? "days" : "readings");
	if (q->of_study)
		buf_addf(out, " in study %" PRId64, q->study_id);
	else if (q->of_patient)
		buf_addf(out, " of patient %" PRId64, q->patient_id);
	else
		buf_adds(out, " of these patients");
	if (!window_is_open(&q->window))
		buf_adds(out, " in this window");
	if ((all = calloc(1, sizeof(*all))) == NULL) {
		out->error = ERR_MEMORY;
		return;
	}
	if (have_read(all, buf_string(&page->have), page->have.len) == 0 &&
	    all->n > 0) {
		buf_adds(out, q->of_study ? "; the study requests " :
		    "; the patient has ");
		if (q->of_study)
			have_write_names(all, out);
		else
			have_write(all, out);
	}
	free(all);
}

void
statistics_write_summary(const struct statistics_page *page,
    struct tools_call *call)
{
	const struct statistics_query	*q = &page->query;
	struct buf			*out = &call->result.summary, mean;
	char				 count[RESULT_COUNT_SIZE];

	if (page->hidden)
		buf_addf(out, "fewer than %u patients: no numbers are given",
		    policy_minimum(&call->ctx));
	else if (page->nrows[STATISTICS_BETWEEN] == 0)
		statistics_write_nothing(page, out);
	else if (q->alone)
		statistics_write_alone(page, out);
	else {
		if (q->skip > 0 || call->result.more)
			buf_addf(out, "%s%zu of %s groups: ",
			    q->skip > 0 ? "next " : "first ",
			    call->result.nrows,
			    result_count(page->total, count));
		statistics_write_groups(page, out);
		buf_init(&mean, 256);
		if (q->cohort && statistics_write_mean(page,
		    STATISTICS_OF_MEANS, &mean)) {
			buf_adds(out, ", mean of patient means");
			statistics_write_of(page, out);
			buf_addf(out, " %s", buf_string(&mean));
			statistics_write_unit(page, out);
		}
		buf_free(&mean);
	}
	buf_addc(out, '.');
}

/* --- Notes. --------------------------------------------------------------- */

/* The local clock stands at the beginning of a bucket. */
static bool
statistics_at_edge(const struct statistics_query *q, int64_t us, int offset_s)
{
	int64_t	local = us + offset_s * MOMENT_US_PER_S, days, year;
	int	month, day;

	if (q->bucket == STATISTICS_HOUR)
		return local % (3600 * MOMENT_US_PER_S) == 0;
	if (local % MOMENT_US_PER_DAY != 0)
		return false;
	days = local / MOMENT_US_PER_DAY;
	moment_civil(days, &year, &month, &day);
	/* 1970-01-01 was a Thursday. */
	if (q->bucket == STATISTICS_WEEK)
		return ((days + 3) % 7 + 7) % 7 == 0;
	return q->bucket != STATISTICS_MONTH || day == 1;
}

static void
statistics_note_partial(const struct statistics_page *page, struct result *r)
{
	const struct statistics_query	*q = &page->query;
	const struct window_resolved	*w = &page->resolved;
	const char			*name;
	bool				 first, last;

	if (q->bucket < STATISTICS_HOUR || q->bucket > STATISTICS_MONTH ||
	    q->analysis == OMH_NIGHT)
		return;
	first = w->has_lower && !statistics_at_edge(q, w->lower_us,
	    w->lower_offset_s);
	last = w->has_upper && !statistics_at_edge(q, w->upper_us,
	    w->upper_offset_s);
	name = statistics_bucket_name(q->bucket);
	if (first && last)
		result_notef(r, "The first and last %s are partial.", name);
	else if (first || last)
		result_notef(r, "The %s %s is partial.",
		    first ? "first" : "last", name);
}

/* "efficiency_pct is in %, not h." */
static void
statistics_note_units(const struct statistics_page *page, struct result *r)
{
	const struct statistics_query	*q = &page->query;
	size_t				 i;

	for (i = 0; i < q->nmeasures && q->type != NULL; i++) {
		if (isnan(statistics_pooled_mean(page, i)))
			continue;
		if (q->units[i] == NULL) {
			if (strcmp(q->unit, "count") != 0)
				result_notef(r, "%s is a count, not %s.",
				    q->measures[i]->name, q->unit);
		} else if (strcmp(q->units[i]->name, q->unit) != 0)
			result_notef(r, "%s is in %s, not %s.",
			    q->measures[i]->name, q->units[i]->name, q->unit);
	}
}

static bool
statistics_is_motley(const struct statistics_page *page)
{
	const struct statistics_row	*r = page->rows[STATISTICS_BETWEEN];
	size_t				 i;

	for (i = 0; i < page->nrows[STATISTICS_BETWEEN]; i++)
		if (strcmp(statistics_page_text(page, r[i].statistic),
		    "mixed") == 0)
			return true;
	return false;
}

static void
statistics_note_analysis(const struct statistics_page *page,
    struct result *r)
{
	const struct statistics_query	*q = &page->query;

	if (q->type == NULL || page->nrows[STATISTICS_BETWEEN] == 0)
		return;
	if (q->analysis == OMH_NIGHT)
		result_note(r, "A night belongs to the day on which it "
		    "ends.");
	if (q->analysis == OMH_READING &&
	    q->type->analysed_as == OMH_DAILY_TOTAL)
		result_note(r, "By the hour each record counts by itself; "
		    "other buckets are of the totals of days.");
	if (q->analysis == OMH_DAILY_TOTAL && q->nmeasures > 1)
		result_note(r, "distance and kcal_burned are totals of a "
		    "day, met_value is the mean of its activities.");
	if (page->mixed)
		result_notef(r, "Values with different descriptive_statistic "
		    "are given apart%s.", statistics_is_motley(page) ?
		    ", those of more than 8 together as mixed" : "");
	if (page->split)
		result_note(r, "Several sources report the same days: they "
		    "are given apart, never added.");
}

static void
statistics_note_ranges(const struct statistics_page *page, struct result *r)
{
	const struct statistics_query	*q = &page->query;
	const double			*s = page->spacing_s;

	if (page->nrows[STATISTICS_GROUP] == 0)
		return;
	if (q->shares == STATISTICS_PRESSURE && q->units[0] != NULL &&
	    strcmp(q->units[0]->name, "mmHg") != 0)
		result_note(r, "The ranges are in mmHg.");
	if (q->shares != STATISTICS_GLUCOSE || !q->alone)
		return;
	if (!statistics_is_continuous(page))
		result_note(r, "These are not readings of a continuous "
		    "monitor: GMI and sufficiency do not apply.");
	else if (s[0] < 0.5 * s[1] || s[2] > 1.5 * s[1])
		result_note(r, "Shares are of readings, each counting the "
		    "same, and readings are not evenly spaced: they are not "
		    "shares of time.");
	else if (!q->cohort)
		result_note(r, "Shares are of readings, each counting the "
		    "same.");
}

static void
statistics_note_left_out(const struct statistics_page *page,
    struct result *r)
{
	char	count[RESULT_COUNT_SIZE];

	result_withheld(r, "consent", page->held);
	result_withheld(r, "unreadable", page->unreadable);
	result_withheld(r, "unreadable_patients", page->unreadable_subjects);
	if (page->unreadable_subjects > 0)
		result_notef(r, "%" PRId64 " enrolled patient%s with no "
		    "organization of yours: their observations are not "
		    "counted.", page->unreadable_subjects,
		    page->unreadable_subjects == 1 ? "" : "s");
	if (page->unreadable > 0)
		result_notef(r, "%s with a value that cannot be read: no "
		    "number, an unknown unit, or out of all measure.",
		    result_count(page->unreadable, count));
	if (page->undated > 0)
		result_notef(r, "%s without a time: not counted here.",
		    result_count(page->undated, count));
	if (page->erroneous > 0)
		result_notef(r, "%s entered in error: left out.",
		    result_count(page->erroneous, count));
	if (page->naps > 0)
		result_notef(r, "%s that %s not the main sleep: left out.",
		    result_count(page->naps, count),
		    page->naps == 1 ? "is" : "are");
	if (page->duplicates > 0)
		result_notef(r, "%s stored twice (same source, time and "
		    "value): counted once.",
		    result_count(page->duplicates, count));
}

/* Beside values that each stand alone there is no median. */
static void
statistics_note_median(const struct statistics_page *page, struct result *r)
{
	const struct statistics_row	*rows = page->rows[STATISTICS_GROUP];
	size_t				 i;

	for (i = 0; i < page->nrows[STATISTICS_GROUP]; i++) {
		if (!rows[i].shown || rows[i].patients >= page->median_min)
			continue;
		result_notef(r, "No median of fewer than %" PRId64
		    " patients is given.", page->median_min);
		return;
	}
}

void
statistics_write_notes(const struct statistics_page *page,
    struct tools_call *call)
{
	const struct statistics_query	*q = &page->query;
	struct result			*r = &call->result;
	int64_t				 missing;

	if (page->hidden)
		return;
	statistics_note_ranges(page, r);
	statistics_note_partial(page, r);
	statistics_note_analysis(page, r);
	if (page->nrows[STATISTICS_GROUP] > 0)
		statistics_note_units(page, r);
	/* Each may be of one patient, so an aggregate has none of them. */
	if (!q->aggregate)
		statistics_note_left_out(page, r);
	statistics_note_median(page, r);
	if (statistics_beside_count(page, STATISTICS_BETWEEN) <
	    page->nrows[STATISTICS_BETWEEN])
		result_notef(r, "Of measures, kinds and sources only the "
		    "first %d are beside the rows.", STATISTICS_BESIDE_MAX);
	missing = (int64_t)q->npatient_ids - page->subjects;
	if (q->npatient_ids > 0 && missing > 0)
		result_notef(r, "%" PRId64 " of these patients %s no data "
		    "that you may see.", missing,
		    missing == 1 ? "has" : "have");
	if (q->grouping == STATISTICS_SOURCE || page->split)
		result_note(r, RESULT_NOTE_RECORDS);
}
