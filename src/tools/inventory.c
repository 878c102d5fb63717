/* SPDX-License-Identifier: MIT */
/*
 * summarize_patient_observations, count_patient_observations and
 * get_patient_date_range.  Runs in the worker; one pipeline a call.
 */
#include <string.h>

#include "base/err.h"
#include "tools/inventory.h"
#include "tools/inventory_types.h"

static int
inventory_row(struct tools_call *call, size_t query, const struct db_row *row)
{
	return inventory_read(call->state, call, query, row);
}

static void
inventory_failed(struct tools_call *call, enum db_error error)
{
	struct inventory	*v = call->state;

	windowed_failed(&v->w, call, error);
}

static void
inventory_clear_state(void *state)
{
	inventory_clear(state);
}

static int
inventory_start_timed(struct tools_call *call)
{
	return inventory_submit(call->state, call, true);
}

static int
inventory_start_count(struct tools_call *call)
{
	return inventory_submit(call->state, call, false);
}

static void
inventory_write_time(const struct inventory *v, const char *key, bool known,
    int64_t us, int offset_s, struct json *j)
{
	char	text[MOMENT_TEXT_SIZE];

	json_key(j, key);
	if (!known) {
		json_null(j);
		return;
	}
	inventory_time(v, us, offset_s, text);
	json_string(j, text);
}

/* Two members, null if nothing has a time. */
static void
inventory_write_times(const struct inventory *v, const char *first_key,
    const char *last_key, struct json *j)
{
	const struct inventory_type	*a = inventory_first(v);
	const struct inventory_type	*b = inventory_last(v);

	inventory_write_time(v, first_key, a != NULL,
	    a != NULL ? a->first_us : 0, a != NULL ? a->first_offset_s : 0,
	    j);
	inventory_write_time(v, last_key, b != NULL,
	    b != NULL ? b->last_us : 0, b != NULL ? b->last_offset_s : 0, j);
}

/* --- summarize_patient_observations --------------------------------------- */

/* Types of other namespaces may share a name: then both are codes. */
static const char *
inventory_shown(const struct inventory *v, size_t i)
{
	size_t	k;

	for (k = 0; v->types[i].name != NULL && k < v->ntypes; k++)
		if (k != i && v->types[k].name != NULL &&
		    strcmp(v->types[k].name, v->types[i].name) == 0)
			return v->types[i].code;
	return v->types[i].name;
}

static void
inventory_write_text(struct json *j, const char *text)
{
	if (text == NULL || *text == '\0')
		json_null(j);
	else
		json_string(j, text);
}

static void
inventory_write_day(struct json *j, bool known, int64_t day)
{
	char	text[MOMENT_TEXT_SIZE];

	if (known)
		moment_format_day(day, text);
	inventory_write_text(j, known ? text : NULL);
}

static void
inventory_write_rows(const struct inventory *v, struct json *j)
{
	static const char *const	 columns[] = { "data_type", "count",
	    "days", "first", "last", "latest", "sources" };
	const struct inventory_type	*t;
	size_t				 i;

	json_key(j, "columns");
	json_array_begin(j);
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		json_string(j, columns[i]);
	json_array_end(j);
	json_key(j, "rows");
	json_array_begin(j);
	for (i = 0; i < v->ntypes; i++) {
		t = &v->types[i];
		json_array_begin(j);
		inventory_write_text(j, inventory_shown(v, i));
		json_int(j, t->count);
		json_int(j, t->days);
		inventory_write_day(j, t->dated, t->first_day);
		inventory_write_day(j, t->dated, t->last_day);
		inventory_write_text(j, t->latest);
		inventory_write_text(j, t->sources);
		json_array_end(j);
	}
	json_array_end(j);
}

/* "2,305 observations of 9 types, 2026-04-24 to 2026-08-21." */
static void
inventory_write_summary(const struct inventory *v, struct tools_call *call)
{
	const struct inventory_type	*a = inventory_first(v);
	const struct inventory_type	*b = inventory_last(v);
	struct buf			*out = &call->result.summary;
	size_t				 n = v->ntypes + v->more_types;
	char				 first[MOMENT_TEXT_SIZE];
	char				 last[MOMENT_TEXT_SIZE];

	buf_addf(out, "%s observation%s of %zu type%s",
	    result_count(v->total, first), v->total == 1 ? "" : "s", n,
	    n == 1 ? "" : "s");
	if (a != NULL && b != NULL) {
		inventory_time(v, a->first_us, a->first_offset_s, first);
		inventory_time(v, b->last_us, b->last_offset_s, last);
		first[strcspn(first, "T")] = '\0';
		last[strcspn(last, "T")] = '\0';
		buf_addf(out, ", %s", first);
		if (strcmp(first, last) != 0)
			buf_addf(out, " to %s", last);
	}
	buf_addc(out, '.');
}

static bool
inventory_has(const struct inventory *v, const char *name)
{
	size_t	i;

	for (i = 0; i < v->ntypes; i++)
		if (v->types[i].type != NULL &&
		    strcmp(v->types[i].type->name, name) == 0)
			return true;
	return false;
}

/* Types that were named and have nothing. */
static void
inventory_note_absent(const struct inventory *v, struct tools_call *call)
{
	struct buf	names;
	size_t		i;

	buf_init(&names, TOOLS_RESULT_MAX);
	for (i = 0; i < OMH_TYPES; i++)
		if ((v->asked.known & UINT32_C(1) << i) != 0 &&
		    !inventory_has(v, omh_type_at(i)->name))
			buf_addf(&names, "%s%s", names.len > 0 ? ", " : "",
			    omh_type_at(i)->name);
	if (names.len > 0)
		result_notef(&call->result, "Nothing%s of: %s.",
		    window_is_open(&v->w.window) ? "" : " in this window",
		    buf_string(&names));
	buf_free(&names);
}

