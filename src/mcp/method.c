/* SPDX-License-Identifier: MIT */
/*
 * MCP's methods.  Runs in the worker.  Method names, params and ids are a
 * stranger's.  A notification that is not in the table is ignored;
 * notifications/initialized is one, since nothing waits for it.
 */
#include <json-c/json.h>

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "mcp/lists.h"
#include "mcp/meta.h"
#include "mcp/method.h"

/* A list of tools is some 100 KiB; this is only a wall. */
#define METHOD_LIST_MAX	(4 * 1024 * 1024)
/* How much of an unknown name is said back. */
#define SHOWN_SIZE	65

static method_fn	method_initialize, method_ping;
static method_fn	method_tools_list, method_tools_call;
static method_fn	method_resources_list, method_resources_read;
static method_fn	method_templates_list, method_prompts_list;
static method_fn	method_discover, method_listen;
static method_fn	method_cancelled;

#define SINCE_2024_11	((1u << MCP_REVISION_COUNT) - 1)
#define SINCE_2026_07	(1u << MCP_2026_07_28)
#define UNTIL_2025_11	(SINCE_2024_11 & ~SINCE_2026_07)

static const struct method {
	const char	*name;
	enum mcp_kind	 kind;
	unsigned int	 revisions;	/* bit n: enum mcp_revision n has it */
	method_fn	*run;
} methods[] = {
	{ "initialize", MCP_KIND_REQUEST, UNTIL_2025_11, method_initialize },
	{ "ping", MCP_KIND_REQUEST, UNTIL_2025_11, method_ping },
	{ "tools/list", MCP_KIND_REQUEST, SINCE_2024_11, method_tools_list },
	{ "tools/call", MCP_KIND_REQUEST, SINCE_2024_11, method_tools_call },
	{ "resources/list", MCP_KIND_REQUEST, SINCE_2024_11,
	    method_resources_list },
	{ "resources/templates/list", MCP_KIND_REQUEST, SINCE_2024_11,
	    method_templates_list },
	{ "resources/read", MCP_KIND_REQUEST, SINCE_2024_11,
	    method_resources_read },
	{ "prompts/list", MCP_KIND_REQUEST, SINCE_2024_11,
	    method_prompts_list },
	{ "prompts/get", MCP_KIND_REQUEST, SINCE_2024_11,
	    method_prompts_get },
	{ "completion/complete", MCP_KIND_REQUEST, SINCE_2024_11,
	    method_complete },
	{ "server/discover", MCP_KIND_REQUEST, SINCE_2026_07,
	    method_discover },
	{ "subscriptions/listen", MCP_KIND_REQUEST, SINCE_2026_07,
	    method_listen },
	{ "notifications/cancelled", MCP_KIND_NOTIFICATION, SINCE_2024_11,
	    method_cancelled }
};

int
method_refuse(struct method_call *c, const char *message)
{
	return mcp_answer_error(c->out, &c->request, MCP_ERROR_INVALID_PARAMS,
	    message);
}

int
method_refuse_name(struct method_call *c, int code, const char *what,
    const char *name)
{
	char		shown[SHOWN_SIZE];
	struct buf	text;
	int		r;

	mcp_clean_text(shown, sizeof(shown), name, strlen(name));
	buf_init(&text, 256);
	buf_addf(&text, "%s: %s", what, shown);
	r = buf_error(&text) != 0 ? buf_error(&text) :
	    mcp_answer_error(c->out, &c->request, code, buf_string(&text));
	buf_free(&text);
	return r;
}

struct json_object *
method_member(struct json_object *object, const char *key,
    enum json_type type, bool *wrong)
{
	struct json_object	*value = NULL;

	if (!json_object_object_get_ex(object, key, &value) || value == NULL)
		return NULL;
	if (!json_object_is_type(value, type))
		*wrong = true;
	return value;
}

const char *
method_string(struct json_object *object, const char *key)
{
	bool			 wrong = false;
	struct json_object	*value;

	value = method_member(object, key, json_type_string, &wrong);
	return value == NULL || wrong ? NULL : json_object_get_string(value);
}

static int
method_initialize(struct method_call *c)
{
	struct json_object	*params = c->message->params, *client;
	bool			 wrong = false;
	const char		*asked, *name, *version;
	struct mcp_session	*session = c->session;

	if (c->request.batch != NULL)
		return mcp_answer_error(c->out, &c->request,
		    MCP_ERROR_INVALID_REQUEST,
		    "Invalid Request: initialize may not be in a batch");
	asked = method_string(params, "protocolVersion");
	if (asked == NULL)
		return method_refuse(c, "Invalid params: protocolVersion "
		    "must be a string");
	if (method_member(params, "capabilities", json_type_object,
	    &wrong) == NULL || wrong)
		return method_refuse(c, "Invalid params: capabilities must "
		    "be an object");
	client = method_member(params, "clientInfo", json_type_object, &wrong);
	if (client == NULL || wrong ||
	    (name = method_string(client, "name")) == NULL ||
	    (version = method_string(client, "version")) == NULL)
		return method_refuse(c, "Invalid params: clientInfo must "
		    "have name and version");
	mcp_session_begin(session, mcp_revision_negotiate(asked,
	    strlen(asked)), name, version);
	c->request.revision = session->revision;
	return mcp_answer_initialize(c->out, &c->request,
	    c->server->offer->instructions);
}

