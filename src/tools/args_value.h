/* SPDX-License-Identifier: MIT */
/* One argument's value, for args.c and cursor.c. */
#ifndef TOOLS_ARGS_VALUE_H
#define TOOLS_ARGS_VALUE_H

#include "tools/args.h"

/*
 * Check a value, which is not null, against the property and take it over.
 * 0; ERR_FORMAT with the text in error; ERR_MEMORY.
 */
int	args_value_read(struct args_value *v, const struct schema_property *p,
	    struct json_object *value, struct buf *error);
void	args_value_clear(struct args_value *v);
/*
 * True if both mean the same: equal, or one is not given and the other is
 * the default.  Lists are sets.
 */
bool	args_value_equal(const struct schema_property *p,
	    const struct args_value *a, const struct args_value *b);

#endif
