/* SPDX-License-Identifier: MIT */
/* What get_observation_statistics was asked for, understood and checked. */
#ifndef TOOLS_STATISTICS_QUERY_H
#define TOOLS_STATISTICS_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "omh/types.h"
#include "tools/call.h"
#include "tools/data_types.h"
#include "tools/window.h"

#define STATISTICS_CUTS_MAX	12
/* Percentiles with detail=full. */
#define STATISTICS_POINTS_MAX	5
#define STATISTICS_NAME_SIZE	256
/* Groups that are more than an answer. */
#define STATISTICS_GROUPS_MAX	2500

enum statistics_bucket {
	STATISTICS_NO_BUCKET = 0,
	STATISTICS_HOUR,
	STATISTICS_DAY,
	STATISTICS_WEEK,
	STATISTICS_MONTH,
	STATISTICS_HOUR_OF_DAY,
	STATISTICS_WEEKDAY
};

enum statistics_grouping {
	STATISTICS_NO_GROUPING = 0,
	STATISTICS_PATIENT,
	STATISTICS_SOURCE,
	STATISTICS_AGE
};

/* What the shares are shares in. */
enum statistics_shares {
	STATISTICS_NO_SHARES = 0,	/* and in aggregate */
	STATISTICS_CUTS,	/* as asked for */
	STATISTICS_GLUCOSE,	/* the ranges of the consensus */
	STATISTICS_PRESSURE	/* categories of pairs */
};

/* Points into the call's arguments and to tables. */
struct statistics_query {
	/* One of these: a study, a patient, several patients. */
	bool			 of_study;
	int64_t			 study_id;
	bool			 of_patient;
	int64_t			 patient_id;
	const int64_t		*patient_ids;
	size_t			 npatient_ids;
	bool			 cohort;	/* not of one patient */

	/* A data type, or an item of a questionnaire. */
	struct data_types	 wanted;
	const struct omh_type	*type;		/* NULL: a survey's item, or
						 * a name nobody knows */
	bool			 survey;
	char			 questionnaire[STATISTICS_NAME_SIZE];
	char			 item[STATISTICS_NAME_SIZE];

	size_t			 nmeasures;	/* 1 at least */
	const struct omh_measure *measures[OMH_MEASURES_MAX];
	/* Of each: the unit of its numbers, NULL for a count. */
	const struct omh_unit	*units[OMH_MEASURES_MAX];
	const char		*unit;		/* of the result */
	enum omh_analysis	 analysis;

	struct window		 window;
	enum statistics_bucket	 bucket;
	enum statistics_grouping grouping;
	bool			 alone;		/* neither of both */
	bool			 full;
	/* No share, extreme or percentile, which would tell single values. */
	bool			 aggregate;
	bool			 extremes;	/* which rows have them */
	const char		*sort;
	enum statistics_shares	 shares;
	double			 cuts[STATISTICS_CUTS_MAX];
	size_t			 ncuts;
	double			 joint[5];
	/* All groups come at once, for the rules about small ones. */
	bool			 whole;
	size_t			 skip;		/* groups of earlier pages */
};

/* 0; ERR_FORMAT with the answer in call->error. */
int	statistics_query_parse(struct statistics_query *q,
	    struct tools_call *call);
/* Submit it: the statement is the last query; time_zone may precede it. */
int	statistics_query_submit(const struct statistics_query *q,
	    struct tools_call *call);

/* "hour", "week"; NULL for none. */
const char *statistics_bucket_name(enum statistics_bucket bucket);
/* too_broad: n groups of the bucket; `from`: what they are of. */
void	statistics_set_too_broad(const struct statistics_query *q, int64_t n,
	    const char *from, struct buf *error);

#endif
