/* SPDX-License-Identifier: MIT */
/*
 * get_patient_observations: rows of one patient.  Runs in the worker; one
 * pipeline a call.  Arguments are a client's, rows are what was stored.
 */
#include <string.h>

#include "base/err.h"
#include "tools/observations.h"
#include "tools/observations_page.h"

/* Of arrays that come with the rows. */
#define OBSERVATIONS_ARRAY_MAX	(256 * 1024)
#define OBSERVATIONS_TEXTS_MAX	(16 * 1024 * 1024)
/* Who wants more rows than this wants to have them, not to read them. */
#define OBSERVATIONS_MANY	200

static int
observations_start(struct tools_call *call)
{
	struct page	*page = call->state;

	buf_init(&page->texts, OBSERVATIONS_TEXTS_MAX);
	buf_init(&page->missed, OBSERVATIONS_ARRAY_MAX);
	buf_init(&page->have, OBSERVATIONS_ARRAY_MAX);
	if (observations_query_parse(&page->query, call) != 0)
		return 0;
	page->words = policy_free_text(&call->ctx);
	page->zone_known = !window_needs_zone(&page->query.window);
	if (page->query.nids > 0 && !args_has(&call->args, "limit"))
		call->result.max_rows = page->query.nids;
	if (page->query.full || page->query.nids > 0)
		call->result.max_characters = TOOLS_CHARACTERS_LARGE;
	return observations_query_submit(&page->query, call);
}

static int
observations_row(struct tools_call *call, size_t query,
    const struct db_row *row)
{
	struct page	*page = call->state;

	if (query == 0 && window_needs_zone(&page->query.window)) {
		page->zone_known = true;
		return 0;
	}
	return page_read_row(page, row, call->result.max_rows);
}

static void
observations_failed(struct tools_call *call, enum db_error error)
{
	struct page	*page = call->state;

	if (error == DB_ERROR_INPUT && !page->zone_known)
		window_set_unknown_zone(&page->query.window, &call->error);
}

/* Ids asked for by name that are not there: unknown and foreign alike. */
static void
observations_note_absent(const struct page *page, struct tools_call *call)
{
	const struct observations_query	*q = &page->query;
	struct buf			 ids;
	size_t				 i, r;

	if (!observations_query_is_ids(q) || call->position.set ||
	    page->nrows > call->result.max_rows)
		return;
	buf_init(&ids, 512);
	for (i = 0; i < q->nids; i++) {
		for (r = 0; r < page->nrows; r++)
			if (page->rows[r].id == q->ids[i])
				break;
		if (r == page->nrows)
			buf_addf(&ids, "%s%lld", ids.len > 0 ? ", " : "",
			    (long long)q->ids[i]);
	}
	if (ids.len > 0)
		result_notef(&call->result, "Not among the observations of "
		    "this patient: %s.", buf_string(&ids));
	buf_free(&ids);
}

static void
observations_notes(const struct page *page, struct tools_call *call)
{
	char	count[RESULT_COUNT_SIZE];

	if (page->undated > 0 && !window_is_open(&page->query.window))
		result_notef(&call->result, "%s undated observation%s no "
		    "window and %s not counted here.",
		    result_count(page->undated, count),
		    page->undated == 1 ? " is in" : "s are in",
		    page->undated == 1 ? "is" : "are");
	if (page->unreadable > 0)
		result_notef(&call->result, "%zu of these rows %s no value "
		    "that could be read%s.", page->unreadable,
		    page->unreadable == 1 ? "has" : "have",
		    page->words && call->ctx.identity != TOOLS_IDENTITY_NEVER ?
		    "; verbosity=full shows what is stored" : "");
	if (page->unconverted > 0)
		result_note(&call->result, "Values whose unit could not be "
		    "converted are given as stored.");
	if (call->result.more && call_limit(call) > OBSERVATIONS_MANY)
		result_notef(&call->result, "All of them as a file, without "
		    "passing through you: the person runs jhe-mcp call "
		    "get_patient_observations patient_id=%lld --all --format "
		    "csv >file, with the same filters.",
		    (long long)page->query.patient_id);
	if (page->free_text)
		result_note(&call->result, RESULT_NOTE_RECORDS);
	observations_note_absent(page, call);
}

/* "10 newest of 1,345 readings." */
static void
observations_summary(const struct page *page, struct tools_call *call)
{
	const struct observations_query	*q = &page->query;
	struct buf			*out = &call->result.summary;
	char				 count[RESULT_COUNT_SIZE];

	if (page->total == 0) {
		page_write_empty(page, call);
		return;
	}
	if (call->position.set)
		buf_addf(out, "next %zu of ", call->result.nrows);
	else if (call->result.more)
		buf_addf(out, "%zu %s of ", call->result.nrows,
		    q->newest ? "newest" : "oldest");
	page_write_subject(page, out, page->total);
	if (page->inside > page->total)
		buf_addf(out, " of %s", result_count(page->inside, count));
	buf_addc(out, '.');
}

static void
observations_header(const struct page *page, struct tools_call *call)
{
	char	count[RESULT_COUNT_SIZE];

	if (page->total == 0)
		return;
	buf_addf(&call->result.text, "Patient %lld - %zu of %s "
	    "observation(s), %s first:\n", (long long)page->query.patient_id,
	    call->result.nrows, result_count(page->total, count),
	    page->query.newest ? "newest" : "oldest");
}

/* Errors that only the database could tell; true if the call is answered. */
static bool
observations_check(const struct page *page, struct tools_call *call)
{
	const struct observations_query	*q = &page->query;

	if (!page->readable) {
		errors_set_no_patient(&call->error, q->patient_id);
		return true;
	}
	if (!page_check_types(page, call) ||
	    window_check(&q->window, &page->resolved, &call->error) != 0)
		return true;
	if (page->total == 0 && observations_query_is_ids(q)) {
		errors_set_no_observation(&call->error, q->ids[0]);
		return true;
	}
	return false;
}

static int
observations_step(struct tools_call *call)
{
	struct page		*page = call->state;
	struct page_columns	 columns;
	struct result_list	 list;
	struct cursor_position	 last;
	const struct page_row	*r;

	if (!page->seen)
		return ERR_STATE;
	if (observations_check(page, call))
		return 0;
	memset(&list, 0, sizeof(list));
	memset(&last, 0, sizeof(last));
	json_key(&call->result.head, "patient_id");
	json_int(&call->result.head, page->query.patient_id);
	json_key(&call->result.head, "window");
	window_write(&page->query.window, &page->resolved,
	    &call->result.head);
	list.total = page->total;
	if (page->query.full) {
		list.member = "observations";
		page_write_stored(page, call);
	} else {
		list.member = "rows";
		page_write_table(page, call, &columns);
		list.columns = columns.list;
		list.ncolumns = columns.n;
	}
	observations_summary(page, call);
	observations_header(page, call);
	page_write_lines(page, call);
	observations_notes(page, call);
	result_withheld(&call->result, "consent", page->withheld);
	result_withheld(&call->result, "free_text", (int64_t)page->hidden);
	if (call->result.nrows > 0) {
		r = &page->rows[call->result.nrows - 1];
		last.set = true;
		last.untimed = !r->has_start;
		last.time_us = r->start_us;
		last.id = r->id;
	}
	return call_finish(call, &list, &last);
}

static void
observations_clear(void *state)
{
	page_clear(state);
}

const struct tool_ops observations_tool = {
	.name = "get_patient_observations",
	.state_size = sizeof(struct page),
	.start = observations_start,
	.row = observations_row,
	.step = observations_step,
	.failed = observations_failed,
	.clear = observations_clear,
};
