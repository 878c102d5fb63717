/* SPDX-License-Identifier: MIT */
/*
 * MCP's methods.  Runs in the worker.  Method names, params and ids are a
 * stranger's.  A notification that is not in the table is ignored;
 * notifications/initialized is one, since nothing waits for it.
 */
#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "mcp/method.h"

/* A list of tools is some 100 KiB; this is only a wall. */
#define TOOL_LIST_MAX	(4 * 1024 * 1024)
/* How much of an unknown name is said back. */
#define SHOWN_SIZE	65

struct mcp_server {
	const struct mcp_offer	*offer;
	const struct mcp_ops	*ops;
	void			*arg;
	struct mcp_parser	*parser;
	struct json_object	*no_arguments;
	struct buf		 tool_lists[MCP_REVISION_COUNT];
};

/* One line being served. */
struct method_call {
	struct mcp_server		*server;
	struct mcp_session		*session;
	const struct mcp_message	*message;
	struct mcp_request		 request;
	struct buf			*out;
};

typedef int	method_fn(struct method_call *);

static method_fn	method_initialize, method_ping;
static method_fn	method_tools_list, method_tools_call;
static method_fn	method_resources_list, method_resources_read;
static method_fn	method_templates_list;
static method_fn	method_cancelled;

#define SINCE_2024_11	((1u << MCP_REVISION_COUNT) - 1)
#define UNTIL_2025_11	(SINCE_2024_11 & ~(1u << MCP_2026_07_28))

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
	{ "notifications/cancelled", MCP_KIND_NOTIFICATION, SINCE_2024_11,
	    method_cancelled }
};

static void
session_name(struct mcp_session *session, const char *name,
    const char *version)
{
	mcp_clean_text(session->client_name, sizeof(session->client_name),
	    name, strlen(name));
	mcp_clean_text(session->client_version,
	    sizeof(session->client_version), version, strlen(version));
}

int
mcp_session_restore(struct mcp_session *session, const char *revision,
    const char *client_name, const char *client_version)
{
	uint32_t	n = mcp_revision_negotiate(revision, strlen(revision));

	memset(session, 0, sizeof(*session));
	if (strcmp(mcp_revision_name(n), revision) != 0)
		return ERR_FORMAT;
	session->initialized = 1;
	session->revision = n;
	session_name(session, client_name, client_version);
	return 0;
}

uint32_t
mcp_session_revision(const struct mcp_session *session)
{
	return session->initialized ? session->revision : MCP_REVISION_DEFAULT;
}

static int
method_refuse(struct method_call *c, const char *message)
{
	return mcp_answer_error(c->out, &c->request, MCP_ERROR_INVALID_PARAMS,
	    message);
}

/* "What: name", the name cleaned and cut. */
static int
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

/* A member of an object, NULL if it is missing or null. */
static struct json_object *
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

/* A member that must be a string: its text, else NULL. */
static const char *
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
	memset(session, 0, sizeof(*session));
	session->initialized = 1;
	session->revision = mcp_revision_negotiate(asked, strlen(asked));
	session_name(session, name, version);
	c->request.revision = session->revision;
	return mcp_answer_initialize(c->out, &c->request);
}

static int
method_ping(struct method_call *c)
{
	return mcp_answer_empty(c->out, &c->request);
}

/* Our lists have one page, so no cursor was ever given out. */
static bool
method_has_cursor(struct method_call *c)
{
	struct json_object	*value = NULL;

	json_object_object_get_ex(c->message->params, "cursor", &value);
	return value != NULL;
}

static int
method_tools_list(struct method_call *c)
{
	struct buf	*list;
	int		 r;

	if (method_has_cursor(c))
		return method_refuse(c, "Invalid cursor");
	list = &c->server->tool_lists[c->request.revision];
	if (list->len == 0) {
		r = mcp_write_tool_list(list, c->request.revision,
		    c->server->offer);
		if (r != 0) {
			buf_reset(list);
			return r;
		}
	}
	return mcp_answer_raw(c->out, &c->request, list->data, list->len);
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
		    offer->tools[i].name, arguments);
		return 0;
	}
	return method_refuse_name(c, MCP_ERROR_INVALID_PARAMS, "Unknown tool",
	    name);
}

