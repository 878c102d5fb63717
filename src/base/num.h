/* SPDX-License-Identifier: MIT */
/* Decimal numbers from text, whole and in range or refused. */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stddef.h>
#include <stdint.h>

/*
 * len bytes: an optional '-', then digits, nothing else.
 * 0; ERR_FORMAT if it is no integer; ERR_RANGE if outside min..max.
 */
int	num_parse(const char *s, size_t len, int64_t min, int64_t max,
	    int64_t *value);

#endif
