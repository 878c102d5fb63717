/* SPDX-License-Identifier: MIT */
/*
 * MCP's methods, one request or notification at a time; for server.c, which
 * knows what is a message of its own and what is in a batch.
 */
#ifndef MCP_METHOD_H
#define MCP_METHOD_H

#include <json-c/json.h>

#include <stdbool.h>

#include "base/buf.h"
#include "mcp/message.h"
#include "mcp/revision.h"
#include "mcp/server.h"

struct mcp_server {
	const struct mcp_offer	*offer;
	const struct mcp_ops	*ops;
	void			*arg;
	struct mcp_parser	*parser;
	struct json_object	*no_arguments;
	/* The first page of tools/list, written when it is asked for. */
	struct buf		 tools[MCP_REVISION_COUNT];
};

/* A message being served. */
struct method_call {
	struct mcp_server		*server;
	struct mcp_session		*session;
	const struct mcp_message	*message;
	struct mcp_slice		 raw;
	struct mcp_request		 request;
	struct buf			*out;
};

typedef int	method_fn(struct method_call *);

/* --- Methods with files of their own. --- */

method_fn	method_prompts_get, method_complete;

/* --- For all of them. --- */

/* -32602 with a message. */
int	method_refuse(struct method_call *c, const char *message);
/* code with "What: name", the name cleaned and cut. */
int	method_refuse_name(struct method_call *c, int code, const char *what,
	    const char *name);
/*
 * A member of an object; NULL if it is missing or null.  *wrong becomes true
 * if it is of another type.
 */
struct json_object *method_member(struct json_object *object,
	    const char *key, enum json_type type, bool *wrong);
/* A member that must be a string: its text, else NULL. */
const char *method_string(struct json_object *object, const char *key);

/* --- For server.c. --- */

/* The message's id and progress token, and the batch it is in, or NULL. */
void	method_fill_request(struct method_call *c, struct mcp_batch *batch);
/*
 * A well-formed request or notification.  0, or an error: then it has no
 * answer yet.
 */
int	method_run(struct method_call *c);

#endif
