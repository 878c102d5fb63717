/* SPDX-License-Identifier: MIT */
/*
 * Lines taken apart as JSON-RPC messages.  Runs in the worker; every line is
 * a stranger's.  json-c gets only what the scan found well formed, so that
 * its own leniencies (comments, NaN, single quotes, saturated numbers) are
 * never met.
 */
#include <json-c/json.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "mcp/message.h"
#include "mcp/revision.h"

struct mcp_parser {
	struct json_tokener	*tokener;
	size_t			 line_max;
};

static const struct {
	int		 error;
	const char	*reason;
} message_faults[] = {
	[MCP_FAULT_SYNTAX] = { MCP_ERROR_PARSE, "Parse error: not JSON" },
	[MCP_FAULT_UTF8] = { MCP_ERROR_PARSE, "Parse error: not UTF-8" },
	[MCP_FAULT_DEPTH] = { MCP_ERROR_INVALID_REQUEST,
	    "Invalid Request: nested too deeply" },
	[MCP_FAULT_LINE] = { MCP_ERROR_INVALID_REQUEST,
	    "Invalid Request: the message is too long" },
	[MCP_FAULT_COUNT] = { MCP_ERROR_INVALID_REQUEST,
	    "Invalid Request: too many members" },
	[MCP_FAULT_STRING] = { MCP_ERROR_INVALID_REQUEST,
	    "Invalid Request: a string is too long" },
	[MCP_FAULT_NUMBER] = { MCP_ERROR_INVALID_REQUEST,
	    "Invalid Request: a number is beyond 64 bits" },
	[MCP_FAULT_SURROGATE] = { MCP_ERROR_INVALID_REQUEST,
	    "Invalid Request: a string has half a surrogate pair" },
	[MCP_FAULT_NUL] = { MCP_ERROR_INVALID_REQUEST,
	    "Invalid Request: a string has U+0000" },
	[MCP_FAULT_DUPLICATE] = { MCP_ERROR_INVALID_REQUEST,
	    "Invalid Request: a member is given twice" }
};

int
mcp_request_init(struct mcp_request *req, uint32_t revision, const char *id,
    size_t id_len)
{
	memset(req, 0, sizeof(*req));
	if (revision >= MCP_REVISION_COUNT || !mcp_scan_is_id(id, id_len))
		return ERR_FORMAT;
	req->revision = revision;
	req->id_len = (uint32_t)id_len;
	memcpy(req->id, id, id_len);
	return 0;
}

struct mcp_parser *
mcp_parser_new(size_t line_max)
{
	struct mcp_parser	*p = calloc(1, sizeof(*p));
	struct json_object	*seed = NULL;

	if (p == NULL)
		return NULL;
	p->line_max = line_max;
	p->tokener = json_tokener_new_ex(MCP_DEPTH_MAX + 2);
	if (p->tokener == NULL)
		goto fail;
	json_tokener_set_flags(p->tokener, JSON_TOKENER_STRICT);
	/* The first member ever added is what draws the hash's seed. */
	seed = json_tokener_parse_ex(p->tokener, "{\"a\":0}", 7);
	if (seed == NULL)
		goto fail;
	json_object_put(seed);
	return p;
fail:
	mcp_parser_free(p);
	return NULL;
}

void
mcp_parser_free(struct mcp_parser *p)
{
	if (p == NULL)
		return;
	if (p->tokener != NULL)
		json_tokener_free(p->tokener);
	free(p);
}

static void
message_refuse(struct mcp_message *m, int error, const char *reason)
{
	m->kind = MCP_KIND_INVALID;
	m->error = error;
	m->reason = reason;
}

/*
 * A faulty line that still could be read as a notification or an answer has
 * nobody who waits: it is dropped, as the protocol wants it.
 */
