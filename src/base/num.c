/* SPDX-License-Identifier: MIT */
/*
 * Integers from text.  Runs in every process; the text is untrusted.
 */
#include <stdbool.h>

#include "base/err.h"
#include "base/num.h"

int
num_parse(const char *s, size_t len, int64_t min, int64_t max, int64_t *value)
{
	bool	negative = len > 0 && s[0] == '-', overflow = false;
	size_t	i = negative ? 1 : 0;
	int64_t	v = 0;

	if (i == len)
		return ERR_FORMAT;
	for (; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return ERR_FORMAT;
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_sub_overflow(v, s[i] - '0', &v))
			overflow = true;
	}
	if (overflow || (!negative && __builtin_sub_overflow(0, v, &v)))
		return ERR_RANGE;
	if (v < min || v > max)
		return ERR_RANGE;
	*value = v;
	return 0;
}
