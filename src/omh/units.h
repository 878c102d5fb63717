/* SPDX-License-Identifier: MIT */
/*
 * Units as Open mHealth and IEEE 1752 write them, and conversion between
 * those of one quantity.  Glucose: 1 mmol/L = 18.0182 mg/dL.  Mo and yr, as
 * lengths of time, are 1/12 year and 365.25 d.  Ton is 2 000 lb.
 */
#ifndef OMH_UNITS_H
#define OMH_UNITS_H

#include <stdbool.h>
#include <stddef.h>

enum omh_quantity {
	OMH_NO_QUANTITY = 0,	/* text, or a plain count */
	OMH_GLUCOSE,
	OMH_PRESSURE,
	OMH_TEMPERATURE,
	OMH_HEART_RATE,
	OMH_BREATH_RATE,
	OMH_SHARE,
	OMH_DURATION,
	OMH_MASS,
	OMH_VOLUME,
	OMH_LENGTH,
	OMH_ENERGY,
	OMH_STEPS,
	OMH_MET,
	OMH_QUANTITIES
};

/* value in base units = value * factor + offset */
struct omh_unit {
	enum omh_quantity	 quantity;
	const char		*name;		/* as stored */
	const char		*other_names;	/* "a|b", lower case; or "" */
	double			 factor;
	double			 offset;
};

/* Text of a number that omh_round() writes, with its NUL. */
#define OMH_NUMBER_SIZE	40

/* The units there are, 0 to omh_unit_count() - 1. */
size_t	omh_unit_count(void);
const struct omh_unit *omh_unit_at(size_t i);
/* As data have it: exact, "Yr" for yr besides.  NULL if there is none. */
const struct omh_unit *omh_unit_stored(enum omh_quantity quantity,
	    const char *name, size_t len);
/* As people write it: any case unless that is ambiguous, other names. */
const struct omh_unit *omh_unit_asked(enum omh_quantity quantity,
	    const char *name);

/* The value in another unit of the same quantity. */
double	omh_unit_convert(const struct omh_unit *from,
	    const struct omh_unit *to, double value);
/*
 * Decimals of a converted number: one more than the stored text has, mmol/L
 * always two, and for numbers below 1 enough for three significant digits.
 */
int	omh_unit_decimals(const struct omh_unit *to, const char *stored,
	    size_t len, double converted);
/*
 * The number `stored` (JSON, len bytes) of unit `from` as text in `to`.
 * False if a double cannot hold it or it does not fit: then nothing else
 * than the stored number can be given.
 */
bool	omh_unit_rewrite(const struct omh_unit *from,
	    const struct omh_unit *to, const char *stored, size_t len,
	    char text[OMH_NUMBER_SIZE]);

#endif
