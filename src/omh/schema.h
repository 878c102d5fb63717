/* SPDX-License-Identifier: MIT */
/*
 * JSON Schemas (2020-12) of the bodies of the data types: the measures and
 * the units of omh/types.h and omh/units.h, and what else the exchange's
 * checks ask of a body.  They describe what is stored by the rules; rows that
 * came by other ways may have any shape.
 */
#ifndef OMH_SCHEMA_H
#define OMH_SCHEMA_H

#include <stddef.h>

#include "omh/types.h"

struct json;

/* "omh://schema/": its schema's $id goes on with the type's name. */
#define OMH_SCHEMA_PREFIX	"omh://schema/"

/* The schema of the type's body as one JSON object; errors stick in j->out. */
void	omh_schema_write(struct json *j, const struct omh_type *t);
/*
 * The units a body of the type may have in the measure, "mg/dL|mmol/L": fewer
 * than it can be asked for in.  NULL: it has none.
 */
const char *omh_schema_units(const struct omh_type *t,
	    const struct omh_measure *m);

#endif
