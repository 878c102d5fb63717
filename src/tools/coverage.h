/* SPDX-License-Identifier: MIT */
/* get_data_coverage between the database and the answer. */
#ifndef TOOLS_COVERAGE_H
#define TOOLS_COVERAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "tools/call.h"
#include "tools/data_types.h"
#include "tools/holdings.h"
#include "tools/policy.h"
#include "tools/windowed.h"

/* Weeks or months in an answer, all pages together. */
#define COVERAGE_BUCKETS_MAX	500
/* Days of a study's window if none is asked for. */
#define COVERAGE_STUDY_DAYS	30

enum coverage_by {
	COVERAGE_PATIENT,
	COVERAGE_TYPE,
	COVERAGE_SOURCE,
	COVERAGE_WEEK,
	COVERAGE_MONTH
};

struct coverage_type {
	char	*name;
	int64_t	 readings;
	bool	 has_expected;
	double	 expected;	/* readings a day */
	bool	 has_spacing;
	double	 spacing_s;	/* from which that was worked out */
};

struct coverage_problem {
	char	 name[24];
	int64_t	 readings, patients, example;
};

struct coverage_row {
	int64_t	 key;		/* patient, type, source, first day */
	int64_t	 value;		/* what rows are sorted by */
	char	*name;		/* of a type or source; NULL: none */
	int64_t	 patients, days, readings;
	double	 share;		/* of days, 0 to 1 */
	bool	 has_complete;
	double	 complete;	/* 0 to 1 */
	double	 gap_s;
	bool	 has_last;
	int64_t	 last_day;
};

/* Problems the statement knows. */
#define COVERAGE_PROBLEMS	5

struct coverage {
	enum coverage_by	 by;
	bool			 of_study, of_patient;
	int64_t			 study_id, patient_id;
	bool			 window_given;
	bool			 asked_expected;
	double			 expected;	/* if asked */
	const char		*sort;
	struct data_types	 asked;
	struct windowed		 w;
	/* The statement's first columns. */
	bool			 seen, found, team;
	int64_t			 unreadable, patients, readings;
	int64_t			 withheld, withheld_patients;
	int64_t			 span_days, groups, reaching;
	bool			 has_median;
	double			 median;
	struct buf		 missed;
	struct holdings		 have;
	struct coverage_type	*types;
	size_t			 ntypes;
	struct coverage_problem	 problems[COVERAGE_PROBLEMS];
	size_t			 nproblems;
	struct coverage_row	*rows;
	struct policy_group	*shown;		/* of each row */
	size_t			 nrows, size;
	size_t			 suppressed;
};

/* Of coverage_read.c: a row of the statement; 0 or an error. */
int	coverage_read_row(struct coverage *c, const struct db_row *row);
void	coverage_clear(struct coverage *c);

/* Of coverage_write.c: the answer, after all checks. */
int	coverage_write(struct coverage *c, struct tools_call *call);

#endif
