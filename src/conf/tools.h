/* SPDX-License-Identifier: MIT */
/* The names of tools in options; what they do is not known here. */
#ifndef CONF_TOOLS_H
#define CONF_TOOLS_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* True if there is a tool of that name. */
bool	conf_tools_known(const char *name, size_t len);
/* True if the words of list, parted by spaces, have that one. */
bool	conf_tools_has(const char *list, const char *name, size_t len);
/*
 * "all" and "original": add the names that they stand for and that list has
 * not yet; else ERR_NOT_FOUND.
 */
int	conf_tools_set(const char *word, size_t len, struct buf *list);
/* Why it is refused, with the nearest name; never with the text itself. */
void	conf_tools_unknown(const char *name, size_t len, struct buf *why);

#endif
