/* SPDX-License-Identifier: MIT */
/* What statements are told of the known data types: text[] parameters. */
#ifndef TOOLS_TYPE_PARAMS_H
#define TOOLS_TYPE_PARAMS_H

struct db_params;

/* "namespace:name" of types that belong to the day on which they end. */
void	type_params_nights(struct db_params *p, int index);
/* Of those expected once a day: daily totals and nights. */
void	type_params_daily(struct db_params *p, int index);
/*
 * Four elements a measure: "namespace:name", the path below body (two, the
 * second may be ""), and "u" for a type's first number, whose unit tells the
 * type's, "n" for other numbers, "t" for text.
 */
void	type_params_measures(struct db_params *p, int index);

#endif
