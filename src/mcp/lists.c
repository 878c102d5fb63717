/* SPDX-License-Identifier: MIT */
/*
 * What the server says of itself.  Runs in the worker; nothing here is
 * untrusted but the revision that a client named.
 */
#include <string.h>

#include "base/buf.h"
#include "mcp/lists.h"
#include "mcp/message.h"
#include "mcp/revision.h"
#include "mcp/writer.h"

/* It changes only with the program, or with what a login may see. */
#define LISTS_TTL_MS	300000

/* No list changes while we run: there is nothing to subscribe to. */
static void
lists_capabilities(struct json *j, uint32_t revision)
{
	static const char	all[] = "{\"tools\":{},\"resources\":{},"
	    "\"prompts\":{},\"completions\":{}}";
	static const char	first[] = "{\"tools\":{},\"resources\":{},"
	    "\"prompts\":{}}";
	const char		*text;

	/* At first completion was there without a word of it. */
	text = mcp_revision_has(revision, MCP_FEATURE_COMPLETIONS) ? all :
	    first;
	writer_member_raw(j, "capabilities", text, strlen(text));
}

int
mcp_answer_initialize(struct buf *out, const struct mcp_request *req,
    const char *instructions)
{
	struct writer	 w;
	struct json	*j = &w.json;

	writer_begin_result(&w, out, req);
	writer_member(j, "protocolVersion", mcp_revision_name(req->revision));
	lists_capabilities(j, req->revision);
	writer_server_info(j, "serverInfo", req->revision);
	writer_member(j, "instructions", instructions);
	return writer_end_result(&w);
}

/*
 * The revisions that a request may name.  Those of initialize are not among
 * them: a client that put one of those into a request would be refused.
 */
static void
lists_supported(struct json *j, const char *key)
{
	uint32_t	i;

	json_key(j, key);
	json_array_begin(j);
	for (i = MCP_REVISION_COUNT; i-- > 0; )
		if (mcp_revision_has(i, MCP_FEATURE_STATELESS))
			json_string(j, mcp_revision_name(i));
	json_array_end(j);
}

int
mcp_answer_discover(struct buf *out, const struct mcp_request *req,
    const char *instructions)
{
	struct writer	 w;
	struct json	*j = &w.json;

	writer_begin_result(&w, out, req);
	lists_supported(j, "supportedVersions");
	lists_capabilities(j, req->revision);
	writer_member(j, "instructions", instructions);
	writer_time_to_live(&w, LISTS_TTL_MS);
	return writer_end_result(&w);
}

int
mcp_answer_unsupported(struct buf *out, const struct mcp_request *req,
    const char *requested)
{
	struct writer	 w;
	struct json	*j = &w.json;

	writer_begin_error(&w, out, req, MCP_ERROR_UNSUPPORTED_VERSION,
	    "Unsupported protocol version");
	json_key(j, "data");
	json_object_begin(j);
	lists_supported(j, "supported");
	writer_member(j, "requested", requested);
	json_object_end(j);
	return writer_close(&w);
}

int
mcp_answer_list(struct buf *out, const struct mcp_request *req,
    const char *key, const struct buf *array, const struct mcp_page *page)
{
	struct writer	w;

	if (buf_error(array) != 0)
		return buf_error(array);
	writer_begin_result(&w, out, req);
	writer_member_raw(&w.json, key, array->data, array->len);
	if (page->next[0] != '\0')
		writer_member(&w.json, "nextCursor", page->next);
	writer_time_to_live(&w, LISTS_TTL_MS);
	return writer_end_result(&w);
}

/* What each thing that is listed has, whatever it is. */
static void
lists_named(struct json *j, uint32_t revision, const char *name,
    const char *title, const char *description)
{
	writer_member(j, "name", name);
	if (mcp_revision_has(revision, MCP_FEATURE_TITLE))
		writer_member(j, "title", title);
	writer_member(j, "description", description);
}

