/* SPDX-License-Identifier: MIT */
/*
 * get_patient_survey_responses: answers to one questionnaire.  Runs in the
 * worker; one round trip a call.  Names, questions and answers are what
 * people wrote.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/num.h"
#include "compat/compat.h"
#include "db/array.h"
#include "tools/cell.h"
#include "tools/records.h"
#include "tools/survey_items.h"
#include "tools/text.h"

/* Characters of all questions' texts, of a name, and of names in a note. */
#define SURVEYS_TEXTS_MAX	4000
#define SURVEYS_NAME_MAX	80
#define SURVEYS_OTHERS_MAX	400
#define SURVEYS_ELEMENT_SIZE	2048

struct surveys {
	int64_t			 patient_id;
	struct window		 window;
	struct survey_table	 table;
	/* The statement's first columns. */
	bool			 seen, readable, found, any, named;
	int64_t			 total, held, undated;
	struct window_resolved	 resolved;
	struct buf		 name;		/* cleaned */
	struct buf		 first, last;	/* dates */
	struct buf		 have;
	size_t			 omitted;	/* responses too large */
	struct cursor_position	 position;
};

/* --- The question. -------------------------------------------------------- */

static int
surveys_submit(const struct surveys *s, struct tools_call *call)
{
	struct db_params	p;
	const char		*name;

	call_params(call, &p, PARS_RECORD_SURVEYS);
	db_params_int(&p, PAR_RECORD_SURVEYS_PATIENT, s->patient_id);
	name = args_string(&call->args, "questionnaire");
	if (name != NULL && *name != '\0')
		db_params_text(&p, PAR_RECORD_SURVEYS_NAME, name,
		    strlen(name));
	window_db_params(&s->window, &p, PAR_RECORD_SURVEYS_FIRST_DAY);
	records_position_param(&call->position, &p,
	    PAR_RECORD_SURVEYS_AFTER);
	db_params_int(&p, PAR_RECORD_SURVEYS_ROWS_MAX,
	    (int64_t)call->result.max_rows + 1);
	return records_submit_one(call, DB_RECORD_SURVEYS, &p);
}

static int
surveys_start(struct tools_call *call)
{
	struct surveys	*s = call->state;
	int		 error;

	s->patient_id = args_integer(&call->args, "patient_id");
	buf_init(&s->name, 8 * SURVEYS_NAME_MAX);
	buf_init(&s->first, 64);
	buf_init(&s->last, 64);
	buf_init(&s->have, 64 * 1024);
	if ((error = survey_init(&s->table, call->result.max_rows + 1,
	    policy_free_text(&call->ctx))) != 0)
		return error;
	if (window_parse(&s->window, &call->args, call->base_s,
	    call->ctx.default_timezone, &call->error) != 0)
		return 0;
	return surveys_submit(s, call);
}

/* --- Rows. ---------------------------------------------------------------- */

static void
surveys_read_head(struct surveys *s, const struct db_row *row)
{
	const char	*have = db_text(row, COL_RECORD_SURVEYS_HAVE, NULL);

	s->seen = true;
	s->readable = cell_get_boolean(row, COL_RECORD_SURVEYS_READABLE);
	s->found = cell_get_boolean(row, COL_RECORD_SURVEYS_FOUND);
	s->any = cell_get_boolean(row, COL_RECORD_SURVEYS_ANY_NAMED);
	s->named = cell_get_boolean(row, COL_RECORD_SURVEYS_NAMED);
	s->total = cell_get_integer(row, COL_RECORD_SURVEYS_TOTAL, 0);
	s->held = cell_get_integer(row, COL_RECORD_SURVEYS_HELD, 0);
	s->undated = cell_get_integer(row, COL_RECORD_SURVEYS_UNDATED, 0);
	records_read_window(&s->resolved, row, COL_RECORD_SURVEYS_LOWER_US,
	    COL_RECORD_SURVEYS_UPPER_US);
	cell_get_text(&s->name, row, COL_RECORD_SURVEYS_QUESTIONNAIRE,
	    SURVEYS_NAME_MAX);
	cell_get_text(&s->first, row, COL_RECORD_SURVEYS_FIRST, 10);
	cell_get_text(&s->last, row, COL_RECORD_SURVEYS_LAST, 10);
	if (have != NULL)
		buf_adds(&s->have, have);
}