static int
method_resources_list(struct method_call *c)
{
	if (method_has_cursor(c))
		return method_refuse(c, "Invalid cursor");
	return mcp_answer_resource_list(c->out, &c->request,
	    c->server->offer);
}

static int
method_templates_list(struct method_call *c)
{
	static const char	empty[] = "{\"resourceTemplates\":[]}";

	if (method_has_cursor(c))
		return method_refuse(c, "Invalid cursor");
	return mcp_answer_raw(c->out, &c->request, empty, strlen(empty));
}

static int
method_resources_read(struct method_call *c)
{
	const struct mcp_offer	*offer = c->server->offer;
	const char		*uri;
	size_t			 i;

	uri = method_string(c->message->params, "uri");
	if (uri == NULL)
		return method_refuse(c, "Invalid params: uri must be a "
		    "string");
	for (i = 0; i < offer->nresources; i++) {
		if (strcmp(offer->resources[i].uri, uri) != 0)
			continue;
		c->server->ops->read_resource(c->server->arg, &c->request,
		    offer->resources[i].uri);
		return 0;
	}
	return mcp_answer_resource_not_found(c->out, &c->request, uri);
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

/* A well-formed request or notification. */
static int
method_run(struct method_call *c)
{
	const struct mcp_message	*m = c->message;
	const struct method		*method;

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

static void
method_fill_request(struct method_call *c)
{
	const struct mcp_slice	*id = &c->message->id;
	const struct mcp_slice	*token = &c->message->progress_token;

	memset(&c->request, 0, sizeof(c->request));
	c->request.revision = mcp_session_revision(c->session);
	if (id->data == NULL)
		return;
	memcpy(c->request.id, id->data, id->len);
	c->request.id_len = (uint32_t)id->len;
	if (token->data == NULL)
		return;
	memcpy(c->request.progress, token->data, token->len);
	c->request.progress_len = (uint32_t)token->len;
}

static int
method_dispatch(struct method_call *c)
{
	const struct mcp_message	*m = c->message;
	const struct mcp_request	*req;

	req = m->id.data == NULL ? NULL : &c->request;
	switch (m->kind) {
	case MCP_KIND_REQUEST:
	case MCP_KIND_NOTIFICATION:
		return method_run(c);
	case MCP_KIND_INVALID:
		return mcp_answer_error(c->out, req, m->error, m->reason);
	case MCP_KIND_BATCH:
		return mcp_answer_error(c->out, NULL,
		    MCP_ERROR_INVALID_REQUEST,
		    "Invalid Request: batches are not supported");
	case MCP_KIND_RESPONSE:
	case MCP_KIND_BLANK:
		break;
	}
	return 0;
}

struct json_object *
mcp_arguments_keep(struct json_object *arguments)
{
	return json_object_get(arguments);
}

void
mcp_arguments_drop(struct json_object *arguments)
{
	json_object_put(arguments);
}

struct mcp_server *
mcp_server_new(const struct mcp_offer *offer, const struct mcp_ops *ops,
    void *arg, size_t line_max)
{
	struct mcp_server	*s = calloc(1, sizeof(*s));
	size_t			 i;

	if (s == NULL)
		return NULL;
	s->offer = offer;
	s->ops = ops;
	s->arg = arg;
	for (i = 0; i < MCP_REVISION_COUNT; i++)
		buf_init(&s->tool_lists[i], TOOL_LIST_MAX);
	s->parser = mcp_parser_new(line_max);
	s->no_arguments = json_object_new_object();
	if (s->parser == NULL || s->no_arguments == NULL) {
		mcp_server_free(s);
		return NULL;
	}
	return s;
}

void
mcp_server_free(struct mcp_server *s)
{
	size_t	i;

	if (s == NULL)
		return;
	for (i = 0; i < MCP_REVISION_COUNT; i++)
		buf_free(&s->tool_lists[i]);
	mcp_parser_free(s->parser);
	json_object_put(s->no_arguments);
	free(s);
}

int
mcp_server_line(struct mcp_server *s, struct mcp_session *session,
    const char *line, size_t len, struct buf *out)
{
	struct mcp_message	m;
	struct method_call	c = {
		.server = s, .session = session, .message = &m, .out = out
	};
	int			r;

	mcp_message_parse(s->parser, line, len, &m);
	method_fill_request(&c);
	r = method_dispatch(&c);
	mcp_message_free(&m);
	return r;
}
