/* SPDX-License-Identifier: MIT */
/*
 * Units and their conversion.  Runs in the worker.  Unit names and numbers of
 * stored data are untrusted: they are compared and read, nothing more.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "omh/units.h"

#define MONTH_S	(365.25 * 86400 / 12)
#define YEAR_S	(365.25 * 86400)

/* Base units have factor 1 and offset 0; the first of a quantity is usual. */
static const struct omh_unit omh_units[] = {
	{ OMH_GLUCOSE, "mg/dL", "mgdl|mg/100ml", 1, 0 },
	{ OMH_GLUCOSE, "mmol/L", "mmol|mmoll", 18.0182, 0 },
	{ OMH_PRESSURE, "mmHg", "mm hg|mm[hg]", 1, 0 },
	{ OMH_PRESSURE, "kPa", "", 7.500616827, 0 },
	{ OMH_TEMPERATURE, "C", "celsius|degc|\302\260c|cel", 1, 0 },
	{ OMH_TEMPERATURE, "F", "fahrenheit|degf|\302\260f", 5.0 / 9,
	    -160.0 / 9 },
	{ OMH_TEMPERATURE, "K", "kelvin", 1, -273.15 },
	{ OMH_HEART_RATE, "beats/min", "bpm|beats per minute|/min", 1, 0 },
	{ OMH_BREATH_RATE, "breaths/min", "breaths per minute|/min", 1, 0 },
	{ OMH_SHARE, "%", "percent|pct", 1, 0 },
	{ OMH_DURATION, "h", "hour|hours|hr|hrs", 3600, 0 },
	{ OMH_DURATION, "min", "minute|minutes|mins", 60, 0 },
	{ OMH_DURATION, "sec", "s|second|seconds|secs", 1, 0 },
	{ OMH_DURATION, "ms", "millisecond|milliseconds|msec", 1e-3, 0 },
	{ OMH_DURATION, "us", "microsecond|microseconds", 1e-6, 0 },
	{ OMH_DURATION, "ns", "nanosecond|nanoseconds", 1e-9, 0 },
	{ OMH_DURATION, "ps", "picosecond|picoseconds", 1e-12, 0 },
	{ OMH_DURATION, "d", "day|days", 86400, 0 },
	{ OMH_DURATION, "wk", "w|week|weeks", 604800, 0 },
	{ OMH_DURATION, "Mo", "month|months", MONTH_S, 0 },
	{ OMH_DURATION, "yr", "y|year|years", YEAR_S, 0 },
	{ OMH_MASS, "kg", "kilogram|kilograms|kgs", 1, 0 },
	{ OMH_MASS, "lb", "lbs|pound|pounds", 0.45359237, 0 },
	{ OMH_MASS, "oz", "ounce|ounces", 0.028349523125, 0 },
	{ OMH_MASS, "g", "gram|grams", 1e-3, 0 },
	{ OMH_MASS, "mg", "milligram|milligrams", 1e-6, 0 },
	{ OMH_MASS, "ug", "microgram|micrograms", 1e-9, 0 },
	{ OMH_MASS, "ng", "nanogram|nanograms", 1e-12, 0 },
	{ OMH_MASS, "pg", "picogram|picograms", 1e-15, 0 },
	{ OMH_MASS, "fg", "femtogram|femtograms", 1e-18, 0 },
	{ OMH_MASS, "gr", "grain|grains", 6.479891e-5, 0 },
	{ OMH_MASS, "Metric Ton", "tonne|tonnes", 1000, 0 },
	{ OMH_MASS, "Ton", "short ton", 907.18474, 0 },
	{ OMH_VOLUME, "L", "liter|liters|litre|litres", 1, 0 },
	{ OMH_VOLUME, "mL", "milliliter|milliliters|millilitre", 1e-3, 0 },
	{ OMH_LENGTH, "m", "meter|meters|metre|metres", 1, 0 },
	{ OMH_LENGTH, "km", "kilometer|kilometers|kilometre", 1e3, 0 },
	{ OMH_LENGTH, "mi", "mile|miles", 1609.344, 0 },
	{ OMH_LENGTH, "ft", "foot|feet", 0.3048, 0 },
	{ OMH_LENGTH, "yd", "yard|yards", 0.9144, 0 },
	{ OMH_LENGTH, "in", "inch|inches", 0.0254, 0 },
	{ OMH_LENGTH, "cm", "centimeter|centimeters", 1e-2, 0 },
	{ OMH_LENGTH, "mm", "millimeter|millimeters", 1e-3, 0 },
	{ OMH_LENGTH, "um", "micrometer|micrometers", 1e-6, 0 },
	{ OMH_LENGTH, "nm", "nanometer|nanometers", 1e-9, 0 },
	{ OMH_LENGTH, "pm", "picometer|picometers", 1e-12, 0 },
	{ OMH_LENGTH, "fm", "femtometer|femtometers", 1e-15, 0 },
	{ OMH_ENERGY, "kcal", "kilocalorie|kilocalories|calories", 1, 0 },
	{ OMH_ENERGY, "kJ", "kilojoule|kilojoules", 1 / 4.184, 0 },
	{ OMH_STEPS, "steps", "step|steps/day", 1, 0 },
	{ OMH_MET, "MET", "mets", 1, 0 },
};

