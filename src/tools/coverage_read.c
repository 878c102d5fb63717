/* SPDX-License-Identifier: MIT */
/*
 * Rows of observation_coverage.  Runs in the worker.  Codes, texts and names
 * of sources are what was stored.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "compat/compat.h"
#include "db/array.h"
#include "tools/cell.h"
#include "tools/coverage.h"
#include "tools/text.h"

#define COVERAGE_TEXT_SIZE	2048
#define COVERAGE_FIELDS_MAX	5

/* Some elements of an array, one after the other. */
struct coverage_fields {
	char	text[COVERAGE_FIELDS_MAX][COVERAGE_TEXT_SIZE];
	size_t	len[COVERAGE_FIELDS_MAX];
	bool	null[COVERAGE_FIELDS_MAX];
};

static int
coverage_read_fields(struct coverage_fields *f, int n,
    struct db_array *array)
{
	int	i, more;

	for (i = 0; i < n; i++) {
		more = db_array_next(array, f->text[i], sizeof(f->text[i]),
		    &f->len[i], &f->null[i]);
		if (more < 0 || (more == 0 && i > 0))
			return ERR_FORMAT;
		if (more == 0)
			return 0;
	}
	return 1;
}

static bool
coverage_field_double(const struct coverage_fields *f, int i, double *value)
{
	*value = 0;
	if (f->null[i])
		return false;
	*value = strtod(f->text[i], NULL);
	return true;
}

static int64_t
coverage_field_int(const struct coverage_fields *f, int i)
{
	int64_t	value = 0;

	if (!f->null[i])
		(void)num_parse(f->text[i], f->len[i], INT64_MIN, INT64_MAX,
		    &value);
	return value;
}

static int
coverage_add_type(struct coverage *c, const struct coverage_fields *f)
{
	struct coverage_type	*types, *t;

	types = recallocarray(c->types, c->ntypes, c->ntypes + 1,
	    sizeof(*types));
	if (types == NULL)
		return ERR_MEMORY;
	c->types = types;
	t = &types[c->ntypes++];
	t->name = holdings_name(f->text[0], f->len[0], f->text[1], f->len[1]);
	t->readings = coverage_field_int(f, 2);
	t->has_expected = coverage_field_double(f, 3, &t->expected);
	t->has_spacing = coverage_field_double(f, 4, &t->spacing_s);
	return t->name == NULL ? ERR_MEMORY : 0;
}

static int
coverage_add_problem(struct coverage *c, const struct coverage_fields *f)
{
	struct coverage_problem	*p;

	if (c->nproblems == COVERAGE_PROBLEMS)
		return ERR_LIMIT;
	p = &c->problems[c->nproblems++];
	(void)strlcpy(p->name, f->text[0], sizeof(p->name));
	p->readings = coverage_field_int(f, 1);
	p->patients = coverage_field_int(f, 2);
	p->example = coverage_field_int(f, 3);
	return 0;
}

/* n elements each of a text[] column. */
static int
coverage_read_array(struct coverage *c, const struct db_row *row, int column,
    int n, int (*add)(struct coverage *, const struct coverage_fields *))
{
	struct coverage_fields	*f;
	struct db_array		 array;
	const char		*s;
	size_t			 len = 0;
	int			 error;

	if ((s = db_text(row, column, &len)) == NULL)
		return 0;
	if (db_array_begin(&array, s, len) != 0)
		return ERR_FORMAT;
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return ERR_MEMORY;
	while ((error = coverage_read_fields(f, n, &array)) == 1)
		if ((error = add(c, f)) != 0)
			break;
	free(f);
	return error;
}

