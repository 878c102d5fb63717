/* SPDX-License-Identifier: MIT */
/*
 * get_study_count and list_studies.  Run in the worker.  Names and
 * descriptions are free text of people.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "tools/call.h"
#include "tools/cell.h"
#include "tools/studies.h"
#include "tools/text.h"

/* Characters of a description in the list. */
#define STUDIES_DESCRIPTION_MAX	160
/* Words of one that needs no note. */
#define STUDIES_WORDS		12

/* --- get_study_count ------------------------------------------------------ */

struct studies_count {
	int64_t	total;
};

static int
studies_count_start(struct tools_call *call)
{
	struct db_query		query = { .statement = DB_STUDY_COUNT };
	struct db_params	p;
	int			error;

	call_params(call, &p, PARS_STUDY_COUNT);
	if ((error = db_params_done(&p)) == 0) {
		query.params = p.values;
		query.nparams = p.n;
		error = call_submit(call, &query, 1);
	}
	db_params_free(&p);
	return error;
}

static int
studies_count_row(struct tools_call *call, size_t query,
    const struct db_row *row)
{
	struct studies_count	*state = call->state;

	(void)query;
	return db_int(row, COL_STUDY_COUNT_TOTAL, &state->total);
}

static int
studies_count_step(struct tools_call *call)
{
	struct studies_count	*state = call->state;
	char			 text[64], json[64];

	snprintf(text, sizeof(text), "You have access to %" PRId64 " studies",
	    state->total);
	snprintf(json, sizeof(json), "{\"count\":%" PRId64 "}", state->total);
	return call_finish_raw(call, text, json);
}

const struct tool_ops	studies_count_tool = {
	.name = "get_study_count",
	.about = TOOL_ABOUT_STUDY,
	.state_size = sizeof(struct studies_count),
	.start = studies_count_start,
	.row = studies_count_row,
	.step = studies_count_step
};

/* --- list_studies --------------------------------------------------------- */

enum {
	STUDIES_LIST_ROWS,
	STUDIES_LIST_TOTAL,
	STUDIES_LIST_QUERIES
};

struct studies_list {
	struct cursor_position	last;
	int64_t			total;
	bool			participant;
	bool			odd;		/* text that wants a note */
	int64_t			nsmall;		/* too few patients to say */
};

static int
studies_list_start(struct tools_call *call)
{
	struct db_params	rows, total;
	struct db_query		q[STUDIES_LIST_QUERIES];
	const char		*query = args_string(&call->args, "query");
	int			error;

	call_params(call, &rows, PARS_STUDY_LIST);
	call_params(call, &total, PARS_STUDY_LIST_TOTAL);
	if (query != NULL) {
		db_params_text(&rows, PAR_STUDY_LIST_QUERY, query,
		    strlen(query));
		db_params_text(&total, PAR_STUDY_LIST_TOTAL_QUERY, query,
		    strlen(query));
	}
	if (args_has(&call->args, "organization_id")) {
		db_params_int(&rows, PAR_STUDY_LIST_ORGANIZATION,
		    args_integer(&call->args, "organization_id"));
		db_params_int(&total, PAR_STUDY_LIST_TOTAL_ORGANIZATION,
		    args_integer(&call->args, "organization_id"));
	}
	if (call->position.set)
		db_params_int(&rows, PAR_STUDY_LIST_AFTER, call->position.id);
	/* One more than the page: so that truncated is a fact. */
	db_params_int(&rows, PAR_STUDY_LIST_LIMIT,
	    (int64_t)call_limit(call) + 1);
	if ((error = db_params_done(&rows)) != 0 ||
	    (error = db_params_done(&total)) != 0)
		goto out;
	q[STUDIES_LIST_ROWS] = (struct db_query){ DB_STUDY_LIST, rows.values,
	    rows.n, NULL };
	q[STUDIES_LIST_TOTAL] = (struct db_query){ DB_STUDY_LIST_TOTAL,
	    total.values, total.n, NULL };
	error = call_submit(call, q, STUDIES_LIST_QUERIES);
out:
	db_params_free(&rows);
	db_params_free(&total);
	return error;
}

