/* SPDX-License-Identifier: MIT */
/*
 * Messages to the client, from the first brace to the newline.  Runs in the
 * worker.  Ids go out as the bytes they came in, checked by the scan.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "mcp/batch.h"
#include "mcp/message.h"
#include "mcp/meta.h"
#include "mcp/revision.h"
#include "mcp/writer.h"

#define SERVER_TITLE	"JupyterHealth Exchange"

void
writer_member(struct json *j, const char *key, const char *text)
{
	if (text == NULL)
		return;
	json_key(j, key);
	json_string(j, text);
}

/* In JSON text a line break is only white space: ours is the last. */
static void
writer_unbreak(struct buf *line, size_t start)
{
	size_t	i;

	for (i = start; i < line->len; i++)
		if (line->data[i] == '\n' || line->data[i] == '\r')
			line->data[i] = ' ';
}

void
writer_member_raw(struct json *j, const char *key, const char *text,
    size_t len)
{
	size_t	start;

	json_key(j, key);
	start = j->out->len;
	json_raw(j, text, len);
	writer_unbreak(j->out, start);
}

void
writer_server_info(struct json *j, const char *key, uint32_t revision)
{
	json_key(j, key);
	json_object_begin(j);
	writer_member(j, "name", PACKAGE_NAME);
	if (mcp_revision_has(revision, MCP_FEATURE_TITLE))
		writer_member(j, "title", SERVER_TITLE);
	writer_member(j, "version", PACKAGE_VERSION);
	json_object_end(j);
}

void
writer_begin(struct writer *w, struct buf *out, const struct mcp_request *req)
{
	w->out = w->line = out;
	w->req = req;
	w->small = false;
	if (req != NULL && req->batch != NULL)
		w->line = mcp_batch_answers(req->batch);
	w->start = w->line->len;
	json_init(&w->json, w->line);
	json_object_begin(&w->json);
	writer_member(&w->json, "jsonrpc", "2.0");
	if (req != NULL && req->id_len > 0)
		writer_member_raw(&w->json, "id", req->id, req->id_len);
}

int
writer_end(struct writer *w)
{
	int	error;

	json_object_end(&w->json);
	buf_addc(w->line, '\n');
	error = buf_error(w->line);
	if (error != 0) {
		w->line->error = 0;
		buf_truncate(w->line, w->start);
		return error;
	}
	if (w->line == w->out)
		return 0;
	return mcp_batch_answered(w->req->batch, w->req, w->start,
	    w->small, w->out);
}

int
writer_close(struct writer *w)
{
	json_object_end(&w->json);
	return writer_end(w);
}

static bool
writer_is_stateless(const struct writer *w)
{
	return mcp_revision_has(w->req->revision, MCP_FEATURE_STATELESS);
}

void
writer_begin_result(struct writer *w, struct buf *out,
    const struct mcp_request *req)
{
	writer_begin(w, out, req);
	json_key(&w->json, "result");
	json_object_begin(&w->json);
	if (writer_is_stateless(w))
		writer_member(&w->json, "resultType", "complete");
}

int
writer_end_result_meta(struct writer *w, const char *meta, size_t len)
{
	struct json	*j = &w->json;
	size_t		 start;

	if (meta == NULL && !writer_is_stateless(w))
		return writer_close(w);
	json_key(j, "_meta");
	json_object_begin(j);
	start = w->line->len;
	if (meta != NULL && len > 2)
		json_raw(j, meta + 1, len - 2);
	writer_unbreak(w->line, start);
	if (writer_is_stateless(w))
		writer_server_info(j, MCP_META_SERVER, w->req->revision);
	json_object_end(j);
	return writer_close(w);
}

int
writer_end_result(struct writer *w)
{
	return writer_end_result_meta(w, NULL, 0);
}

void
writer_begin_error(struct writer *w, struct buf *out,
    const struct mcp_request *req, int code, const char *message)
{
	writer_begin(w, out, req);
	w->small = true;
	json_key(&w->json, "error");
	json_object_begin(&w->json);
	json_key(&w->json, "code");
	json_int(&w->json, code);
	writer_member(&w->json, "message", message);
}

void
writer_begin_params(struct writer *w, struct buf *out, const char *method)
{
	writer_begin(w, out, NULL);
	writer_member(&w->json, "method", method);
	json_key(&w->json, "params");
	json_object_begin(&w->json);
}

/*
 * What we offer depends on who is signed in or will: nobody else may be
 * given a copy.
 */
void
writer_time_to_live(struct writer *w, unsigned int ttl_ms)
{
	if (!writer_is_stateless(w))
		return;
	json_key(&w->json, "ttlMs");
	json_int(&w->json, ttl_ms);
	writer_member(&w->json, "cacheScope", "private");
}
