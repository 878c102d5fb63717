/* SPDX-License-Identifier: MIT */
/*
 * One answer of get_observation_statistics between the database and the
 * result: the rows as they arrived.
 */
#ifndef TOOLS_STATISTICS_PAGE_H
#define TOOLS_STATISTICS_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "tools/call.h"
#include "tools/policy.h"
#include "tools/statistics_query.h"
#include "tools/window.h"

#define STATISTICS_BINS		(STATISTICS_CUTS_MAX + 1)

enum statistics_kind {
	STATISTICS_GROUP,
	STATISTICS_BETWEEN,	/* all of a measure; means of patients */
	STATISTICS_MIN,
	STATISTICS_MAX,
	STATISTICS_KINDS
};

/* A text is the offset in page.texts; 0 is "". */
struct statistics_row {
	enum statistics_kind	kind;
	size_t			measure;	/* index in query.measures */
	size_t			statistic;	/* descriptive_statistic */
	int64_t			source;		/* 0: sources are no parts */
	size_t			source_name;
	int64_t			key;
	size_t			key_name;
	int64_t			bucket;
	int			shift_s;
	int64_t			patients, n;
	double			mean, sd, low, high;	/* NaN: none */
	double			points[STATISTICS_POINTS_MAX];
	int64_t			bins[STATISTICS_BINS];
	int64_t			patient, id;		/* 0: none */
	int64_t			at_us, local_us;
	bool			timed;
	bool			shown;		/* a row of the result */
};

struct statistics_page {
	struct statistics_query	query;
	bool			zone_known;
	/* The statement's first columns. */
	bool			seen, found, team;
	int64_t			subjects, unreadable_subjects;
	struct window_resolved	resolved;
	int64_t			undated, held, unreadable, erroneous, naps;
	int64_t			duplicates, converted;
	bool			dated;		/* there is a first and last */
	int64_t			first_us, last_us;
	double			spacing_s[3];	/* NaN: not known */
	struct buf		have;
	int64_t			total;		/* groups */
	struct buf		texts;
	struct statistics_row	*rows[STATISTICS_KINDS];
	size_t			nrows[STATISTICS_KINDS];
	size_t			sizes[STATISTICS_KINDS];
	/* What is told apart. */
	bool			mixed;		/* descriptive_statistic */
	bool			split;		/* data sources */
	/* Small groups: in the order of rows[STATISTICS_GROUP]. */
	struct policy_group	*small;
	bool			hidden;		/* all of it */
	int64_t			median_min;	/* 0: see below */
	size_t			suppressed;
};

/* Of statistics_page.c: a row of the statement; 0 or a negative err. */
int	statistics_page_read(struct statistics_page *page,
	    const struct db_row *row);
void	statistics_page_init(struct statistics_page *page);
void	statistics_page_clear(struct statistics_page *page);
const char *statistics_page_text(const struct statistics_page *page,
	    size_t text);
/* The name of a measure, with its descriptive_statistic if they differ. */
void	statistics_measure_name(const struct statistics_page *page,
	    const struct statistics_row *r, struct buf *out);
/* Decimals of the numbers of a measure. */
int	statistics_decimals(const struct statistics_page *page,
	    size_t measure);
/*
 * The median of values of that many patients, or NaN: of few patients with a
 * value each it is somebody's value, so in aggregate it needs four times the
 * patients that a group needs.  Other percentiles and extremes are never of
 * an aggregate.
 */
double	statistics_page_median(const struct statistics_page *page,
	    int64_t patients, double median);
/* The mean of all of a measure; NaN if there is none. */
double	statistics_pooled_mean(const struct statistics_page *page,
	    size_t measure);
/* All readings, nights or days of a measure. */
int64_t	statistics_page_n(const struct statistics_page *page);
/* Patients that any of them are of. */
int64_t	statistics_page_patients(const struct statistics_page *page);

/*
 * Of statistics_table.c: the rows of the page to call->result, and ranges,
 * between_patients, derived and extremes to its head.
 */
#define STATISTICS_COLUMNS_MAX	20
struct statistics_columns {
	size_t		 n;
	const char	*list[STATISTICS_COLUMNS_MAX];
};
void	statistics_write_table(struct statistics_page *page,
	    struct tools_call *call, struct statistics_columns *columns);
/* The name of what a row is of: the cells before its numbers. */
size_t	statistics_key_columns(const struct statistics_page *page,
	    bool measure, const char *list[STATISTICS_COLUMNS_MAX]);
void	statistics_write_key(const struct statistics_page *page,
	    const struct statistics_row *r, bool measure, struct json *j);
/* A column "measure" is needed. */
bool	statistics_has_measures(const struct statistics_page *page);
/* A number that was computed, and one that was stored, as JSON. */
void	statistics_write_number(const struct statistics_page *page,
	    size_t measure, double value, struct json *j);
void	statistics_write_value(const struct statistics_page *page,
	    size_t measure, double value, struct json *j);

/* Rows that between_patients may have, and extremes of each end. */
#define STATISTICS_BESIDE_MAX	100

/* Of statistics_more.c: these members, to the head. */
void	statistics_write_ranges(const struct statistics_page *page,
	    struct json *j);
void	statistics_write_between(const struct statistics_page *page,
	    struct json *j);
void	statistics_write_derived(const struct statistics_page *page,
	    struct json *j);
void	statistics_write_extremes(const struct statistics_page *page,
	    struct json *j);
/* How many of the rows of a kind are told. */
size_t	statistics_beside_count(const struct statistics_page *page,
	    enum statistics_kind kind);
/* The name of a range, bin counted from 0. */
void	statistics_range_name(const struct statistics_query *q, size_t bin,
	    char *text, size_t size);
size_t	statistics_range_count(const struct statistics_query *q);
/* Glucose: readings come so closely that ranges are of time. */
bool	statistics_is_continuous(const struct statistics_page *page);

/* Of statistics_text.c: summary and notes; unknown_type and the like. */
void	statistics_write_summary(const struct statistics_page *page,
	    struct tools_call *call);
void	statistics_write_notes(const struct statistics_page *page,
	    struct tools_call *call);
/* The share of readings in a range, percent; NaN if there are none. */
double	statistics_share(const struct statistics_row *r, size_t bin);
/* Days of the window, or of the data if it is open; 0: not known. */
int64_t	statistics_days(const struct statistics_page *page);

#endif
