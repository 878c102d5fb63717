/* SPDX-License-Identifier: MIT */
/* What the server says of itself to models and to people. */
#ifndef TOOLS_GUIDE_H
#define TOOLS_GUIDE_H

struct buf;

/*
 * The instructions of initialize and server/discover: one text for all, as
 * who is signed in may not be known when a client asks for it.
 */
const char *guide_instructions(void);
/* Append the page jhe://guide, Markdown; errors stick. */
void	guide_write(struct buf *out);

#endif
