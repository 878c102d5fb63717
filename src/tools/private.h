/* SPDX-License-Identifier: MIT */
/* Of tools.c and call.c. */
#ifndef TOOLS_PRIVATE_H
#define TOOLS_PRIVATE_H

#include "tools/call.h"
#include "tools/schema.h"

struct tool {
	const struct tool_ops	*ops;
	unsigned int		 number;	/* in cursors */
	struct schema		 schema;
};

#endif
