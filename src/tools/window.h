/* SPDX-License-Identifier: MIT */
/*
 * The window of time a call asks for: start, end, last, timezone.
 *
 * Days are whole days in the zone, both inclusive; instants are start
 * inclusive, end exclusive; last is a span that ends now.  The zone's rules
 * are PostgreSQL's: a window is resolved by the statement it is given to.
 */
#ifndef TOOLS_WINDOW_H
#define TOOLS_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/moment.h"

struct args;
struct buf;
struct db_params;
struct json;

#define WINDOW_ZONE_SIZE	64

enum window_bound_kind {
	WINDOW_OPEN = 0,
	WINDOW_DAY,
	WINDOW_INSTANT
};

struct window_bound {
	enum window_bound_kind	 kind;
	int64_t			 day;	/* of a DAY: days since 1970 */
	int64_t			 us;	/* of an INSTANT, since 1970 */
};

struct window {
	struct window_bound	start;
	struct window_bound	end;
	bool			recorded; /* the offset of each reading */
	char			zone[WINDOW_ZONE_SIZE];	/* unless recorded */
	int64_t			span_days;	/* of last; 0: none */
	int64_t			now_s;
};

/* What a statement takes; NULL where there is nothing. */
struct window_params {
	const char	*first_day;	/* date */
	const char	*last_day;	/* date, inclusive */
	const char	*start_at;	/* timestamptz */
	const char	*end_at;	/* timestamptz, exclusive */
	const char	*zone;		/* NULL: recorded */
	char		 texts[4][MOMENT_TEXT_SIZE];
};

/*
 * From the arguments start, end, last and timezone as far as the tool has
 * them; now_s is what "now" means, default_zone the zone without timezone
 * (NULL: UTC).  0, or ERR_FORMAT with a bad_argument in error.
 */
int	window_parse(struct window *w, const struct args *args, int64_t now_s,
	    const char *default_zone, struct buf *error);
bool	window_is_open(const struct window *w);
/* The zone is UTC, so times are written with Z. */
bool	window_is_utc(const struct window *w);
/*
 * The zone is one that only PostgreSQL can tell to exist: run the statement
 * time_zone first; if it fails for its input, window_set_unknown_zone().
 */
bool	window_needs_zone(const struct window *w);
void	window_set_unknown_zone(const struct window *w, struct buf *error);
/* The texts point into p and w. */
void	window_params(const struct window *w, struct window_params *p);
/*
 * The same into five parameters of a statement, one after the other from
 * `first` on: first_day, last_day, start_at, end_at, zone.
 */
void	window_db_params(const struct window *w, struct db_params *p,
	    int first);

/* The bounds as the statement resolved them; NULL: open, or recorded. */
struct window_resolved {
	bool	has_lower, has_upper;
	int64_t	lower_us, upper_us;		/* upper exclusive */
	int	lower_offset_s, upper_offset_s;	/* in the zone */
};

/*
 * What could not be told before: 0, or ERR_FORMAT with a bad_argument for a
 * start after the end and for a window wholly in the future.
 */
int	window_check(const struct window *w, const struct window_resolved *r,
	    struct buf *error);
/* The member "window" of a result. */
void	window_write(const struct window *w, const struct window_resolved *r,
	    struct json *j);

#endif
