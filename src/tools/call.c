/* SPDX-License-Identifier: MIT */
/*
 * One call of a tool, from its arguments to its result.  Runs in the worker.
 * Arguments and cursor are a client's; rows are what the database has.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "compat/compat.h"
#include "db/param.h"
#include "tools/call.h"
#include "tools/private.h"
#include "tools/provenance.h"
#include "tools/text.h"

/* A page longer than this was asked for as large. */
#define CALL_LARGE_LIMIT	200

static void
call_destroy(struct tools_call *call)
{
	const struct tool_ops	*ops = call->tool->ops;

	if (call->state != NULL) {
		if (ops->clear != NULL)
			ops->clear(call->state);
		freezero(call->state, ops->state_size);
	}
	args_free(&call->args);
	result_free(&call->result);
	buf_free(&call->error);
	buf_free(&call->answer.text);
	buf_free(&call->answer.structured);
	buf_free(&call->answer.meta);
	buf_free(&call->profile.name);
	freezero(call, sizeof(*call));
}

/* The words for what went wrong on our side. */
static void
call_fail(struct tools_call *call, int err)
{
	const char	*id = call->ctx.request_id;

	if (call->error.len > 0)
		return;
	call->answer.is_fault = true;
	if (err == ERR_TIMEOUT)
		errors_set_too_slow(&call->error,
		    call->ctx.statement_timeout_s);
	else if (err == ERR_CLOSED)
		errors_set_unavailable(&call->error, id);
	else
		errors_set_internal(&call->error, id);
}

/* No more to wait for: make sure that there is an answer. */
static void
call_end(struct tools_call *call)
{
	struct tools_result	*answer = &call->answer;

	if (call->error.len == 0 && answer->text.len == 0)
		call_fail(call, ERR_STATE);
	call->over = true;
	answer->is_error = call->error.len > 0;
	provenance_write(call, &answer->meta);
	if (!answer->is_error)
		return;
	buf_free(&answer->structured);
	buf_reset(&answer->text);
	buf_add(&answer->text, buf_string(&call->error), call->error.len);
}

/* --- Queries. ------------------------------------------------------------- */

void
call_params(const struct tools_call *call, struct db_params *p, int n)
{
	db_params_init(p, n);
	db_params_int(p, 0, call->ctx.person);
	if (call->ctx.narrowed)
		db_params_ints(p, 1, call->ctx.studies, call->ctx.nstudies);
}

static int
call_profile_row(struct tools_call *call, const struct db_row *row)
{
	struct call_profile	*profile = &call->profile;
	const char		*email;
	size_t			 len = 0;
	bool			 practitioner = false, patient = false;
	int			 error;

	if ((error = db_bool(row, COL_PERSON_PROFILE_ACTIVE,
	    &profile->active)) != 0 ||
	    (error = db_bool(row, COL_PERSON_PROFILE_PRACTITIONER,
	    &practitioner)) != 0 ||
	    (error = db_bool(row, COL_PERSON_PROFILE_PATIENT, &patient)) != 0)
		return error;
	profile->known = true;
	profile->practitioner = practitioner;
	profile->patient = patient;
	email = db_text(row, COL_PERSON_PROFILE_EMAIL, &len);
	text_clean(&profile->name, email, len, TEXT_CELL_MAX);
	return 0;
}

static int
call_row(void *arg, size_t index, const struct db_row *row)
{
	struct tools_call	*call = arg;

	if (call->detached)
		return ERR_STATE;
	if (index == call->nqueries)
		return call_profile_row(call, row);
	return call->tool->ops->row(call, index, row);
}

/* True if the person may ask at all; else the error is set. */
static bool
call_check_profile(struct tools_call *call)
{
	const struct call_profile	*profile = &call->profile;
	char				 who[64];

	if (profile->known && profile->active &&
	    (profile->practitioner || profile->patient))
		return true;
	if (call->tool->ops->about == TOOL_ABOUT_PERSON ||
	    call->tool->ops->about == TOOL_ABOUT_NOTHING)
		return true;
	snprintf(who, sizeof(who), "user %" PRId64, call->ctx.person);
	errors_set_no_profile(&call->error, profile->name.len > 0 ?
	    buf_string(&profile->name) : who,
	    profile->active || !profile->known);
	return false;
}

