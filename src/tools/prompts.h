/* SPDX-License-Identifier: MIT */
/*
 * The prompts a person may pick in a client: each becomes a message to the
 * model that says which tools to call and what to make of the answers.
 * Arguments are text; an id is the number that the text begins with, so that
 * what completion offers ("30006 CGM & Wearables Demo") can stand as it is.
 */
#ifndef TOOLS_PROMPTS_H
#define TOOLS_PROMPTS_H

#include <stddef.h>

#include "mcp/write.h"

struct buf;

/* In the order they are listed. */
const struct mcp_prompt	*prompts_offer(size_t *n);
/* As struct mcp_offer has it. */
int	prompts_write(size_t i, const char *const *values, struct buf *text);

#endif
