/* SPDX-License-Identifier: MIT */
/* A call, for the files of the worker that deal with calls. */
#ifndef WORKER_CALL_H
#define WORKER_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mcp/message.h"

struct json_object;
struct resource_read;
struct tools_call;
struct worker;

struct call {
	struct call		*next;
	struct worker		*w;
	struct mcp_request	 req;
	char			*name;		/* of the tool, or NULL */
	char			*uri;		/* of the resource, or NULL */
	struct json_object	*arguments;
	char			*line;		/* as read, for a successor */
	size_t			 line_len;
	bool			 announced;	/* the master knows its id */
	int64_t			 deadline_ms;	/* to begin */
	struct tools_call	*tool;		/* once begun */
	struct resource_read	*resource;
	bool			 running;
	int64_t			 progress;	/* last told */
};

/* Free a call, and with it all of its batch, without an answer. */
void	call_give_up(struct call *c);

#endif
