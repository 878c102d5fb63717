/* SPDX-License-Identifier: MIT */
/*
 * What goes to the client.  Each function appends one message and a newline,
 * as stdio has it (other transports drop the last byte); there is no other
 * newline in it.  They return 0, or ERR_MEMORY or ERR_LIMIT of the buffer:
 * then it is as it was before the call, its error cleared.
 * The answer to a request in a batch is kept until the batch has all of its
 * answers; with the last one they are appended as one array.
 */
#ifndef MCP_WRITE_H
#define MCP_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct mcp_request;

/* A tool as tools/list shows it.  Text is UTF-8, JSON text must be valid. */
struct mcp_tool {
	const char	*name;
	const char	*title;
	const char	*description;
	const char	*input_schema;	/* JSON text of an object */
	const char	*output_schema;	/* JSON text of an object, or NULL */
	const char	*annotations;	/* JSON text of an object, or NULL */
};

struct mcp_resource {
	const char	*uri;
	const char	*name;
	const char	*title;		/* or NULL */
	const char	*description;	/* or NULL */
	const char	*mime_type;	/* or NULL */
};

/* An argument of a prompt, or the variable of a template. */
struct mcp_argument {
	const char	*name;
	const char	*title;		/* or NULL */
	const char	*description;	/* or NULL */
	bool		 required;
	int		 completes;	/* the process's own kind; 0: nothing */
};

/* Resources that are read by a pattern; it has one variable. */
struct mcp_template {
	const char		*uri;	/* RFC 6570, level 1: "a://b/{c}/d" */
	const char		*name;
	const char		*title;
	const char		*description;
	const char		*mime_type;
	struct mcp_argument	 variable;
};

/* Arguments of one prompt. */
#define MCP_ARGUMENTS_MAX	4

struct mcp_prompt {
	const char			*name;
	const char			*title;
	const char			*description;
	const struct mcp_argument	*arguments;
	size_t				 narguments;
};

/* What a server offers; the arrays outlive it. */
struct mcp_offer {
	const char			*instructions;	/* or NULL */
	const struct mcp_tool		*tools;
	size_t				 ntools;
	const struct mcp_resource	*resources;
	size_t				 nresources;
	const struct mcp_template	*templates;
	size_t				 ntemplates;
	const struct mcp_prompt		*prompts;
	size_t				 nprompts;
	/*
	 * Append the message of prompt number i; values are those of its
	 * arguments, in their order, NULL for what is not given; a required
	 * one is there.  0; ERR_FORMAT: text is instead what is wrong with
	 * them; the buffer's errors.
	 */
	int	(*write_prompt)(size_t i, const char *const *values,
		    struct buf *text);
};

/* The most values of one completion. */
#define MCP_COMPLETIONS_MAX	100

/* What may stand for a value that somebody has begun to write. */
struct mcp_completion {
	const char *const	*values;
	size_t			 n;	/* at most MCP_COMPLETIONS_MAX */
	size_t			 total;	/* how many there are in all */
};

/* The result of a call, or the error a tool gives to the model. */
struct mcp_tool_result {
	bool		 is_error;
	const char	*text;		/* for people and the model */
	size_t		 text_len;
	const char	*structured;	/* JSON text of an object, or NULL */
	size_t		 structured_len;
	const char	*meta;		/* _meta, from { to }, or NULL */
	size_t		 meta_len;
};

/* --- For the worker, whenever a request that waited has its answer. --- */

/*
 * content[0] the text, content[1] the structured JSON as text, and where the
 * revision has it structuredContent.  With is_error only the text.
 */
int	mcp_answer_tool(struct buf *out, const struct mcp_request *req,
	    const struct mcp_tool_result *result);
/* len bytes of text of the resource uri. */
int	mcp_answer_resource(struct buf *out, const struct mcp_request *req,
	    const char *uri, const char *mime_type, const char *text,
	    size_t len);
/* -32002 with data.uri, or what the revision has for it. */
int	mcp_answer_resource_not_found(struct buf *out,
	    const struct mcp_request *req, const char *uri);
/* completion NULL: there is nothing to offer. */
int	mcp_answer_completion(struct buf *out, const struct mcp_request *req,
	    const struct mcp_completion *completion);
/* A JSON-RPC error; req NULL: nothing is known of the request's id. */
int	mcp_answer_error(struct buf *out, const struct mcp_request *req,
	    int code, const char *message);

/*
 * notifications/progress for a request that gave a token; without one,
 * nothing.  progress grows from call to call, in every process that serves
 * the request.
 */
int	mcp_notify_progress(struct buf *out, const struct mcp_request *req,
	    int64_t progress, const char *message);

/*
 * The first message of a subscription: what of it is honoured, which is
 * nothing, as what we offer does not change.
 */
int	mcp_notify_acknowledged(struct buf *out,
	    const struct mcp_request *req);
/* The server ends a subscription: two messages, or none on an error. */
int	mcp_answer_subscription(struct buf *out,
	    const struct mcp_request *req);

/* --- For other files of mcp/. --- */

/* An empty result. */
int	mcp_answer_empty(struct buf *out, const struct mcp_request *req);

/*
 * Copy what a client wrote so that it may be shown: valid UTF-8 only, each
 * control character a '?', at most size - 1 bytes, cut between characters.
 */
void	mcp_clean_text(char *dst, size_t size, const char *src, size_t len);

#endif
