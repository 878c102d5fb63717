/* SPDX-License-Identifier: MIT */
/*
 * The tools a client may call: what they are, and one call from its
 * arguments to its result.  Knows no transport and no process; what it needs
 * of them comes in struct tools_context.
 */
#ifndef TOOLS_TOOLS_H
#define TOOLS_TOOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "mcp/write.h"

struct db;
struct json_object;
struct tool;
struct tools;
struct tools_call;

/* Characters of a result as it is, and when a large one was asked for. */
#define TOOLS_CHARACTERS	16000
#define TOOLS_CHARACTERS_LARGE	40000
/* Rows that any page may have. */
#define TOOLS_ROWS_MAX	1000
/* Most bytes a result's text, and its structured part, may take. */
#define TOOLS_RESULT_MAX	(1024 * 1024)

/* Option identity-fields: when names, birth dates and contacts are given. */
enum tools_identity {
	TOOLS_IDENTITY_ON_REQUEST,
	TOOLS_IDENTITY_NEVER,
	TOOLS_IDENTITY_ALWAYS
};

/*
 * Option disclosure: how much of persons a deployment gives out.  In
 * TOOLS_PSEUDONYMOUS no identity field and no free text of records leaves;
 * in TOOLS_AGGREGATE tools about single patients refuse, and groups of fewer
 * than minimum_cell patients are held back.
 */
enum tools_disclosure {
	TOOLS_IDENTIFIED,
	TOOLS_PSEUDONYMOUS,
	TOOLS_AGGREGATE
};

/*
 * Whose call it is and what it may use.  Copied at the start of a call; what
 * it points to must live until the call is done.
 */
struct tools_context {
	struct db	*db;
	int64_t		 person;	/* core_jheuser.id */
	/* The studies which the login's claims allow, if narrowed. */
	bool		 narrowed;
	const int64_t	*studies;
	size_t		 nstudies;
	enum tools_identity	 identity;
	enum tools_disclosure	 disclosure;
	unsigned int	 minimum_cell;	/* patients; 0: no group is too small */
	bool		 consent_gate;	/* in force in the database */
	const char	*default_timezone;	/* IANA name; NULL is UTC */
	/* For the text of too_slow. */
	unsigned int	 statement_timeout_s;
	/* For provenance and errors: of the call; NULL if it has none. */
	const char	*request_id;
	const char	*exchange_url;	/* or NULL */
	const char	*database;	/* its generation, or NULL */

	/*
	 * The clock; NULL is the system's.  And the seal of cursors, which
	 * must be bound to the person: both append to out and return 0 or an
	 * enum err; a sealed text is base64url of len + 28 bytes at most.
	 * open: anything but 0 is answered as bad_cursor.
	 */
	int64_t	(*now_s)(void *arg);
	int	(*seal)(void *arg, const void *plain, size_t len,
		    struct buf *out);
	int	(*open)(void *arg, const char *text, size_t len,
		    struct buf *out);
	void	*arg;
};

/* What a call answers; the buffers belong to the call. */
struct tools_result {
	bool		 is_error;
	struct buf	 text;		/* content[0] */
	struct buf	 structured;	/* JSON object; empty for an error */
	struct buf	 meta;		/* JSON object for _meta: provenance */
	bool		 is_fault;	/* an error, and ours */
};

/* The definitions in the order they are listed, for struct mcp_offer. */
const struct mcp_tool	*tools_definitions(size_t *n);

/*
 * Parse the schemas of all tools: once a process, before the first call (and
 * before the final filter: json-c seeds its hash).  NULL: out of memory.
 */
struct tools	*tools_new(void);
void		 tools_free(struct tools *t);
/*
 * Keep the tools of names, words parted by spaces, that can answer anything
 * under ctx's disclosure: no other is listed or found.  Of ctx nothing else
 * is read.  Until this is called all are found.  0 or ERR_MEMORY.
 */
int	tools_choose(struct tools *t, const char *names,
	    const struct tools_context *ctx);
/* The definitions of those, in the order they are listed; t's. */
const struct mcp_tool *tools_offer(const struct tools *t, size_t *n);
/* NULL if there is no tool of that name, or none that may be called. */
const struct tool *tools_find(const struct tools *t, const char *name);

/* The call is over; its result is there until tools_call_free(). */
typedef void	tools_done_fn(void *arg, const struct tools_result *result);

/*
 * Start a call.  arguments: the object of the request, borrowed for the
 * duration of this function; NULL for none.
 *  0	under way: done is called once, later, from the db's event
 *	functions, never from within this one; it may free the call.
 *  1	over already (as for bad arguments): tools_call_result() has the
 *	answer, done is not called.
 * <0	ERR_MEMORY or so: there is no call.
 */
int	tools_call_start(struct tools_call **call, const struct tool *tool,
	    struct json_object *arguments, const struct tools_context *ctx,
	    tools_done_fn *done, void *arg);
/* The answer of a call that is over, else NULL. */
const struct tools_result *tools_call_result(const struct tools_call *call);
/*
 * Give the call up or away, NULL is allowed.  One under way is not answered
 * any more; its statements run on, and its memory goes when the db is done
 * with them (or with the process, after db_close()).
 */
void	tools_call_free(struct tools_call *call);

#endif
