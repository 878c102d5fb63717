/* SPDX-License-Identifier: MIT */
/*
 * Where an answer comes from.  Runs in the worker, once a call.  Arguments
 * are a client's: of texts only those are repeated that the tool has found to
 * be a code, a time or a zone.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "db/statement.h"
#include "omh/types.h"
#include "tools/call.h"
#include "tools/private.h"
#include "tools/provenance.h"

/* Elements of a list argument that are told; then how many there are. */
#define PROVENANCE_ITEMS_MAX	8
#define PROVENANCE_TEXT_MAX	64
#define PROVENANCE_URL_MAX	160

/* Text arguments without a name, a value or words of a person. */
static bool
provenance_tells(const char *name)
{
	static const char *const	names[] = { "start", "end", "last",
	    "timezone", "unit", "measure", "resource_type" };
	size_t				i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

/* Codes without version, groups as they were named. */
static void
provenance_types(const char *text, struct json *j)
{
	const struct omh_type	*t;
	size_t			 n, count = 0;

	json_key(j, "data_type");
	json_array_begin(j);
	for (; *text != '\0'; text += n + (text[n] == ',')) {
		n = strcspn(text, ",");
		if (n == 0 || count++ == PROVENANCE_ITEMS_MAX)
			continue;
		t = omh_type_find(text, n);
		if (t != NULL)
			json_stringf(j, "%s:%s", t->space, t->name);
		else if (omh_type_group(text, n) != 0)
			json_stringn(j, text, n);
	}
	json_array_end(j);
}

static void
provenance_items(const struct args_value *v, const char *name, struct json *j)
{
	char	key[80];
	size_t	i;

	if (v->nitems > PROVENANCE_ITEMS_MAX) {
		snprintf(key, sizeof(key), "%s_count", name);
		json_key(j, key);
		json_int(j, (int64_t)v->nitems);
		return;
	}
	json_key(j, name);
	json_array_begin(j);
	for (i = 0; i < v->nitems; i++)
		json_int(j, v->items[i]);
	json_array_end(j);
}

static void
provenance_filter(const struct args_value *v, const struct schema_property *p,
    struct json *j)
{
	if (p->type == SCHEMA_INTEGER) {
		json_key(j, p->name);
		json_int(j, v->integer);
	} else if (p->type == SCHEMA_BOOLEAN) {
		json_key(j, p->name);
		json_boolean(j, v->integer != 0);
	} else if (p->type == SCHEMA_LIST && p->item == SCHEMA_INTEGER)
		provenance_items(v, p->name, j);
	else if (p->type == SCHEMA_STRING && p->nchoices > 0) {
		json_key(j, p->name);
		json_string(j, p->choices[v->integer]);
	} else if (p->type == SCHEMA_STRING && v->string != NULL &&
	    strcmp(p->name, "data_type") == 0)
		provenance_types(v->string, j);
	else if (p->type == SCHEMA_STRING && v->string != NULL &&
	    provenance_tells(p->name) &&
	    strlen(v->string) <= PROVENANCE_TEXT_MAX) {
		json_key(j, p->name);
		json_string(j, v->string);
	}
}

/*
 * The tool's own member window, as it was resolved: strings in it cannot
 * hold the same bytes, their quotes are escaped.
 */
static void
provenance_window(const struct buf *head, struct json *j)
{
	static const char	key[] = "\"window\":{";
	const char		*text = buf_string(head);
	const char		*start = strstr(text, key), *end;

	if (start == NULL)
		return;
	start += sizeof(key) - 2;
	if ((end = strchr(start, '}')) == NULL)
		return;
	json_key(j, "window");
	json_raw(j, start, (size_t)(end - start) + 1);
}

static void
provenance_filters(const struct tools_call *call, struct json *j)
{
	const struct args	*a = &call->args;
	size_t			 i;

	json_key(j, "filters");
	json_object_begin(j);
	for (i = 0; a->schema != NULL && i < a->schema->nproperties; i++) {
		if (a->values[i].present)
			provenance_filter(&a->values[i],
			    &a->schema->properties[i], j);
	}
	provenance_window(&call->result.head_out, j);
	json_key(j, "consent_gate");
	json_boolean(j, call->ctx.consent_gate);
	json_object_end(j);
}

static void
provenance_statements(const struct tools_call *call, struct json *j)
{
	size_t	i;

	if (call->nstatements == 0)
		return;
	json_key(j, "statements");
	json_array_begin(j);
	for (i = 0; i < call->nstatements; i++)
		json_string(j, db_statement_table[call->statements[i]].name);
	json_array_end(j);
}

static void
provenance_rows(const struct tools_call *call, struct json *j)
{
	const struct buf	*withheld = &call->result.withheld;

	json_key(j, "rows");
	json_object_begin(j);
	json_key(j, "matched");
	json_int(j, call->matched);
	json_key(j, "returned");
	json_int(j, (int64_t)call->result.nrows);
	/* Finished by the result's writer. */
	if (withheld->len > 2 && withheld->data[withheld->len - 1] == '}') {
		json_key(j, "withheld");
		json_raw(j, withheld->data, withheld->len);
	}
	json_object_end(j);
}

static void
provenance_object(const struct tools_call *call, struct buf *out, bool filters)
{
	const struct tools_context	*ctx = &call->ctx;
	struct json			 j;

	json_init(&j, out);
	json_object_begin(&j);
	json_key(&j, "jhe-mcp/provenance");
	json_object_begin(&j);
	if (ctx->request_id != NULL) {
		json_key(&j, "request_id");
		json_string(&j, ctx->request_id);
	}
	json_key(&j, "server");
	json_string(&j, PACKAGE_NAME " " PACKAGE_VERSION);
	if (ctx->exchange_url != NULL &&
	    strlen(ctx->exchange_url) <= PROVENANCE_URL_MAX) {
		json_key(&j, "exchange");
		json_string(&j, ctx->exchange_url);
	}
	if (ctx->database != NULL) {
		json_key(&j, "database");
		json_string(&j, ctx->database);
	}
	json_key(&j, "tool");
	json_string(&j, call->tool->ops->name);
	provenance_statements(call, &j);
	if (filters)
		provenance_filters(call, &j);
	if (!call->answer.is_error && call->matched >= 0)
		provenance_rows(call, &j);
	json_key(&j, "elapsed_ms");
	json_int(&j, clock_monotonic_ms() - call->begun_ms);
	json_object_end(&j);
	json_object_end(&j);
}

void
provenance_write(const struct tools_call *call, struct buf *out)
{
	provenance_object(call, out, !call->answer.is_error);
	if (buf_error(out) == ERR_LIMIT) {
		buf_free(out);
		buf_init(out, PROVENANCE_MAX);
		provenance_object(call, out, false);
	}
	/* Half an object is none. */
	if (buf_error(out) != 0) {
		buf_free(out);
		buf_init(out, PROVENANCE_MAX);
	}
}
