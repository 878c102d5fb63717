/* SPDX-License-Identifier: MIT */
/* whoami and get_server_capabilities. */
#ifndef TOOLS_WHOAMI_H
#define TOOLS_WHOAMI_H

#include "tools/call.h"

extern const struct tool_ops	whoami_tool;
extern const struct tool_ops	capabilities_tool;

#endif
