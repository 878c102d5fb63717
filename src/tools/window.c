/* SPDX-License-Identifier: MIT */
/*
 * Windows of time.  Runs in the worker.  The arguments are a client's.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "compat/compat.h"
#include "db/param.h"
#include "tools/args.h"
#include "tools/errors.h"
#include "tools/text.h"
#include "tools/window.h"

#define WINDOW_FIRST_YEAR	1900
/* No zone is further from UTC. */
#define WINDOW_FAR_US		(INT64_C(14) * 3600 * MOMENT_US_PER_S)
/* Characters of an argument that are repeated in an error. */
#define WINDOW_ECHO		40

/* bad_argument: fmt has one %s, for the argument's value, cleaned. */
static int
window_bad(struct buf *error, const char *name, const char *value,
    const char *words)
{
	struct buf	clean;

	buf_init(&clean, 4 * WINDOW_ECHO + 16);
	text_clean(&clean, value, strlen(value), WINDOW_ECHO);
	errors_set(error, ERRORS_BAD_ARGUMENT, "%s %s %s", name,
	    buf_string(&clean), words);
	buf_free(&clean);
	return ERR_FORMAT;
}

/* --- The zone. ------------------------------------------------------------ */

/*
 * PostgreSQL takes more than names for a zone: "FOO+5" is a POSIX rule (with
 * its sign the other way round), "PST" an abbreviation without summer time.
 * Without digits and with a slash only a file of the zone database is left.
 */
static bool
window_zone_is_name(const char *zone)
{
	static const char	 fixed[] = "Etc/GMT";
	const char		*s;

	if (strncmp(zone, fixed, strlen(fixed)) == 0) {
		s = zone + strlen(fixed);
		if (*s == '+' || *s == '-')
			s++;
		return strlen(s) <= 2 && strspn(s, "0123456789") == strlen(s);
	}
	if (strncasecmp(zone, "posix/", 6) == 0 ||
	    strncasecmp(zone, "right/", 6) == 0 ||
	    strchr(zone, '/') == NULL)
		return false;
	for (s = zone; *s != '\0'; s++)
		if (!isalpha((unsigned char)*s) && strchr("/_-", *s) == NULL)
			return false;
	return isalpha((unsigned char)zone[0]) && s[-1] != '/';
}

void
window_set_unknown_zone(const struct window *w, struct buf *error)
{
	window_bad(error, "timezone", w->zone, "is not known. Use an IANA "
	    "name such as America/Los_Angeles, or UTC, or recorded.");
}

static int
window_parse_zone(struct window *w, const char *zone, const char *fallback,
    struct buf *error)
{
	static const char *const	utc[] = { "UTC", "GMT", "Z", "Zulu",
					    "Etc/UTC", "UCT", "Universal" };
	size_t				i;

	if (zone == NULL || *zone == '\0')
		zone = fallback != NULL ? fallback : "UTC";
	if (strcasecmp(zone, "recorded") == 0) {
		w->recorded = true;
		return 0;
	}
	for (i = 0; i < sizeof(utc) / sizeof(utc[0]); i++)
		if (strcasecmp(zone, utc[i]) == 0)
			zone = "UTC";
	if (strlcpy(w->zone, zone, sizeof(w->zone)) >= sizeof(w->zone) ||
	    (!window_is_utc(w) && !window_zone_is_name(zone))) {
		window_set_unknown_zone(w, error);
		return ERR_FORMAT;
	}
	return 0;
}

bool
window_is_utc(const struct window *w)
{
	return !w->recorded && strcmp(w->zone, "UTC") == 0;
}

bool
window_needs_zone(const struct window *w)
{
	return !w->recorded && !window_is_utc(w);
}

/* --- The bounds. ---------------------------------------------------------- */

static int64_t
window_year_of(int64_t days)
{
	int64_t	year;
	int	month, day;

	moment_civil(days, &year, &month, &day);
	return year;
}

static int64_t
window_day_of(int64_t us)
{
	return us / MOMENT_US_PER_DAY - (us % MOMENT_US_PER_DAY < 0);
}

