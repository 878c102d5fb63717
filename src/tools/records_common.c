/* SPDX-License-Identifier: MIT */
/*
 * What the tools on FHIR records share.  Runs in the worker.  Names of types
 * and questionnaires are what other systems sent.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/num.h"
#include "db/array.h"
#include "tools/cell.h"
#include "tools/records.h"
#include "tools/text.h"

/* Names that are told of. */
#define RECORDS_HAVE_SHOWN	6
#define RECORDS_NAME_SIZE	2048
#define RECORDS_NAME_MAX	60

/* --- Ids. ----------------------------------------------------------------- */

static int
records_hex(char c)
{
	static const char	 digits[] = "0123456789abcdef";
	const char		*at;

	at = c != '\0' ? strchr(digits, tolower((unsigned char)c)) : NULL;
	return at != NULL ? (int)(at - digits) : -1;
}

bool
records_parse_id(const char *text, uint64_t *high, uint64_t *low)
{
	uint64_t	half[2] = { 0, 0 };
	size_t		i, n = 0;
	int		digit;

	for (i = 0; i < RECORDS_ID_SIZE - 1; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (text[i] != '-')
				return false;
			continue;
		}
		if ((digit = records_hex(text[i])) < 0)
			return false;
		half[n / 16] = half[n / 16] << 4 | (uint64_t)digit;
		n++;
	}
	*high = half[0];
	*low = half[1];
	return text[i] == '\0';
}

void
records_set_position(struct cursor_position *at, const char *id)
{
	uint64_t	high;

	memset(at, 0, sizeof(*at));
	if (!records_parse_id(id, &high, &at->id_rest))
		return;
	at->set = at->untimed = at->wide = true;
	at->id = (int64_t)high;
}

void
records_position_param(const struct cursor_position *at, struct db_params *p,
    int index)
{
	uint64_t	high = (uint64_t)at->id, low = at->id_rest;
	char		text[RECORDS_ID_SIZE];

	if (!at->set)
		return;
	snprintf(text, sizeof(text), "%08" PRIx64 "-%04" PRIx64 "-%04" PRIx64
	    "-%04" PRIx64 "-%012" PRIx64, high >> 32, high >> 16 & 0xffff,
	    high & 0xffff, low >> 48, low & UINT64_C(0xffffffffffff));
	db_params_text(p, index, text, strlen(text));
}

int
records_submit_one(struct tools_call *call, enum db_statement statement,
    struct db_params *p)
{
	struct db_query	q = { .statement = statement };
	int		error;

	if ((error = db_params_done(p)) == 0) {
		q.params = p->values;
		q.nparams = p->n;
		error = call_submit(call, &q, 1);
	}
	db_params_free(p);
	return error;
}

/* --- What is there, and when. --------------------------------------------- */

bool
records_available(struct tools_call *call)
{
	if (db_variant(call->ctx.db, DB_LAYOUT_FHIR_RECORDS) == 0)
		return true;
	errors_set_no_records(&call->error);
	return false;
}

void
records_read_window(struct window_resolved *r, const struct db_row *row,
    int lower, int upper)
{
	memset(r, 0, sizeof(*r));
	r->has_lower = db_int(row, lower, &r->lower_us) == 0;
	r->has_upper = db_int(row, upper, &r->upper_us) == 0;
}

static void
records_write_bound(const struct window_bound *b, const char *word,
    struct buf *out)
{
	char	text[MOMENT_TEXT_SIZE];

	if (b->kind == WINDOW_OPEN)
		return;
	if (b->kind == WINDOW_DAY)
		moment_format_day(b->day, text);
	else
		moment_format(b->us, 0, true, text);
	buf_addf(out, " %s %s", word, text);
}

void
records_write_window(const struct window *w, struct buf *out)
{
	records_write_bound(&w->start, "from", out);
	records_write_bound(&w->end, w->start.kind == WINDOW_OPEN ? "up to" :
	    "to", out);
}

void
records_add_date(const struct window *w, const struct db_row *row, int date,
    struct buf *out)
{
	const char	*text = db_text(row, date, NULL);
	int64_t		 us;
	char		 instant[MOMENT_TEXT_SIZE];

	if (text != NULL)
		buf_adds(out, text);
	else if (db_int(row, date + 1, &us) == 0) {
		moment_format(us, (int)cell_get_integer(row, date + 2, 0),
		    window_is_utc(w), instant);
		buf_adds(out, instant);
	}
}

void
records_add_name(const char *name, struct buf *out)
{
	const char	*s = name;

	while (isalnum((unsigned char)*s) || (*s != '\0' &&
	    strchr("-_.", *s) != NULL))
		s++;
	if (*name == '\0')
		buf_adds(out, "(without a name)");
	else
		buf_addf(out, "%s%s%s", *s == '\0' ? "" : "\"", name,
		    *s == '\0' ? "" : "\"");
}

/* One name and its number; false at the end, or if it is no such array. */
static bool
records_next_have(struct db_array *a, size_t width, struct buf *name,
    int64_t *number)
{
	char	text[RECORDS_NAME_SIZE];
	size_t	i, len;
	bool	null;

	buf_reset(name);
	for (i = 0; i < width; i++) {
		if (db_array_next(a, text, sizeof(text), &len, &null) != 1)
			return false;
		if (i == 0 && !null)
			text_clean(name, text, len, RECORDS_NAME_MAX);
		if (i == 1 && num_parse(text, len, 0, INT64_MAX, number) != 0)
			return false;
	}
	return true;
}

void
records_write_have(const char *array, size_t width, struct buf *out)
{
	struct db_array	a;
	struct buf	name;
	int64_t		number = 0;
	char		count[RESULT_COUNT_SIZE];
	size_t		n = 0;

	if (array == NULL || db_array_begin(&a, array, strlen(array)) != 0)
		return;
	buf_init(&name, 8 * RECORDS_NAME_MAX);
	while (records_next_have(&a, width, &name, &number)) {
		if (n++ >= RECORDS_HAVE_SHOWN)
			continue;
		buf_addf(out, "%s%s ", n > 1 ? ", " : "",
		    result_count(number, count));
		records_add_name(buf_string(&name), out);
	}
	if (n > RECORDS_HAVE_SHOWN)
		buf_adds(out, " and others");
	buf_free(&name);
}

void
records_note_undated(struct tools_call *call, const struct window *w,
    int64_t undated)
{
	char	count[RESULT_COUNT_SIZE];

	if (undated > 0 && !window_is_open(w))
		result_notef(&call->result, "%s undated record%s no window "
		    "and %s not counted here.", result_count(undated, count),
		    undated == 1 ? " is in" : "s are in",
		    undated == 1 ? "is" : "are");
}

/* --- Cells. --------------------------------------------------------------- */

void
records_keep_text(struct records_cell *cell, struct buf *cells,
    const struct buf *text)
{
	cell->at = cells->len;
	if (text->len > 0)
		json_escape(cells, buf_string(text), text->len);
	cell->len = cells->len - cell->at;
}

void
records_keep_json(struct records_cell *cell, struct buf *cells,
    const struct buf *text)
{
	cell->at = cells->len;
	cell->len = text->len;
	buf_add(cells, buf_string(text), text->len);
}

void
records_write_cell(const struct records_cell *cell, const struct buf *cells,
    struct json *j)
{
	if (cell->len == 0 || buf_error(cells) != 0)
		json_null(j);
	else
		json_raw(j, cells->data + cell->at, cell->len);
}
