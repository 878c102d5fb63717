/* SPDX-License-Identifier: MIT */
/*
 * Sessions.  Runs in the worker.  The client's name and version are a
 * stranger's text, cleaned before it is kept.
 */
#include <string.h>

#include "base/err.h"
#include "mcp/revision.h"
#include "mcp/session.h"
#include "mcp/write.h"

void
mcp_session_begin(struct mcp_session *session, uint32_t revision,
    const char *client_name, const char *client_version)
{
	memset(session, 0, sizeof(*session));
	session->initialized = 1;
	session->revision = revision;
	mcp_clean_text(session->client_name, sizeof(session->client_name),
	    client_name, strlen(client_name));
	mcp_clean_text(session->client_version,
	    sizeof(session->client_version), client_version,
	    strlen(client_version));
}

int
mcp_session_restore(struct mcp_session *session, const char *revision,
    const char *client_name, const char *client_version)
{
	uint32_t	n = mcp_revision_negotiate(revision, strlen(revision));

	memset(session, 0, sizeof(*session));
	if (strcmp(mcp_revision_name(n), revision) != 0)
		return ERR_FORMAT;
	mcp_session_begin(session, n, client_name, client_version);
	return 0;
}

uint32_t
mcp_session_revision(const struct mcp_session *session)
{
	return session->initialized ? session->revision : MCP_REVISION_DEFAULT;
}
