/* SPDX-License-Identifier: MIT */
/*
 * Completion of arguments: what a person may mean who has typed the first
 * characters.  Studies and patients are those the person may see, as in the
 * tools; a patient's name is given only to who has typed two characters of
 * it, and never where names are not given out.
 */
#ifndef TOOLS_COMPLETE_H
#define TOOLS_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "mcp/write.h"

struct complete;
struct tools_context;

/* What mcp_argument.completes may be. */
enum complete_kind {
	COMPLETE_NOTHING = 0,
	COMPLETE_STUDY,
	COMPLETE_PATIENT,
	COMPLETE_DATA_TYPE,
	COMPLETE_TIMEZONE,
	COMPLETE_PERIOD,
	COMPLETE_TABLE		/* of schema://jupyterhealth/{table} */
};

/* Patients that are offered at once; of other things MCP_COMPLETIONS_MAX. */
#define COMPLETE_PATIENTS_MAX	20

/* The values found, of which some are kept. */
struct complete_values {
	size_t		 n, total;
	size_t		 at[MCP_COMPLETIONS_MAX];	/* in text */
	struct buf	 text;		/* values, each with a NUL */
};

void	complete_values_init(struct complete_values *v);
void	complete_values_free(struct complete_values *v);
/* 0 or an error of the buffer; values has MCP_COMPLETIONS_MAX places. */
int	complete_values_get(const struct complete_values *v,
	    const char **values, struct mcp_completion *completion);

/*
 * What needs no database and no person.  False: kind is studies or patients,
 * and nothing was done.
 */
bool	complete_known(struct complete_values *v, int kind,
	    const char *value);

/*
 * The other kinds.  completion is lent for the call; error: ERR_TIMEOUT and
 * the like, with nothing to offer.  May free the complete.
 */
typedef void	complete_done_fn(void *arg, int error,
		    const struct mcp_completion *completion);

/*
 *  0	under way: done is called once, later.
 *  1	over: there is nothing to offer to what was typed, or in this mode of
 *	disclosure; done is not called, *out is NULL.
 * <0	an error of db_submit() or memory: there is no complete.
 */
int	complete_start(struct complete **out, int kind, const char *value,
	    const struct tools_context *ctx, complete_done_fn *done,
	    void *arg);
/* Give it up, NULL is allowed; done is not called any more. */
void	complete_free(struct complete *c);

/* --- timezones.c --- */

/* Names of the IANA time zone database, NULL behind the last. */
extern const char *const	complete_timezones[];

#endif