static void
inventory_note_nights(const struct inventory *v, struct tools_call *call)
{
	static const char *const	 names[] = { "sleep-duration",
	    "sleep-episode", "sleep-stage-summary" };
	const char			*found[3];
	size_t				 i, n = 0;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (inventory_has(v, names[i]))
			found[n++] = names[i];
	if (n == 3)
		result_notef(&call->result, "%s, %s and %s describe the same "
		    "nights; do not add them.", found[0], found[1], found[2]);
	else if (n == 2)
		result_notef(&call->result, "%s and %s describe the same "
		    "nights; do not add them.", found[0], found[1]);
}

static int
inventory_summary_step(struct tools_call *call)
{
	struct inventory	*v = call->state;
	struct json		*j = &call->result.head;

	if (!v->seen)
		return ERR_STATE;
	if (!inventory_check(v, call))
		return 0;
	json_key(j, "patient_id");
	json_int(j, v->patient_id);
	windowed_write(&v->w, call);
	json_key(j, "total");
	json_int(j, v->total);
	json_key(j, "undated");
	json_int(j, v->undated);
	inventory_write_times(v, "first", "last", j);
	inventory_write_rows(v, j);
	if (v->total == 0)
		inventory_write_empty(v, call);
	else {
		inventory_write_summary(v, call);
		inventory_note_nights(v, call);
		inventory_note_absent(v, call);
	}
	if (v->more_types > 0)
		result_notef(&call->result, "%zu more types than are listed.",
		    v->more_types);
	inventory_notes(v, call);
	result_withheld(&call->result, "free_text", v->texts_withheld);
	if (v->free_text)
		result_note(&call->result, RESULT_NOTE_RECORDS);
	return call_finish(call, NULL, NULL);
}

const struct tool_ops inventory_summary_tool = {
	.name = "summarize_patient_observations",
	.about = TOOL_ABOUT_PATIENT,
	.state_size = sizeof(struct inventory),
	.start = inventory_start_timed,
	.row = inventory_row,
	.step = inventory_summary_step,
	.failed = inventory_failed,
	.clear = inventory_clear_state
};

/* --- count_patient_observations ------------------------------------------- */

static int
inventory_count_step(struct tools_call *call)
{
	struct inventory	*v = call->state;
	struct buf		*out = &call->result.summary;
	char			 count[RESULT_COUNT_SIZE];

	if (!v->seen)
		return ERR_STATE;
	if (!inventory_check(v, call))
		return 0;
	json_key(&call->result.head, "count");
	json_int(&call->result.head, v->total);
	if (!window_is_open(&v->w.window))
		windowed_write(&v->w, call);
	if (v->total == 0)
		inventory_write_empty(v, call);
	else {
		buf_addf(out, "%s ", result_count(v->total, count));
		holdings_write_asked(&v->asked, out);
		buf_addf(out, "observation%s of patient %lld%s.",
		    v->total == 1 ? "" : "s", (long long)v->patient_id,
		    window_is_open(&v->w.window) ? "" : " in this window");
	}
	inventory_notes(v, call);
	return call_finish(call, NULL, NULL);
}

const struct tool_ops inventory_count_tool = {
	.name = "count_patient_observations",
	.about = TOOL_ABOUT_PATIENT,
	.state_size = sizeof(struct inventory),
	.start = inventory_start_count,
	.row = inventory_row,
	.step = inventory_count_step,
	.failed = inventory_failed,
	.clear = inventory_clear_state
};

/* --- get_patient_date_range ----------------------------------------------- */

static int
inventory_range_step(struct tools_call *call)
{
	struct inventory		*v = call->state;
	const struct inventory_type	*a, *b;
	struct result			*r = &call->result;
	char				 count[RESULT_COUNT_SIZE];
	char				 first[MOMENT_TEXT_SIZE];
	char				 last[MOMENT_TEXT_SIZE];

	if (!v->seen)
		return ERR_STATE;
	if (!inventory_check(v, call))
		return 0;
	inventory_write_times(v, "earliest", "latest", &r->head);
	json_key(&r->head, "count");
	json_int(&r->head, v->total);
	a = inventory_first(v);
	b = inventory_last(v);
	buf_addf(&r->summary, "%s observation%s of patient %lld",
	    result_count(v->total, count), v->total == 1 ? "" : "s",
	    (long long)v->patient_id);
	if (a != NULL && b != NULL) {
		inventory_time(v, a->first_us, a->first_offset_s, first);
		inventory_time(v, b->last_us, b->last_offset_s, last);
		buf_addf(&r->summary, ", %s to %s", first, last);
	}
	buf_addc(&r->summary, '.');
	if (v->undated > 0)
		result_notef(r, "%s of these %s no date.",
		    result_count(v->undated, count),
		    v->undated == 1 ? "has" : "have");
	inventory_notes(v, call);
	return call_finish(call, NULL, NULL);
}

const struct tool_ops inventory_range_tool = {
	.name = "get_patient_date_range",
	.about = TOOL_ABOUT_PATIENT,
	.state_size = sizeof(struct inventory),
	.start = inventory_start_timed,
	.row = inventory_row,
	.step = inventory_range_step,
	.failed = inventory_failed,
	.clear = inventory_clear_state
};