static int
coverage_read_head(struct coverage *c, const struct db_row *row)
{
	const char	*s;
	size_t		 len = 0;
	int		 error;

	c->seen = true;
	c->found = cell_get_boolean(row, COL_OBSERVATION_COVERAGE_FOUND);
	c->team = cell_get_boolean(row, COL_OBSERVATION_COVERAGE_TEAM);
	c->unreadable = cell_get_integer(row,
	    COL_OBSERVATION_COVERAGE_UNREADABLE, 0);
	c->patients = cell_get_integer(row,
	    COL_OBSERVATION_COVERAGE_PATIENTS, 0);
	c->span_days = cell_get_integer(row,
	    COL_OBSERVATION_COVERAGE_SPAN_DAYS, 0);
	c->withheld = cell_get_integer(row,
	    COL_OBSERVATION_COVERAGE_WITHHELD, 0);
	c->withheld_patients = cell_get_integer(row,
	    COL_OBSERVATION_COVERAGE_WITHHELD_PATIENTS, 0);
	c->readings = cell_get_integer(row,
	    COL_OBSERVATION_COVERAGE_READINGS, 0);
	c->groups = cell_get_integer(row, COL_OBSERVATION_COVERAGE_GROUPS, 0);
	c->reaching = cell_get_integer(row,
	    COL_OBSERVATION_COVERAGE_REACHING, 0);
	c->has_median = db_double(row, COL_OBSERVATION_COVERAGE_MEDIAN,
	    &c->median) == 0;
	windowed_read(&c->w, row, COL_OBSERVATION_COVERAGE_LOWER_US);
	s = db_text(row, COL_OBSERVATION_COVERAGE_MISSED, &len);
	buf_add(&c->missed, s != NULL ? s : "", len);
	if ((error = buf_error(&c->missed)) != 0 ||
	    (error = holdings_read(&c->have, row,
	    COL_OBSERVATION_COVERAGE_HAVE)) != 0 ||
	    (error = coverage_read_array(c, row,
	    COL_OBSERVATION_COVERAGE_TYPES, 5, coverage_add_type)) != 0)
		return error;
	return coverage_read_array(c, row, COL_OBSERVATION_COVERAGE_QUALITY,
	    4, coverage_add_problem);
}

static int
coverage_grow(struct coverage *c)
{
	struct coverage_row	*rows;
	size_t			 size = c->size == 0 ? 64 : 2 * c->size;

	if (c->nrows < c->size)
		return 0;
	rows = recallocarray(c->rows, c->size, size, sizeof(*rows));
	if (rows == NULL)
		return ERR_MEMORY;
	c->rows = rows;
	c->size = size;
	return 0;
}

/* A type by its code; a source by its name, cleaned. */
static char *
coverage_read_name(const struct coverage *c, const struct db_row *row)
{
	struct buf	 clean;
	char		*name;

	if (c->by == COVERAGE_TYPE)
		return holdings_row_name(row, COL_OBSERVATION_COVERAGE_NAME,
		    COL_OBSERVATION_COVERAGE_DISPLAY);
	buf_init(&clean, TOOLS_RESULT_MAX);
	cell_get_text(&clean, row, COL_OBSERVATION_COVERAGE_NAME,
	    TEXT_CELL_MAX);
	name = strdup(buf_string(&clean));
	buf_free(&clean);
	return name;
}

int
coverage_read_row(struct coverage *c, const struct db_row *row)
{
	struct coverage_row	*r;
	int			 error;

	if (!c->seen && (error = coverage_read_head(c, row)) != 0)
		return error;
	if (db_is_null(row, COL_OBSERVATION_COVERAGE_KEY))
		return 0;
	if ((error = coverage_grow(c)) != 0)
		return error;
	r = &c->rows[c->nrows++];
	r->key = cell_get_integer(row, COL_OBSERVATION_COVERAGE_KEY, 0);
	r->value = cell_get_integer(row, COL_OBSERVATION_COVERAGE_VALUE, 0);
	r->patients = cell_get_integer(row,
	    COL_OBSERVATION_COVERAGE_GROUP_PATIENTS, 0);
	r->days = cell_get_integer(row, COL_OBSERVATION_COVERAGE_GROUP_DAYS,
	    0);
	r->readings = cell_get_integer(row,
	    COL_OBSERVATION_COVERAGE_GROUP_READINGS, 0);
	(void)db_double(row, COL_OBSERVATION_COVERAGE_GROUP_SHARE, &r->share);
	r->has_complete = db_double(row, COL_OBSERVATION_COVERAGE_COMPLETE,
	    &r->complete) == 0;
	(void)db_double(row, COL_OBSERVATION_COVERAGE_GAP_S, &r->gap_s);
	r->has_last = !db_is_null(row, COL_OBSERVATION_COVERAGE_LAST_DAY);
	r->last_day = cell_get_integer(row,
	    COL_OBSERVATION_COVERAGE_LAST_DAY, 0);
	if (c->by != COVERAGE_TYPE && c->by != COVERAGE_SOURCE)
		return 0;
	if (db_is_null(row, COL_OBSERVATION_COVERAGE_NAME))
		return 0;
	r->name = coverage_read_name(c, row);
	return r->name == NULL ? ERR_MEMORY : 0;
}

void
coverage_clear(struct coverage *c)
{
	size_t	i;

	for (i = 0; i < c->ntypes; i++)
		free(c->types[i].name);
	free(c->types);
	for (i = 0; i < c->nrows; i++)
		free(c->rows[i].name);
	freezero(c->rows, c->size * sizeof(*c->rows));
	free(c->shown);
	buf_free(&c->missed);
	holdings_clear(&c->have);
}
