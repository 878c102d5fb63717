/* SPDX-License-Identifier: MIT */
/*
 * Days and instants of the proleptic Gregorian calendar, as numbers and as
 * text (RFC 3339).  Knows no time zones but fixed offsets: zones are
 * PostgreSQL's work.  Instants are of the years 1 to 9999.
 */
#ifndef TOOLS_MOMENT_H
#define TOOLS_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOMENT_US_PER_S		INT64_C(1000000)
#define MOMENT_S_PER_DAY	INT64_C(86400)
#define MOMENT_US_PER_DAY	(MOMENT_S_PER_DAY * MOMENT_US_PER_S)
/* "10000-01-01T15:58:59.999999+15:59" and its NUL, or a day. */
#define MOMENT_TEXT_SIZE	40

/* Days since 1970-01-01 of a day that exists. */
int64_t	moment_day(int64_t year, int month, int day);
/* The year, month and day of a number of days. */
void	moment_civil(int64_t days, int64_t *year, int *month, int *day);
/* So many months later (or earlier), the day clamped to the month's end. */
int64_t	moment_add_months(int64_t days, int64_t months);

/* "2026-02-28", exactly; false if it is no day of the years 1 to 9999. */
bool	moment_parse_day(const char *s, int64_t *days);
/*
 * "2026-02-28T14:00:00.5-07:00" in microseconds since 1970; seconds may be
 * left out, a blank may stand for T.  zoned is false if there is no offset:
 * the instant is then as of UTC.  False if it is none.
 */
bool	moment_parse_instant(const char *s, int64_t *us, bool *zoned);

/* "2026-02-28" */
void	moment_format_day(int64_t days, char text[MOMENT_TEXT_SIZE]);
/*
 * "2026-02-28T14:00Z": seconds only if they are not 0, the fraction too.
 * utc writes Z; else the offset in seconds as "-07:00".
 */
void	moment_format(int64_t us, int offset_s, bool utc,
	    char text[MOMENT_TEXT_SIZE]);
/* As PostgreSQL reads it: "2026-02-28 14:00:00.5+00"; years 1 to 9999. */
void	moment_format_sql(int64_t us, char text[MOMENT_TEXT_SIZE]);

#endif
