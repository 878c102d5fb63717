/* SPDX-License-Identifier: MIT */
/*
 * The writer of results.  Runs in the worker.  The bytes of rows are what
 * anybody ever stored; the JSON writer and text_clean() make them harmless.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "tools/result.h"
#include "tools/text.h"
#include "tools/tools.h"

/* Characters kept free for what stands around the rows. */
#define RESULT_AROUND	1200
/* Bytes of one note. */
#define RESULT_NOTE_MAX	600

void
result_init(struct result *r, size_t max_rows, size_t max_characters)
{
	memset(r, 0, sizeof(*r));
	r->max_rows = max_rows;
	r->max_characters = max_characters;
	buf_init(&r->summary, TOOLS_RESULT_MAX);
	buf_init(&r->text, TOOLS_RESULT_MAX);
	buf_init(&r->lines, TOOLS_RESULT_MAX);
	buf_init(&r->head_out, TOOLS_RESULT_MAX);
	buf_init(&r->tail_out, TOOLS_RESULT_MAX);
	buf_init(&r->rows_out, TOOLS_RESULT_MAX);
	buf_init(&r->notes, TOOLS_RESULT_MAX);
	buf_init(&r->note_lines, TOOLS_RESULT_MAX);
	buf_init(&r->withheld, TOOLS_RESULT_MAX);
	json_init(&r->head, &r->head_out);
	json_init(&r->tail, &r->tail_out);
	json_init(&r->rows, &r->rows_out);
	json_init(&r->notes_json, &r->notes);
	json_init(&r->withheld_json, &r->withheld);
	json_object_begin(&r->head);
	json_object_begin(&r->tail);
	json_array_begin(&r->rows);
	json_array_begin(&r->notes_json);
	json_object_begin(&r->withheld_json);
}

void
result_free(struct result *r)
{
	buf_free(&r->summary);
	buf_free(&r->text);
	buf_free(&r->lines);
	buf_free(&r->head_out);
	buf_free(&r->tail_out);
	buf_free(&r->rows_out);
	buf_free(&r->notes);
	buf_free(&r->note_lines);
	buf_free(&r->withheld);
}

struct json *
result_row_begin(struct result *r)
{
	if (r->cut || r->nrows == r->max_rows) {
		r->more = true;
		return NULL;
	}
	r->rows_mark = r->rows_out.len;
	r->lines_mark = r->lines.len;
	r->rows_filled = r->rows.filled;
	return &r->rows;
}

/* Characters written since a mark; none if the buffer has failed. */
static size_t
result_since(const struct buf *b, size_t mark)
{
	if (b->len <= mark)
		return 0;
	return text_characters(b->data + mark, b->len - mark);
}

bool
result_row_end(struct result *r)
{
	size_t	room = 0, rows, lines;

	if (r->max_characters > RESULT_AROUND)
		room = r->max_characters - RESULT_AROUND;
	rows = r->rows_characters + result_since(&r->rows_out, r->rows_mark);
	lines = r->lines_characters + result_since(&r->lines, r->lines_mark);
	if (r->nrows > 0 && (rows > room || lines > room)) {
		buf_truncate(&r->rows_out, r->rows_mark);
		buf_truncate(&r->lines, r->lines_mark);
		r->rows.filled = r->rows_filled;
		r->cut = r->more = true;
		return false;
	}
	r->rows_characters = rows;
	r->lines_characters = lines;
	r->nrows++;
	return true;
}

void
result_note(struct result *r, const char *note)
{
	struct buf	quoted;
	bool		known;

	buf_init(&quoted, RESULT_NOTE_MAX * 6);
	json_escape(&quoted, note, strlen(note));
	known = strstr(buf_string(&r->notes), buf_string(&quoted)) != NULL;
	buf_free(&quoted);
	if (known || r->nnotes == RESULT_NOTES_MAX)
		return;
	json_string(&r->notes_json, note);
	buf_addf(&r->note_lines, "\n%s", note);
	r->nnotes++;
}

