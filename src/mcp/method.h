/* SPDX-License-Identifier: MIT */
/*
 * MCP's methods, one request or notification at a time; for server.c, which
 * knows what is a message of its own and what is in a batch.
 */
#ifndef MCP_METHOD_H
#define MCP_METHOD_H

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

/* The message's id and progress token, and the batch it is in, or NULL. */
void	method_fill_request(struct method_call *c, struct mcp_batch *batch);
/*
 * A well-formed request or notification.  0, or an error: then it has no
 * answer yet.
 */
int	method_run(struct method_call *c);

#endif
