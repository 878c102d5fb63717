/* SPDX-License-Identifier: MIT */
/*
 * The calendar.  Runs in the worker.  Texts to be read come from a client;
 * numbers from the database may be anything a timestamp can hold.
 */
#include <stdio.h>
#include <string.h>

#include "tools/moment.h"

/* A 400-year cycle has so many days; years are counted from March. */
#define CYCLE_DAYS	INT64_C(146097)
/* From 0000-03-01 to 1970-01-01. */
#define EPOCH_DAYS	INT64_C(719468)

static int64_t
moment_floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t
moment_day(int64_t year, int month, int day)
{
	int64_t	cycle, of_cycle, of_year;

	if (month <= 2)
		year--;
	cycle = moment_floor_div(year, 400);
	of_cycle = year - cycle * 400;
	of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return cycle * CYCLE_DAYS + of_cycle * 365 + of_cycle / 4 -
	    of_cycle / 100 + of_year - EPOCH_DAYS;
}

void
moment_civil(int64_t days, int64_t *year, int *month, int *day)
{
	int64_t	cycle, of_cycle, years, of_year, part;

	days += EPOCH_DAYS;
	cycle = moment_floor_div(days, CYCLE_DAYS);
	of_cycle = days - cycle * CYCLE_DAYS;
	years = (of_cycle - of_cycle / 1460 + of_cycle / 36524 -
	    of_cycle / 146096) / 365;
	of_year = of_cycle - (365 * years + years / 4 - years / 100);
	part = (5 * of_year + 2) / 153;
	*day = (int)(of_year - (153 * part + 2) / 5 + 1);
	*month = (int)(part < 10 ? part + 3 : part - 9);
	*year = years + cycle * 400 + (*month <= 2);
}

static int
moment_month_days(int64_t year, int month)
{
	static const int	days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30,
				    31, 30, 31 };

	if (month == 2 && year % 4 == 0 && (year % 100 != 0 ||
	    year % 400 == 0))
		return 29;
	return days[month - 1];
}

int64_t
moment_add_months(int64_t days, int64_t months)
{
	int64_t	year, whole;
	int	month, day, last;

	moment_civil(days, &year, &month, &day);
	whole = year * 12 + month - 1 + months;
	year = moment_floor_div(whole, 12);
	month = (int)(whole - year * 12) + 1;
	last = moment_month_days(year, month);
	return moment_day(year, month, day < last ? day : last);
}

/* n digits as a number; -1 if there are not so many. */
static int
moment_digits(const char *s, int n)
{
	int	i, value = 0;

	for (i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		value = value * 10 + s[i] - '0';
	}
	return value;
}

/* The ten characters of a day; what follows is not looked at. */
static bool
moment_read_day(const char *s, int64_t *days)
{
	int	year, month, day;

	if (strnlen(s, 10) < 10 || s[4] != '-' || s[7] != '-')
		return false;
	year = moment_digits(s, 4);
	month = moment_digits(s + 5, 2);
	day = moment_digits(s + 8, 2);
	if (year < 1 || month < 1 || month > 12 || day < 1 ||
	    day > moment_month_days(year, month))
		return false;
	*days = moment_day(year, month, day);
	return true;
}

bool
moment_parse_day(const char *s, int64_t *days)
{
	return strlen(s) == 10 && moment_read_day(s, days);
}

/* ".123456789" in microseconds; *s moves behind it. */
static bool
moment_read_fraction(const char **s, int64_t *us)
{
	int64_t	unit = MOMENT_US_PER_S / 10;
	int	n;

	*us = 0;
	if (**s != '.')
		return true;
	(*s)++;
	for (n = 0; **s >= '0' && **s <= '9'; n++, (*s)++) {
		*us += (**s - '0') * unit;
		unit /= 10;
	}
	return n > 0 && n <= 9;
}

