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

void
unit_params(struct db_params *p, const struct omh_unit *to, int units,
    int factors, int offsets)
{
	const struct omh_unit	*u;
	struct unit_list	 l;
	size_t			 i;

	memset(&l, 0, sizeof(l));
	for (i = 0; to != NULL && i < omh_unit_count(); i++) {
		u = omh_unit_at(i);
		if (u->quantity == to->quantity)
			unit_list_add(&l, u->name, u->factor / to->factor,
			    (u->offset - to->offset) / to->factor);
	}
	/* Where only one unit is possible, its name may be missing. */
	if (l.n <= 1)
		unit_list_add(&l, "", 1, 0);
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