static int
surveys_row(struct tools_call *call, size_t query, const struct db_row *row)
{
	struct surveys		*s = call->state;
	struct survey_row	*one;
	struct omh_piece	 items;
	struct buf		 text;
	const char		*id = db_text(row, COL_RECORD_SURVEYS_ID, NULL);
	int			 error;

	(void)query;
	if (!s->seen)
		surveys_read_head(s, row);
	if (id == NULL)
		return 0;
	if ((error = survey_add(&s->table, &one)) != 0)
		return error;
	strlcpy(one->id, id, sizeof(one->id));
	buf_init(&text, 8 * TEXT_CELL_MAX);
	records_add_date(&s->window, row, COL_RECORD_SURVEYS_DATE, &text);
	records_keep_text(&one->date, &s->table.cells, &text);
	buf_reset(&text);
	cell_get_text(&text, row, COL_RECORD_SURVEYS_STATUS, TEXT_CELL_MAX);
	records_keep_text(&one->status, &s->table.cells, &text);
	buf_free(&text);
	/* The row past the page has no items to show. */
	if (s->table.nrows > call->result.max_rows)
		return 0;
	if (cell_get_boolean(row, COL_RECORD_SURVEYS_OMITTED))
		s->omitted++;
	items.text = db_text(row, COL_RECORD_SURVEYS_ITEMS, &items.len);
	return survey_read(&s->table, one, items);
}

/* --- The answer. ---------------------------------------------------------- */

static void
surveys_write_rows(struct surveys *s, struct result *r)
{
	struct survey_row	*one;
	struct json		*j;
	size_t			 i, c;

	for (i = 0; i < s->table.nrows; i++) {
		if ((j = result_row_begin(r)) == NULL)
			return;
		one = &s->table.rows[i];
		json_array_begin(j);
		records_write_cell(&one->date, &s->table.cells, j);
		records_write_cell(&one->status, &s->table.cells, j);
		for (c = 0; c < s->table.nitems; c++)
			records_write_cell(&one->cells[c], &s->table.cells, j);
		json_array_end(j);
		if (!result_row_end(r))
			return;
		records_set_position(&s->position, one->id);
	}
}

static const char *
surveys_name(const struct surveys *s)
{
	return s->named ? buf_string(&s->name) :
	    "a questionnaire without a name";
}

static void
surveys_write_empty(const struct surveys *s, struct tools_call *call)
{
	const char	*asked = args_string(&call->args, "questionnaire");
	struct buf	*out = &call->result.summary;

	buf_adds(out, "0 responses");
	if (s->any && asked != NULL)
		buf_addf(out, " to %s", surveys_name(s));
	else if (asked != NULL && *asked != '\0') {
		buf_adds(out, " to ");
		text_clean(out, asked, strlen(asked), SURVEYS_NAME_MAX);
	}
	records_write_window(&s->window, out);
	buf_addf(out, " of patient %lld; ", (long long)s->patient_id);
	if (s->have.len > 2) {
		buf_adds(out, "the responses are ");
		records_write_have(buf_string(&s->have), 3, out);
	} else
		buf_adds(out, "there are no survey responses");
	buf_addc(out, '.');
}

static void
surveys_write_summary(const struct surveys *s, struct tools_call *call)
{
	struct buf	*out = &call->result.summary;
	char		 count[RESULT_COUNT_SIZE];

	if (s->total == 0) {
		surveys_write_empty(s, call);
		return;
	}
	if (call->position.set)
		buf_addf(out, "next %zu of ", call->result.nrows);
	else if (call->result.more)
		buf_addf(out, "%zu oldest of ", call->result.nrows);
	buf_addf(out, "%s response%s to %s", result_count(s->total, count),
	    s->total == 1 ? "" : "s", surveys_name(s));
	if (s->first.len > 0)
		buf_addf(out, ", %s", buf_string(&s->first));
	if (strcmp(buf_string(&s->first), buf_string(&s->last)) != 0)
		buf_addf(out, " to %s", buf_string(&s->last));
	buf_addc(out, '.');
	if (call->result.more && !call->position.set)
		buf_adds(out, " For averages use get_observation_statistics "
		    "with data_type=survey:<questionnaire>/<item>.");
}

/* One of the names with its number, unless it is the one that is shown. */
static int
surveys_next_other(const struct surveys *s, struct db_array *a,
    struct buf *others)
{
	char		e[3][SURVEYS_ELEMENT_SIZE];
	struct buf	name;
	size_t		i, len[3];
	bool		null[3], shown;

	for (i = 0; i < 3; i++) {
		if (db_array_next(a, e[i], sizeof(e[i]), &len[i],
		    &null[i]) != 1)
			return 0;
	}
	buf_init(&name, 8 * SURVEYS_NAME_MAX);
	if (!null[0])
		text_clean(&name, e[0], len[0], SURVEYS_NAME_MAX);
	shown = null[0] ? !s->named : s->named && strcmp(buf_string(&name),
	    buf_string(&s->name)) == 0;
	if (!shown && others->len < SURVEYS_OTHERS_MAX) {
		buf_adds(others, others->len > 0 ? ", " : "");
		records_add_name(buf_string(&name), others);
		buf_addf(others, " (%s)", e[1]);
	}
	buf_free(&name);
	return 1;
}