/* "Z", "+02:00", "-0700", "+02" or nothing, up to the end. */
static bool
moment_read_offset(const char *s, int64_t *offset_s, bool *zoned)
{
	size_t	len = strlen(s);
	int	hours, minutes = 0;

	*offset_s = 0;
	*zoned = len > 0;
	if (len == 0 || strcmp(s, "Z") == 0 || strcmp(s, "z") == 0)
		return true;
	if ((s[0] != '+' && s[0] != '-') || len < 3)
		return false;
	hours = moment_digits(s + 1, 2);
	if (len == 5)
		minutes = moment_digits(s + 3, 2);
	else if (len == 6 && s[3] == ':')
		minutes = moment_digits(s + 4, 2);
	else if (len != 3)
		return false;
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return false;
	*offset_s = hours * 3600 + minutes * 60;
	if (s[0] == '-')
		*offset_s = -*offset_s;
	return true;
}

bool
moment_parse_instant(const char *s, int64_t *us, bool *zoned)
{
	int64_t	days, fraction_us, offset_s;
	int	hour, minute, second = 0;

	if (!moment_read_day(s, &days) || strchr("Tt ", s[10]) == NULL ||
	    strnlen(s, 16) < 16 || s[13] != ':')
		return false;
	hour = moment_digits(s + 11, 2);
	minute = moment_digits(s + 14, 2);
	s += 16;
	if (s[0] == ':' && strnlen(s, 3) == 3) {
		second = moment_digits(s + 1, 2);
		s += 3;
	}
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
	    second < 0 || second > 59 ||
	    !moment_read_fraction(&s, &fraction_us) ||
	    !moment_read_offset(s, &offset_s, zoned))
		return false;
	*us = (days * MOMENT_S_PER_DAY + hour * 3600 + minute * 60 + second -
	    offset_s) * MOMENT_US_PER_S + fraction_us;
	return true;
}

void
moment_format_day(int64_t days, char text[MOMENT_TEXT_SIZE])
{
	int64_t	year;
	int	month, day;

	moment_civil(days, &year, &month, &day);
	snprintf(text, MOMENT_TEXT_SIZE, "%04lld-%02d-%02d", (long long)year,
	    month, day);
}

/* Day, hour and minute; then ":05.25" as far as it is not 0, or wanted. */
static void
moment_format_clock(int64_t us, char separator, bool seconds,
    char text[MOMENT_TEXT_SIZE])
{
	int64_t	days = moment_floor_div(us, MOMENT_US_PER_DAY);
	int64_t	rest = us - days * MOMENT_US_PER_DAY;
	int	s = (int)(rest / MOMENT_US_PER_S), n;
	int	fraction = (int)(rest % MOMENT_US_PER_S);
	size_t	len;

	moment_format_day(days, text);
	len = strlen(text);
	snprintf(text + len, MOMENT_TEXT_SIZE - len, "%c%02d:%02d", separator,
	    s / 3600, s / 60 % 60);
	len = strlen(text);
	if (seconds || s % 60 != 0 || fraction != 0)
		snprintf(text + len, MOMENT_TEXT_SIZE - len, ":%02d", s % 60);
	if (fraction == 0)
		return;
	len = strlen(text);
	snprintf(text + len, MOMENT_TEXT_SIZE - len, ".%06d", fraction);
	for (n = (int)strlen(text); text[n - 1] == '0'; n--)
		text[n - 1] = '\0';
}

void
moment_format(int64_t us, int offset_s, bool utc, char text[MOMENT_TEXT_SIZE])
{
	size_t	len;
	int	minutes = (offset_s < 0 ? -offset_s : offset_s) / 60;

	if (utc)
		offset_s = 0;
	moment_format_clock(us + offset_s * MOMENT_US_PER_S, 'T', false, text);
	len = strlen(text);
	if (utc)
		snprintf(text + len, MOMENT_TEXT_SIZE - len, "Z");
	else
		snprintf(text + len, MOMENT_TEXT_SIZE - len, "%c%02d:%02d",
		    offset_s < 0 ? '-' : '+', minutes / 60 % 100,
		    minutes % 60);
}

void
moment_format_sql(int64_t us, char text[MOMENT_TEXT_SIZE])
{
	size_t	len;

	moment_format_clock(us, ' ', true, text);
	len = strlen(text);
	snprintf(text + len, MOMENT_TEXT_SIZE - len, "+00");
}
