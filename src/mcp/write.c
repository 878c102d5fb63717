/* SPDX-License-Identifier: MIT */
/*
 * Messages to the client.  Runs in the worker.  Ids go out as the bytes they
 * came in, checked by the scan; texts may be anything anybody stored and are
 * escaped once; JSON text comes from PostgreSQL or from our own writer.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "mcp/message.h"
#include "mcp/meta.h"
#include "mcp/revision.h"
#include "mcp/write.h"
#include "mcp/writer.h"

/* The tables of a database in use change now and then. */
#define WRITE_RESOURCE_TTL_MS	60000

static void
write_content(struct json *j, const char *text, size_t len, bool for_user)
{
	json_object_begin(j);
	writer_member(j, "type", "text");
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

	writer_begin_result(&w, out, req);
	json_key(j, "content");
	json_array_begin(j);
	write_content(j, result->text, result->text_len, true);
	if (structured)
		write_content(j, result->structured, result->structured_len,
		    false);
	json_array_end(j);
	if (structured &&
	    mcp_revision_has(req->revision, MCP_FEATURE_STRUCTURED))
		writer_member_raw(j, "structuredContent", result->structured,
		    result->structured_len);
	if (result->is_error) {
		json_key(j, "isError");
		json_boolean(j, true);
	}
	return writer_end_result_meta(&w, result->meta, result->meta_len);
}

int
mcp_answer_resource(struct buf *out, const struct mcp_request *req,
    const char *uri, const char *mime_type, const char *text, size_t len)
{
	struct writer	 w;
	struct json	*j = &w.json;

	writer_begin_result(&w, out, req);
	json_key(j, "contents");
	json_array_begin(j);
	json_object_begin(j);
	writer_member(j, "uri", uri);
	writer_member(j, "mimeType", mime_type);
	json_key(j, "text");
	json_stringn(j, text, len);
	json_object_end(j);
	json_array_end(j);
	writer_time_to_live(&w, WRITE_RESOURCE_TTL_MS);
	return writer_end_result(&w);
}

int
mcp_answer_completion(struct buf *out, const struct mcp_request *req,
    const struct mcp_completion *completion)
{
	static const struct mcp_completion	 none;
	struct writer				 w;
	struct json				*j = &w.json;
	size_t					 i;

	if (completion == NULL)
		completion = &none;
	writer_begin_result(&w, out, req);
	json_key(j, "completion");
	json_object_begin(j);
	json_key(j, "values");
	json_array_begin(j);
	for (i = 0; i < completion->n; i++)
		json_string(j, completion->values[i]);
	json_array_end(j);
	json_key(j, "total");
	json_int(j, (int64_t)completion->total);
	json_key(j, "hasMore");
	json_boolean(j, completion->total > completion->n);
	json_object_end(j);
	return writer_end_result(&w);
}

int
mcp_answer_error(struct buf *out, const struct mcp_request *req, int code,
    const char *message)
{
	struct writer	w;

	writer_begin_error(&w, out, req, code, message);
	return writer_close(&w);
}

int
mcp_answer_resource_not_found(struct buf *out, const struct mcp_request *req,
    const char *uri)
{
	bool		own_code = mcp_revision_has(req->revision,
	    MCP_FEATURE_NOT_FOUND);
	struct writer	w;

	writer_begin_error(&w, out, req, own_code ?
	    MCP_ERROR_RESOURCE_NOT_FOUND : MCP_ERROR_INVALID_PARAMS,
	    "Resource not found");
	/* It repeats what the client wrote, so it may be long. */
	w.small = false;
	json_key(&w.json, "data");
	json_object_begin(&w.json);
	writer_member(&w.json, "uri", uri);
	json_object_end(&w.json);
	return writer_close(&w);
}

int
mcp_answer_empty(struct buf *out, const struct mcp_request *req)
{
	struct writer	w;

	writer_begin_result(&w, out, req);
	return writer_end_result(&w);
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
    int64_t progress, const char *message)
{
	struct writer	w;

	if (req->progress_len == 0)
		return 0;
	writer_begin_params(&w, out, "notifications/progress");
	writer_member_raw(&w.json, "progressToken", req->progress,
	    req->progress_len);
	json_key(&w.json, "progress");
	json_int(&w.json, progress);
	if (mcp_revision_has(req->revision, MCP_FEATURE_PROGRESS_TEXT))
		writer_member(&w.json, "message", message);
	return writer_close(&w);
}

/* A _meta that names the subscription by its request's id. */
static void
write_subscription(struct json *j, const struct mcp_request *req)
{
	json_key(j, "_meta");
	json_object_begin(j);
	writer_member_raw(j, MCP_META_SUBSCRIPTION, req->id, req->id_len);
	json_object_end(j);
}

int
mcp_notify_acknowledged(struct buf *out, const struct mcp_request *req)
{
	struct writer	w;

	writer_begin_params(&w, out,
	    "notifications/subscriptions/acknowledged");
	write_subscription(&w.json, req);
	json_key(&w.json, "notifications");
	json_object_begin(&w.json);
	json_object_end(&w.json);
	return writer_close(&w);
}

int
mcp_answer_subscription(struct buf *out, const struct mcp_request *req)
{
	char		meta[MCP_ID_MAX + 64];
	size_t		start = out->len;
	struct writer	w;
	int		error, n;

	writer_begin_params(&w, out, "notifications/cancelled");
	writer_member_raw(&w.json, "requestId", req->id, req->id_len);
	write_subscription(&w.json, req);
	error = writer_close(&w);
	if (error != 0)
		return error;
	n = snprintf(meta, sizeof(meta), "{\"" MCP_META_SUBSCRIPTION
	    "\":%.*s}", (int)req->id_len, req->id);
	writer_begin_result(&w, out, req);
	error = writer_end_result_meta(&w, meta, (size_t)n);
	if (error != 0)
		buf_truncate(out, start);
	return error;
}