static void
lists_tool(struct json *j, uint32_t revision, const struct mcp_tool *tool)
{
	json_object_begin(j);
	lists_named(j, revision, tool->name, tool->title, tool->description);
	writer_member_raw(j, "inputSchema", tool->input_schema,
	    strlen(tool->input_schema));
	if (tool->output_schema != NULL &&
	    mcp_revision_has(revision, MCP_FEATURE_STRUCTURED))
		writer_member_raw(j, "outputSchema", tool->output_schema,
		    strlen(tool->output_schema));
	if (tool->annotations != NULL &&
	    mcp_revision_has(revision, MCP_FEATURE_TOOL_HINTS))
		writer_member_raw(j, "annotations", tool->annotations,
		    strlen(tool->annotations));
	json_object_end(j);
}

void
mcp_write_tools(struct buf *out, uint32_t revision,
    const struct mcp_offer *offer, const struct mcp_page *page)
{
	struct json	j;
	size_t		i;

	json_init(&j, out);
	json_array_begin(&j);
	for (i = page->from; i < page->to; i++)
		lists_tool(&j, revision, &offer->tools[i]);
	json_array_end(&j);
}

static void
lists_resource(struct json *j, uint32_t revision,
    const struct mcp_resource *r)
{
	json_object_begin(j);
	writer_member(j, "uri", r->uri);
	lists_named(j, revision, r->name, r->title, r->description);
	writer_member(j, "mimeType", r->mime_type);
	json_object_end(j);
}

void
mcp_write_resources(struct buf *out, uint32_t revision,
    const struct mcp_offer *offer, const struct mcp_page *page)
{
	struct json	j;
	size_t		i;

	json_init(&j, out);
	json_array_begin(&j);
	for (i = page->from; i < page->to; i++)
		lists_resource(&j, revision, &offer->resources[i]);
	json_array_end(&j);
}

static void
lists_template(struct json *j, uint32_t revision,
    const struct mcp_template *t)
{
	json_object_begin(j);
	writer_member(j, "uriTemplate", t->uri);
	lists_named(j, revision, t->name, t->title, t->description);
	writer_member(j, "mimeType", t->mime_type);
	json_object_end(j);
}

void
mcp_write_templates(struct buf *out, uint32_t revision,
    const struct mcp_offer *offer, const struct mcp_page *page)
{
	struct json	j;
	size_t		i;

	json_init(&j, out);
	json_array_begin(&j);
	for (i = page->from; i < page->to; i++)
		lists_template(&j, revision, &offer->templates[i]);
	json_array_end(&j);
}

bool
mcp_template_fits(const char *pattern, const char *uri)
{
	const char	*open = strchr(pattern, '{');
	const char	*close = open == NULL ? NULL : strchr(open, '}');
	size_t		 before, after, len = strlen(uri);

	if (close == NULL)
		return false;
	before = (size_t)(open - pattern);
	after = strlen(close + 1);
	return len > before && len - before > after &&
	    strncmp(pattern, uri, before) == 0 &&
	    strcmp(close + 1, uri + len - after) == 0;
}

static void
lists_argument(struct json *j, uint32_t revision,
    const struct mcp_argument *a)
{
	json_object_begin(j);
	lists_named(j, revision, a->name, a->title, a->description);
	json_key(j, "required");
	json_boolean(j, a->required);
	json_object_end(j);
}

static void
lists_prompt(struct json *j, uint32_t revision, const struct mcp_prompt *p)
{
	size_t	i;

	json_object_begin(j);
	lists_named(j, revision, p->name, p->title, p->description);
	json_key(j, "arguments");
	json_array_begin(j);
	for (i = 0; i < p->narguments; i++)
		lists_argument(j, revision, &p->arguments[i]);
	json_array_end(j);
	json_object_end(j);
}

void
mcp_write_prompts(struct buf *out, uint32_t revision,
    const struct mcp_offer *offer, const struct mcp_page *page)
{
	struct json	j;
	size_t		i;

	json_init(&j, out);
	json_array_begin(&j);
	for (i = page->from; i < page->to; i++)
		lists_prompt(&j, revision, &offer->prompts[i]);
	json_array_end(&j);
}
