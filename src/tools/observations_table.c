/* SPDX-License-Identifier: MIT */
/*
 * A page as a table: what all rows share stands once, under "common"; what
 * differs is a column; what no row has is nowhere.  Runs in the worker.
 */
#include <string.h>

#include "compat/compat.h"
#include "tools/observations_page.h"

/* What a row has besides its values, in the order of columns. */
enum table_field {
	FIELD_TYPE,
	FIELD_STATISTIC,
	FIELD_STATUS,
	FIELD_SOURCE,
	FIELD_MODALITY,
	FIELDS
};

static const char *const table_field_names[FIELDS] = {
	[FIELD_TYPE] = "data_type",
	[FIELD_STATISTIC] = "statistic",
	[FIELD_STATUS] = "status",
	[FIELD_SOURCE] = "source",
	[FIELD_MODALITY] = "modality",
};

/* Whether a thing is in no row, the same in all, or differs. */
enum table_spread {
	SPREAD_NONE = 0,
	SPREAD_COMMON,
	SPREAD_COLUMN
};

struct table {
	const struct page	*page;
	size_t			 nrows;		/* at most of the page */
	enum table_spread	 fields[FIELDS];
	enum table_spread	 until;
	size_t			 nvalues;	/* of a row's values[] */
	bool			 shown[OMH_MEASURES_MAX];
	enum table_spread	 units[OMH_MEASURES_MAX];
	/* Of units that are common to a measure: where to read it. */
	struct page_text	 unit[OMH_MEASURES_MAX];
	bool			 one_unit;	/* one for all measures */
};

static struct page_text
table_field(const struct page_row *r, enum table_field f)
{
	switch (f) {
	case FIELD_TYPE:
		return r->name;
	case FIELD_STATISTIC:
		return r->statistic;
	case FIELD_STATUS:
		return r->status;
	case FIELD_SOURCE:
		return r->source;
	case FIELD_MODALITY:
	case FIELDS:
		break;
	}
	return r->modality;
}

static bool
table_same(const struct page *page, struct page_text a, struct page_text b)
{
	return (a.at == 0) == (b.at == 0) && a.len == b.len &&
	    memcmp(page_string(page, a), page_string(page, b), a.len) == 0;
}

static enum table_spread
table_spread_field(const struct table *t, enum table_field f)
{
	struct page_text	first, other;
	size_t			i;

	if (t->nrows == 0)
		return SPREAD_NONE;
	first = table_field(&t->page->rows[0], f);
	for (i = 1; i < t->nrows; i++) {
		other = table_field(&t->page->rows[i], f);
		if (!table_same(t->page, first, other))
			return SPREAD_COLUMN;
	}
	return first.at == 0 ? SPREAD_NONE : SPREAD_COMMON;
}

static enum table_spread
table_spread_until(const struct table *t)
{
	const struct page_row	*first = t->page->rows, *r;
	size_t			 i;

	if (t->nrows == 0)
		return SPREAD_NONE;
	for (i = 1; i < t->nrows; i++) {
		r = &t->page->rows[i];
		if (r->has_end != first->has_end ||
		    r->end_us != first->end_us ||
		    r->end_offset_s != first->end_offset_s)
			return SPREAD_COLUMN;
	}
	return first->has_end ? SPREAD_COMMON : SPREAD_NONE;
}

/* Is there any value of this kind, and are their units all the same? */
static void
table_spread_value(struct table *t, size_t v)
{
	const struct page_value	*value;
	bool			 first = true;
	size_t			 i;

	for (i = 0; i < t->nrows; i++) {
		value = &t->page->rows[i].values[v];
		if (value->kind == PAGE_VALUE_NONE)
			continue;
		t->shown[v] = true;
		if (first)
			t->unit[v] = value->unit;
		else if (!table_same(t->page, t->unit[v], value->unit)) {
			t->units[v] = SPREAD_COLUMN;
			return;
		}
		first = false;
	}
	t->units[v] = t->unit[v].len > 0 ? SPREAD_COMMON : SPREAD_NONE;
}

/* Which measures are shown, and how their units. */
static void
table_spread_values(struct table *t)
{
	const struct observations_query	*q = &t->page->query;
	size_t				 v, first = OMH_MEASURES_MAX;

	t->nvalues = q->wanted.type != NULL ? q->wanted.type->nmeasures : 1;
	t->one_unit = true;
	for (v = 0; v < t->nvalues; v++) {
		table_spread_value(t, v);
		/* With bounds it says what they look at, not what to show. */
		if (q->measure != NULL && q->bounded == NULL)
			t->shown[v] =
			    &q->wanted.type->measures[v] == q->measure;
		if (!t->shown[v])
			t->units[v] = SPREAD_NONE;
		if (t->units[v] == SPREAD_COLUMN)
			t->one_unit = false;
		if (t->units[v] != SPREAD_COMMON)
			continue;
		if (first == OMH_MEASURES_MAX)
			first = v;
		else if (!table_same(t->page, t->unit[first], t->unit[v]))
			t->one_unit = false;
	}
	for (v = 0; v < t->nvalues; v++)
		if (t->shown[v])
			return;
	/* Nothing could be read: show where it would be. */
	for (v = 0; v + 1 < t->nvalues && q->wanted.type != NULL &&
	    q->wanted.type->measures[v].kind != OMH_NUMBER; v++)
		continue;
	t->shown[v] = true;
}

