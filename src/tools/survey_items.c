/* SPDX-License-Identifier: MIT */
/*
 * Items of survey responses.  Runs in the worker.  The names of items, their
 * texts and the answers are what patients and questionnaires' authors wrote.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "compat/compat.h"
#include "tools/survey_items.h"
#include "tools/text.h"

#define SURVEY_CELLS_MAX	(4 * 1024 * 1024)
#define SURVEY_ANSWER_BYTES	(16 * 1024)
/* Characters of an item's name. */
#define SURVEY_NAME_MAX		60

/* Columns that every table has. */
static const char *const	survey_taken[] = { "authored", "status" };

int
survey_init(struct survey_table *t, size_t rows, bool words)
{
	size_t	i;

	memset(t, 0, sizeof(*t));
	t->words = words;
	t->size = rows;
	buf_init(&t->cells, SURVEY_CELLS_MAX);
	t->items = calloc(SURVEY_ITEMS_MAX, sizeof(*t->items));
	t->rows = calloc(rows, sizeof(*t->rows));
	t->answers = calloc(SURVEY_ITEMS_MAX, sizeof(*t->answers));
	if (t->items == NULL || t->rows == NULL || t->answers == NULL)
		return ERR_MEMORY;
	for (i = 0; i < SURVEY_ITEMS_MAX; i++)
		buf_init(&t->answers[i].text, SURVEY_ANSWER_BYTES);
	return 0;
}

void
survey_free(struct survey_table *t)
{
	size_t	i;

	for (i = 0; t->items != NULL && i < t->nitems; i++) {
		free(t->items[i].key);
		free(t->items[i].name);
		free(t->items[i].text);
	}
	for (i = 0; t->answers != NULL && i < SURVEY_ITEMS_MAX; i++)
		buf_free(&t->answers[i].text);
	for (i = 0; t->rows != NULL && i < t->nrows; i++)
		free(t->rows[i].cells);
	free(t->items);
	free(t->answers);
	free(t->rows);
	buf_free(&t->cells);
}

int
survey_add(struct survey_table *t, struct survey_row **row)
{
	if (t->nrows == t->size)
		return ERR_LIMIT;
	*row = &t->rows[t->nrows];
	(*row)->cells = calloc(SURVEY_ITEMS_MAX, sizeof(*(*row)->cells));
	if ((*row)->cells == NULL)
		return ERR_MEMORY;
	t->nrows++;
	return 0;
}

/* --- Items. --------------------------------------------------------------- */

static bool
survey_name_free(const struct survey_table *t, const char *name)
{
	size_t	i;

	for (i = 0; i < sizeof(survey_taken) / sizeof(survey_taken[0]); i++) {
		if (strcmp(survey_taken[i], name) == 0)
			return false;
	}
	for (i = 0; i < t->nitems; i++) {
		if (strcmp(t->items[i].name, name) == 0)
			return false;
	}
	return true;
}

/* The column's name: the key, cleaned, with a number if it is taken. */
static char *
survey_make_name(const struct survey_table *t, const char *key)
{
	struct buf	name;
	char		*copy;
	size_t		 n, len;

	buf_init(&name, 8 * SURVEY_NAME_MAX + 16);
	text_clean(&name, key, strlen(key), SURVEY_NAME_MAX);
	if (name.len == 0)
		buf_adds(&name, "item");
	len = name.len;
	for (n = 2; !survey_name_free(t, buf_string(&name)) &&
	    n < SURVEY_ITEMS_MAX + 4; n++) {
		buf_truncate(&name, len);
		buf_addf(&name, " (%zu)", n);
	}
	copy = buf_error(&name) == 0 ? strdup(buf_string(&name)) : NULL;
	buf_free(&name);
	return copy;
}

/* The item of that key, a new one if there is none; -1: no room. */
static int
survey_find(struct survey_table *t, const char *key)
{
	struct survey_item	*item;
	size_t			 i;

	for (i = 0; i < t->nitems; i++) {
		if (strcmp(t->items[i].key, key) == 0)
			return (int)i;
	}
	if (t->nitems == SURVEY_ITEMS_MAX)
		return -1;
	item = &t->items[i];
	if ((item->name = survey_make_name(t, key)) == NULL)
		return -1;
	if ((item->key = strdup(key)) == NULL) {
		free(item->name);
		item->name = NULL;
		return -1;
	}
	t->nitems++;
	return (int)i;
}

/* What tells an item apart: linkId, or else its text; plain characters. */
static bool
survey_key(struct omh_piece item, struct buf *key)
{
	return (omh_string(key, omh_member(item, "linkId")) && key->len > 0) ||
	    (omh_string(key, omh_member(item, "text")) && key->len > 0);
}

