/* SPDX-License-Identifier: MIT */
/*
 * The server side of MCP's methods: one line of a client in, at once or
 * later one line out.  Knows no transport, no database and no process.
 */
#ifndef MCP_METHOD_H
#define MCP_METHOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mcp/message.h"
#include "mcp/revision.h"
#include "mcp/write.h"

struct buf;
struct json_object;
struct mcp_server;

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

/*
 * What the server asks of its process.  Pointers are lent for the call: copy
 * *req, and mcp_arguments_keep() the arguments, to keep them.  The answer is
 * given at once or later by a function of mcp/write.h, exactly once.
 */
struct mcp_ops {
	/* name is one of the offer's; arguments is always an object. */
	void	(*call_tool)(void *arg, const struct mcp_request *req,
		    const char *name, struct json_object *arguments);
	/* uri is one of the offer's. */
	void	(*read_resource)(void *arg, const struct mcp_request *req,
		    const char *uri);
	/*
	 * The client gives up the request with these raw id bytes (compare
	 * with mcp_request.id).  If it is still there, it may be stopped; it
	 * is then not answered.
	 */
	void	(*cancel)(void *arg, const char *id, size_t id_len);
};

/* Keep a call's arguments beyond the op; returns them. */
struct json_object *mcp_arguments_keep(struct json_object *arguments);
/* Give them back; NULL is allowed. */
void	mcp_arguments_drop(struct json_object *arguments);

/*
 * The offer and the ops outlive the server.  Lines may have line_max bytes,
 * at most MCP_LINE_MAX.  NULL when out of memory.
 */
struct mcp_server *mcp_server_new(const struct mcp_offer *offer,
	    const struct mcp_ops *ops, void *arg, size_t line_max);
void	mcp_server_free(struct mcp_server *s);
/*
 * Take one line (len bytes, without newline).  initialize changes the
 * session, also a second one.  Appends to out what can be answered at once
 * and calls the ops for the rest; an op may append to the same out.
 * A line longer than line_max is answered as such, and only its length is
 * looked at: a caller need not have kept it.
 * 0; ERR_MEMORY or ERR_LIMIT if the answer cannot be written.
 */
int	mcp_server_line(struct mcp_server *s, struct mcp_session *session,
	    const char *line, size_t len, struct buf *out);

#endif
