/* SPDX-License-Identifier: MIT */
/*
 * A line taken apart as a JSON-RPC 2.0 message, and what a request that
 * waits for its answer needs.
 */
#ifndef MCP_MESSAGE_H
#define MCP_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "mcp/scan.h"

struct json_object;
struct mcp_batch;
struct mcp_parser;

/* JSON-RPC 2.0 §5.1 and MCP's own. */
#define MCP_ERROR_PARSE			(-32700)
#define MCP_ERROR_INVALID_REQUEST	(-32600)
#define MCP_ERROR_METHOD_NOT_FOUND	(-32601)
#define MCP_ERROR_INVALID_PARAMS	(-32602)
#define MCP_ERROR_INTERNAL		(-32603)
#define MCP_ERROR_RESOURCE_NOT_FOUND	(-32002)
#define MCP_ERROR_UNSUPPORTED_VERSION	(-32022)

/*
 * What is kept of a request until it is answered: plain and of fixed size.
 * The id is as the client wrote it, so that the answer's is the same.
 */
struct mcp_request {
	struct mcp_batch *batch;	/* lent; NULL: it came by itself */
	uint32_t	revision;	/* enum mcp_revision */
	uint32_t	id_len;		/* 0: of an answer without id */
	uint32_t	progress_len;	/* 0: no progress is wanted */
	char		id[MCP_ID_MAX];	/* raw JSON, no NUL */
	char		progress[MCP_ID_MAX];
};

/*
 * With the id only, as a successor needs it to answer for one that died.
 * 0; ERR_FORMAT if the bytes are not a JSON integer or string of at most
 * MCP_ID_MAX bytes, or the revision is unknown.
 */
int	mcp_request_init(struct mcp_request *req, uint32_t revision,
	    const char *id, size_t id_len);

enum mcp_kind {
	MCP_KIND_REQUEST,
	MCP_KIND_NOTIFICATION,
	MCP_KIND_RESPONSE,	/* or a refused answer: never answered */
	MCP_KIND_BATCH,		/* a JSON array, whatever is in it */
	MCP_KIND_BLANK,		/* nothing in it, or nothing to do about it */
	MCP_KIND_INVALID	/* to be answered with error and reason */
};

struct mcp_message {
	enum mcp_kind		 kind;
	int			 error;	/* MCP_ERROR_, if invalid */
	const char		*reason; /* a literal, if invalid */
	struct mcp_slice	 id;	/* data is NULL if unknown */
	struct mcp_slice	 progress_token;
	struct mcp_slice	 request_id;	/* params.requestId */
	const char		*method; /* NUL-terminated; in tree */
	struct json_object	*params; /* in tree; NULL: none, or null */
	unsigned int		 has;	/* MCP_HAS_ */
	struct json_object	*tree;
};

/*
 * Keeps json-c's tokener, and makes json-c seed its hash now: later, behind
 * the final filter, it could not.  Lines may have line_max bytes.  NULL when
 * out of memory.
 */
struct mcp_parser *mcp_parser_new(size_t line_max);
void	 mcp_parser_free(struct mcp_parser *p);
/*
 * Take len bytes apart (without newline, NUL not needed).  What m points to
 * lives as long as the line and until mcp_message_free().
 */
void	 mcp_message_parse(struct mcp_parser *p, const char *line, size_t len,
	    struct mcp_message *m);
void	 mcp_message_free(struct mcp_message *m);

#endif
