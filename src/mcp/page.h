/* SPDX-License-Identifier: MIT */
/*
 * Lists in pages.  A cursor names its list and where to go on, so that it
 * holds in every process; to a client it is opaque.
 */
#ifndef MCP_PAGE_H
#define MCP_PAGE_H

#include <stdbool.h>
#include <stddef.h>

/* Entries of one page of any list. */
#define MCP_PAGE_SIZE	100

#define MCP_CURSOR_SIZE	64	/* of a cursor, with its NUL */

struct mcp_page {
	size_t	from, to;		/* entries from .. to - 1 */
	char	next[MCP_CURSOR_SIZE];	/* the cursor behind, "": the end */
};

/*
 * The page of a list of count entries that a cursor leads to; NULL is the
 * first one.  list is its name in cursors, some letters.
 * 0, or ERR_FORMAT: the cursor is none that this list has.
 */
int	mcp_page_find(struct mcp_page *page, const char *list, size_t count,
	    const char *cursor);

#endif
