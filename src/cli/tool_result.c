/* SPDX-License-Identifier: MIT */
/*
 * Answers to tools/call.  Runs in jhe-mcp; they come from a worker and hold
 * what anybody stored.
 */
#include <string.h>

#include <json-c/json.h>

#include "cli/program.h"
#include "cli/progress.h"
#include "cli/reasons.h"
#include "cli/tool_result.h"
#include "compat/compat.h"

static const char *
tool_result_string(struct json_object *o, const char *name)
{
	struct json_object	*v;

	if (o == NULL || !json_object_object_get_ex(o, name, &v) ||
	    !json_object_is_type(v, json_type_string))
		return NULL;
	return json_object_get_string(v);
}

/* The first text block. */
static const char *
tool_result_text(struct json_object *result)
{
	struct json_object	*content, *block;
	const char		*text;
	size_t			 i;

	if (!json_object_object_get_ex(result, "content", &content) ||
	    !json_object_is_type(content, json_type_array))
		return NULL;
	for (i = 0; i < json_object_array_length(content); i++) {
		block = json_object_array_get_idx(content, i);
		if (!json_object_is_type(block, json_type_object))
			continue;
		text = tool_result_string(block, "text");
		if (text != NULL)
			return text;
	}
	return NULL;
}

static void
tool_result_fail(struct tool_result *t, const char *text)
{
	size_t	len;

	t->text = text != NULL ? text :
	    "unavailable: the server ended before it had an answer";
	t->code = reason_of_text(t->text, &len);
	if (len >= sizeof(t->word))
		len = 0;
	memcpy(t->word, t->text, len);
	if (len == 0)
		strlcpy(t->word, "error", sizeof(t->word));
}

void
tool_result_read(struct tool_result *t, struct json_object *result,
    struct json_object *error)
{
	struct json_object	*flag;

	memset(t, 0, sizeof(*t));
	if (result == NULL) {
		tool_result_fail(t, tool_result_string(error, "message"));
		return;
	}
	if (json_object_object_get_ex(result, "isError", &flag) &&
	    json_object_get_boolean(flag)) {
		tool_result_fail(t, tool_result_text(result));
		return;
	}
	t->code = PROGRAM_OK;
	t->text = tool_result_text(result);
	if (t->text == NULL)
		t->text = "";
	json_object_object_get_ex(result, "structuredContent",
	    &t->structured);
}

struct json_object *
tool_result_params(const char *tool, struct json_object *arguments)
{
	struct json_object	*params = json_object_new_object();
	struct json_object	*meta = json_object_new_object();

	json_object_object_add(params, "name", json_object_new_string(tool));
	json_object_object_add(params, "arguments", arguments != NULL ?
	    arguments : json_object_new_object());
	json_object_object_add(meta, "progressToken",
	    json_object_new_int(1));
	json_object_object_add(params, "_meta", meta);
	return params;
}

void
tool_result_progress(struct progress *p, const char *method,
    struct json_object *params)
{
	const char	*text = tool_result_string(params, "message");

	if (strcmp(method, "notifications/progress") == 0 && text != NULL)
		progress_say(p, text);
}