#define OMH_UNITS	(sizeof(omh_units) / sizeof(omh_units[0]))

size_t
omh_unit_count(void)
{
	return OMH_UNITS;
}

const struct omh_unit *
omh_unit_at(size_t i)
{
	return i < OMH_UNITS ? &omh_units[i] : NULL;
}

const struct omh_unit *
omh_unit_stored(enum omh_quantity quantity, const char *name, size_t len)
{
	const struct omh_unit	*u;
	size_t			 i;

	if (len == 2 && memcmp(name, "Yr", 2) == 0)
		name = "yr";
	for (i = 0; i < OMH_UNITS; i++) {
		u = &omh_units[i];
		if (u->quantity == quantity && strlen(u->name) == len &&
		    memcmp(u->name, name, len) == 0)
			return u;
	}
	return NULL;
}

/* Is name one of the list "a|b|c", in any case? */
static bool
omh_unit_listed(const char *list, const char *name)
{
	size_t	len = strlen(name), n;

	while (*list != '\0') {
		n = strcspn(list, "|");
		if (n == len && strncasecmp(list, name, len) == 0)
			return true;
		list += n;
		if (*list == '|')
			list++;
	}
	return false;
}

const struct omh_unit *
omh_unit_asked(enum omh_quantity quantity, const char *name)
{
	const struct omh_unit	*u, *found = NULL;
	size_t			 i;
	int			 n = 0;

	if ((u = omh_unit_stored(quantity, name, strlen(name))) != NULL)
		return u;
	for (i = 0; i < OMH_UNITS; i++) {
		u = &omh_units[i];
		if (u->quantity != quantity)
			continue;
		if (strcasecmp(u->name, name) == 0 ||
		    omh_unit_listed(u->other_names, name)) {
			found = u;
			n++;
		}
	}
	return n == 1 ? found : NULL;
}

double
omh_unit_convert(const struct omh_unit *from, const struct omh_unit *to,
    double value)
{
	if (from == to)
		return value;
	return (value * from->factor + from->offset - to->offset) /
	    to->factor;
}

int
omh_unit_decimals(const struct omh_unit *to, const char *stored, size_t len,
    double converted)
{
	const char	*point = memchr(stored, '.', len);
	size_t		 digits = 0;
	double		 size = fabs(converted);
	int		 decimals;

	if (point != NULL)
		digits = len - (size_t)(point - stored) - 1;
	decimals = digits > 8 ? 9 : (int)digits + 1;
	if (strcmp(to->name, "mmol/L") == 0)
		decimals = 2;
	if (size > 0 && size < 1 && 2 - (int)floor(log10(size)) > decimals)
		decimals = 2 - (int)floor(log10(size));
	return decimals > 17 ? 17 : decimals;
}

bool
omh_unit_rewrite(const struct omh_unit *from, const struct omh_unit *to,
    const char *stored, size_t len, char text[OMH_NUMBER_SIZE])
{
	char	 number[64], *end;
	double	 value;
	int	 n, decimals;

	if (len >= sizeof(number))
		return false;
	memcpy(number, stored, len);
	number[len] = '\0';
	value = strtod(number, &end);
	if (end == number || *end != '\0' || !isfinite(value))
		return false;
	value = omh_unit_convert(from, to, value);
	if (!isfinite(value) || fabs(value) >= 1e15)
		return false;
	decimals = omh_unit_decimals(to, stored, len, value);
	n = snprintf(text, OMH_NUMBER_SIZE, "%.*f", decimals, value);
	if (n < 0 || n >= OMH_NUMBER_SIZE)
		return false;
	while (decimals > 0 && text[n - 1] == '0') {
		text[--n] = '\0';
		decimals--;
	}
	if (text[n - 1] == '.')
		text[n - 1] = '\0';
	if (strcmp(text, "-0") == 0)
		memcpy(text, "0", 2);
	return true;
}
