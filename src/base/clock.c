/* SPDX-License-Identifier: MIT */
/*
 * Clocks.  Runs in every process; no untrusted input.
 */
#include <stdio.h>
#include <time.h>

#include "base/clock.h"

int64_t
clock_monotonic_ms(void)
{
	struct timespec	ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_wall_s(void)
{
	struct timespec	ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec;
}

int64_t
clock_wall_ms(void)
{
	struct timespec	ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
clock_format(int64_t wall_s, char *text, size_t size)
{
	struct tm	tm;
	time_t		t = (time_t)wall_s;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		text[0] = '\0';
}
