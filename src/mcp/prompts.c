/* SPDX-License-Identifier: MIT */
/*
 * prompts/get and completion/complete.  Runs in the worker.  Names and
 * arguments are a stranger's.
 */
#include <json-c/json.h>

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "mcp/method.h"
#include "mcp/writer.h"

/* A message is some hundred bytes, and each argument in it is short. */
#define PROMPTS_TEXT_MAX	(64 * 1024)

/* A prompt by name, or NULL. */
static const struct mcp_prompt *
prompts_find(const struct mcp_offer *offer, const char *name)
{
	size_t	i;

	for (i = 0; i < offer->nprompts; i++)
		if (strcmp(offer->prompts[i].name, name) == 0)
			return &offer->prompts[i];
	return NULL;
}

/*
 * The values in the order of the prompt's arguments; an empty one is none,
 * as forms of clients send them.  False after a refusal.
 */
static bool
prompts_values(struct method_call *c, const struct mcp_prompt *prompt,
    struct json_object *given, const char **values, int *error)
{
	const struct mcp_argument	*a;
	struct json_object		*value;
	bool				 wrong = false;
	size_t				 i;

	for (i = 0; i < prompt->narguments; i++) {
		a = &prompt->arguments[i];
		value = method_member(given, a->name, json_type_string,
		    &wrong);
		if (wrong) {
			*error = method_refuse_name(c,
			    MCP_ERROR_INVALID_PARAMS, "Invalid params: an "
			    "argument must be a string", a->name);
			return false;
		}
		values[i] = value == NULL ? NULL :
		    json_object_get_string(value);
		if (values[i] != NULL && values[i][0] == '\0')
			values[i] = NULL;
		if (values[i] == NULL && a->required) {
			*error = method_refuse_name(c,
			    MCP_ERROR_INVALID_PARAMS,
			    "Missing required argument", a->name);
			return false;
		}
	}
	return true;
}

static int
prompts_answer(struct method_call *c, const struct mcp_prompt *prompt,
    const struct buf *text)
{
	struct writer	 w;
	struct json	*j = &w.json;

	writer_begin_result(&w, c->out, &c->request);
	writer_member(j, "description", prompt->description);
	json_key(j, "messages");
	json_array_begin(j);
	json_object_begin(j);
	writer_member(j, "role", "user");
	json_key(j, "content");
	json_object_begin(j);
	writer_member(j, "type", "text");
	json_key(j, "text");
	json_stringn(j, buf_string(text), text->len);
	json_object_end(j);
	json_object_end(j);
	json_array_end(j);
	return writer_end_result(&w);
}

int
method_prompts_get(struct method_call *c)
{
	const struct mcp_offer		*offer = c->server->offer;
	const char			*name, *values[MCP_ARGUMENTS_MAX];
	const struct mcp_prompt		*prompt;
	struct json_object		*given;
	struct buf			 text;
	bool				 wrong = false;
	int				 error;

	name = method_string(c->message->params, "name");
	if (name == NULL)
		return method_refuse(c, "Invalid params: name must be a "
		    "string");
	given = method_member(c->message->params, "arguments",
	    json_type_object, &wrong);
	if (wrong)
		return method_refuse(c, "Invalid params: arguments must be "
		    "an object");
	prompt = prompts_find(offer, name);
	if (prompt == NULL)
		return method_refuse_name(c, MCP_ERROR_INVALID_PARAMS,
		    "Unknown prompt", name);
	if (!prompts_values(c, prompt, given, values, &error))
		return error;
	buf_init(&text, PROMPTS_TEXT_MAX);
	error = offer->write_prompt((size_t)(prompt - offer->prompts),
	    values, &text);
	if (error == 0)
		error = prompts_answer(c, prompt, &text);
	else if (error == ERR_FORMAT)
		error = method_refuse(c, buf_string(&text));
	buf_free(&text);
	return error;
}

/* --- Completion. ---------------------------------------------------------- */

/* What ref names, by the arguments it has; NULL if there is no such thing. */
static const struct mcp_argument *
complete_arguments(const struct mcp_offer *offer, struct json_object *ref,
    size_t *n)
{
	const char			*type, *name, *uri;
	const struct mcp_prompt		*prompt;
	size_t				 i;

	type = method_string(ref, "type");
	name = method_string(ref, "name");
	uri = method_string(ref, "uri");
	if (type == NULL)
		return NULL;
	if (strcmp(type, "ref/prompt") == 0 && name != NULL &&
	    (prompt = prompts_find(offer, name)) != NULL) {
		*n = prompt->narguments;
		return prompt->arguments;
	}
	if (strcmp(type, "ref/resource") != 0 || uri == NULL)
		return NULL;
	for (i = 0; i < offer->ntemplates; i++)
		if (strcmp(offer->templates[i].uri, uri) == 0) {
			*n = 1;
			return &offer->templates[i].variable;
		}
	return NULL;
}

/* Whether the params are as they must be; else they are refused. */
static bool
complete_take(struct method_call *c, struct json_object **ref,
    const char **name, const char **value, int *error)
{
	struct json_object	*params = c->message->params, *argument;
	bool			 wrong = false;

	*ref = method_member(params, "ref", json_type_object, &wrong);
	argument = method_member(params, "argument", json_type_object,
	    &wrong);
	method_member(params, "context", json_type_object, &wrong);
	if (*ref == NULL || argument == NULL || wrong ||
	    (*name = method_string(argument, "name")) == NULL ||
	    (*value = method_string(argument, "value")) == NULL) {
		*error = method_refuse(c, "Invalid params: ref and argument, "
		    "with name and value, are needed");
		return false;
	}
	return true;
}

int
method_complete(struct method_call *c)
{
	const struct mcp_argument	*arguments;
	struct json_object		*ref;
	const char			*name, *value;
	size_t				 i, n = 0;
	int				 error;

	if (!complete_take(c, &ref, &name, &value, &error))
		return error;
	arguments = complete_arguments(c->server->offer, ref, &n);
	if (arguments == NULL)
		return method_refuse(c, "Invalid params: ref names no prompt "
		    "and no resource template");
	for (i = 0; i < n; i++) {
		if (strcmp(arguments[i].name, name) != 0 ||
		    arguments[i].completes == 0)
			continue;
		c->server->ops->complete(c->server->arg, &c->request,
		    &c->raw, arguments[i].completes, value);
		return 0;
	}
	return mcp_answer_completion(c->out, &c->request, NULL);
}
