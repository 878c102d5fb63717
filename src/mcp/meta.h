/* SPDX-License-Identifier: MIT */
/*
 * What a request of 2026-07-28 says of itself in params._meta: there is no
 * session that would know it.
 */
#ifndef MCP_META_H
#define MCP_META_H

#include <stdbool.h>

struct json_object;

#define MCP_META		"io.modelcontextprotocol/"
#define MCP_META_VERSION	MCP_META "protocolVersion"
#define MCP_META_CAPABILITIES	MCP_META "clientCapabilities"
#define MCP_META_CLIENT		MCP_META "clientInfo"
#define MCP_META_LOG_LEVEL	MCP_META "logLevel"
/* Of messages to the client. */
#define MCP_META_SERVER		MCP_META "serverInfo"
#define MCP_META_SUBSCRIPTION	MCP_META "subscriptionId"

/*
 * params._meta of a request that speaks for itself, NULL for one that
 * belongs to a session (or params are no object): any member above makes the
 * difference, so that one that lacks a further member is told so.
 */
struct json_object *mcp_meta_of(struct json_object *params);
/* The revision it names; NULL: none, or no string. */
const char *mcp_meta_version(struct json_object *meta);
/* NULL if it is as the revision demands, else what is wrong: a literal. */
const char *mcp_meta_fault(struct json_object *meta);

#endif
