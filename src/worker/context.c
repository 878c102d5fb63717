/* SPDX-License-Identifier: MIT */
/*
 * What the tools get of the worker: the database, the person, the clock and
 * the seal of cursors.  Runs in the worker; a cursor to be opened is the
 * client's text.
 */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "oauth/seal.h"
#include "tools/tools.h"
#include "worker/worker.h"

static int64_t
context_now_s(void *arg)
{
	(void)arg;
	return clock_wall_s();
}

/* Cursors are bound to the person: theirs is the associated data. */
static int
context_seal(void *arg, const void *plain, size_t len, struct buf *out)
{
	struct worker	*w = arg;

	return seal_make(w->cursor_key, &w->person, sizeof(w->person), plain,
	    len, out);
}

static int
context_open(void *arg, const char *text, size_t len, struct buf *out)
{
	struct worker	*w = arg;

	return seal_open(w->cursor_key, &w->person, sizeof(w->person), text,
	    len, out);
}

static enum tools_identity
context_identity(const struct worker *w)
{
	switch (w->identity_fields) {
	case IPC_IDENTITY_ALWAYS:
		return TOOLS_IDENTITY_ALWAYS;
	case IPC_IDENTITY_ON_REQUEST:
		return TOOLS_IDENTITY_ON_REQUEST;
	default:
		return TOOLS_IDENTITY_NEVER;
	}
}

void
context_fill(struct worker *w, struct tools_context *ctx)
{
	memset(ctx, 0, sizeof(*ctx));
	ctx->db = w->db;
	ctx->person = w->person;
	ctx->narrowed = w->narrowed;
	ctx->studies = w->studies;
	ctx->nstudies = w->nstudies;
	ctx->identity = context_identity(w);
	ctx->default_timezone = w->default_timezone;
	ctx->statement_timeout_s = w->statement_timeout_ms / 1000;
	ctx->now_s = context_now_s;
	ctx->seal = context_seal;
	ctx->open = context_open;
	ctx->arg = w;
}
