/* SPDX-License-Identifier: MIT */
/* What initialize agreed on; requests that speak for themselves have none. */
#ifndef MCP_SESSION_H
#define MCP_SESSION_H

#include <stdint.h>

#define MCP_CLIENT_NAME_SIZE	128
#define MCP_CLIENT_VERSION_SIZE	64

/*
 * What a session is, as initialize made it.  Plain and of fixed size, for
 * it is handed from process to process.  All zero is a
 * session before initialize; requests are then served at
 * MCP_REVISION_DEFAULT, as the reference servers do.
 */
struct mcp_session {
	uint32_t	initialized;	/* 0 or 1: initialize was answered */
	uint32_t	revision;	/* enum mcp_revision, 0 if it was not */
	char		client_name[MCP_CLIENT_NAME_SIZE];
	char		client_version[MCP_CLIENT_VERSION_SIZE];
};

/* Initialize was answered with this revision; the texts are the client's. */
void	mcp_session_begin(struct mcp_session *session, uint32_t revision,
	    const char *client_name, const char *client_version);
/*
 * A session that another process began: what initialize negotiated, by name,
 * and who the client said it is.  0; ERR_FORMAT if no initialize could have
 * made it; the session is then all zero.
 */
int	mcp_session_restore(struct mcp_session *session,
	    const char *revision, const char *client_name,
	    const char *client_version);
/* The revision its requests are served at. */
uint32_t mcp_session_revision(const struct mcp_session *session);

#endif
