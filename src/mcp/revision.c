/* SPDX-License-Identifier: MIT */
/*
 * The table of revisions.  Runs in the worker; the name asked for is the
 * client's.
 */
#include <string.h>

#include "mcp/revision.h"

#define FEATURES_2024_11	(MCP_FEATURE_HANDSHAKE | MCP_FEATURE_NOT_FOUND)
#define FEATURES_2025_03	(FEATURES_2024_11 | MCP_FEATURE_TOOL_HINTS | \
				    MCP_FEATURE_PROGRESS_TEXT | \
				    MCP_FEATURE_COMPLETIONS)
#define FEATURES_2025_06	(FEATURES_2025_03 | MCP_FEATURE_TITLE | \
				    MCP_FEATURE_STRUCTURED)
/* -32602 for a resource that is not there. */
#define FEATURES_2026_07	(MCP_FEATURE_STATELESS | \
				    MCP_FEATURE_TOOL_HINTS | \
				    MCP_FEATURE_TITLE | \
				    MCP_FEATURE_STRUCTURED | \
				    MCP_FEATURE_PROGRESS_TEXT | \
				    MCP_FEATURE_COMPLETIONS)

static const struct {
	const char	*name;
	unsigned int	 features;
} revisions[MCP_REVISION_COUNT] = {
	[MCP_2024_11_05] = { "2024-11-05", FEATURES_2024_11 },
	[MCP_2025_03_26] = { "2025-03-26", FEATURES_2025_03 |
	    MCP_FEATURE_BATCH },
	[MCP_2025_06_18] = { "2025-06-18", FEATURES_2025_06 },
	[MCP_2025_11_25] = { "2025-11-25", FEATURES_2025_06 },
	[MCP_2026_07_28] = { "2026-07-28", FEATURES_2026_07 }
};

const char *
mcp_revision_name(uint32_t revision)
{
	return revisions[revision].name;
}

bool
mcp_revision_has(uint32_t revision, unsigned int feature)
{
	return revision < MCP_REVISION_COUNT &&
	    (revisions[revision].features & feature) == feature;
}

/* The revision of that name with this feature, or MCP_REVISION_COUNT. */
static uint32_t
revision_find(const char *name, size_t len, unsigned int feature)
{
	uint32_t	i;

	for (i = 0; i < MCP_REVISION_COUNT; i++)
		if (mcp_revision_has(i, feature) &&
		    strlen(revisions[i].name) == len &&
		    memcmp(revisions[i].name, name, len) == 0)
			break;
	return i;
}

uint32_t
mcp_revision_negotiate(const char *name, size_t len)
{
	uint32_t	found = revision_find(name, len, MCP_FEATURE_HANDSHAKE);

	return found == MCP_REVISION_COUNT ? MCP_REVISION_DEFAULT : found;
}

uint32_t
mcp_revision_of_request(const char *name, size_t len)
{
	return revision_find(name, len, MCP_FEATURE_STATELESS);
}
