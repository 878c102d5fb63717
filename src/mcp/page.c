/* SPDX-License-Identifier: MIT */
/* Lists in pages.  Runs in the worker; cursors are a stranger's text. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "mcp/page.h"

static void
page_cursor(char *cursor, const char *list, size_t from)
{
	snprintf(cursor, MCP_CURSOR_SIZE, "%s.%zu", list, from);
}

int
mcp_page_find(struct mcp_page *page, const char *list, size_t count,
    const char *cursor)
{
	char	given[MCP_CURSOR_SIZE];
	size_t	from;

	page->next[0] = '\0';
	/* Only the cursors that there are: nothing is read from the text. */
	for (from = 0; cursor != NULL; ) {
		from += MCP_PAGE_SIZE;
		if (from >= count)
			return ERR_FORMAT;
		page_cursor(given, list, from);
		if (strcmp(given, cursor) == 0)
			break;
	}
	page->from = from;
	page->to = count;
	if (count - from > MCP_PAGE_SIZE) {
		page->to = from + MCP_PAGE_SIZE;
		page_cursor(page->next, list, page->to);
	}
	return 0;
}
