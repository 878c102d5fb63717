/* SPDX-License-Identifier: MIT */
/*
 * Messages to the client.  Runs in the worker.  Ids go out as the bytes they
 * came in, checked by the scan; texts may be anything anybody stored and are
 * escaped once; JSON text comes from PostgreSQL or from our own writer.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"
#include "mcp/message.h"
#include "mcp/revision.h"
#include "mcp/write.h"

#define SERVER_TITLE	"JupyterHealth Exchange"

/* An answer under way. */
struct writer {
	struct json	 json;
	struct buf	*out;
	size_t		 start;		/* where it begins in out */
};

static void
write_member_raw(struct json *j, const char *key, const char *text,
    size_t len)
{
	struct buf	*out = j->out;
	size_t		 start, i;

	json_key(j, key);
	start = out->len;
	json_raw(j, text, len);
	/* In JSON text a line break is only white space: ours is the last. */
	for (i = start; i < out->len; i++)
		if (out->data[i] == '\n' || out->data[i] == '\r')
			out->data[i] = ' ';
}

static void
write_member(struct json *j, const char *key, const char *text)
{
	if (text == NULL)
		return;
	json_key(j, key);
	json_string(j, text);
}

static void
write_begin(struct writer *w, struct buf *out, const struct mcp_request *req)
{
	w->out = out;
	w->start = out->len;
	json_init(&w->json, out);
	json_object_begin(&w->json);
	write_member(&w->json, "jsonrpc", "2.0");
	if (req != NULL)
		write_member_raw(&w->json, "id", req->id, req->id_len);
}

static int
write_end(struct writer *w)
{
	int	r;

	json_object_end(&w->json);
	buf_addc(w->out, '\n');
	r = buf_error(w->out);
	if (r != 0) {
		w->out->error = 0;
		buf_truncate(w->out, w->start);
	}
	return r;
}

static void
write_begin_result(struct writer *w, struct buf *out,
    const struct mcp_request *req)
{
	write_begin(w, out, req);
	json_key(&w->json, "result");
	json_object_begin(&w->json);
}

static int
write_end_result(struct writer *w)
{
	json_object_end(&w->json);
	return write_end(w);
}

static void
write_content(struct json *j, const char *text, size_t len, bool for_user)
{
	json_object_begin(j);
	write_member(j, "type", "text");
	json_key(j, "text");
	json_stringn(j, text, len);
	json_key(j, "annotations");
	json_object_begin(j);
	json_key(j, "audience");
	json_array_begin(j);
	if (for_user)
		json_string(j, "user");
	json_string(j, "assistant");
	json_array_end(j);
	json_object_end(j);
	json_object_end(j);
}

int
mcp_answer_tool(struct buf *out, const struct mcp_request *req,
    const struct mcp_tool_result *result)
{
	bool		 structured = !result->is_error &&
	    result->structured != NULL;
	struct writer	 w;
	struct json	*j = &w.json;

	write_begin_result(&w, out, req);
	json_key(j, "content");
	json_array_begin(j);
	write_content(j, result->text, result->text_len, true);
	if (structured)
		write_content(j, result->structured, result->structured_len,
		    false);
	json_array_end(j);
	if (structured &&
	    mcp_revision_has(req->revision, MCP_FEATURE_STRUCTURED))
		write_member_raw(j, "structuredContent", result->structured,
		    result->structured_len);
	if (result->is_error) {
		json_key(j, "isError");
		json_boolean(j, true);
	}
	if (result->meta != NULL)
		write_member_raw(j, "_meta", result->meta, result->meta_len);
	return write_end_result(&w);
}

int
mcp_answer_resource(struct buf *out, const struct mcp_request *req,
    const char *uri, const char *mime_type, const char *text, size_t len)
{
	struct writer	 w;
	struct json	*j = &w.json;

	write_begin_result(&w, out, req);
	json_key(j, "contents");
	json_array_begin(j);
	json_object_begin(j);
	write_member(j, "uri", uri);
	write_member(j, "mimeType", mime_type);
	json_key(j, "text");
	json_stringn(j, text, len);
	json_object_end(j);
	json_array_end(j);
	return write_end_result(&w);
}

static void
write_error(struct json *j, int code, const char *message)
{
	json_key(j, "error");
	json_object_begin(j);
	json_key(j, "code");
	json_int(j, code);
	write_member(j, "message", message);
}

int
mcp_answer_error(struct buf *out, const struct mcp_request *req, int code,
    const char *message)
{
	struct writer	w;

	write_begin(&w, out, req);
	write_error(&w.json, code, message);
	return write_end_result(&w);
}

int
mcp_answer_resource_not_found(struct buf *out, const struct mcp_request *req,
    const char *uri)
{
	bool		own_code = mcp_revision_has(req->revision,
	    MCP_FEATURE_NOT_FOUND);
	struct writer	w;

	write_begin(&w, out, req);
	write_error(&w.json, own_code ? MCP_ERROR_RESOURCE_NOT_FOUND :
	    MCP_ERROR_INVALID_PARAMS, "Resource not found");
	json_key(&w.json, "data");
	json_object_begin(&w.json);
	write_member(&w.json, "uri", uri);
	json_object_end(&w.json);
	return write_end_result(&w);
}