static int
window_parse_bound(const struct window *w, struct window_bound *b,
    const char *name, const char *value, struct buf *error)
{
	int64_t	year, now_year;
	bool	zoned;

	if (value == NULL || *value == '\0')
		return 0;
	if (moment_parse_day(value, &b->day))
		b->kind = WINDOW_DAY;
	else if (moment_parse_instant(value, &b->us, &zoned) &&
	    (zoned || window_is_utc(w))) {
		b->kind = WINDOW_INSTANT;
		b->day = window_day_of(b->us);
	} else
		return window_bad(error, name, value, "is not a date. Use "
		    "YYYY-MM-DD or 2026-02-28T14:00:00Z.");
	year = window_year_of(b->day);
	now_year = window_year_of(window_day_of(w->now_s * MOMENT_US_PER_S));
	if (year < WINDOW_FIRST_YEAR)
		return window_bad(error, name, value, "is before 1900. Use a "
		    "later date, or leave it out.");
	if (year > now_year + 1)
		return window_bad(error, name, value, "is after the end of "
		    "next year. Use an earlier date, or leave it out.");
	return 0;
}

/* A span such as 24h, 14d, 12w, 6mo, 1y that ends now. */
static int
window_parse_last(struct window *w, const char *last, struct buf *error)
{
	int64_t	now_us = w->now_s * MOMENT_US_PER_S, today, begin;
	char	*unit;
	long	 n = strtol(last, &unit, 10);

	today = window_day_of(now_us);
	if (n <= 0 || n > 9999)
		return window_bad(error, "last", last,
		    "is not a span of time. Use 24h, 14d, 12w, 6mo or 1y.");
	begin = now_us;
	if (strcmp(unit, "h") == 0)
		begin -= n * 3600 * MOMENT_US_PER_S;
	else if (strcmp(unit, "d") == 0)
		begin -= n * MOMENT_US_PER_DAY;
	else if (strcmp(unit, "w") == 0)
		begin -= n * 7 * MOMENT_US_PER_DAY;
	else if (strcmp(unit, "mo") == 0)
		begin += (moment_add_months(today, -n) - today) *
		    MOMENT_US_PER_DAY;
	else
		begin += (moment_add_months(today, -12 * n) - today) *
		    MOMENT_US_PER_DAY;
	if (window_year_of(window_day_of(begin)) < WINDOW_FIRST_YEAR)
		return window_bad(error, "last", last,
		    "begins before 1900. Use a shorter span.");
	w->start.kind = w->end.kind = WINDOW_INSTANT;
	w->start.us = begin;
	w->end.us = now_us;
	w->span_days = (now_us - begin + MOMENT_US_PER_DAY - 1) /
	    MOMENT_US_PER_DAY;
	return 0;
}

static int
window_set_future(const struct window *w, struct buf *error)
{
	char	now[MOMENT_TEXT_SIZE];

	moment_format(w->now_s * MOMENT_US_PER_S, 0, true, now);
	errors_set(error, ERRORS_BAD_ARGUMENT, "the window begins after now, "
	    "which is %s. Use an earlier start, or last=14d.", now);
	return ERR_FORMAT;
}

static int
window_set_reversed(const struct window *w, struct buf *error)
{
	const struct window_bound	*b = &w->start;
	char				 start[MOMENT_TEXT_SIZE];
	char				 end[MOMENT_TEXT_SIZE];

	if (b->kind == WINDOW_DAY)
		moment_format_day(b->day, start);
	else
		moment_format(b->us, 0, true, start);
	b = &w->end;
	if (b->kind == WINDOW_DAY)
		moment_format_day(b->day, end);
	else
		moment_format(b->us, 0, true, end);
	errors_set(error, ERRORS_BAD_ARGUMENT, "start %s is after end %s. "
	    "Swap them or drop one.", start, end);
	return ERR_FORMAT;
}

/* What can be told without knowing the zone. */
static int
window_check_bounds(const struct window *w, struct buf *error)
{
	const struct window_bound	*s = &w->start, *e = &w->end;
	int64_t				 earliest_us;

	if (s->kind == WINDOW_OPEN)
		return 0;
	if (s->kind == e->kind && (s->kind == WINDOW_DAY ?
	    s->day > e->day : s->us > e->us))
		return window_set_reversed(w, error);
	earliest_us = s->us;
	if (s->kind == WINDOW_DAY)
		earliest_us = s->day * MOMENT_US_PER_DAY -
		    (window_is_utc(w) ? 0 : WINDOW_FAR_US);
	if (earliest_us > w->now_s * MOMENT_US_PER_S)
		return window_set_future(w, error);
	return 0;
}

