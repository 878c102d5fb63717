/* SPDX-License-Identifier: MIT */
/*
 * The types of a patient's observations between the database and the answer,
 * for the tools that tell of them.
 */
#ifndef TOOLS_INVENTORY_TYPES_H
#define TOOLS_INVENTORY_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "tools/call.h"
#include "tools/data_types.h"
#include "tools/holdings.h"
#include "tools/windowed.h"

/* Types in an answer. */
#define INVENTORY_TYPES_MAX	200

struct inventory_type {
	char			*name;		/* NULL: it has no code */
	char			*code;		/* cleaned */
	const struct omh_type	*type;		/* NULL: not known */
	int64_t			 count, days;
	bool			 dated;
	int64_t			 first_us, last_us;
	int			 first_offset_s, last_offset_s;
	int64_t			 first_day, last_day;	/* since 1970 */
	char			*sources;	/* cleaned, by commas */
	char			*latest;	/* cleaned; NULL: none */
};

struct inventory {
	int64_t			 patient_id;
	struct data_types	 asked;
	struct windowed		 w;
	bool			 seen, readable;
	struct buf		 missed;
	struct holdings		 have;		/* if total is 0 */
	struct inventory_type	*types;		/* with a count */
	size_t			 ntypes;
	size_t			 more_types;	/* not kept */
	int64_t			 total, undated, withheld;
	int64_t			 texts_withheld;
	bool			 free_text;
};

/*
 * Take patient_id, data_type and the window from the arguments and submit
 * observation_inventory; timed is its parameter.  0 or an error; that of the
 * arguments is in call->error, and 0.
 */
int	inventory_submit(struct inventory *v, struct tools_call *call,
	    bool timed);
/* A row of the statement (or of time_zone, which is known by query). */
int	inventory_read(struct inventory *v, struct tools_call *call,
	    size_t query, const struct db_row *row);
/* False: there is no answer but call->error. */
bool	inventory_check(const struct inventory *v, struct tools_call *call);
void	inventory_clear(struct inventory *v);

/* "0 blood-pressure observations …; the patient has …", as summary. */
void	inventory_write_empty(const struct inventory *v,
	    struct tools_call *call);
/* Notes on what is not counted, and withheld. */
void	inventory_notes(const struct inventory *v, struct tools_call *call);
/*
 * The type with the first and the one with the last observation; NULL if
 * none has a time.
 */
const struct inventory_type *inventory_first(const struct inventory *v);
const struct inventory_type *inventory_last(const struct inventory *v);
/* An instant as the call's zone shows it. */
void	inventory_time(const struct inventory *v, int64_t us, int offset_s,
	    char text[MOMENT_TEXT_SIZE]);

#endif
