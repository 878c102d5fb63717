/* SPDX-License-Identifier: MIT */
/* The table made from src/tools/definitions/ by build-aux/embed-tools.awk. */
#ifndef TOOLS_DEFINITIONS_H
#define TOOLS_DEFINITIONS_H

#include <stddef.h>

#include "mcp/write.h"

extern const struct mcp_tool	tools_definition_table[];
extern const size_t		tools_definition_count;

#endif
