/* SPDX-License-Identifier: MIT */
/* The table of tools.  Runs in the worker. */
#include <stdlib.h>
#include <string.h>

#include "tools/definitions.h"
#include "tools/observations.h"
#include "tools/patients.h"
#include "tools/private.h"
#include "tools/studies.h"

/*
 * The place is the number in cursors, which may be an hour older than this
 * program: append only.
 */
static const struct tool_ops *const	tools_table[] = {
	&studies_count_tool,
	&studies_list_tool,
	&studies_metadata_tool,
	&patients_demographics_tool,
	&observations_tool
};

#define TOOLS_COUNT	(sizeof(tools_table) / sizeof(tools_table[0]))

struct tools {
	struct tool	tool[TOOLS_COUNT];
};

const struct mcp_tool *
tools_definitions(size_t *n)
{
	*n = tools_definition_count;
	return tools_definition_table;
}

static int
tools_add(struct tool *tool, const struct tool_ops *ops, unsigned int number)
{
	size_t	i;

	tool->ops = ops;
	tool->number = number;
	for (i = 0; i < tools_definition_count; i++) {
		if (strcmp(tools_definition_table[i].name, ops->name) == 0)
			return schema_parse(&tool->schema,
			    tools_definition_table[i].input_schema);
	}
	return -1;
}

struct tools *
tools_new(void)
{
	struct tools	*t;
	size_t		 i;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return NULL;
	for (i = 0; i < TOOLS_COUNT; i++) {
		if (tools_add(&t->tool[i], tools_table[i],
		    (unsigned int)i) != 0) {
			tools_free(t);
			return NULL;
		}
	}
	return t;
}

void
tools_free(struct tools *t)
{
	size_t	i;

	if (t == NULL)
		return;
	for (i = 0; i < TOOLS_COUNT; i++)
		schema_free(&t->tool[i].schema);
	free(t);
}

const struct tool *
tools_find(const struct tools *t, const char *name)
{
	size_t	i;

	for (i = 0; i < TOOLS_COUNT; i++) {
		if (strcmp(t->tool[i].ops->name, name) == 0)
			return &t->tool[i];
	}
	return NULL;
}
