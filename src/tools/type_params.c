/* SPDX-License-Identifier: MIT */
/* Data types as parameters of a statement.  Runs in the worker; trusts all. */
#include <stdbool.h>
#include <stdio.h>

#include "db/param.h"
#include "omh/types.h"
#include "tools/type_params.h"

#define TYPE_PARAMS_NAME	64
#define TYPE_PARAMS_MEASURES	(4 * OMH_TYPES * OMH_MEASURES_MAX)

struct type_names {
	char	names[OMH_TYPES][TYPE_PARAMS_NAME];
};

static void
type_params_names(struct type_names *n)
{
	const struct omh_type	*t;
	size_t			 i;

	for (i = 0; i < OMH_TYPES; i++) {
		t = omh_type_at(i);
		snprintf(n->names[i], sizeof(n->names[i]), "%s:%s", t->space,
		    t->name);
	}
}

static void
type_params_analysed(struct db_params *p, int index, bool totals)
{
	struct type_names	 n;
	const char		*values[OMH_TYPES];
	enum omh_analysis	 as;
	size_t			 i, count = 0;

	type_params_names(&n);
	for (i = 0; i < OMH_TYPES; i++) {
		as = omh_type_at(i)->analysed_as;
		if (as == OMH_NIGHT || (totals && as == OMH_DAILY_TOTAL))
			values[count++] = n.names[i];
	}
	db_params_texts(p, index, values, count);
}

void
type_params_nights(struct db_params *p, int index)
{
	type_params_analysed(p, index, false);
}

void
type_params_daily(struct db_params *p, int index)
{
	type_params_analysed(p, index, true);
}

void
type_params_measures(struct db_params *p, int index)
{
	struct type_names		 n;
	const char			*values[TYPE_PARAMS_MEASURES];
	const struct omh_type		*t;
	const struct omh_measure	*m;
	size_t				 i, k, count = 0;
	bool				 first;

	type_params_names(&n);
	for (i = 0; i < OMH_TYPES; i++) {
		t = omh_type_at(i);
		first = true;
		for (k = 0; k < t->nmeasures; k++) {
			m = &t->measures[k];
			values[count++] = n.names[i];
			values[count++] = m->path[0];
			values[count++] = m->path[1] != NULL ? m->path[1] : "";
			if (m->kind != OMH_NUMBER)
				values[count++] = "t";
			else {
				values[count++] = first ? "u" : "n";
				first = false;
			}
		}
	}
	db_params_texts(p, index, values, count);
}
