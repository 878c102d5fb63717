/* SPDX-License-Identifier: MIT */
/* Tools about how much there is: counts, dates and completeness. */
#ifndef TOOLS_INVENTORY_H
#define TOOLS_INVENTORY_H

#include "tools/call.h"

extern const struct tool_ops	inventory_summary_tool;
extern const struct tool_ops	inventory_count_tool;
extern const struct tool_ops	inventory_range_tool;
extern const struct tool_ops	tally_tool;
extern const struct tool_ops	coverage_tool;

#endif