static void
table_measure_name(const struct table *t, size_t v,
    char name[PAGE_COLUMN_SIZE])
{
	const struct observations_query	*q = &t->page->query;

	if (!q->wanted.single)
		strlcpy(name, "values", PAGE_COLUMN_SIZE);
	else if (q->wanted.type == NULL)
		strlcpy(name, "value", PAGE_COLUMN_SIZE);
	else
		strlcpy(name, q->wanted.type->measures[v].name,
		    PAGE_COLUMN_SIZE);
}

/* --- What is common. ------------------------------------------------------ */

/* "mmHg", or "total_sleep_time min, efficiency_pct %". */
static void
table_write_unit(const struct table *t, struct json *j)
{
	char		name[PAGE_COLUMN_SIZE];
	struct buf	text;
	size_t		v;

	buf_init(&text, 4096);
	for (v = 0; v < t->nvalues; v++) {
		if (t->units[v] != SPREAD_COMMON)
			continue;
		if (t->one_unit || t->nvalues == 1) {
			buf_reset(&text);
			buf_adds(&text, page_string(t->page, t->unit[v]));
			continue;
		}
		table_measure_name(t, v, name);
		buf_addf(&text, "%s%s %s", text.len > 0 ? ", " : "", name,
		    page_string(t->page, t->unit[v]));
	}
	if (text.len > 0) {
		json_key(j, "unit");
		json_string(j, buf_string(&text));
	}
	buf_free(&text);
}

static void
table_write_common(const struct table *t, struct json *j)
{
	const struct page_row	*first = t->page->rows;
	char			 until[MOMENT_TEXT_SIZE];
	struct page_text	 text;
	int			 f;

	json_key(j, "common");
	json_object_begin(j);
	for (f = 0; f < FIELDS; f++) {
		if (t->fields[f] == SPREAD_COMMON) {
			text = table_field(first, (enum table_field)f);
			json_key(j, table_field_names[f]);
			json_stringn(j, page_string(t->page, text), text.len);
		}
		if (f == FIELD_TYPE)
			table_write_unit(t, j);
	}
	if (t->until == SPREAD_COMMON) {
		page_time(t->page, first->end_us, first->end_offset_s, until);
		json_key(j, "until");
		json_string(j, until);
	}
	json_object_end(j);
}

/* --- Columns and rows. ---------------------------------------------------- */

static void
table_add_column(struct page_columns *c, const char *name, const char *tail)
{
	char	*text = c->names[c->n];

	strlcpy(text, name, PAGE_COLUMN_SIZE);
	strlcat(text, tail, PAGE_COLUMN_SIZE);
	c->list[c->n++] = text;
}

static void
table_name_columns(const struct table *t, struct page_columns *c)
{
	char	name[PAGE_COLUMN_SIZE];
	size_t	v;
	int	f;

	table_add_column(c, "observation_id", "");
	table_add_column(c, "effective_at", "");
	if (t->until == SPREAD_COLUMN)
		table_add_column(c, "until", "");
	if (t->fields[FIELD_TYPE] == SPREAD_COLUMN)
		table_add_column(c, table_field_names[FIELD_TYPE], "");
	for (v = 0; v < t->nvalues; v++) {
		if (!t->shown[v])
			continue;
		table_measure_name(t, v, name);
		table_add_column(c, name, "");
		if (t->units[v] == SPREAD_COLUMN && t->nvalues == 1)
			table_add_column(c, "unit", "");
		else if (t->units[v] == SPREAD_COLUMN)
			table_add_column(c, name, "_unit");
	}
	for (f = FIELD_TYPE + 1; f < FIELDS; f++)
		if (t->fields[f] == SPREAD_COLUMN)
			table_add_column(c, table_field_names[f], "");
}

static void
table_write_text(const struct table *t, struct page_text text, struct json *j)
{
	if (text.at == 0)
		json_null(j);
	else
		json_stringn(j, page_string(t->page, text), text.len);
}

static void
table_write_time(const struct table *t, bool known, int64_t us, int offset_s,
    struct json *j)
{
	char	text[MOMENT_TEXT_SIZE];

