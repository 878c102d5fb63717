/* SPDX-License-Identifier: MIT */
/*
 * What the tools get of the worker: the database, the person, the clock and
 * the seal of cursors.  Runs in the worker; a cursor to be opened is the
 * client's text.
 */
#include <sys/random.h>

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "db/db.h"
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

static enum tools_disclosure
context_disclosure(const struct worker *w)
{
	switch (w->disclosure) {
	case IPC_DISCLOSURE_IDENTIFIED:
		return TOOLS_IDENTIFIED;
	case IPC_DISCLOSURE_PSEUDONYMOUS:
		return TOOLS_PSEUDONYMOUS;
	default:
		return TOOLS_AGGREGATE;
	}
}

/*
 * 48 bits of time and 80 random ones in Crockford's base32, as a ULID has
 * them: it sorts by time and needs no counter that workers would share.
 */
static void
context_name_request(struct worker *w)
{
	static const char	digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint64_t		time_ms = (uint64_t)clock_wall_ms();
	uint8_t			random[16];
	size_t			i;

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		fatal("random bytes");
	for (i = 0; i < 10; i++)
		w->request_id[i] = digits[time_ms >> (45 - 5 * i) & 31];
	for (i = 0; i < 16; i++)
		w->request_id[10 + i] = digits[random[i] & 31];
	w->request_id[26] = '\0';
}

void
context_begin(struct worker *w, struct tools_context *ctx)
{
	context_name_request(w);
	context_fill(w, ctx);
	ctx->request_id = w->request_id;
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
	ctx->disclosure = context_disclosure(w);
	ctx->minimum_cell = w->minimum_cell;
	ctx->consent_gate = w->consent_gate;
	ctx->exchange_url = w->exchange_url[0] != '\0' ? w->exchange_url :
	    NULL;
	ctx->database = w->db != NULL ? db_generation(w->db) : NULL;
	ctx->default_timezone = w->default_timezone;
	ctx->statement_timeout_s = w->statement_timeout_ms / 1000;
	ctx->now_s = context_now_s;
	ctx->seal = context_seal;
	ctx->open = context_open;
	ctx->arg = w;
}