static int
method_ping(struct method_call *c)
{
	return mcp_answer_empty(c->out, &c->request);
}

/* The page that is asked for; false: its cursor was none, and is refused. */
static bool
method_page(struct method_call *c, struct mcp_page *page, const char *list,
    size_t count, int *error)
{
	bool			 wrong = false;
	struct json_object	*value;
	const char		*cursor = NULL;

	value = method_member(c->message->params, "cursor", json_type_string,
	    &wrong);
	if (value != NULL && !wrong)
		cursor = json_object_get_string(value);
	if (!wrong && mcp_page_find(page, list, count, cursor) == 0)
		return true;
	*error = method_refuse(c, "Invalid params: no such cursor");
	return false;
}

static int
method_tools_list(struct method_call *c)
{
	const struct mcp_offer	*offer = c->server->offer;
	struct mcp_page		 page;
	struct buf		 other, *list;
	int			 error;

	if (!method_page(c, &page, "tools", offer->ntools, &error))
		return error;
	buf_init(&other, METHOD_LIST_MAX);
	list = page.from > 0 ? &other : &c->server->tools[c->request.revision];
	if (list->len == 0)
		mcp_write_tools(list, c->request.revision, offer, &page);
	error = mcp_answer_list(c->out, &c->request, "tools", list, &page);
	if (buf_error(list) != 0)
		buf_reset(list);
	buf_free(&other);
	return error;
}

static int
method_tools_call(struct method_call *c)
{
	const struct mcp_offer	*offer = c->server->offer;
	struct json_object	*arguments;
	const char		*name;
	bool			 wrong = false;
	size_t			 i;

	name = method_string(c->message->params, "name");
	if (name == NULL)
		return method_refuse(c, "Invalid params: name must be a "
		    "string");
	arguments = method_member(c->message->params, "arguments",
	    json_type_object, &wrong);
	if (wrong)
		return method_refuse(c, "Invalid params: arguments must be "
		    "an object");
	if (arguments == NULL)
		arguments = c->server->no_arguments;
	for (i = 0; i < offer->ntools; i++) {
		if (strcmp(offer->tools[i].name, name) != 0)
			continue;
		c->server->ops->call_tool(c->server->arg, &c->request,
		    &c->raw, offer->tools[i].name, arguments);
		return 0;
	}
	return method_refuse_name(c, MCP_ERROR_INVALID_PARAMS, "Unknown tool",
	    name);
}

/* A page of a list that is short enough to be written each time. */
static int
method_list(struct method_call *c, const char *name, const char *key,
    size_t count, void (*write)(struct buf *, uint32_t,
    const struct mcp_offer *, const struct mcp_page *))
{
	struct mcp_page	page;
	struct buf	list;
	int		error;

	if (!method_page(c, &page, name, count, &error))
		return error;
	buf_init(&list, METHOD_LIST_MAX);
	write(&list, c->request.revision, c->server->offer, &page);
	error = mcp_answer_list(c->out, &c->request, key, &list, &page);
	buf_free(&list);
	return error;
}

static int
method_resources_list(struct method_call *c)
{
	return method_list(c, "resources", "resources",
	    c->server->offer->nresources, mcp_write_resources);
}

static int
method_templates_list(struct method_call *c)
{
	return method_list(c, "templates", "resourceTemplates",
	    c->server->offer->ntemplates, mcp_write_templates);
}

static int
method_prompts_list(struct method_call *c)
{
	return method_list(c, "prompts", "prompts",
	    c->server->offer->nprompts, mcp_write_prompts);
}

/* Whether the offer has it, or the pattern that it fits. */
static bool
method_has_resource(const struct mcp_offer *offer, const char *uri)
{
	size_t	i;

	for (i = 0; i < offer->nresources; i++)
		if (strcmp(offer->resources[i].uri, uri) == 0)
			return true;
	for (i = 0; i < offer->ntemplates; i++)
		if (mcp_template_fits(offer->templates[i].uri, uri))
			return true;
	return false;
}

static int
method_resources_read(struct method_call *c)
{
	const char	*uri = method_string(c->message->params, "uri");

	if (uri == NULL)
		return method_refuse(c, "Invalid params: uri must be a "
		    "string");
	if (!method_has_resource(c->server->offer, uri))
		return mcp_answer_resource_not_found(c->out, &c->request,
		    uri);
	c->server->ops->read_resource(c->server->arg, &c->request, &c->raw,
	    uri);
	return 0;
}

