/* SPDX-License-Identifier: MIT */
/*
 * Parameters as PostgreSQL's text.  Runs in the worker; values come from the
 * client's arguments.  They travel beside the statement and are never part of
 * it: only array literals have a syntax that must be kept.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "db/param.h"

void
db_params_init(struct db_params *p, int n)
{
	memset(p, 0, sizeof(*p));
	buf_init(&p->text, DB_PARAMS_BYTES);
	if (n < 0 || n > DB_PARAMS_MAX)
		p->error = ERR_RANGE;
	else
		p->n = n;
}

void
db_params_free(struct db_params *p)
{
	buf_free(&p->text);
	memset(p, 0, sizeof(*p));
}

/* Begin the value; false if there is an error already. */
static bool
param_begin(struct db_params *p, int index)
{
	if (p->error == 0 && (index < 0 || index >= p->n))
		p->error = ERR_RANGE;
	if (p->error != 0)
		return false;
	p->at[index] = p->text.len + 1;
	return true;
}

static void
param_end(struct db_params *p)
{
	buf_addc(&p->text, '\0');
}

void
db_params_int(struct db_params *p, int index, int64_t value)
{
	if (!param_begin(p, index))
		return;
	buf_addf(&p->text, "%" PRId64, value);
	param_end(p);
}

void
db_params_bool(struct db_params *p, int index, bool value)
{
	if (!param_begin(p, index))
		return;
	buf_addc(&p->text, value ? 't' : 'f');
	param_end(p);
}

void
db_params_double(struct db_params *p, int index, double value)
{
	if (!isfinite(value)) {
		if (p->error == 0)
			p->error = ERR_RANGE;
		return;
	}
	if (!param_begin(p, index))
		return;
	/* 17 digits read back as the same double, whatever it is. */
	buf_addf(&p->text, "%.17g", value);
	param_end(p);
}

static bool
text_is_clean(struct db_params *p, const char *text, size_t len)
{
	if (p->error == 0 && (memchr(text, '\0', len) != NULL ||
	    !utf8_valid(text, len)))
		p->error = ERR_FORMAT;
	return p->error == 0;
}

void
db_params_text(struct db_params *p, int index, const char *text, size_t len)
{
	if (!text_is_clean(p, text, len) || !param_begin(p, index))
		return;
	buf_add(&p->text, text, len);
	param_end(p);
}

void
db_params_ints(struct db_params *p, int index, const int64_t *values,
    size_t n)
{
	size_t	i;

	if (!param_begin(p, index))
		return;
	buf_addc(&p->text, '{');
	for (i = 0; i < n; i++)
		buf_addf(&p->text, "%s%" PRId64, i > 0 ? "," : "", values[i]);
	buf_addc(&p->text, '}');
	param_end(p);
}

static void
add_quoted(struct buf *b, const char *s)
{
	buf_addc(b, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_addc(b, '\\');
		buf_addc(b, *s);
	}
	buf_addc(b, '"');
}

void
db_params_texts(struct db_params *p, int index, const char *const *values,
    size_t n)
{
	size_t	i;

	if (!param_begin(p, index))
		return;
	buf_addc(&p->text, '{');
	for (i = 0; i < n; i++) {
		if (!text_is_clean(p, values[i], strlen(values[i])))
			return;
		if (i > 0)
			buf_addc(&p->text, ',');
		add_quoted(&p->text, values[i]);
	}
	buf_addc(&p->text, '}');
	param_end(p);
}

int
db_params_done(struct db_params *p)
{
	int	i;

	if (p->error == 0)
		p->error = buf_error(&p->text);
	if (p->error != 0)
		return p->error;
	for (i = 0; i < p->n; i++)
		p->values[i] = p->at[i] == 0 ? NULL :
		    p->text.data + p->at[i] - 1;
	return 0;
}
