/* SPDX-License-Identifier: MIT */
/* Units as parameters of a statement.  Runs in the worker; trusts all. */
#include <stdio.h>
#include <string.h>

#include "db/param.h"
#include "omh/types.h"
#include "omh/units.h"
#include "tools/unit_params.h"

/* Units of one quantity, and one for none. */
#define UNIT_PARAMS_MAX	16

struct unit_list {
	size_t		 n;
	const char	*names[UNIT_PARAMS_MAX];
	const char	*factors[UNIT_PARAMS_MAX];
	const char	*offsets[UNIT_PARAMS_MAX];
	char		 texts[UNIT_PARAMS_MAX][2][32];
};

static void
unit_list_add(struct unit_list *l, const char *name, double factor,
    double offset)
{
	size_t	i = l->n;

	if (i == UNIT_PARAMS_MAX)
		return;
	snprintf(l->texts[i][0], sizeof(l->texts[i][0]), "%.17g", factor);
	snprintf(l->texts[i][1], sizeof(l->texts[i][1]), "%.17g", offset);
	l->names[i] = name;
	l->factors[i] = l->texts[i][0];
	l->offsets[i] = l->texts[i][1];
	l->n++;
}

static void
unit_list_fill(struct unit_list *l, const struct omh_unit *to)
{
	const struct omh_unit	*u;
	size_t			 i;

	memset(l, 0, sizeof(*l));
	for (i = 0; to != NULL && i < omh_unit_count(); i++) {
		u = omh_unit_at(i);
		if (u->quantity == to->quantity)
			unit_list_add(l, u->name, u->factor / to->factor,
			    (u->offset - to->offset) / to->factor);
	}
	/* Where only one unit is possible, its name may be missing. */
	if (l->n <= 1)
		unit_list_add(l, "", 1, 0);
}

void
unit_params(struct db_params *p, const struct omh_unit *to, int units,
    int factors, int offsets)
{
	struct unit_list	l;

	unit_list_fill(&l, to);
	db_params_texts(p, units, l.names, l.n);
	db_params_texts(p, factors, l.factors, l.n);
	db_params_texts(p, offsets, l.offsets, l.n);
}

void
unit_params_path(struct db_params *p, const struct omh_measure *m, int path)
{
	const char	*names[OMH_PATH_MAX];
	size_t		 n;

	for (n = 0; n < OMH_PATH_MAX && m->path[n] != NULL; n++)
		names[n] = m->path[n];
	db_params_texts(p, path, names, n);
}

/* {"a","b"}: names of units and members have nothing to escape. */
static void
unit_array(char *text, size_t size, const char *const *values, size_t n)
{
	size_t	i, at = 0;
	int	len;

	for (i = 0; i < n && at < size; i++) {
		len = snprintf(text + at, size - at, "%s\"%s\"",
		    i == 0 ? "{" : ",", values[i]);
		at += len < 0 ? 0 : (size_t)len;
	}
	if (at < size)
		snprintf(text + at, size - at, "%s", n == 0 ? "{}" : "}");
}

void
unit_params_all(struct db_params *p, const struct omh_measure *const *measures,
    const struct omh_unit *const *to, size_t n, int first)
{
	char		 texts[4][OMH_MEASURES_MAX][UNIT_PARAMS_MAX * 32];
	const char	*values[4][OMH_MEASURES_MAX];
	struct unit_list l;
	size_t		 i, k, depth;

	for (i = 0; i < n && i < OMH_MEASURES_MAX; i++) {
		unit_list_fill(&l, to[i]);
		for (depth = 0; depth < OMH_PATH_MAX &&
		    measures[i]->path[depth] != NULL; depth++)
			continue;
		unit_array(texts[0][i], sizeof(texts[0][i]),
		    measures[i]->path, depth);
		unit_array(texts[1][i], sizeof(texts[1][i]), l.names, l.n);
		unit_array(texts[2][i], sizeof(texts[2][i]), l.factors, l.n);
		unit_array(texts[3][i], sizeof(texts[3][i]), l.offsets, l.n);
		for (k = 0; k < 4; k++)
			values[k][i] = texts[k][i];
	}
	for (k = 0; k < 4; k++)
		db_params_texts(p, first + (int)k, values[k], i);
}
