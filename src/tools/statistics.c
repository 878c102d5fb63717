/* SPDX-License-Identifier: MIT */
/*
 * get_observation_statistics: numbers about values, all of them computed in
 * the database.  Runs in the worker; one pipeline a call.  Arguments are a
 * client's, rows are of what was stored.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "tools/have.h"
#include "tools/statistics.h"
#include "tools/statistics_page.h"
#include "tools/text.h"

/* Smallest groups that are enough for a median. */
#define STATISTICS_MEDIAN_CELLS	4
/* Characters of a name that are repeated in an error. */
#define STATISTICS_ECHO	60

static int
statistics_start(struct tools_call *call)
{
	struct statistics_page	*page = call->state;

	statistics_page_init(page);
	if (statistics_query_parse(&page->query, call) != 0)
		return 0;
	if (page->query.aggregate)
		page->median_min = STATISTICS_MEDIAN_CELLS *
		    (int64_t)policy_minimum(&call->ctx);
	page->zone_known = !window_needs_zone(&page->query.window);
	return statistics_query_submit(&page->query, call);
}

static int
statistics_row(struct tools_call *call, size_t query,
    const struct db_row *row)
{
	struct statistics_page	*page = call->state;

	if (query == 0 && window_needs_zone(&page->query.window)) {
		page->zone_known = true;
		return 0;
	}
	return statistics_page_read(page, row);
}

static void
statistics_failed(struct tools_call *call, enum db_error error)
{
	struct statistics_page	*page = call->state;

	if (error == DB_ERROR_INPUT && !page->zone_known)
		window_set_unknown_zone(&page->query.window, &call->error);
}

/* --- Errors that only the database could tell. ---------------------------- */

static bool
statistics_has_name(const struct have_types *all, const char *name)
{
	size_t	i;

	for (i = 0; i < all->n; i++)
		if (strcmp(all->types[i].name, name) == 0)
			return true;
	return false;
}

static void
statistics_set_unknown_type(const struct statistics_page *page,
    struct tools_call *call)
{
	const struct statistics_query	*q = &page->query;
	const char			*name = q->wanted.others[0];
	const struct omh_type		*nearest;
	struct have_types		*all;
	struct buf			 clean, names;

	buf_init(&clean, 1024);
	buf_init(&names, ERRORS_TEXT_MAX);
	text_clean(&clean, name, strlen(name), STATISTICS_ECHO);
	if ((all = calloc(1, sizeof(*all))) != NULL &&
	    have_read(all, buf_string(&page->have), page->have.len) == 0)
		have_write_names(all, &names);
	nearest = omh_type_nearest(name, strlen(name));
	if (all != NULL && statistics_has_name(all, name))
		errors_set(&call->error, ERRORS_UNKNOWN_TYPE, "where %s has "
		    "its numbers is not known here. "
		    "get_patient_observations shows its readings.",
		    buf_string(&clean));
	else
		errors_set(&call->error, ERRORS_UNKNOWN_TYPE, "\"%s\" is not "
		    "a data type.%s%s%s %s: %s.", buf_string(&clean),
		    nearest != NULL ? " Nearest: " : "",
		    nearest != NULL ? nearest->name : "",
		    nearest != NULL ? "." : "", q->of_study ?
		    "Requested by this study" : "With data for this patient",
		    names.len > 0 ? buf_string(&names) : "none");
	free(all);
	buf_free(&clean);
	buf_free(&names);
}

/* True if the call is answered. */
static bool
statistics_check(const struct statistics_page *page, struct tools_call *call)
{
	const struct statistics_query	*q = &page->query;

	if (!page->found) {
		if (q->of_study)
			errors_set_no_study(&call->error, q->study_id);
		else
			errors_set_no_patient(&call->error, q->of_patient ?
			    q->patient_id : q->patient_ids[0]);
		return true;
	}
	if (q->of_study && !policy_cohort(call, q->study_id, page->team))
		return true;
	if (q->nmeasures == 0) {
		statistics_set_unknown_type(page, call);
		return true;
	}
	if (window_check(&q->window, &page->resolved, &call->error) != 0)
		return true;
	if (page->total > STATISTICS_GROUPS_MAX *
	    (int64_t)q->nmeasures && !q->alone) {
		statistics_set_too_broad(q, page->total, "all there is",
		    &call->error);
		return true;
	}
	return false;
}

/* --- Small groups. -------------------------------------------------------- */

/* Rows whose patients add up are of one measure of one kind and source. */
static unsigned int
statistics_part(const struct statistics_page *page, size_t at)
{
	const struct statistics_row	*r = page->rows[STATISTICS_GROUP];
	size_t				 i;

	for (i = 0; i < at; i++) {
		if (r[i].measure == r[at].measure &&
		    r[i].source == r[at].source && strcmp(
		    statistics_page_text(page, r[i].statistic),
		    statistics_page_text(page, r[at].statistic)) == 0)
			return page->small[i].part;
	}
	return (unsigned int)at;
}

/* Of a measure that too few patients have, the means of patients neither. */
static void
statistics_hide_kinds(struct statistics_page *page, struct tools_call *call)
{
	struct statistics_row	*r = page->rows[STATISTICS_BETWEEN];
	size_t			 i, n = 0;

	if (!page->query.of_study ||
	    policy_too_few(&call->ctx, statistics_page_patients(page)))
		return;
	for (i = 0; i < page->nrows[STATISTICS_BETWEEN]; i++)
		if (!policy_too_few(&call->ctx, r[i].patients))
			r[n++] = r[i];
	page->nrows[STATISTICS_BETWEEN] = n;
}

