/* SPDX-License-Identifier: MIT */
/*
 * jhe-mcp logout: ends the tokens at the exchange (RFC 7009), and deletes
 * them here whatever the exchange says.  Runs as the user.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/loop.h"
#include "cli/cache.h"
#include "cli/exchange.h"
#include "cli/run.h"
#include "compat/compat.h"
#include "conf/conf.h"
#include "vault/tokens.h"

#define SIGN_OUT_LOCK_MS	200	/* between two tries */
#define SIGN_OUT_LOCK_MAX_MS	5000	/* then without the lock */

struct sign_out {
	struct run		 r;
	struct cache		*cache;
	struct vault_tokens	*tokens;
	struct exchange_job	*job;
	bool			 revoking;	/* not: discovering */
	int64_t			 lock_until_ms;
	enum cache_state	 state;		/* what was stored */
	bool			 revoked;
	const char		*why;		/* it was not */
};

static const char *
sign_out_text(const struct sign_out *s, enum conf_key key)
{
	const char	*text = conf_string(s->r.conf, key);

	return text != NULL ? text : "";
}

/* --- The end --- */

static void
sign_out_tell(struct sign_out *s)
{
	struct buf	out;
	struct json	j;

	if (!run_is_json(&s->r)) {
		puts(s->state == CACHE_MISSING ? "Nobody was signed in." :
		    s->revoked ? "Signed out: the exchange has ended the "
		    "tokens, and they are deleted here." :
		    "Signed out on this computer.");
		return;
	}
	buf_init(&out, 4096);
	json_init(&j, &out);
	json_object_begin(&j);
	json_key(&j, "signed_out");
	json_boolean(&j, true);
	json_key(&j, "was_signed_in");
	json_boolean(&j, s->state != CACHE_MISSING);
	json_key(&j, "revoked");
	json_boolean(&j, s->revoked);
	json_object_end(&j);
	run_print_json(&s->r, &out);
}

/* Nothing that was stored stays, however it went before. */
static void
sign_out_finish(struct sign_out *s)
{
	int	code = PROGRAM_OK;

	progress_clear(&s->r.progress);
	if (cache_remove(s->cache) != 0) {
		run_error(&s->r, "not_deleted", "%s/%s cannot be deleted",
		    sign_out_text(s, CONF_TOKEN_CACHE_DIR), CACHE_FILE);
		run_done(&s->r, PROGRAM_USAGE);
		return;
	}
	/* Without a token that lasts there was nothing to end. */
	if (!s->revoked && s->state != CACHE_MISSING &&
	    s->state != CACHE_ENDED) {
		run_error(&s->r, "not_revoked", "the tokens are deleted here, "
		    "but the exchange was not told: %s.  It takes them until "
		    "they expire", s->why);
		code = PROGRAM_UNREACHABLE;
	}
	sign_out_tell(s);
	run_done(&s->r, code);
}

/* --- The exchange --- */

static void	sign_out_job_done(void *, const struct exchange_answer *);

static void
sign_out_job(struct sign_out *s, enum ipc_job kind,
    const struct ipc_brok_endpoints *e)
{
	struct ipc_brok_job	job = { .kind = kind };

	strlcpy(job.exchange_url, sign_out_text(s, CONF_EXCHANGE_URL),
	    sizeof(job.exchange_url));
	strlcpy(job.client_id, sign_out_text(s, CONF_CLIENT_ID),
	    sizeof(job.client_id));
	if (e != NULL) {
		strlcpy(job.client_secret,
		    sign_out_text(s, CONF_CLIENT_SECRET),
		    sizeof(job.client_secret));
		strlcpy(job.revocation_endpoint, e->revocation_endpoint,
		    sizeof(job.revocation_endpoint));
		strlcpy(job.token, s->tokens->refresh_token,
		    sizeof(job.token));
		strlcpy(job.access_token, s->tokens->access_token,
		    sizeof(job.access_token));
	}
	s->revoking = e != NULL;
	s->job = exchange_job_start(&s->r.p, &job, sign_out_job_done, s);
	explicit_bzero(&job, sizeof(job));
	if (s->job == NULL) {
		s->why = "no broker could be started";
		sign_out_finish(s);
	}
}