/* Other questionnaires: "phq-9 (3), gad-7 (2)". */
static void
surveys_note_others(const struct surveys *s, struct tools_call *call)
{
	struct db_array	a;
	struct buf	others;

	if (s->total == 0 || s->have.len == 0 || db_array_begin(&a,
	    buf_string(&s->have), s->have.len) != 0)
		return;
	buf_init(&others, SURVEYS_ELEMENT_SIZE);
	while (surveys_next_other(s, &a, &others) == 1)
		continue;
	if (others.len > 0)
		result_notef(&call->result, "Other questionnaires of this "
		    "patient, with responses: %s. Name one with "
		    "questionnaire.", buf_string(&others));
	buf_free(&others);
}

static void
surveys_notes(const struct surveys *s, struct tools_call *call, bool texts)
{
	struct result	*r = &call->result;

	if (!call->position.set)
		surveys_note_others(s, call);
	records_note_undated(call, &s->window, s->undated);
	if (s->omitted > 0)
		result_notef(r, "The answers of %zu response%s are left out "
		    "for their size.", s->omitted, s->omitted == 1 ? "" :
		    "s");
	if (s->table.skipped)
		result_notef(r, "Not all items have a column: there are more "
		    "than %d, or they lie too deep.", SURVEY_ITEMS_MAX);
	if (!texts)
		result_note(r, "Some items' texts are left out for their "
		    "length.");
	result_withheld(r, "consent", s->held);
	result_withheld(r, "free_text", s->table.withheld);
}

/* A note where anything is somebody's words. */
static void
surveys_note_words(const struct surveys *s, struct result *r)
{
	const struct survey_item	*item;
	size_t				 i;

	for (i = 0; i < s->table.nitems; i++) {
		item = &s->table.items[i];
		if (item->text == NULL && item->type != NULL &&
		    (strcmp(item->type, "integer") == 0 ||
		    strcmp(item->type, "decimal") == 0 ||
		    strcmp(item->type, "boolean") == 0))
			continue;
		result_note(r, RESULT_NOTE_RECORDS);
		return;
	}
}

/* Errors that only the database could tell; true if the call is answered. */
static bool
surveys_check(const struct surveys *s, struct tools_call *call)
{
	if (!records_available(call))
		return true;
	if (!s->readable)
		errors_set_no_patient(&call->error, s->patient_id);
	else if (!s->found)
		errors_set_bad_cursor(&call->error);
	else
		(void)window_check(&s->window, &s->resolved, &call->error);
	return call->error.len > 0;
}

static int
surveys_step(struct tools_call *call)
{
	struct surveys		*s = call->state;
	struct result		*r = &call->result;
	struct result_list	 list;
	const char		*columns[SURVEY_ITEMS_MAX + 2];
	size_t			 i, around;
	bool			 texts;

	if (!s->seen)
		return ERR_STATE;
	if (surveys_check(s, call))
		return 0;
	memset(&list, 0, sizeof(list));
	columns[list.ncolumns++] = "authored";
	columns[list.ncolumns++] = "status";
	for (i = 0; i < s->table.nitems; i++)
		columns[list.ncolumns++] = s->table.items[i].name;
	list.total = s->total;
	list.member = "rows";
	list.columns = columns;
	json_key(&r->head, "patient_id");
	json_int(&r->head, s->patient_id);
	json_key(&r->head, "questionnaire");
	if (s->named && s->total > 0)
		json_stringn(&r->head, s->name.data, s->name.len);
	else
		json_null(&r->head);
	json_key(&r->head, "items");
	texts = survey_write_items(&s->table, SURVEYS_TEXTS_MAX, &r->head);
	/* Columns and items count too. */
	around = 2 * r->head_out.len;
	r->max_characters -= around < r->max_characters / 2 ? around :
	    r->max_characters / 2;
	surveys_write_rows(s, r);
	surveys_write_summary(s, call);
	surveys_notes(s, call, texts);
	surveys_note_words(s, r);
	return call_finish(call, &list, &s->position);
}

static void
surveys_clear(void *state)
{
	struct surveys	*s = state;

	survey_free(&s->table);
	buf_free(&s->name);
	buf_free(&s->first);
	buf_free(&s->last);
	buf_free(&s->have);
}

const struct tool_ops	surveys_tool = {
	.name = "get_patient_survey_responses",
	.about = TOOL_ABOUT_PATIENT,
	.state_size = sizeof(struct surveys),
	.start = surveys_start,
	.row = surveys_row,
	.step = surveys_step,
	.clear = surveys_clear
};
