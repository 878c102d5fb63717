/* SPDX-License-Identifier: MIT */
/*
 * What the server says of itself: who it is, what it offers, at which
 * revisions.  As the functions of mcp/write.h, each appends one message.
 */
#ifndef MCP_LISTS_H
#define MCP_LISTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mcp/page.h"
#include "mcp/write.h"

struct buf;
struct mcp_request;

/* The result of initialize, at req->revision; instructions may be NULL. */
int	mcp_answer_initialize(struct buf *out, const struct mcp_request *req,
	    const char *instructions);
/* The result of server/discover. */
int	mcp_answer_discover(struct buf *out, const struct mcp_request *req,
	    const char *instructions);
/* A request that names a revision which requests may not name. */
int	mcp_answer_unsupported(struct buf *out, const struct mcp_request *req,
	    const char *requested);
/* A page of a list: array is its JSON text, key the name it has. */
int	mcp_answer_list(struct buf *out, const struct mcp_request *req,
	    const char *key, const struct buf *array,
	    const struct mcp_page *page);

/* The arrays; errors stick in the buffer. */
void	mcp_write_tools(struct buf *out, uint32_t revision,
	    const struct mcp_offer *offer, const struct mcp_page *page);
void	mcp_write_resources(struct buf *out, uint32_t revision,
	    const struct mcp_offer *offer, const struct mcp_page *page);
void	mcp_write_templates(struct buf *out, uint32_t revision,
	    const struct mcp_offer *offer, const struct mcp_page *page);
void	mcp_write_prompts(struct buf *out, uint32_t revision,
	    const struct mcp_offer *offer, const struct mcp_page *page);

/*
 * Whether a URI fits a template with one variable, of which something must be
 * there.  A '/' in it is not excluded: clients forget to escape.
 */
bool	mcp_template_fits(const char *pattern, const char *uri);

#endif
