/* SPDX-License-Identifier: MIT */
/*
 * The revisions of the Model Context Protocol and what differs between
 * them.  A revision is its date; they are compared as exact strings.
 */
#ifndef MCP_REVISION_H
#define MCP_REVISION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mcp_revision {
	MCP_2024_11_05,
	MCP_2025_03_26,
	MCP_2025_06_18,
	MCP_2025_11_25,
	MCP_2026_07_28,
	MCP_REVISION_COUNT
};

/* What a session speaks that asked for none of ours. */
#define MCP_REVISION_DEFAULT	MCP_2025_11_25

/* What a revision has. */
#define MCP_FEATURE_HANDSHAKE	0x01u	/* initialize negotiates it */
#define MCP_FEATURE_TOOL_HINTS	0x02u	/* annotations of a tool */
#define MCP_FEATURE_TITLE	0x04u	/* title beside name */
#define MCP_FEATURE_STRUCTURED	0x08u	/* outputSchema, structuredContent */
#define MCP_FEATURE_NOT_FOUND	0x10u	/* -32002 for a resource */
#define MCP_FEATURE_PROGRESS_TEXT 0x20u	/* message of a progress */
#define MCP_FEATURE_BATCH	0x40u	/* arrays of messages */
/*
 * Each request says its revision; results have resultType and the server's
 * name, and say how long they hold.
 */
#define MCP_FEATURE_STATELESS	0x80u
#define MCP_FEATURE_COMPLETIONS	0x100u	/* a capability of that name */

/* "2025-06-18"; never NULL for a revision in range. */
const char	*mcp_revision_name(uint32_t revision);
bool		 mcp_revision_has(uint32_t revision, unsigned int feature);
/*
 * What initialize answers to a client that asks for len bytes of name: that
 * revision if initialize may negotiate it, else MCP_REVISION_DEFAULT.
 */
uint32_t	 mcp_revision_negotiate(const char *name, size_t len);
/*
 * The revision that a request of its own may name; MCP_REVISION_COUNT if we
 * do not serve it, or only after initialize.
 */
uint32_t	 mcp_revision_of_request(const char *name, size_t len);

#endif
