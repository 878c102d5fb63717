/* SPDX-License-Identifier: MIT */
/*
 * One call as the tool's own file sees it.  A tool is a row of the table in
 * tools.c: it submits queries, gets their rows, and fills the result.
 */
#ifndef TOOLS_CALL_H
#define TOOLS_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/db.h"
#include "db/param.h"
#include "tools/args.h"
#include "tools/cursor.h"
#include "tools/errors.h"
#include "tools/policy.h"
#include "tools/result.h"
#include "tools/tools.h"

/* Queries of one submission; and those of a call that provenance names. */
#define CALL_QUERIES_MAX	8
#define CALL_STATEMENTS_MAX	12

/*
 * Each function returns 0 or a negative enum err, which ends the call with
 * the error "internal" (ERR_TIMEOUT: too_slow).  To answer with an error of
 * one's own, write it to call->error with errors.h and return 0.
 */
struct tool_ops {
	const char	*name;
	/* What it tells about; what is not said is of patients. */
	enum tool_about	 about;
	size_t		 state_size;	/* of call->state, zeroed */
	/*
	 * The arguments satisfy the schema, call->position is set from the
	 * cursor.  Check what a schema cannot say, submit the first queries.
	 */
	int		(*start)(struct tools_call *call);
	/* A row of query number `query` of the latest submission. */
	int		(*row)(struct tools_call *call, size_t query,
			    const struct db_row *row);
	/*
	 * The latest submission is done, without error.  Submit more, or
	 * write the answer with call_finish().
	 */
	int		(*step)(struct tools_call *call);
	/*
	 * The latest submission failed: write call->error if the tool knows
	 * better words than "internal".  NULL if it never does.
	 */
	void		(*failed)(struct tools_call *call,
			    enum db_error error);
	/* Free what the state points to; NULL if nothing. */
	void		(*clear)(void *state);
};

/* Who asks, known from the first step() on. */
struct call_profile {
	bool		known;
	bool		active;
	bool		practitioner;
	bool		patient;
	struct buf	name;		/* cleaned e-mail address */
};

struct tools_call {
	struct tools_context	 ctx;
	const struct tool	*tool;
	struct args		 args;
	struct cursor_position	 position;	/* to go on from */
	/*
	 * Seconds since 1970: as_of_s is now, base_s is what "now" means for
	 * windows and ages: the time of the first page.
	 */
	int64_t			 as_of_s;
	int64_t			 base_s;
	struct result		 result;
	struct buf		 error;		/* not empty: the answer */
	void			*state;
	unsigned int		 phase;		/* submissions done so far */
	struct call_profile	 profile;
	/* The rest is call.c's. */
	struct tools_result	 answer;
	tools_done_fn		*done;
	void			*done_arg;
	bool			 waiting;	/* for the db */
	bool			 over;
	bool			 detached;
	size_t			 nqueries;	/* of the tool */
	/* For the provenance. */
	int64_t			 begun_ms;	/* clock_monotonic_ms() */
	int64_t			 matched;	/* total of the list, or -1 */
	enum db_statement	 statements[CALL_STATEMENTS_MAX];
	size_t			 nstatements;
};

/*
 * Begin the n parameters (PARS_…) of a statement: $1, the person, and $2,
 * the claims, are set.
 */
void	call_params(const struct tools_call *call, struct db_params *p, int n);
/*
 * Send queries in one pipeline with one snapshot; the parameters are copied.
 * The first submission of a call also asks who the person is: one without a
 * profile is answered with no_profile before step() is called.
 */
int	call_submit(struct tools_call *call, const struct db_query *queries,
	    size_t n);
/* "limit" of the arguments: rows of a page. */
size_t	call_limit(const struct tools_call *call);
/*
 * End the call with call->result.  list (NULL: the result has none): its
 * total, member and columns; next_cursor is made here, from last, if the
 * page was not the end.
 */
int	call_finish(struct tools_call *call, struct result_list *list,
	    const struct cursor_position *last);
/* End the call with text and JSON that are not of the common layout. */
int	call_finish_raw(struct tools_call *call, const char *text,
	    const char *structured);

#endif