static void
message_refuse_fault(struct mcp_message *m, const struct mcp_scan *scan)
{
	bool	request = (m->has & MCP_HAS_METHOD) != 0;
	bool	answer = !request &&
	    (m->has & (MCP_HAS_RESULT | MCP_HAS_ERROR)) != 0;

	if (answer || (request && (m->has & MCP_HAS_ID) == 0))
		m->kind = MCP_KIND_BLANK;
	else
		message_refuse(m, message_faults[scan->fault].error,
		    message_faults[scan->fault].reason);
	/* Of two ids none is the right one. */
	if (scan->fault == MCP_FAULT_DUPLICATE)
		m->id.data = NULL;
}

static const char *
message_string(struct json_object *tree, const char *key)
{
	struct json_object	*value;

	if (!json_object_object_get_ex(tree, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	return json_object_get_string(value);
}

/* What a well-formed object is. */
static void
message_classify(struct mcp_message *m)
{
	const char	*version = message_string(m->tree, "jsonrpc");

	if ((m->has & MCP_HAS_METHOD) == 0 &&
	    (m->has & (MCP_HAS_RESULT | MCP_HAS_ERROR)) != 0) {
		m->kind = MCP_KIND_RESPONSE;
		return;
	}
	m->method = message_string(m->tree, "method");
	json_object_object_get_ex(m->tree, "params", &m->params);
	if ((m->has & MCP_HAS_ID) != 0 && m->id.data == NULL)
		message_refuse(m, MCP_ERROR_INVALID_REQUEST,
		    "Invalid Request: id must be a string or an integer "
		    "of at most 256 bytes");
	else if (version == NULL || strcmp(version, "2.0") != 0)
		message_refuse(m, MCP_ERROR_INVALID_REQUEST,
		    "Invalid Request: jsonrpc must be \"2.0\"");
	else if (m->method == NULL)
		message_refuse(m, MCP_ERROR_INVALID_REQUEST,
		    "Invalid Request: method must be a string");
	else if ((m->has & MCP_HAS_ID) != 0)
		m->kind = MCP_KIND_REQUEST;
	else
		m->kind = MCP_KIND_NOTIFICATION;
}

static void
message_parse_object(struct mcp_parser *p, const char *line, size_t len,
    struct mcp_message *m)
{
	enum json_tokener_error	error;

	json_tokener_reset(p->tokener);
	m->tree = json_tokener_parse_ex(p->tokener, line, (int)len);
	error = json_tokener_get_error(p->tokener);
	json_tokener_reset(p->tokener);
	/* The scan is the stricter of the two; believe neither alone. */
	if (m->tree == NULL || error != json_tokener_success ||
	    !json_object_is_type(m->tree, json_type_object)) {
		m->id.data = NULL;
		message_refuse(m, MCP_ERROR_PARSE, "Parse error: not JSON");
		return;
	}
	message_classify(m);
}

void
mcp_message_parse(struct mcp_parser *p, const char *line, size_t len,
    struct mcp_message *m)
{
	struct mcp_scan	scan;

	memset(m, 0, sizeof(*m));
	mcp_scan_line(line, len, p->line_max, &scan);
	m->id = scan.id;
	m->progress_token = scan.progress_token;
	m->request_id = scan.request_id;
	m->has = scan.has;
	/* What is wrong with one of its messages is that one's matter. */
	if (scan.shape == MCP_SHAPE_ARRAY && (scan.fault == MCP_FAULT_NONE ||
	    scan.fault > MCP_FAULT_COUNT))
		m->kind = MCP_KIND_BATCH;
	else if (scan.fault != MCP_FAULT_NONE)
		message_refuse_fault(m, &scan);
	else if (scan.shape == MCP_SHAPE_BLANK)
		m->kind = MCP_KIND_BLANK;
	else if (scan.shape == MCP_SHAPE_OTHER)
		message_refuse(m, MCP_ERROR_INVALID_REQUEST,
		    "Invalid Request: not an object");
	else
		message_parse_object(p, line, len, m);
}

void
mcp_message_free(struct mcp_message *m)
{
	json_object_put(m->tree);
	memset(m, 0, sizeof(*m));
}