int
window_parse(struct window *w, const struct args *args, int64_t now_s,
    const char *default_zone, struct buf *error)
{
	const char	*start = args_string(args, "start");
	const char	*end = args_string(args, "end");
	const char	*last = args_string(args, "last");
	int		 err;

	memset(w, 0, sizeof(*w));
	w->now_s = now_s;
	if ((err = window_parse_zone(w, args_string(args, "timezone"),
	    default_zone, error)) != 0)
		return err;
	if (last != NULL && (start != NULL || end != NULL)) {
		errors_set(error, ERRORS_BAD_ARGUMENT, "last and %s exclude "
		    "each other. Send last=14d, or start and end.",
		    start != NULL ? "start" : "end");
		return ERR_FORMAT;
	}
	if (last != NULL)
		return window_parse_last(w, last, error);
	if ((err = window_parse_bound(w, &w->start, "start", start,
	    error)) != 0 ||
	    (err = window_parse_bound(w, &w->end, "end", end, error)) != 0)
		return err;
	return window_check_bounds(w, error);
}

bool
window_is_open(const struct window *w)
{
	return w->start.kind == WINDOW_OPEN && w->end.kind == WINDOW_OPEN;
}

void
window_params(const struct window *w, struct window_params *p)
{
	memset(p, 0, sizeof(*p));
	if (!w->recorded)
		p->zone = w->zone;
	if (w->start.kind == WINDOW_DAY) {
		moment_format_day(w->start.day, p->texts[0]);
		p->first_day = p->texts[0];
	} else if (w->start.kind == WINDOW_INSTANT) {
		moment_format_sql(w->start.us, p->texts[1]);
		p->start_at = p->texts[1];
	}
	if (w->end.kind == WINDOW_DAY) {
		moment_format_day(w->end.day, p->texts[2]);
		p->last_day = p->texts[2];
	} else if (w->end.kind == WINDOW_INSTANT) {
		moment_format_sql(w->end.us, p->texts[3]);
		p->end_at = p->texts[3];
	}
}

void
window_db_params(const struct window *w, struct db_params *p, int first)
{
	struct window_params	texts;
	const char		*values[5];
	int			 i;

	window_params(w, &texts);
	values[0] = texts.first_day;
	values[1] = texts.last_day;
	values[2] = texts.start_at;
	values[3] = texts.end_at;
	values[4] = texts.zone;
	for (i = 0; i < 5; i++) {
		if (values[i] != NULL)
			db_params_text(p, first + i, values[i],
			    strlen(values[i]));
	}
}

int
window_check(const struct window *w, const struct window_resolved *r,
    struct buf *error)
{
	if (r->has_lower && r->has_upper && r->lower_us > r->upper_us)
		return window_set_reversed(w, error);
	if (r->has_lower && r->lower_us > w->now_s * MOMENT_US_PER_S)
		return window_set_future(w, error);
	return 0;
}

/* Days are given as asked for, instants with the zone's offset. */
static void
window_write_bound(const struct window *w, const struct window_bound *b,
    int offset_s, struct json *j)
{
	char	text[MOMENT_TEXT_SIZE];

	if (b->kind == WINDOW_OPEN) {
		json_null(j);
		return;
	}
	if (b->kind == WINDOW_DAY)
		moment_format_day(b->day, text);
	else
		moment_format(b->us, offset_s, !window_needs_zone(w), text);
	json_string(j, text);
}

void
window_write(const struct window *w, const struct window_resolved *r,
    struct json *j)
{
	int64_t	days = w->span_days;

	json_object_begin(j);
	json_key(j, "start");
	window_write_bound(w, &w->start, r->lower_offset_s, j);
	json_key(j, "end");
	window_write_bound(w, &w->end, r->upper_offset_s, j);
	json_key(j, "timezone");
	json_string(j, w->recorded ? "recorded" : w->zone);
	if (w->start.kind == WINDOW_DAY && w->end.kind == WINDOW_DAY)
		days = w->end.day - w->start.day + 1;
	else if (days == 0 && r->has_lower && r->has_upper)
		days = (r->upper_us - r->lower_us + MOMENT_US_PER_DAY - 1) /
		    MOMENT_US_PER_DAY;
	if (days > 0) {
		json_key(j, "days");
		json_int(j, days);
	}
	json_object_end(j);
}