static void
studies_list_line(struct buf *lines, const struct db_row *row)
{
	buf_addf(lines, "\n  Study %" PRId64 ": ",
	    cell_get_integer(row, COL_STUDY_LIST_STUDY_ID, 0));
	cell_get_text(lines, row, COL_STUDY_LIST_NAME, TEXT_CELL_MAX);
	buf_adds(lines, " (Organization: ");
	cell_get_text(lines, row, COL_STUDY_LIST_ORGANIZATION_NAME,
	    TEXT_CELL_MAX);
	buf_addc(lines, ')');
}

static bool
studies_is_plain(const struct db_row *row, int column)
{
	const char	*s;
	size_t		 len = 0;

	s = db_text(row, column, &len);
	return s == NULL || text_is_plain(s, len, STUDIES_WORDS);
}

static int
studies_list_row(struct tools_call *call, size_t query,
    const struct db_row *row)
{
	struct studies_list	*state = call->state;
	struct json		*j;
	bool			 few;

	if (query == STUDIES_LIST_TOTAL)
		return db_int(row, COL_STUDY_LIST_TOTAL_TOTAL, &state->total);
	if ((j = result_row_begin(&call->result)) == NULL)
		return 0;
	json_array_begin(j);
	cell_integer(j, row, COL_STUDY_LIST_STUDY_ID);
	cell_text(j, row, COL_STUDY_LIST_NAME, TEXT_CELL_MAX);
	cell_integer(j, row, COL_STUDY_LIST_ORGANIZATION_ID);
	cell_text(j, row, COL_STUDY_LIST_ORGANIZATION_NAME, TEXT_CELL_MAX);
	few = policy_too_few(&call->ctx, cell_get_integer(row,
	    COL_STUDY_LIST_PATIENTS, 0));
	if (few)
		json_null(j);
	else
		cell_integer(j, row, COL_STUDY_LIST_PATIENTS);
	cell_text(j, row, COL_STUDY_LIST_DESCRIPTION,
	    STUDIES_DESCRIPTION_MAX);
	json_array_end(j);
	studies_list_line(&call->result.lines, row);
	if (!result_row_end(&call->result))
		return 0;
	state->odd |= !studies_is_plain(row, COL_STUDY_LIST_NAME) ||
	    !studies_is_plain(row, COL_STUDY_LIST_DESCRIPTION);
	state->nsmall += few;
	state->participant |= db_is_null(row, COL_STUDY_LIST_PATIENTS);
	state->last.set = true;
	state->last.untimed = true;
	return db_int(row, COL_STUDY_LIST_STUDY_ID, &state->last.id);
}

static void
studies_list_summary(struct tools_call *call)
{
	struct studies_list	*state = call->state;
	struct result		*r = &call->result;
	char			 total[RESULT_COUNT_SIZE];

	if ((int64_t)r->nrows < state->total)
		buf_addf(&r->summary, "%zu of ", r->nrows);
	buf_addf(&r->summary, "%s %s%s.", result_count(state->total, total),
	    state->total == 1 ? "study" : "studies",
	    args_has(&call->args, "query") ||
	    args_has(&call->args, "organization_id") ? " that match" : "");
	if (state->total == 0)
		buf_adds(&r->text, "No studies found");
	else
		buf_addf(&r->text, "Accessible studies (%" PRId64 "):",
		    state->total);
}

static int
studies_list_step(struct tools_call *call)
{
	static const char *const	 columns[] = { "study_id", "name",
	    "organization_id", "organization_name", "patients",
	    "description" };
	struct studies_list		*state = call->state;
	struct result_list		 list = {
		.total = state->total, .member = "rows", .columns = columns,
		.ncolumns = sizeof(columns) / sizeof(columns[0])
	};

	studies_list_summary(call);
	if (state->participant)
		result_note(&call->result, "patients is null where you take "
		    "part yourself: the number is for the study's team.");
	if (state->nsmall > 0) {
		result_withheld(&call->result, "small_groups", state->nsmall);
		result_notef(&call->result, "patients is null for fewer than "
		    "%u.", policy_minimum(&call->ctx));
	}
	if (state->odd)
		result_note(&call->result, RESULT_NOTE_RECORDS);
	return call_finish(call, &list, &state->last);
}

const struct tool_ops	studies_list_tool = {
	.name = "list_studies",
	.about = TOOL_ABOUT_STUDY,
	.state_size = sizeof(struct studies_list),
	.start = studies_list_start,
	.row = studies_list_row,
	.step = studies_list_step
};
