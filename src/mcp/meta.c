/* SPDX-License-Identifier: MIT */
/*
 * The _meta of a request that stands by itself.  Runs in the worker; all of
 * it is a stranger's.
 */
#include <json-c/json.h>

#include <string.h>

#include "mcp/meta.h"

static const char *const meta_keys[] = {
	MCP_META_VERSION, MCP_META_CAPABILITIES, MCP_META_CLIENT,
	MCP_META_LOG_LEVEL
};

/* RFC 5424's, lowest first. */
static const char *const meta_levels[] = {
	"debug", "info", "notice", "warning", "error", "critical", "alert",
	"emergency"
};

struct json_object *
mcp_meta_of(struct json_object *params)
{
	struct json_object	*meta = NULL;
	size_t			 i;

	if (!json_object_is_type(params, json_type_object) ||
	    !json_object_object_get_ex(params, "_meta", &meta) ||
	    !json_object_is_type(meta, json_type_object))
		return NULL;
	for (i = 0; i < sizeof(meta_keys) / sizeof(meta_keys[0]); i++)
		if (json_object_object_get_ex(meta, meta_keys[i], NULL))
			return meta;
	return NULL;
}

/* A member's text, NULL if it is missing or no string. */
static const char *
meta_string(struct json_object *object, const char *key)
{
	struct json_object	*value = NULL;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	return json_object_get_string(value);
}

const char *
mcp_meta_version(struct json_object *meta)
{
	return meta_string(meta, MCP_META_VERSION);
}

static const char *
meta_level_fault(struct json_object *meta)
{
	const char	*level = meta_string(meta, MCP_META_LOG_LEVEL);
	size_t		 i;

	if (!json_object_object_get_ex(meta, MCP_META_LOG_LEVEL, NULL))
		return NULL;
	for (i = 0; level != NULL && i < sizeof(meta_levels) /
	    sizeof(meta_levels[0]); i++)
		if (strcmp(meta_levels[i], level) == 0)
			return NULL;
	return "Invalid params: _meta " MCP_META_LOG_LEVEL
	    " is no level of the protocol";
}

const char *
mcp_meta_fault(struct json_object *meta)
{
	struct json_object	*value;

	if (mcp_meta_version(meta) == NULL)
		return "Invalid params: _meta " MCP_META_VERSION
		    " must be a string";
	if (!json_object_object_get_ex(meta, MCP_META_CAPABILITIES, &value) ||
	    !json_object_is_type(value, json_type_object))
		return "Invalid params: _meta " MCP_META_CAPABILITIES
		    " must be an object";
	/* Not demanded, but not anything either. */
	if (json_object_object_get_ex(meta, MCP_META_CLIENT, &value) &&
	    (!json_object_is_type(value, json_type_object) ||
	    meta_string(value, "name") == NULL ||
	    meta_string(value, "version") == NULL))
		return "Invalid params: _meta " MCP_META_CLIENT
		    " must have name and version";
	return meta_level_fault(meta);
}
