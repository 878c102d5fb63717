/* SPDX-License-Identifier: MIT */
/* What get_study_consents keeps of a call; for its own two files. */
#ifndef TOOLS_CONSENTS_STATE_H
#define TOOLS_CONSENTS_STATE_H

#include "tools/call.h"
#include "tools/data_types.h"
#include "tools/requested.h"

#define CONSENTS_MONTH_SIZE	16

enum {
	CONSENTS_TYPES,
	CONSENTS_ROWS,
	CONSENTS_MONTHS,
	CONSENTS_QUERIES
};

struct consents_month {
	char	month[CONSENTS_MONTH_SIZE];	/* 2026-02 */
	int64_t	patients;
};

struct consents {
	int64_t			 study_id, patient_id;
	bool			 one;		/* patient_id was given */
	const char		*status;
	struct data_types	 asked;
	struct requested	 requested;
	struct cursor_position	 last;
	/* What the statement says of the whole study. */
	bool			 found, team;
	int64_t			 patients, types, complete, refusing, waiting;
	int64_t			 total;
	char			 missed[DATA_TYPES_NAME_SIZE];
	struct consents_month	*months;
	size_t			 nmonths, more_months;
	/* Of the one patient. */
	int64_t			 consented, refused, pending;
};

/* first_consents are of the whole study and all its requests. */
bool	consents_has_months(const struct consents *c);
/* With complete consent there is nothing to name. */
bool	consents_has_types(const struct consents *c);
/* The step of the tool: everything has arrived. */
int	consents_answer(struct tools_call *call);

#endif
