/* SPDX-License-Identifier: MIT */
/* The table of tools.  Runs in the worker. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "tools/consents.h"
#include "tools/definitions.h"
#include "tools/inventory.h"
#include "tools/observations.h"
#include "tools/patients.h"
#include "tools/private.h"
#include "tools/records.h"
#include "tools/roster.h"
#include "tools/search.h"
#include "tools/statistics.h"
#include "tools/studies.h"
#include "tools/vocabulary.h"
#include "tools/whoami.h"

/*
 * The place is the number in cursors, which may be an hour older than this
 * program: append only.
 */
static const struct tool_ops *const	tools_table[] = {
	&studies_count_tool,
	&studies_list_tool,
	&studies_metadata_tool,
	&patients_demographics_tool,
	&observations_tool,
	&vocabulary_tool,
	&whoami_tool,
	&capabilities_tool,
	&records_page_tool,
	&roster_tool,
	&consents_tool,
	&search_tool,
	&statistics_tool,
	&records_summary_tool,
	&surveys_tool,
	&inventory_summary_tool,
	&coverage_tool,
	&inventory_count_tool,
	&tally_tool,
	&inventory_range_tool
};

#define TOOLS_COUNT	(sizeof(tools_table) / sizeof(tools_table[0]))

struct tools {
	struct tool	 tool[TOOLS_COUNT];
	bool		 hidden[TOOLS_COUNT];
	struct mcp_tool	*offer;		/* definitions of those not hidden */
	size_t		 noffer;
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

/* True if the words of names, parted by spaces, have that one. */
static bool
tools_named(const char *names, const char *name)
{
	size_t	n, len = strlen(name);

	for (; *names != '\0'; names += n + (names[n] == ' ')) {
		n = strcspn(names, " ");
		if (n == len && memcmp(names, name, n) == 0)
			return true;
	}
	return false;
}

int
tools_choose(struct tools *t, const char *names,
    const struct tools_context *ctx)
{
	struct mcp_tool		*offer;
	const struct tool_ops	*ops;
	size_t			 i;

	offer = calloc(tools_definition_count, sizeof(*offer));
	if (offer == NULL)
		return ERR_MEMORY;
	for (i = 0; i < TOOLS_COUNT; i++) {
		ops = t->tool[i].ops;
		t->hidden[i] = !tools_named(names, ops->name) ||
		    !policy_offers(ctx, ops->about);
	}
	free(t->offer);
	t->offer = offer;
	t->noffer = 0;
	/* A definition has its place in tools/list, a tool one in cursors. */
	for (i = 0; i < tools_definition_count; i++) {
		if (tools_find(t, tools_definition_table[i].name) != NULL)
			offer[t->noffer++] = tools_definition_table[i];
	}
	return 0;
}

const struct mcp_tool *
tools_offer(const struct tools *t, size_t *n)
{
	*n = t->noffer;
	return t->offer;
}

void
tools_free(struct tools *t)
{
	size_t	i;

	if (t == NULL)
		return;
	for (i = 0; i < TOOLS_COUNT; i++)
		schema_free(&t->tool[i].schema);
	free(t->offer);
	free(t);
}

const struct tool *
tools_find(const struct tools *t, const char *name)
{
	size_t	i;

	for (i = 0; i < TOOLS_COUNT; i++) {
		if (!t->hidden[i] && strcmp(t->tool[i].ops->name, name) == 0)
			return &t->tool[i];
	}
	return NULL;
}
