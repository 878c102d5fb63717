/* SPDX-License-Identifier: MIT */
/*
 * The names of tools in options.  Runs in the master; the text is what a
 * person wrote.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/tools.h"

/* Fewer letters than this in common are no likeness. */
#define TOOLS_ALIKE_MIN	4

/* In the order of tools/list. */
static const char *const	tools_names[] = {
#include "conf/tool_names.h"
};

#define TOOLS_COUNT	(sizeof(tools_names) / sizeof(tools_names[0]))

/* Those of the exchange's first server. */
static const char *const	tools_original[] = {
	"get_study_count", "list_studies", "get_study_metadata",
	"get_patient_demographics", "get_patient_observations"
};

static bool
tools_is(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(word, name, len) == 0;
}

bool
conf_tools_known(const char *name, size_t len)
{
	size_t	i;

	for (i = 0; i < TOOLS_COUNT; i++) {
		if (tools_is(name, len, tools_names[i]))
			return true;
	}
	return false;
}

bool
conf_tools_has(const char *list, const char *name, size_t len)
{
	size_t	n;

	for (; *list != '\0'; list += n + (list[n] == ' ')) {
		n = strcspn(list, " ");
		if (n == len && memcmp(list, name, len) == 0)
			return true;
	}
	return false;
}

static void
tools_add(struct buf *list, const char *const *names, size_t n)
{
	size_t	i;

	for (i = 0; i < n; i++) {
		if (!conf_tools_has(buf_string(list), names[i],
		    strlen(names[i])))
			buf_addf(list, "%s%s", list->len > 0 ? " " : "",
			    names[i]);
	}
}

int
conf_tools_set(const char *word, size_t len, struct buf *list)
{
	if (tools_is(word, len, "all"))
		tools_add(list, tools_names, TOOLS_COUNT);
	else if (tools_is(word, len, "original"))
		tools_add(list, tools_original, sizeof(tools_original) /
		    sizeof(tools_original[0]));
	else
		return ERR_NOT_FOUND;
	return 0;
}

/* Letters that both begin with. */
static size_t
tools_alike(const char *word, size_t len, const char *name)
{
	size_t	i;

	for (i = 0; i < len && name[i] != '\0' && word[i] == name[i]; i++)
		continue;
	return i;
}

void
conf_tools_unknown(const char *name, size_t len, struct buf *why)
{
	const char	*nearest = NULL;
	size_t		 i, alike, most = TOOLS_ALIKE_MIN - 1;

	for (i = 0; i < TOOLS_COUNT; i++) {
		alike = tools_alike(name, len, tools_names[i]);
		if (alike > most) {
			most = alike;
			nearest = tools_names[i];
		}
	}
	buf_adds(why, "there is no tool of a name given");
	if (nearest != NULL)
		buf_addf(why, ": is \"%s\" meant?", nearest);
	else
		buf_adds(why, "; jhe-mcp-tools(7) has them all");
}
