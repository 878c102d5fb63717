/* SPDX-License-Identifier: MIT */
/*
 * The server side of MCP: one line of a client in, at once or later one line
 * out.  Both eras are served, request by request: one that speaks for itself
 * in its _meta (2026-07-28), any other in the session that initialize made.
 * Knows no transport, no database and no process.
 */
#ifndef MCP_SERVER_H
#define MCP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mcp/batch.h"
#include "mcp/message.h"
#include "mcp/revision.h"
#include "mcp/session.h"
#include "mcp/write.h"

struct buf;
struct json_object;
struct mcp_server;

/*
 * What the server asks of its process.  Pointers are lent for the call: copy
 * *req, and mcp_arguments_keep() the arguments, to keep them.  raw is the
 * request as it was read, for mcp_server_resume() in another process.  The
 * answer is given at once or later by a function of mcp/write.h, exactly
 * once.
 */
struct mcp_ops {
	/* name is one of the offer's; arguments is always an object. */
	void	(*call_tool)(void *arg, const struct mcp_request *req,
		    const struct mcp_slice *raw, const char *name,
		    struct json_object *arguments);
	/* uri is one of the offer's, or fits one of its templates. */
	void	(*read_resource)(void *arg, const struct mcp_request *req,
		    const struct mcp_slice *raw, const char *uri);
	/*
	 * What may stand for argument, of which the client has value; kind
	 * is its `completes`, not 0.  mcp_answer_completion() answers.
	 */
	void	(*complete)(void *arg, const struct mcp_request *req,
		    const struct mcp_slice *raw, int kind,
		    const char *value);
	/*
	 * A subscription: mcp_notify_acknowledged() is its first message,
	 * mcp_answer_subscription() its end, if the client does not cancel
	 * it; or it is refused by mcp_answer_error().
	 */
	void	(*listen)(void *arg, const struct mcp_request *req,
		    const struct mcp_slice *raw);
	/*
	 * The client gives up the request with these raw id bytes (compare
	 * with mcp_request.id).  If it is still there, it may be stopped; it
	 * is then not answered.
	 */
	void	(*cancel)(void *arg, const char *id, size_t id_len);
	/*
	 * A batch was read, of which some requests were given to the ops
	 * above, or that was resumed: it is the process's now, to be freed
	 * once it is done (which it may be already) and no request has it.
	 */
	void	(*keep_batch)(void *arg, struct mcp_batch *batch);
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
/*
 * Take a request that another process had given to its ops: raw as it was
 * there, or what mcp_batch_save() made and the array of raws behind it.
 */
int	mcp_server_resume(struct mcp_server *s, struct mcp_session *session,
	    const char *saved, size_t len, struct buf *out);

#endif
