/* SPDX-License-Identifier: MIT */
/* The tool get_omh_schema: the data types, and the schema of each. */
#ifndef TOOLS_VOCABULARY_H
#define TOOLS_VOCABULARY_H

struct tool_ops;

extern const struct tool_ops	vocabulary_tool;

#endif