static int
method_discover(struct method_call *c)
{
	return mcp_answer_discover(c->out, &c->request,
	    c->server->offer->instructions);
}

/* What a client may ask to hear of; we have nothing to tell of any. */
static bool
method_listen_fits(struct json_object *wanted)
{
	struct json_object	*uris, *uri;
	bool			 wrong = false;
	size_t			 i, n = 0;

	method_member(wanted, "toolsListChanged", json_type_boolean, &wrong);
	method_member(wanted, "promptsListChanged", json_type_boolean,
	    &wrong);
	method_member(wanted, "resourcesListChanged", json_type_boolean,
	    &wrong);
	uris = method_member(wanted, "resourceSubscriptions", json_type_array,
	    &wrong);
	if (uris != NULL && !wrong)
		n = json_object_array_length(uris);
	for (i = 0; i < n && !wrong; i++) {
		uri = json_object_array_get_idx(uris, i);
		wrong = !json_object_is_type(uri, json_type_string);
	}
	return !wrong;
}

static int
method_listen(struct method_call *c)
{
	struct json_object	*wanted;
	bool			 wrong = false;

	wanted = method_member(c->message->params, "notifications",
	    json_type_object, &wrong);
	if (wanted == NULL || wrong)
		return method_refuse(c, "Invalid params: notifications must "
		    "be an object");
	if (!method_listen_fits(wanted))
		return method_refuse(c, "Invalid params: notifications has "
		    "a member of a wrong type");
	c->server->ops->listen(c->server->arg, &c->request, &c->raw);
	return 0;
}

static int
method_cancelled(struct method_call *c)
{
	const struct mcp_slice	*id = &c->message->request_id;

	if (id->data != NULL)
		c->server->ops->cancel(c->server->arg, id->data, id->len);
	return 0;
}

static const struct method *
method_find(const char *name, enum mcp_kind kind, uint32_t revision)
{
	size_t	i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(methods[i].name, name) == 0 &&
		    methods[i].kind == kind &&
		    (methods[i].revisions & 1u << revision) != 0)
			return &methods[i];
	return NULL;
}

/*
 * Whether a request speaks for itself, and then as it must; else it is
 * refused.
 */
static bool
method_take_meta(struct method_call *c, int *error)
{
	struct json_object	*meta = mcp_meta_of(c->message->params);
	const char		*version, *fault;
	uint32_t		 revision;

	if (meta == NULL)
		return true;
	c->request.revision = MCP_2026_07_28;
	version = mcp_meta_version(meta);
	fault = mcp_meta_fault(meta);
	revision = version == NULL ? MCP_REVISION_COUNT :
	    mcp_revision_of_request(version, strlen(version));
	if (c->request.batch != NULL)
		*error = mcp_answer_error(c->out, &c->request,
		    MCP_ERROR_INVALID_REQUEST, "Invalid Request: a request "
		    "of this revision may not be in a batch");
	else if (version != NULL && revision == MCP_REVISION_COUNT)
		*error = mcp_answer_unsupported(c->out, &c->request, version);
	else if (fault != NULL)
		*error = method_refuse(c, fault);
	else {
		c->request.revision = revision;
		return true;
	}
	return false;
}

int
method_run(struct method_call *c)
{
	const struct mcp_message	*m = c->message;
	const struct method		*method;
	int				 error;

	if (m->kind == MCP_KIND_REQUEST && !method_take_meta(c, &error))
		return error;
	method = method_find(m->method, m->kind, c->request.revision);
	if (m->kind == MCP_KIND_NOTIFICATION)
		return method == NULL ? 0 : method->run(c);
	if (method == NULL)
		return method_refuse_name(c, MCP_ERROR_METHOD_NOT_FOUND,
		    "Method not found", m->method);
	if ((m->has & MCP_HAS_PARAMS) != 0 &&
	    !json_object_is_type(m->params, json_type_object))
		return method_refuse(c, "Invalid params: params must be an "
		    "object");
	return method->run(c);
}

void
method_fill_request(struct method_call *c, struct mcp_batch *batch)
{
	const struct mcp_slice	*id = &c->message->id;
	const struct mcp_slice	*token = &c->message->progress_token;

	memset(&c->request, 0, sizeof(c->request));
	c->request.batch = batch;
	c->request.revision = batch != NULL ? MCP_2025_03_26 :
	    mcp_session_revision(c->session);
	if (id->data == NULL)
		return;
	memcpy(c->request.id, id->data, id->len);
	c->request.id_len = (uint32_t)id->len;
	if (token->data == NULL)
		return;
	memcpy(c->request.progress, token->data, token->len);
	c->request.progress_len = (uint32_t)token->len;
}