static void
call_done(void *arg, int err, enum db_error db_error)
{
	struct tools_call	*call = arg;

	call->waiting = false;
	if (call->detached) {
		call_destroy(call);
		return;
	}
	if (err != 0) {
		if (call->tool->ops->failed != NULL)
			call->tool->ops->failed(call, db_error);
		call_fail(call, err);
	} else if (call->error.len == 0 &&
	    (call->phase > 0 || call_check_profile(call))) {
		call->phase++;
		if ((err = call->tool->ops->step(call)) != 0)
			call_fail(call, err);
	}
	if (call->waiting)
		return;
	call_end(call);
	call->done(call->done_arg, &call->answer);
}

int
call_submit(struct tools_call *call, const struct db_query *queries, size_t n)
{
	struct db_query		all[CALL_QUERIES_MAX + 1];
	struct db_params	person;
	size_t			i, total = n;
	int			error;

	if (n > CALL_QUERIES_MAX)
		return ERR_LIMIT;
	for (i = 0; i < n; i++) {
		all[i] = queries[i];
		all[i].row = call_row;
		if (call->nstatements < CALL_STATEMENTS_MAX)
			call->statements[call->nstatements++] =
			    queries[i].statement;
	}
	call->nqueries = n;
	db_params_init(&person, PARS_PERSON_PROFILE);
	if (call->phase == 0) {
		db_params_int(&person, PAR_PERSON_PROFILE_PERSON,
		    call->ctx.person);
		if ((error = db_params_done(&person)) != 0)
			goto out;
		all[n].statement = DB_PERSON_PROFILE;
		all[n].params = person.values;
		all[n].nparams = person.n;
		all[n].row = call_row;
		total++;
	}
	error = db_submit(call->ctx.db, all, total, call_done, call);
	call->waiting = error == 0;
out:
	db_params_free(&person);
	return error;
}

/* --- The answer. ---------------------------------------------------------- */

size_t
call_limit(const struct tools_call *call)
{
	int64_t	limit = args_integer(&call->args, "limit");

	return limit > 0 ? (size_t)limit : 0;
}

/* The sealed text of the place after the last row of the page. */
static int
call_make_cursor(struct tools_call *call, const struct cursor_position *last,
    struct buf *text)
{
	struct cursor	cursor;
	struct buf	plain;
	int		error;

	memset(&cursor, 0, sizeof(cursor));
	cursor.tool = call->tool->number;
	cursor.base_s = call->base_s;
	cursor.issued_s = call->as_of_s;
	cursor.position = *last;
	buf_init(&plain, TOOLS_RESULT_MAX);
	if ((error = cursor_pack(&cursor, &call->args, &plain)) == 0)
		error = call->ctx.seal(call->ctx.arg, plain.data, plain.len,
		    text);
	if (error == 0)
		error = buf_error(text);
	buf_free(&plain);
	return error;
}

int
call_finish(struct tools_call *call, struct result_list *list,
    const struct cursor_position *last)
{
	struct buf	cursor;
	int		error = 0;

	if (list != NULL)
		call->matched = list->total;
	buf_init(&cursor, CURSOR_TEXT_MAX);
	if (list != NULL && call->result.more && last != NULL) {
		if ((error = call_make_cursor(call, last, &cursor)) != 0)
			goto out;
		list->next_cursor = buf_string(&cursor);
	}
	error = result_finish(&call->result, list, call->as_of_s,
	    &call->answer.text, &call->answer.structured);
out:
	if (list != NULL)
		list->next_cursor = NULL;
	buf_free(&cursor);
	return error;
}

