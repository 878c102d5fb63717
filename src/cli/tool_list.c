/* SPDX-License-Identifier: MIT */
/*
 * tools/list, seen from a client.  Runs in jhe-mcp.
 */
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/err.h"
#include "base/log.h"
#include "cli/client.h"
#include "cli/nearest.h"
#include "cli/run.h"
#include "cli/tool_list.h"
#include "compat/compat.h"

struct tool_list {
	struct client		*client;
	tool_list_fn		*fn;
	void			*arg;
	struct json_object	*tools;		/* array */
};

void
tool_list_free(struct tool_list *t)
{
	if (t == NULL)
		return;
	json_object_put(t->tools);
	free(t);
}

static int	tool_list_page(struct tool_list *, const char *);

static void
tool_list_over(struct tool_list *t, bool good)
{
	tool_list_fn	*fn = t->fn;
	void		*arg = t->arg;

	if (!good)
		tool_list_free(t);
	fn(arg, good ? t : NULL);
}

static void
tool_list_came(void *arg, struct json_object *result,
    struct json_object *error)
{
	struct tool_list	*t = arg;
	struct json_object	*tools, *one, *cursor;
	size_t			 i;

	(void)error;
	if (result == NULL ||
	    !json_object_object_get_ex(result, "tools", &tools) ||
	    !json_object_is_type(tools, json_type_array)) {
		tool_list_over(t, false);
		return;
	}
	for (i = 0; i < json_object_array_length(tools); i++) {
		one = json_object_array_get_idx(tools, i);
		if (json_object_is_type(one, json_type_object))
			json_object_array_add(t->tools, json_object_get(one));
	}
	if (!json_object_object_get_ex(result, "nextCursor", &cursor))
		tool_list_over(t, true);
	else if (tool_list_page(t, json_object_get_string(cursor)) != 0)
		tool_list_over(t, false);
}

static int
tool_list_page(struct tool_list *t, const char *cursor)
{
	struct json_object	*params = json_object_new_object();

	if (cursor != NULL)
		json_object_object_add(params, "cursor",
		    json_object_new_string(cursor));
	return client_request(t->client, "tools/list", params,
	    tool_list_came, t);
}

int
tool_list_ask(struct client *c, tool_list_fn *fn, void *arg)
{
	struct tool_list	*t = calloc(1, sizeof(*t));
	int			 error;

	if (t == NULL)
		return ERR_MEMORY;
	t->client = c;
	t->fn = fn;
	t->arg = arg;
	t->tools = json_object_new_array();
	error = t->tools == NULL ? ERR_MEMORY : tool_list_page(t, NULL);
	if (error != 0)
		tool_list_free(t);
	return error;
}

struct json_object *
tool_list_at(const struct tool_list *t, size_t i)
{
	return i < json_object_array_length(t->tools) ?
	    json_object_array_get_idx(t->tools, i) : NULL;
}

struct json_object *
tool_list_array(const struct tool_list *t)
{
	return t->tools;
}

const char *
tool_list_text(struct json_object *tool, const char *name)
{
	struct json_object	*v;

	if (!json_object_object_get_ex(tool, name, &v) ||
	    !json_object_is_type(v, json_type_string))
		return "";
	return json_object_get_string(v);
}

struct json_object *
tool_list_find(const struct tool_list *t, struct run *r, const char *name)
{
	struct json_object	*tool;
	struct nearest		 n;
	size_t			 i;

	nearest_begin(&n, name);
	for (i = 0; (tool = tool_list_at(t, i)) != NULL; i++) {
		if (strcmp(tool_list_text(tool, "name"), name) == 0)
			return tool;
		nearest_try(&n, tool_list_text(tool, "name"));
	}
	if (nearest_found(&n) != NULL)
		run_error(r, "usage", "there is no tool \"%s\"; is \"%s\" "
		    "meant?", name, nearest_found(&n));
	else
		run_error(r, "usage", "there is no tool \"%s\"; jhe-mcp tools "
		    "lists them", name);
	return NULL;
}

struct json_object *
tool_list_arguments(struct json_object *tool)
{
	struct json_object	*schema, *properties;

	if (json_object_object_get_ex(tool, "inputSchema", &schema) &&
	    json_object_object_get_ex(schema, "properties", &properties) &&
	    json_object_is_type(properties, json_type_object))
		return properties;
	return NULL;
}

static bool
tool_list_requires(struct json_object *tool, const char *name)
{
	struct json_object	*schema, *required;
	size_t			 i;

	if (!json_object_object_get_ex(tool, "inputSchema", &schema) ||
	    !json_object_object_get_ex(schema, "required", &required) ||
	    !json_object_is_type(required, json_type_array))
		return false;
	for (i = 0; i < json_object_array_length(required); i++)
		if (strcmp(json_object_get_string(
		    json_object_array_get_idx(required, i)), name) == 0)
			return true;
	return false;
}

static void
tool_list_choices(struct json_object *schema, char *text, size_t size)
{
	struct json_object	*choices, *items;
	size_t			 i;

	text[0] = '\0';
	if (json_object_object_get_ex(schema, "items", &items))
		schema = items;
	if (!json_object_object_get_ex(schema, "enum", &choices) ||
	    !json_object_is_type(choices, json_type_array))
		return;
	for (i = 0; i < json_object_array_length(choices); i++) {
		strlcat(text, i > 0 ? ", " : "", size);
		strlcat(text, json_object_get_string(
		    json_object_array_get_idx(choices, i)), size);
	}
}

void
tool_list_argument(struct json_object *tool, const char *name,
    struct json_object *schema, struct tool_argument *a)
{
	const char	*type = tool_list_text(schema, "type");

	memset(a, 0, sizeof(*a));
	a->name = name;
	a->description = tool_list_text(schema, "description");
	a->required = tool_list_requires(tool, name);
	a->is_text = strcmp(type, "string") == 0;
	strlcpy(a->type, a->is_text ? "text" : type[0] != '\0' ? type :
	    "value", sizeof(a->type));
	tool_list_choices(schema, a->choices, sizeof(a->choices));
}
