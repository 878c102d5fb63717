/* SPDX-License-Identifier: MIT */
/* The tool search_patients. */
#ifndef TOOLS_SEARCH_H
#define TOOLS_SEARCH_H

struct tool_ops;

extern const struct tool_ops	search_tool;

#endif
