/* SPDX-License-Identifier: MIT */
/*
 * A pass over JSON text before a parser sees it, for what json-c does not
 * refuse: NUL in strings, names in single quotes, NaN, members twice (found
 * by counting), more values than is sensible.
 */
#ifndef OAUTH_JSON_CHECK_H
#define OAUTH_JSON_CHECK_H

#include <stddef.h>

#define JSON_CHECK_VALUES_MAX	65536

/*
 * Counts the members of all objects into *members: as many as there are
 * colons outside strings.  0; ERR_FORMAT if it is not UTF-8, has a NUL or an
 * unfinished string, or bytes that JSON has in strings only; ERR_LIMIT if
 * there are over JSON_CHECK_VALUES_MAX commas and colons.
 */
int	json_check_text(const char *text, size_t len, size_t *members);

#endif
