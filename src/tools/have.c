/* SPDX-License-Identifier: MIT */
/*
 * Which types there are, for answers without rows.  Runs in the worker.  The
 * names come from codes: free text.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "db/array.h"
#include "omh/types.h"
#include "tools/have.h"
#include "tools/moment.h"
#include "tools/result.h"

/* Types whose numbers are told. */
#define HAVE_TYPES_SHOWN	3
#define HAVE_TEXT_SIZE		2048
#define HAVE_NAMES_SIZE		600

/* Versions of one type are one. */
static void
have_add(struct have_types *all, const struct have_type *t)
{
	struct have_type	*known;
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
	if (all->n < HAVE_TYPES_MAX)
		all->types[all->n++] = *t;
}

static void
have_name(struct have_type *t, const char *code, const char *text)
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

int
have_read(struct have_types *all, const char *text, size_t len)
{
	char			 e[5][HAVE_TEXT_SIZE];
	struct db_array		 array;
	struct have_type	 t;
	size_t			 lens[5];
	bool			 null[5];
	int			 i, more;

	memset(all, 0, sizeof(*all));
	if (len == 0)
		return 0;
	if (db_array_begin(&array, text, len) != 0)
		return ERR_FORMAT;
	for (;;) {
		for (i = 0; i < 5; i++) {
			more = db_array_next(&array, e[i], sizeof(e[i]),
			    &lens[i], &null[i]);
			if (more < 0 || (more == 0 && i > 0))
				return ERR_FORMAT;
			if (more == 0)
				return 0;
		}
		memset(&t, 0, sizeof(t));
		have_name(&t, e[0], e[1]);
		num_parse(e[2], lens[2], 0, INT64_MAX, &t.count);
		t.dated = !null[3] && !null[4] && num_parse(e[3], lens[3],
		    INT64_MIN, INT64_MAX, &t.first_us) == 0 &&
		    num_parse(e[4], lens[4], INT64_MIN, INT64_MAX,
		    &t.last_us) == 0;
		have_add(all, &t);
	}
}

void
have_write_days(struct buf *out, int64_t first_us, int64_t last_us)
{
	char	first[MOMENT_TEXT_SIZE], last[MOMENT_TEXT_SIZE];

	moment_format(first_us, 0, true, first);
	moment_format(last_us, 0, true, last);
	first[strcspn(first, "T")] = '\0';
	last[strcspn(last, "T")] = '\0';
	if (strcmp(first, last) == 0)
		buf_addf(out, " on %s", first);
	else
		buf_addf(out, " from %s to %s", first, last);
}

static void
have_write_type(const struct have_type *t, struct buf *out)
{
	char	count[RESULT_COUNT_SIZE];

	buf_addf(out, "%s %s", result_count(t->count, count), t->name);
	if (!t->dated) {
		buf_adds(out, " without a date");
		return;
	}
	have_write_days(out, t->first_us, t->last_us);
}

void
have_write(const struct have_types *all, struct buf *out)
{
	size_t	i;

	for (i = 0; i < all->n && i < HAVE_TYPES_SHOWN; i++) {
		buf_adds(out, i > 0 ? ", " : "");
		have_write_type(&all->types[i], out);
	}
	if (all->n > i)
		buf_addf(out, " and %zu more type%s", all->n - i,
		    all->n - i == 1 ? "" : "s");
}

void
have_write_names(const struct have_types *all, struct buf *out)
{
	size_t	i, before = out->len;

	for (i = 0; i < all->n && out->len - before < HAVE_NAMES_SIZE; i++)
		buf_addf(out, "%s%s", i > 0 ? ", " : "", all->types[i].name);
}
