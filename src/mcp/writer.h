/* SPDX-License-Identifier: MIT */
/*
 * One message to the client under way; for the files of mcp/ that write
 * some.  It is appended to the buffer as one line, or, of a request in a
 * batch, to what the batch collects.
 */
#ifndef MCP_WRITER_H
#define MCP_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

struct buf;
struct mcp_request;

struct writer {
	struct json			 json;
	struct buf			*out;	/* the client's */
	struct buf			*line;	/* where it is written */
	size_t				 start;	/* where it begins there */
	const struct mcp_request	*req;	/* NULL: of no request */
	bool				 small;	/* has room in any batch */
};

/* An open object with "jsonrpc", and "id" of an answer to req. */
void	writer_begin(struct writer *w, struct buf *out,
	    const struct mcp_request *req);
/* 0; or an error of the buffer: then nothing was written. */
int	writer_end(struct writer *w);

/* The same, and "result" is open, with what the revision has in each. */
void	writer_begin_result(struct writer *w, struct buf *out,
	    const struct mcp_request *req);
int	writer_end_result(struct writer *w);
/* With a _meta: JSON text of an object, from brace to brace, or NULL. */
int	writer_end_result_meta(struct writer *w, const char *meta, size_t len);

/* "error" is open, for data; ended by writer_close(). */
void	writer_begin_error(struct writer *w, struct buf *out,
	    const struct mcp_request *req, int code, const char *message);
/* "params" of a notification is open; ended by writer_close(). */
void	writer_begin_params(struct writer *w, struct buf *out,
	    const char *method);
/* Close the inner object, then as writer_end(). */
int	writer_close(struct writer *w);

/* How long a result holds, where the revision has that. */
void	writer_time_to_live(struct writer *w, unsigned int ttl_ms);

/* A member; text NULL: none. */
void	writer_member(struct json *j, const char *key, const char *text);
/* A member of valid JSON text; its line breaks become spaces. */
void	writer_member_raw(struct json *j, const char *key, const char *text,
	    size_t len);
/* A member that is who we are, at a revision. */
void	writer_server_info(struct json *j, const char *key,
	    uint32_t revision);

#endif
