/* SPDX-License-Identifier: MIT */
/*
 * What there is instead of an answer.  Runs in the worker.  Codes and texts
 * come from the database, names asked for from a client.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "db/array.h"
#include "tools/call.h"
#include "tools/data_types.h"
#include "tools/have.h"
#include "tools/holdings.h"
#include "tools/text.h"

/* Types that are told with their numbers. */
#define HOLDINGS_SHOWN		3
/* Bytes of names in an error. */
#define HOLDINGS_NAMES		600
#define HOLDINGS_TEXT_SIZE	2048
/* Characters of an argument that are repeated. */
#define HOLDINGS_ECHO		60

void
holdings_clear(struct holdings *h)
{
	size_t	i;

	for (i = 0; i < h->n; i++)
		free(h->types[i].name);
	h->n = 0;
}

char *
holdings_name(const char *code, size_t code_len, const char *text,
    size_t text_len)
{
	struct buf	 shown, clean;
	char		*name = NULL;

	buf_init(&shown, TOOLS_RESULT_MAX);
	buf_init(&clean, TOOLS_RESULT_MAX);
	if (code != NULL)
		omh_type_show(&shown, code, code_len, text, text_len);
	text_clean(&clean, buf_string(&shown), shown.len, TEXT_CELL_MAX);
	if (buf_error(&shown) == 0 && buf_error(&clean) == 0)
		name = strdup(buf_string(&clean));
	buf_free(&shown);
	buf_free(&clean);
	return name;
}

char *
holdings_row_name(const struct db_row *row, int code_column, int text_column)
{
	const char	*code, *text;
	size_t		 code_len = 0, text_len = 0;

	code = db_text(row, code_column, &code_len);
	text = db_text(row, text_column, &text_len);
	return holdings_name(code, code_len, text, text_len);
}

int
holdings_add(struct holdings *h, const struct holding *t)
{
	struct holding	*known;
	size_t		 i;

	if (t->name == NULL)
		return ERR_MEMORY;
	for (i = 0; i < h->n && strcmp(h->types[i].name, t->name) != 0; i++)
		continue;
	if (i == HOLDINGS_MAX) {
		free(t->name);
		return 0;
	}
	known = &h->types[i];
	if (i == h->n) {
		*known = *t;
		h->n++;
		return 0;
	}
	free(t->name);
	known->count += t->count;
	if (!t->dated)
		return 0;
	if (!known->dated || t->first_us < known->first_us)
		known->first_us = t->first_us;
	if (!known->dated || t->last_us > known->last_us)
		known->last_us = t->last_us;
	known->dated = true;
	return 0;
}

int
holdings_read(struct holdings *h, const struct db_row *row, int column)
{
	char		 e[3][HOLDINGS_TEXT_SIZE];
	struct db_array	 array;
	struct holding	 t;
	const char	*s;
	size_t		 len[3], size = 0;
	bool		 null[3];
	int		 i, more, error;

	if ((s = db_text(row, column, &size)) == NULL)
		return 0;
	if (db_array_begin(&array, s, size) != 0)
		return ERR_FORMAT;
	for (;;) {
		for (i = 0; i < 3; i++) {
			more = db_array_next(&array, e[i], sizeof(e[i]),
			    &len[i], &null[i]);
			if (more < 0 || (more == 0 && i > 0))
				return ERR_FORMAT;
			if (more == 0)
				return 0;
		}
		memset(&t, 0, sizeof(t));
		t.name = holdings_name(e[0], len[0], e[1], len[1]);
		(void)num_parse(e[2], len[2], 0, INT64_MAX, &t.count);
		if ((error = holdings_add(h, &t)) != 0)
			return error;
	}
}

static void
holdings_write_one(const struct holding *t, struct buf *out)
{
	char	count[RESULT_COUNT_SIZE];

	buf_addf(out, "%s %s", result_count(t->count, count), t->name);
	if (t->dated)
		have_write_days(out, t->first_us, t->last_us);
}

void
holdings_write(const struct holdings *h, struct buf *out)
{
	size_t	i, held = 0, shown = 0;

	for (i = 0; i < h->n; i++)
		held += h->types[i].count > 0;
	for (i = 0; i < h->n && shown < HOLDINGS_SHOWN; i++) {
		if (h->types[i].count == 0)
			continue;
		buf_adds(out, shown++ > 0 ? ", " : "");
		holdings_write_one(&h->types[i], out);
	}
	if (held > shown)
		buf_addf(out, " and %zu more type%s", held - shown,
		    held - shown == 1 ? "" : "s");
	if (held == 0)
		buf_adds(out, "none");
}

void
holdings_write_names(const struct holdings *h, struct buf *out)
{
	size_t	i, begin = out->len;

	for (i = 0; i < h->n && out->len - begin < HOLDINGS_NAMES; i++)
		buf_addf(out, "%s%s", i > 0 ? ", " : "", h->types[i].name);
	if (h->n == 0)
		buf_adds(out, "none");
}

void
holdings_write_asked(const struct data_types *asked, struct buf *out)
{
	struct buf	clean;

	if (!asked->single)
		return;
	if (asked->type != NULL) {
		buf_addf(out, "%s ", asked->type->name);
		return;
	}
	buf_init(&clean, 1024);
	text_clean(&clean, asked->others[0], strlen(asked->others[0]),
	    HOLDINGS_ECHO);
	buf_addf(out, "%s ", buf_string(&clean));
	buf_free(&clean);
}

static void
holdings_set_unknown(const struct holdings *h, const char *name, size_t len,
    const char *with, struct tools_call *call)
{
	const struct omh_type	*nearest = omh_type_nearest(name, len);
	struct buf		 clean, names;

	buf_init(&clean, 1024);
	buf_init(&names, 64 * 1024);
	text_clean(&clean, name, len, HOLDINGS_ECHO);
	holdings_write_names(h, &names);
	errors_set(&call->error, ERRORS_UNKNOWN_TYPE, "\"%s\" is not a data "
	    "type.%s%s%s %s: %s.", buf_string(&clean),
	    nearest != NULL ? " Nearest: " : "",
	    nearest != NULL ? nearest->name : "", nearest != NULL ? "." : "",
	    with, buf_string(&names));
	buf_free(&clean);
	buf_free(&names);
}

bool
holdings_check(const struct holdings *h, const struct buf *missed,
    const char *with, struct tools_call *call)
{
	char		 name[DATA_TYPES_NAME_SIZE];
	struct db_array	 array;
	size_t		 len;
	bool		 null;

	if (missed->len == 0 ||
	    db_array_begin(&array, missed->data, missed->len) != 0 ||
	    db_array_next(&array, name, sizeof(name), &len, &null) != 1)
		return true;
	holdings_set_unknown(h, name, len, with, call);
	return false;
}