int
call_finish_raw(struct tools_call *call, const char *text,
    const char *structured)
{
	buf_adds(&call->answer.text, text);
	buf_adds(&call->answer.structured, structured);
	if (buf_error(&call->answer.text) != 0)
		return buf_error(&call->answer.text);
	return buf_error(&call->answer.structured);
}

/* --- Start and end. ------------------------------------------------------- */

/* The cursor among the arguments, if any; 0, or ERR_FORMAT with the error. */
static int
call_open_cursor(struct tools_call *call)
{
	const char	*text = args_string(&call->args, "cursor");
	struct cursor	 cursor;
	struct buf	 plain;
	int		 error = 0;

	if (text == NULL || *text == '\0')
		return 0;
	buf_init(&plain, TOOLS_RESULT_MAX);
	if (call->ctx.open(call->ctx.arg, text, strlen(text), &plain) != 0 ||
	    buf_error(&plain) != 0) {
		errors_set_bad_cursor(&call->error);
		error = ERR_FORMAT;
	} else if ((error = cursor_unpack(&cursor, call->tool->number,
	    call->as_of_s, plain.data, plain.len, &call->args,
	    &call->error)) == 0) {
		call->position = cursor.position;
		call->base_s = cursor.base_s;
	}
	buf_free(&plain);
	return error;
}

static int
call_begin(struct tools_call *call, struct json_object *arguments)
{
	const struct tool	*tool = call->tool;
	int			 error;

	call->begun_ms = clock_monotonic_ms();
	call->matched = -1;
	call->as_of_s = call->ctx.now_s != NULL ?
	    call->ctx.now_s(call->ctx.arg) : clock_wall_s();
	call->base_s = call->as_of_s;
	if ((error = args_parse(&call->args, &tool->schema, tool->ops->name,
	    arguments, &call->error)) != 0 ||
	    (error = call_open_cursor(call)) != 0)
		return error;
	if (!policy_allows(call))
		return 0;
	call->result.max_rows = call_limit(call);
	if (call->result.max_rows > CALL_LARGE_LIMIT)
		call->result.max_characters = TOOLS_CHARACTERS_LARGE;
	return tool->ops->start(call);
}

static struct tools_call *
call_new(const struct tool *tool, const struct tools_context *ctx,
    tools_done_fn *done, void *arg)
{
	struct tools_call	*call;

	if ((call = calloc(1, sizeof(*call))) == NULL)
		return NULL;
	call->tool = tool;
	call->ctx = *ctx;
	call->done = done;
	call->done_arg = arg;
	buf_init(&call->error, ERRORS_TEXT_MAX + 64);
	buf_init(&call->answer.text, TOOLS_RESULT_MAX);
	buf_init(&call->answer.structured, TOOLS_RESULT_MAX);
	buf_init(&call->answer.meta, PROVENANCE_MAX);
	buf_init(&call->profile.name, TOOLS_RESULT_MAX);
	result_init(&call->result, 0, TOOLS_CHARACTERS);
	if (tool->ops->state_size > 0 &&
	    (call->state = calloc(1, tool->ops->state_size)) == NULL) {
		call_destroy(call);
		return NULL;
	}
	return call;
}

int
tools_call_start(struct tools_call **out, const struct tool *tool,
    struct json_object *arguments, const struct tools_context *ctx,
    tools_done_fn *done, void *arg)
{
	struct tools_call	*call;
	int			 error;

	*out = NULL;
	if ((call = call_new(tool, ctx, done, arg)) == NULL)
		return ERR_MEMORY;
	*out = call;
	if ((error = call_begin(call, arguments)) != 0)
		call_fail(call, error);
	if (call->waiting)
		return 0;
	call_end(call);
	return 1;
}

const struct tools_result *
tools_call_result(const struct tools_call *call)
{
	return call->over ? &call->answer : NULL;
}

void
tools_call_free(struct tools_call *call)
{
	if (call == NULL)
		return;
	if (call->waiting)
		call->detached = true;
	else
		call_destroy(call);
}