static void
survey_set_text(struct survey_item *item, struct omh_piece text)
{
	struct buf	clean;

	if (item->text != NULL || text.text == NULL)
		return;
	buf_init(&clean, 8 * TEXT_CELL_MAX);
	fhir_string(text, &clean);
	if (clean.len > 0)
		item->text = strdup(buf_string(&clean));
	buf_free(&clean);
}

/* --- Answers. ------------------------------------------------------------- */

static void
survey_add_answer(struct survey_table *t, size_t at, struct fhir_value *v)
{
	struct survey_answer	*a = &t->answers[at];
	struct survey_item	*item = &t->items[at];

	if (item->type == NULL)
		item->type = v->type;
	else if (strcmp(item->type, v->type) != 0)
		item->type = "mixed";
	if (v->kind == FHIR_WORDS && !t->words) {
		t->withheld++;
		return;
	}
	if (a->n++ > 0)
		buf_adds(&a->text, "; ");
	fhir_value_show(v, &a->text);
	a->kind = v->unit.len > 0 && v->kind == FHIR_NUMBER ? FHIR_CODED :
	    v->kind;
}

static void survey_walk(struct survey_table *t, struct omh_piece items,
    unsigned int depth);

/* The answers of one item; those with items of their own go deeper. */
static void
survey_walk_answers(struct survey_table *t, struct omh_piece item,
    unsigned int depth)
{
	struct omh_piece	answers = omh_member(item, "answer");
	struct omh_piece	one = { NULL, 0 };
	struct fhir_value	v;
	struct buf		key;
	int			at = -1;

	buf_init(&key, SURVEY_ANSWER_BYTES);
	fhir_value_init(&v, t->words);
	while ((one = omh_next(answers, one)).text != NULL) {
		fhir_choice(one, "value", &v);
		if (v.kind != FHIR_NONE && at < 0 && survey_key(item, &key) &&
		    buf_error(&key) == 0) {
			at = survey_find(t, buf_string(&key));
			if (at >= 0)
				survey_set_text(&t->items[at],
				    omh_member(item, "text"));
		}
		if (v.kind != FHIR_NONE && at >= 0)
			survey_add_answer(t, (size_t)at, &v);
		else if (v.kind != FHIR_NONE)
			t->skipped = true;
		survey_walk(t, omh_member(one, "item"), depth + 1);
	}
	fhir_value_free(&v);
	buf_free(&key);
}

static void
survey_walk(struct survey_table *t, struct omh_piece items,
    unsigned int depth)
{
	struct omh_piece	one = { NULL, 0 };

	if (items.text == NULL)
		return;
	if (depth > SURVEY_DEPTH_MAX) {
		t->skipped = true;
		return;
	}
	while ((one = omh_next(items, one)).text != NULL) {
		if (one.text[0] != '{')
			continue;
		survey_walk_answers(t, one, depth);
		survey_walk(t, omh_member(one, "item"), depth + 1);
	}
}

int
survey_read(struct survey_table *t, struct survey_row *row,
    struct omh_piece items)
{
	struct survey_answer	*a;
	struct buf		 clean;
	size_t			 i;

	survey_walk(t, items, 0);
	for (i = 0; i < t->nitems; i++) {
		a = &t->answers[i];
		if (a->n == 1 && (a->kind == FHIR_NUMBER ||
		    a->kind == FHIR_BOOLEAN))
			records_keep_json(&row->cells[i], &t->cells, &a->text);
		else if (a->n > 0) {
			buf_init(&clean, 8 * TEXT_CELL_MAX);
			text_clean(&clean, buf_string(&a->text), a->text.len,
			    TEXT_CELL_MAX);
			records_keep_text(&row->cells[i], &t->cells, &clean);
			buf_free(&clean);
		}
		a->n = 0;
		buf_reset(&a->text);
	}
	return buf_error(&t->cells);
}

/* --- The table of items. -------------------------------------------------- */

bool
survey_write_items(const struct survey_table *t, size_t characters,
    struct json *j)
{
	const struct survey_item	*item;
	size_t				 i, used = 0;
	bool				 all = true;

	json_object_begin(j);
	json_key(j, "columns");
	json_raw(j, "[\"item\",\"text\",\"type\"]",
	    sizeof("[\"item\",\"text\",\"type\"]") - 1);
	json_key(j, "rows");
	json_array_begin(j);
	for (i = 0; i < t->nitems; i++) {
		item = &t->items[i];
		json_array_begin(j);
		json_string(j, item->name);
		if (item->text != NULL)
			used += text_characters(item->text,
			    strlen(item->text));
		if (item->text != NULL && used <= characters)
			json_string(j, item->text);
		else
			json_null(j);
		all &= used <= characters;
		if (item->type != NULL)
			json_string(j, item->type);
		else
			json_null(j);
		json_array_end(j);
	}
	json_array_end(j);
	json_object_end(j);
	return all;
}