/* Marks what is not to be shown: 0 or ERR_MEMORY. */
static int
statistics_suppress(struct statistics_page *page, struct tools_call *call)
{
	const struct statistics_row	*r = page->rows[STATISTICS_GROUP];
	size_t				 i, n = page->nrows[STATISTICS_GROUP];

	if (!page->query.cohort || n == 0 ||
	    page->query.grouping == STATISTICS_PATIENT)
		return 0;
	if ((page->small = calloc(n, sizeof(*page->small))) == NULL)
		return ERR_MEMORY;
	for (i = 0; i < n; i++) {
		page->small[i].patients = r[i].patients;
		page->small[i].part = statistics_part(page, i);
	}
	page->suppressed = page->query.grouping == STATISTICS_AGE &&
	    page->query.bucket == STATISTICS_NO_BUCKET ?
	    policy_suppress_disjoint(&call->ctx, page->small, n) :
	    policy_suppress(&call->ctx, page->small, n);
	policy_note_groups(call, page->small, n);
	page->total -= (int64_t)page->suppressed;
	statistics_hide_kinds(page, call);
	return 0;
}

/* Nothing of a cohort that is too small as a whole. */
static void
statistics_hide_all(struct statistics_page *page)
{
	size_t	i;

	for (i = 0; i < page->nrows[STATISTICS_GROUP]; i++)
		page->small[i].suppressed = true;
	page->suppressed = page->nrows[STATISTICS_GROUP];
	page->hidden = true;
	page->total = 0;
	for (i = STATISTICS_BETWEEN; i < STATISTICS_KINDS; i++)
		page->nrows[i] = 0;
}

/* --- The answer. ---------------------------------------------------------- */

static void
statistics_write_type(const struct statistics_page *page, struct json *j)
{
	const struct statistics_query	*q = &page->query;
	struct buf			 clean;

	json_key(j, "data_type");
	if (q->type != NULL)
		json_string(j, q->type->name);
	else {
		buf_init(&clean, 8 * STATISTICS_NAME_SIZE);
		buf_adds(&clean, "survey:");
		text_clean(&clean, q->questionnaire,
		    strlen(q->questionnaire), TEXT_CELL_MAX);
		buf_addc(&clean, '/');
		text_clean(&clean, q->item, strlen(q->item), TEXT_CELL_MAX);
		json_stringn(j, buf_string(&clean), clean.len);
		buf_free(&clean);
	}
	json_key(j, "unit");
	json_string(j, q->unit);
	json_key(j, "unit_of_analysis");
	json_string(j, omh_analysis_name(q->analysis));
	json_key(j, "window");
	window_write(&q->window, &page->resolved, j);
}

static void
statistics_write_rest(const struct statistics_page *page,
    struct json *j)
{
	statistics_write_ranges(page, j);
	if (page->query.cohort && page->nrows[STATISTICS_BETWEEN] > 0)
		statistics_write_between(page, j);
	statistics_write_derived(page, j);
	if (!page->query.aggregate)
		statistics_write_extremes(page, j);
	if (page->suppressed > 0) {
		json_key(j, "suppressed_groups");
		json_int(j, (int64_t)page->suppressed);
	}
}

/* The place behind the last row of the page. */
static int64_t
statistics_end(const struct statistics_page *page)
{
	size_t	i, last = 0;

	for (i = 0; i < page->nrows[STATISTICS_GROUP]; i++)
		if (page->rows[STATISTICS_GROUP][i].shown)
			last = i + 1;
	return (int64_t)(last + (page->query.whole ? 0 : page->query.skip));
}

static int
statistics_step(struct tools_call *call)
{
	struct statistics_page		*page = call->state;
	struct statistics_columns	 columns;
	struct result_list		 list;
	struct cursor_position		 last;
	int				 error;

	if (!page->seen)
		return ERR_STATE;
	if (statistics_check(page, call))
		return 0;
	if ((error = statistics_suppress(page, call)) != 0)
		return error;
	if (page->small != NULL && page->query.of_study &&
	    policy_too_few(&call->ctx, statistics_page_patients(page)))
		statistics_hide_all(page);
	statistics_write_type(page, &call->result.head);
	statistics_write_table(page, call, &columns);
	statistics_write_rest(page, &call->result.tail);
	statistics_write_summary(page, call);
	statistics_write_notes(page, call);
	memset(&list, 0, sizeof(list));
	list.total = page->total;
	list.member = "rows";
	list.columns = columns.list;
	list.ncolumns = columns.n;
	memset(&last, 0, sizeof(last));
	last.set = true;
	last.untimed = true;
	last.id = statistics_end(page);
	return call_finish(call, &list, &last);
}

static void
statistics_clear(void *state)
{
	statistics_page_clear(state);
}

const struct tool_ops statistics_tool = {
	.name = "get_observation_statistics",
	.about = TOOL_ABOUT_EITHER,
	.state_size = sizeof(struct statistics_page),
	.start = statistics_start,
	.row = statistics_row,
	.step = statistics_step,
	.failed = statistics_failed,
	.clear = statistics_clear
};