	if (!known) {
		json_null(j);
		return;
	}
	page_time(t->page, us, offset_s, text);
	json_string(j, text);
}

static void
table_write_value(const struct table *t, const struct page_value *value,
    struct json *j)
{
	if (value->kind == PAGE_VALUE_NUMBER)
		json_raw(j, page_string(t->page, value->text),
		    value->text.len);
	else if (value->kind == PAGE_VALUE_TEXT)
		table_write_text(t, value->text, j);
	else
		json_null(j);
}

static void
table_write_row(const struct table *t, const struct page_row *r,
    struct json *j)
{
	size_t	v;
	int	f;

	json_array_begin(j);
	json_int(j, r->id);
	table_write_time(t, r->has_start, r->start_us, r->start_offset_s, j);
	if (t->until == SPREAD_COLUMN)
		table_write_time(t, r->has_end, r->end_us, r->end_offset_s,
		    j);
	if (t->fields[FIELD_TYPE] == SPREAD_COLUMN)
		table_write_text(t, r->name, j);
	for (v = 0; v < t->nvalues; v++) {
		if (!t->shown[v])
			continue;
		table_write_value(t, &r->values[v], j);
		if (t->units[v] == SPREAD_COLUMN)
			table_write_text(t, r->values[v].unit, j);
	}
	for (f = FIELD_TYPE + 1; f < FIELDS; f++)
		if (t->fields[f] == SPREAD_COLUMN)
			table_write_text(t, table_field(r,
			    (enum table_field)f), j);
	json_array_end(j);
}

void
page_write_table(struct page *page, struct tools_call *call,
    struct page_columns *columns)
{
	struct table	 t;
	struct json	*j;
	size_t		 i;
	int		 f;

	memset(&t, 0, sizeof(t));
	memset(columns, 0, sizeof(*columns));
	t.page = page;
	t.nrows = page->nrows < call->result.max_rows ? page->nrows :
	    call->result.max_rows;
	for (f = 0; f < FIELDS; f++)
		t.fields[f] = table_spread_field(&t, (enum table_field)f);
	t.until = table_spread_until(&t);
	table_spread_values(&t);
	if (t.nrows > 0)
		table_write_common(&t, &call->result.head);
	table_name_columns(&t, columns);
	for (i = 0; i < page->nrows; i++) {
		if ((j = result_row_begin(&call->result)) == NULL)
			break;
		table_write_row(&t, &page->rows[i], j);
		if (!result_row_end(&call->result))
			break;
	}
}

/* --- As stored. ----------------------------------------------------------- */

static void
table_write_member(const struct page *page, const char *name,
    struct page_text text, struct json *j)
{
	if (text.at == 0)
		return;
	json_key(j, name);
	json_stringn(j, page_string(page, text), text.len);
}

static void
table_write_json(const struct page *page, const char *name,
    struct page_text text, struct json *j)
{
	json_key(j, name);
	if (text.at == 0)
		json_null(j);
	else
		json_raw(j, page_string(page, text), text.len);
}

static void
table_write_stored(const struct page *page, const struct page_row *r,
    struct json *j)
{
	char	text[MOMENT_TEXT_SIZE];

	json_object_begin(j);
	json_key(j, "observation_id");
	json_int(j, r->id);
	json_key(j, "effective_at");
	if (r->has_start) {
		page_time(page, r->start_us, r->start_offset_s, text);
		json_string(j, text);
	} else
		json_null(j);
	if (r->has_end) {
		page_time(page, r->end_us, r->end_offset_s, text);
		json_key(j, "until");
		json_string(j, text);
	}
	table_write_member(page, "data_type", r->name, j);
	table_write_member(page, "code", r->code, j);
	table_write_member(page, "status", r->status, j);
	table_write_member(page, "source", r->source, j);
	if (r->has_updated) {
		moment_format(r->updated_us, 0, true, text);
		json_key(j, "last_updated");
		json_string(j, text);
	}
	table_write_json(page, "header", r->header, j);
	table_write_json(page, "body", r->body, j);
	json_object_end(j);
}

void
page_write_stored(struct page *page, struct tools_call *call)
{
	const struct page_row	*r;
	struct json		*j;
	size_t			 i;

	for (i = 0; i < page->nrows; i++) {
		r = &page->rows[i];
		if ((j = result_row_begin(&call->result)) == NULL)
			break;
		if (r->later) {
			call->result.more = call->result.cut = true;
			break;
		}
		table_write_stored(page, r, j);
		if (!result_row_end(&call->result))
			break;
		if (r->omitted)
			result_notef(&call->result, "The body of observation "
			    "%lld is left out for its size; %s.",
			    (long long)r->id, page->query.alone ?
			    "it is larger than any answer" :
			    "observation_ids with this id alone gives it");
	}
}
