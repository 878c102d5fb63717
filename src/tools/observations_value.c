/* SPDX-License-Identifier: MIT */
/*
 * Values of an observation, from the JSON of its body to cells and to the
 * text of a table with several types.  Runs in the worker.  Bodies are of any
 * shape; a value that is not what its type says is left out.
 */
#include <string.h>

#include "omh/body.h"
#include "tools/observations_page.h"
#include "tools/text.h"

/* Digits of a number that is given as it is; more are no measurement. */
#define VALUE_DIGITS_MAX	1000
/* Characters of a unit. */
#define VALUE_UNIT_MAX		40

/* A JSON string, decoded and cleaned; none if it is none. */
static struct page_text
value_add_string(struct page *page, struct omh_piece string,
    size_t max_characters)
{
	struct page_text	t = { 0, 0 };
	struct buf		plain;

	buf_init(&plain, string.len + 1);
	if (string.text != NULL && omh_string(&plain, string) && plain.len > 0)
		t = page_add_clean(page, plain.data, plain.len,
		    max_characters);
	buf_free(&plain);
	return t;
}

/* In the unit asked for, if that is one of the measure's quantity. */
static bool
value_convert(struct page *page, const struct omh_measure *m,
    const struct omh_value *v, struct page_value *out)
{
	const struct omh_unit	*from = NULL, *to;
	char			 text[OMH_NUMBER_SIZE];
	const char		*unit = page_string(page, out->unit);

	if (page->query.unit == NULL)
		return false;
	to = omh_unit_asked(m->quantity, page->query.unit);
	if (to == NULL)
		return false;
	from = omh_unit_stored(m->quantity, unit, strlen(unit));
	if (from == to)
		return false;
	if (from == NULL || !omh_unit_rewrite(from, to, v->value.text,
	    v->value.len, text)) {
		page->unconverted++;
		return false;
	}
	out->text = page_add(page, text, strlen(text));
	out->unit = page_add(page, to->name, strlen(to->name));
	return true;
}

/* m is NULL for a value of a type that is not known. */
static void
value_take(struct page *page, const struct omh_measure *m,
    const struct omh_value *v, struct page_value *out)
{
	memset(out, 0, sizeof(*out));
	if (v->kind == OMH_VALUE_NONE)
		return;
	out->unit = value_add_string(page, v->unit, VALUE_UNIT_MAX);
	if (v->kind == OMH_VALUE_TEXT && !page->words) {
		page->hidden++;
		memset(out, 0, sizeof(*out));
		return;
	}
	if (v->kind == OMH_VALUE_TEXT) {
		out->text = value_add_string(page, v->value, TEXT_CELL_MAX);
		if (out->text.len == 0)
			return;
		out->kind = PAGE_VALUE_TEXT;
		page->free_text = true;
		return;
	}
	if (v->value.len > VALUE_DIGITS_MAX)
		return;
	out->kind = PAGE_VALUE_NUMBER;
	if (out->unit.len == 0 && m != NULL && m->quantity == OMH_MET)
		out->unit = page_add(page, m->unit, strlen(m->unit));
	if (m == NULL || !value_convert(page, m, v, out))
		out->text = page_add(page, v->value.text, v->value.len);
}

static bool
value_same_text(const struct page *page, struct page_text a,
    struct page_text b)
{
	return a.len == b.len && memcmp(page_string(page, a),
	    page_string(page, b), a.len) == 0;
}

static void
value_append(const struct page *page, const struct omh_measure *m,
    const struct page_value *v, bool named, struct buf *out)
{
	if (out->len > 0)
		buf_adds(out, ", ");
	if (named)
		buf_addf(out, "%s ", m->name);
	else if (m != NULL && *m->label != '\0')
		buf_addf(out, "%s ", m->label);
	buf_adds(out, page_string(page, v->text));
	if (v->unit.len > 0)
		buf_addf(out, " %s", page_string(page, v->unit));
}

/* "124/78 mmHg"; "total 6.6 h, deep 1.2 h"; "57.3 beats/min (average)". */
static void
value_join(struct page *page, struct page_row *r,
    const struct page_value *values)
{
	const struct omh_type	*t = r->type;
	bool			 pair;
	struct buf		 out;
	size_t			 i;

	buf_init(&out, 16 * 1024);
	pair = t != NULL && t->nmeasures == 2;
	if (pair && values[0].kind != PAGE_VALUE_NONE &&
	    values[1].kind != PAGE_VALUE_NONE &&
	    value_same_text(page, values[0].unit, values[1].unit)) {
		buf_addf(&out, "%s/", page_string(page, values[0].text));
		buf_adds(&out, page_string(page, values[1].text));
		if (values[0].unit.len > 0)
			buf_addf(&out, " %s",
			    page_string(page, values[0].unit));
	} else
		for (i = 0; i < (t != NULL ? t->nmeasures : 1); i++)
			if (values[i].kind != PAGE_VALUE_NONE)
				value_append(page, t != NULL ?
				    &t->measures[i] : NULL, &values[i], pair,
				    &out);
	if (out.len > 0 && r->statistic.len > 0)
		buf_addf(&out, " (%s)", page_string(page, r->statistic));
	memset(&r->values[0], 0, sizeof(r->values[0]));
	if (out.len > 0) {
		r->values[0].kind = PAGE_VALUE_TEXT;
		r->values[0].text = page_add(page, out.data, out.len);
	}
	buf_free(&out);
}

/* One of those that the schema has; anything else is somebody's words. */
static bool
value_is_statistic(const char *text)
{
	static const char *const	known[] = { "average", "count",
	    "maximum", "median", "minimum", "standard deviation", "sum",
	    "variance" };
	size_t				i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i], text) == 0)
			return true;
	}
	return strstr(text, "percentile") != NULL &&
	    strspn(text, "0123456789") > 0 && strlen(text) <= 15;
}

void
page_read_values(struct page *page, struct page_row *r, const char *body,
    size_t len)
{
	const struct omh_type	*t = r->type;
	struct omh_piece	 json = { body, body != NULL ? len : 0 };
	struct omh_value	 v;
	struct page_value	*values = r->values;
	size_t			 i, n = t != NULL ? t->nmeasures : 1, found = 0;

	r->statistic = value_add_string(page,
	    omh_member(json, "descriptive_statistic"), VALUE_UNIT_MAX);
	if (!page->words && r->statistic.len > 0 &&
	    !value_is_statistic(page_string(page, r->statistic))) {
		memset(&r->statistic, 0, sizeof(r->statistic));
		page->hidden++;
	}
	for (i = 0; i < n; i++) {
		if (t != NULL)
			omh_body_value(json, &t->measures[i], &v);
		else
			omh_body_any_value(json, &v);
		value_take(page, t != NULL ? &t->measures[i] : NULL, &v,
		    &values[i]);
		/* A text that is withheld was there to be read. */
		found += values[i].kind != PAGE_VALUE_NONE ||
		    (v.kind == OMH_VALUE_TEXT && !page->words);
	}
	if (found == 0)
		page->unreadable++;
	if (!page->query.wanted.single)
		value_join(page, r, values);
}
