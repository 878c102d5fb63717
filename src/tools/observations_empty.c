/* SPDX-License-Identifier: MIT */
/*
 * What is said instead of rows: what the patient has, and that a name is no
 * data type.  Runs in the worker.  Names come from a client and from codes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "db/array.h"
#include "tools/observations_page.h"
#include "tools/text.h"

/* Types that are named; the statement gives no more than 20. */
#define EMPTY_TYPES_MAX	20
#define EMPTY_TYPES_SHOWN 3
#define EMPTY_TEXT_SIZE	2048

struct empty_type {
	char	name[TEXT_CELL_MAX * 4 + 8];
	int64_t	count;
	bool	dated;
	int64_t	first_us, last_us;
};

struct empty_types {
	size_t			n;
	struct empty_type	types[EMPTY_TYPES_MAX];
};

/* Versions of one type are one. */
static void
empty_add(struct empty_types *all, const struct empty_type *t)
{
	struct empty_type	*known;
	size_t			 i;

	for (i = 0; i < all->n; i++) {
		known = &all->types[i];
		if (strcmp(known->name, t->name) != 0)
			continue;
		known->count += t->count;
		if (!t->dated)
			return;
		if (!known->dated || t->first_us < known->first_us)
			known->first_us = t->first_us;
		if (!known->dated || t->last_us > known->last_us)
			known->last_us = t->last_us;
		known->dated = true;
		return;
	}
	if (all->n < EMPTY_TYPES_MAX)
		all->types[all->n++] = *t;
}

static void
empty_name(struct empty_type *t, const char *code, const char *text)
{
	struct buf	shown, clean;

	buf_init(&shown, 64 * 1024);
	buf_init(&clean, sizeof(t->name) - 1);
	omh_type_show(&shown, code, strlen(code), text, strlen(text));
	text_clean(&clean, buf_string(&shown), shown.len, TEXT_CELL_MAX);
	if (buf_error(&clean) == 0)
		memcpy(t->name, buf_string(&clean), clean.len + 1);
	buf_free(&shown);
	buf_free(&clean);
}

/* Five elements a code: code, text, count, first, last. */
static int
empty_read(const struct page *page, struct empty_types *all)
{
	char			 e[5][EMPTY_TEXT_SIZE];
	struct db_array		 array;
	struct empty_type	 t;
	size_t			 len[5];
	bool			 null[5];
	int			 i, more;

	memset(all, 0, sizeof(*all));
	if (page->have.len == 0)
		return 0;
	if (db_array_begin(&array, page->have.data, page->have.len) != 0)
		return ERR_FORMAT;
	for (;;) {
		for (i = 0; i < 5; i++) {
			more = db_array_next(&array, e[i], sizeof(e[i]),
			    &len[i], &null[i]);
			if (more < 0 || (more == 0 && i > 0))
				return ERR_FORMAT;
			if (more == 0)
				return 0;
		}
		memset(&t, 0, sizeof(t));
		empty_name(&t, e[0], e[1]);
		num_parse(e[2], len[2], 0, INT64_MAX, &t.count);
		t.dated = !null[3] && !null[4] && num_parse(e[3], len[3],
		    INT64_MIN, INT64_MAX, &t.first_us) == 0 &&
		    num_parse(e[4], len[4], INT64_MIN, INT64_MAX,
		    &t.last_us) == 0;
		empty_add(all, &t);
	}
}

static void
empty_write_type(const struct empty_type *t, struct buf *out)
{
	char	count[RESULT_COUNT_SIZE], first[MOMENT_TEXT_SIZE];
	char	last[MOMENT_TEXT_SIZE];

	buf_addf(out, "%s %s", result_count(t->count, count), t->name);
	if (!t->dated) {
		buf_adds(out, " without a date");
		return;
	}
	moment_format(t->first_us, 0, true, first);
	moment_format(t->last_us, 0, true, last);
	first[strcspn(first, "T")] = '\0';
	last[strcspn(last, "T")] = '\0';
	if (strcmp(first, last) == 0)
		buf_addf(out, " on %s", first);
	else
		buf_addf(out, " from %s to %s", first, last);
}

