/* SPDX-License-Identifier: MIT */
/* Clocks, and times as text (RFC 3339, always UTC; never localtime). */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define CLOCK_TEXT_SIZE	sizeof("-2147483648-01-01T00:00:00Z")

/* Milliseconds that only go forward; for time-outs. */
int64_t	clock_monotonic_ms(void);
/* Seconds since 1970-01-01T00:00:00Z, and milliseconds. */
int64_t	clock_wall_s(void);
int64_t	clock_wall_ms(void);
/* "2026-08-21T14:20:05Z" into text[CLOCK_TEXT_SIZE]. */
void	clock_format(int64_t wall_s, char *text, size_t size);

#endif