/* Exchanges have the endpoint, and do not name it. */
static void
sign_out_discovered(struct sign_out *s, const struct ipc_brok_endpoints *found)
{
	struct ipc_brok_endpoints	known;

	exchange_known_endpoints(sign_out_text(s, CONF_EXCHANGE_URL), &known);
	if (found->found && found->revocation_endpoint[0] != '\0')
		known = *found;
	sign_out_job(s, IPC_JOB_REVOKE, &known);
}

static void
sign_out_job_done(void *arg, const struct exchange_answer *a)
{
	struct sign_out		*s = arg;
	struct exchange_job	*job = s->job;

	s->job = NULL;
	if (a->failed) {
		s->why = a->why;
		sign_out_finish(s);
	} else if (s->revoking) {
		s->revoked = true;
		sign_out_finish(s);
	} else
		sign_out_discovered(s, a->endpoints);
	/* The answer was the job's. */
	exchange_job_free(job);
}

/* --- The cache --- */

static void
sign_out_look(void *arg)
{
	struct sign_out	*s = arg;

	/* A refresh that is under way would store new tokens after us. */
	if (cache_lock(s->cache) == ERR_AGAIN &&
	    clock_monotonic_ms() < s->lock_until_ms) {
		progress_say(&s->r.progress,
		    "waiting for another jhe-mcp that refreshes the sign-in");
		if (loop_timer_set(s->r.p.loop, clock_monotonic_ms() +
		    SIGN_OUT_LOCK_MS, sign_out_look, s) != 0)
			fatalx("logout: %s", err_text(ERR_MEMORY));
		return;
	}
	s->state = cache_load(s->cache, sign_out_text(s, CONF_EXCHANGE_URL),
	    sign_out_text(s, CONF_CLIENT_ID), clock_wall_s(), s->tokens);
	s->why = cache_state_text(s->state);
	if (s->state == CACHE_VALID || s->state == CACHE_EXPIRED) {
		progress_say(&s->r.progress, "asking the exchange");
		sign_out_job(s, IPC_JOB_DISCOVER, NULL);
	} else
		sign_out_finish(s);
}

/* True if there is something to wait for. */
static bool
sign_out_start(struct sign_out *s)
{
	const char		*directory =
				    sign_out_text(s, CONF_TOKEN_CACHE_DIR);
	enum cache_state	 state;

	s->state = cache_open_as_is(directory, &s->cache);
	if (s->state == CACHE_MISSING) {
		sign_out_tell(s);
		return false;
	}
	cache_close(s->cache);
	state = cache_open(directory, &s->cache);
	if (state != CACHE_VALID) {
		run_error(&s->r, "not_deleted", "%s: %s", directory,
		    cache_state_text(state));
		s->r.code = PROGRAM_USAGE;
		return false;
	}
	s->tokens = vault_tokens_new();
	s->lock_until_ms = clock_monotonic_ms() + SIGN_OUT_LOCK_MAX_MS;
	if (s->tokens == NULL || loop_timer_set(s->r.p.loop,
	    clock_monotonic_ms(), sign_out_look, s) != 0)
		fatalx("logout: %s", err_text(ERR_MEMORY));
	return true;
}

int
command_logout(const struct command_line *line)
{
	static struct sign_out	s;
	int			code;

	code = run_start(&s.r, line, SETTINGS_EXCHANGE);
	if (code != PROGRAM_OK)
		return code;
	if (sign_out_start(&s))
		run_wait(&s.r);
	exchange_job_free(s.job);
	vault_tokens_free(s.tokens);
	cache_close(s.cache);
	return run_end(&s.r);
}