void
result_notef(struct result *r, const char *fmt, ...)
{
	char	note[RESULT_NOTE_MAX];
	va_list	ap;

	va_start(ap, fmt);
	if (vsnprintf(note, sizeof(note), fmt, ap) < 0)
		note[0] = '\0';
	va_end(ap);
	result_note(r, note);
}

void
result_withheld(struct result *r, const char *what, int64_t n)
{
	if (n == 0)
		return;
	json_key(&r->withheld_json, what);
	json_int(&r->withheld_json, n);
}

const char *
result_count(int64_t n, char text[RESULT_COUNT_SIZE])
{
	char	 digits[RESULT_COUNT_SIZE];
	size_t	 i, len, at = 0;

	snprintf(digits, sizeof(digits), "%lld", (long long)n);
	len = strlen(digits);
	for (i = 0; i < len && at + 2 < RESULT_COUNT_SIZE; i++) {
		if (i > 0 && digits[i - 1] != '-' && (len - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	text[at] = '\0';
	return text;
}

static void
result_write_list(struct result *r, const struct result_list *list,
    struct json *j)
{
	size_t	i;

	json_key(j, "total");
	json_int(j, list->total);
	json_key(j, "returned");
	json_int(j, (int64_t)r->nrows);
	json_key(j, "truncated");
	json_boolean(j, r->more);
	if (list->next_cursor != NULL) {
		json_key(j, "next_cursor");
		json_string(j, list->next_cursor);
	}
	if (list->columns != NULL) {
		json_key(j, "columns");
		json_array_begin(j);
		for (i = 0; i < list->ncolumns; i++)
			json_string(j, list->columns[i]);
		json_array_end(j);
	}
	json_array_end(&r->rows);
	json_key(j, list->member);
	json_raw(j, r->rows_out.data, r->rows_out.len);
}

static void
result_write_text(struct result *r, const struct result_list *list,
    struct buf *text)
{
	if (r->text.len == 0 && r->lines.len == 0) {
		buf_add(text, buf_string(&r->summary), r->summary.len);
		buf_add(text, buf_string(&r->note_lines), r->note_lines.len);
	}
	buf_add(text, buf_string(&r->text), r->text.len);
	buf_add(text, buf_string(&r->lines), r->lines.len);
	if (list != NULL && r->more)
		buf_addf(text, "\n(%zu of %lld shown)", r->nrows,
		    (long long)list->total);
}

static void
result_write_end(struct result *r, int64_t as_of_s, struct json *j)
{
	char	as_of[CLOCK_TEXT_SIZE];

	json_object_end(&r->withheld_json);
	if (r->withheld.len > 2) {
		json_key(j, "withheld");
		json_raw(j, r->withheld.data, r->withheld.len);
	}
	json_array_end(&r->notes_json);
	if (r->nnotes > 0) {
		json_key(j, "notes");
		json_raw(j, r->notes.data, r->notes.len);
	}
	clock_format(as_of_s, as_of, sizeof(as_of));
	json_key(j, "as_of");
	json_string(j, as_of);
	json_object_end(j);
}

/* The tool's members as they are, without their opening brace. */
static void
result_write_members(const struct buf *members, struct buf *out)
{
	if (members->len <= 1)
		return;
	buf_addc(out, ',');
	buf_add(out, members->data + 1, members->len - 1);
}

int
result_finish(struct result *r, const struct result_list *list,
    int64_t as_of_s, struct buf *text, struct buf *structured)
{
	const struct buf	*all[] = { &r->summary, &r->text, &r->lines,
				    &r->head_out, &r->tail_out,
				    &r->rows_out, &r->notes, &r->note_lines,
				    &r->withheld, text, structured };
	struct json		 j;
	size_t			 i;

	json_init(&j, structured);
	json_object_begin(&j);
	json_key(&j, "summary");
	json_stringn(&j, buf_string(&r->summary), r->summary.len);
	result_write_members(&r->head_out, structured);
	if (list != NULL)
		result_write_list(r, list, &j);
	result_write_members(&r->tail_out, structured);
	result_write_end(r, as_of_s, &j);
	result_write_text(r, list, text);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (buf_error(all[i]) != 0)
			return buf_error(all[i]);
	}
	return 0;
}