void
page_write_subject(const struct page *page, struct buf *out, int64_t n)
{
	const struct observations_query	*q = &page->query;
	char				 count[RESULT_COUNT_SIZE];

	buf_addf(out, "%s ", result_count(n, count));
	buf_adds(out, q->wanted.single ? "reading" : "observation");
	if (n != 1)
		buf_addc(out, 's');
	if (q->has_above)
		buf_addf(out, " above %.12g", q->above);
	if (q->has_above && q->has_below)
		buf_adds(out, " and");
	if (q->has_below)
		buf_addf(out, " below %.12g", q->below);
	if (q->bounded != NULL && q->bound_unit != NULL)
		buf_addf(out, " %s", q->bound_unit->name);
}

/* The names asked for, as far as they are short; else nothing. */
static void
empty_write_asked(const struct page *page, struct buf *out)
{
	const struct observations_query	*q = &page->query;
	struct buf			 clean;

	if (!q->wanted.single)
		return;
	if (q->wanted.type != NULL) {
		buf_addf(out, "%s ", q->wanted.type->name);
		return;
	}
	buf_init(&clean, 1024);
	text_clean(&clean, q->wanted.others[0],
	    strlen(q->wanted.others[0]), 60);
	buf_addf(out, "%s ", buf_string(&clean));
	buf_free(&clean);
}

void
page_write_empty(const struct page *page, struct tools_call *call)
{
	const struct observations_query	*q = &page->query;
	struct buf			*out = &call->result.summary, subject;
	struct empty_types		*all;
	size_t				 i;

	buf_init(&subject, 1024);
	page_write_subject(page, &subject, 0);
	buf_adds(out, "0 ");
	empty_write_asked(page, out);
	buf_addf(out, "%s of patient %lld", buf_string(&subject) + 2,
	    (long long)q->patient_id);
	buf_free(&subject);
	if (!window_is_open(&q->window))
		buf_adds(out, " in this window");
	if ((all = calloc(1, sizeof(*all))) == NULL) {
		out->error = ERR_MEMORY;
		return;
	}
	if (empty_read(page, all) != 0 || all->n == 0)
		buf_adds(out, "; there is no observation of this patient "
		    "with a code.");
	else {
		buf_adds(out, "; the patient has ");
		for (i = 0; i < all->n && i < EMPTY_TYPES_SHOWN; i++) {
			buf_adds(out, i > 0 ? ", " : "");
			empty_write_type(&all->types[i], out);
		}
		if (all->n > i)
			buf_addf(out, " and %zu more type%s", all->n - i,
			    all->n - i == 1 ? "" : "s");
		buf_addc(out, '.');
	}
	free(all);
}

/* --- unknown_type. -------------------------------------------------------- */

static void
empty_set_unknown(const struct page *page, struct tools_call *call,
    const char *name, size_t len)
{
	const struct omh_type	*nearest = omh_type_nearest(name, len);
	struct empty_types	*all;
	struct buf		 clean, names;
	size_t			 i;

	buf_init(&clean, 1024);
	buf_init(&names, ERRORS_TEXT_MAX);
	text_clean(&clean, name, len, 60);
	if ((all = calloc(1, sizeof(*all))) != NULL &&
	    empty_read(page, all) == 0)
		for (i = 0; i < all->n && names.len < 600; i++)
			buf_addf(&names, "%s%s", i > 0 ? ", " : "",
			    all->types[i].name);
	errors_set(&call->error, ERRORS_UNKNOWN_TYPE, "\"%s\" is not a data "
	    "type.%s%s%s With data for this patient: %s.",
	    buf_string(&clean), nearest != NULL ? " Nearest: " : "",
	    nearest != NULL ? nearest->name : "", nearest != NULL ? "." : "",
	    names.len > 0 ? buf_string(&names) : "none");
	free(all);
	buf_free(&clean);
	buf_free(&names);
}

bool
page_check_types(const struct page *page, struct tools_call *call)
{
	char		 name[DATA_TYPES_NAME_SIZE];
	struct db_array	 array;
	size_t		 len;
	bool		 null;

	if (page->missed.len == 0 ||
	    db_array_begin(&array, page->missed.data, page->missed.len) != 0 ||
	    db_array_next(&array, name, sizeof(name), &len, &null) != 1)
		return true;
	empty_set_unknown(page, call, name, len);
	return false;
}
