/* SPDX-License-Identifier: MIT */
/*
 * The data types that are known: Open mHealth and IEEE 1752 schemas, the
 * measures in their bodies, and the names people use for them.  A code of the
 * exchange is "namespace:name:version"; any version of a name is the type.
 */
#ifndef OMH_TYPES_H
#define OMH_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "omh/units.h"

struct buf;

enum omh_kind {
	OMH_NUMBER,		/* {"value", "unit"} or a bare number */
	OMH_TEXT
};

/* What one unit of analysis is: for statistics, told to the model. */
enum omh_analysis {
	OMH_READING,
	OMH_DAILY_TOTAL,
	OMH_NIGHT
};

/* Bits of omh_type.groups. */
#define OMH_GROUP_SLEEP		0x01u
#define OMH_GROUP_ACTIVITY	0x02u
#define OMH_GROUP_VITALS	0x04u

#define OMH_PATH_MAX		2	/* members below body */
#define OMH_MEASURES_MAX	8

struct omh_measure {
	const char		*name;	/* "systolic" */
	const char		*label;	/* before the number in a text, or "" */
	const char		*path[OMH_PATH_MAX];	/* NULL: ends earlier */
	enum omh_kind		 kind;
	enum omh_quantity	 quantity;
	const char		*unit;	/* the usual one; NULL: none */
};

struct omh_type {
	const char		*space;		/* "omh" */
	const char		*name;		/* "blood-glucose" */
	const char		*version;	/* the exchange's own */
	const char		*text;		/* display text */
	const char		*other_names;	/* "glucose, cgm"; NULL */
	enum omh_analysis	 analysed_as;
	unsigned int		 groups;
	size_t			 nmeasures;
	struct omh_measure	 measures[OMH_MEASURES_MAX];
};

/* Types are numbered 0 to OMH_TYPES - 1, by name. */
#define OMH_TYPES	15

const struct omh_type *omh_type_at(size_t i);
size_t	omh_type_index(const struct omh_type *t);
/*
 * By what a person writes: the name, another name, the display text, a full
 * code of any version; any case, blanks and underscores as hyphens.
 * NULL if there is none.
 */
const struct omh_type *omh_type_find(const char *name, size_t len);
/* By a stored code, any version: "omh:heart-rate:1.0". */
const struct omh_type *omh_type_of_code(const char *code, size_t len);
/*
 * Append the name a code is shown by: of a known type its name; of another
 * one "namespace:name" if its name alone would be mistaken for a known one,
 * else the name; a code that is none of these: its text (untrusted, as it
 * is), else the code.  text may be NULL.
 */
void	omh_type_show(struct buf *out, const char *code, size_t code_len,
	    const char *text, size_t text_len);
/* The known type whose name is nearest, NULL if none is near. */
const struct omh_type *omh_type_nearest(const char *name, size_t len);
/* Bits of the types of a group ("sleep"), 0 if there is no such group. */
uint32_t omh_type_group(const char *name, size_t len);
/* "reading", "daily_total", "night". */
const char *omh_analysis_name(enum omh_analysis a);

/* By name, or by the member's own name in the body; NULL if none. */
const struct omh_measure *omh_measure_find(const struct omh_type *t,
	    const char *name);
/* The usual unit, NULL for text and for plain counts. */
const struct omh_unit *omh_measure_unit(const struct omh_measure *m);
/* Append "mg/dL, mmol/L": the units it can be asked for in. */
void	omh_measure_units(struct buf *out, const struct omh_measure *m);

#endif
