/* SPDX-License-Identifier: MIT */
/* A call, for the files of the worker that deal with calls. */
#ifndef WORKER_CALL_H
#define WORKER_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mcp/message.h"

struct complete;
struct json_object;
struct resource_read;
struct tools_call;
struct tools_context;
struct tools_result;
struct worker;

struct call {
	struct call		*next;
	struct worker		*w;
	struct mcp_request	 req;
	char			*name;		/* of the tool, or NULL */
	/* Of the resource, or NULL; with a name it is the tool's answer. */
	char			*uri;
	char			*typed;		/* of a completion, or NULL */
	int			 kind;		/* enum complete_kind, of it */
	struct json_object	*arguments;
	char			*line;		/* as read, for a successor */
	size_t			 line_len;
	bool			 announced;	/* the master knows its id */
	int64_t			 deadline_ms;	/* to begin */
	struct tools_call	*tool;		/* once begun */
	struct resource_read	*resource;
	struct complete		*complete;
	bool			 running;
	int64_t			 due_ms;	/* a word of it, if it runs */
	int64_t			 progress;	/* last told */
};

/* --- calls.c --- */

/* A call that was just read; NULL after it was refused. */
struct call *call_new(struct worker *w, const struct mcp_request *req,
	    const struct mcp_slice *raw);
/*
 * The answer was written, or error says why not: it is still one that is
 * owed.  The call is gone.
 */
void	call_answered(struct call *c, int error);
/*
 * A refusal in words that a model can act on; of a completion: nothing to
 * offer.  The call is gone.
 */
void	call_refuse(struct call *c, const char *text);
/* Free a call, and with it all of its batch, without an answer. */
void	call_give_up(struct call *c);

/* --- asks.c --- */

/* Begin a call that is no tool's. */
void	call_begin_ask(struct call *c, const struct tools_context *ctx);
/* A tool's answer as a resource. */
void	call_answer_resource(struct call *c, const struct tools_result *r);

#endif