int
mcp_answer_empty(struct buf *out, const struct mcp_request *req)
{
	struct writer	w;

	write_begin_result(&w, out, req);
	return write_end_result(&w);
}

int
mcp_answer_initialize(struct buf *out, const struct mcp_request *req)
{
	struct writer	 w;
	struct json	*j = &w.json;

	write_begin_result(&w, out, req);
	write_member(j, "protocolVersion", mcp_revision_name(req->revision));
	write_member_raw(j, "capabilities", "{\"tools\":{},\"resources\":{}}",
	    strlen("{\"tools\":{},\"resources\":{}}"));
	json_key(j, "serverInfo");
	json_object_begin(j);
	write_member(j, "name", PACKAGE_NAME);
	if (mcp_revision_has(req->revision, MCP_FEATURE_TITLE))
		write_member(j, "title", SERVER_TITLE);
	write_member(j, "version", PACKAGE_VERSION);
	json_object_end(j);
	return write_end_result(&w);
}

int
mcp_answer_raw(struct buf *out, const struct mcp_request *req,
    const char *result, size_t len)
{
	struct writer	w;

	write_begin(&w, out, req);
	write_member_raw(&w.json, "result", result, len);
	return write_end(&w);
}

int
mcp_answer_resource_list(struct buf *out, const struct mcp_request *req,
    const struct mcp_offer *offer)
{
	const struct mcp_resource	*r;
	struct writer			 w;
	struct json			*j = &w.json;
	size_t				 i;

	write_begin_result(&w, out, req);
	json_key(j, "resources");
	json_array_begin(j);
	for (i = 0; i < offer->nresources; i++) {
		r = &offer->resources[i];
		json_object_begin(j);
		write_member(j, "uri", r->uri);
		write_member(j, "name", r->name);
		if (mcp_revision_has(req->revision, MCP_FEATURE_TITLE))
			write_member(j, "title", r->title);
		write_member(j, "description", r->description);
		write_member(j, "mimeType", r->mime_type);
		json_object_end(j);
	}
	json_array_end(j);
	return write_end_result(&w);
}

static void
write_tool(struct json *j, uint32_t revision, const struct mcp_tool *tool)
{
	json_object_begin(j);
	write_member(j, "name", tool->name);
	if (mcp_revision_has(revision, MCP_FEATURE_TITLE))
		write_member(j, "title", tool->title);
	write_member(j, "description", tool->description);
	write_member_raw(j, "inputSchema", tool->input_schema,
	    strlen(tool->input_schema));
	if (tool->output_schema != NULL &&
	    mcp_revision_has(revision, MCP_FEATURE_STRUCTURED))
		write_member_raw(j, "outputSchema", tool->output_schema,
		    strlen(tool->output_schema));
	if (tool->annotations != NULL &&
	    mcp_revision_has(revision, MCP_FEATURE_TOOL_HINTS))
		write_member_raw(j, "annotations", tool->annotations,
		    strlen(tool->annotations));
	json_object_end(j);
}

int
mcp_write_tool_list(struct buf *out, uint32_t revision,
    const struct mcp_offer *offer)
{
	struct json	j;
	size_t		i;

	json_init(&j, out);
	json_object_begin(&j);
	json_key(&j, "tools");
	json_array_begin(&j);
	for (i = 0; i < offer->ntools; i++)
		write_tool(&j, revision, &offer->tools[i]);
	json_array_end(&j);
	json_object_end(&j);
	return buf_error(out);
}

/* What would end, hide or turn round the line it is printed in. */
static bool
write_is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) ||
	    cp == 0x061c || (cp >= 0x200b && cp <= 0x200f) ||
	    (cp >= 0x2028 && cp <= 0x202e) ||
	    (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff;
}

void
mcp_clean_text(char *dst, size_t size, const char *src, size_t len)
{
	size_t		i = 0, used = 0, n;
	uint32_t	cp;

	while (i < len) {
		n = utf8_decode(src + i, len - i, &cp);
		if (n == 0 || write_is_control(cp)) {
			if (size - used < 2)
				break;
			dst[used++] = '?';
			i += n == 0 ? 1 : n;
			continue;
		}
		if (size - used < n + 1)
			break;
		memcpy(dst + used, src + i, n);
		used += n;
		i += n;
	}
	dst[used] = '\0';
}

int
mcp_notify_progress(struct buf *out, const struct mcp_request *req,
    unsigned int count, const char *message)
{
	struct writer	w;

	if (req->progress_len == 0)
		return 0;
	write_begin(&w, out, NULL);
	write_member(&w.json, "method", "notifications/progress");
	json_key(&w.json, "params");
	json_object_begin(&w.json);
	write_member_raw(&w.json, "progressToken", req->progress,
	    req->progress_len);
	json_key(&w.json, "progress");
	json_int(&w.json, count);
	if (mcp_revision_has(req->revision, MCP_FEATURE_PROGRESS_TEXT))
		write_member(&w.json, "message", message);
	json_object_end(&w.json);
	return write_end(&w);
}
