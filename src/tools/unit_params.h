/* SPDX-License-Identifier: MIT */
/*
 * The units in which a measure may be stored, as three arrays for a
 * statement: names (text[]; "" where the unit may be missing), factors and
 * offsets (numeric[]), so that value * factor + offset is in the unit wanted.
 */
#ifndef TOOLS_UNIT_PARAMS_H
#define TOOLS_UNIT_PARAMS_H

#include <stddef.h>

struct db_params;
struct omh_measure;
struct omh_unit;

/* to: the unit wanted, NULL for a count.  The arguments are indices. */
void	unit_params(struct db_params *p, const struct omh_unit *to, int units,
	    int factors, int offsets);
/* The measure's path below body, text[]. */
void	unit_params_path(struct db_params *p, const struct omh_measure *m,
	    int path);
/*
 * Of n measures (at most OMH_MEASURES_MAX), each in its unit of `to`: four
 * parameters, text[], one after the other from `first` on: paths, units,
 * factors, offsets.  Each element is the text of an array.
 */
void	unit_params_all(struct db_params *p,
	    const struct omh_measure *const *measures,
	    const struct omh_unit *const *to, size_t n, int first);

#endif
