/* SPDX-License-Identifier: MIT */
/* The tool get_observation_statistics: numbers about values. */
#ifndef TOOLS_STATISTICS_H
#define TOOLS_STATISTICS_H

#include "tools/call.h"

extern const struct tool_ops statistics_tool;

#endif
