/* SPDX-License-Identifier: MIT */
/*
 * What is stored of a sign-in.  Runs in jhe-mcp.  The cache is read as
 * cli/cache.h has it; the address that another program left at its lock is
 * taken for one of the exchange's or not at all.
 *
 * One program of a user signs in or refreshes at a time: the others wait for
 * its lock, and find what it stored.  Tokens are asked for when the space
 * for them is there.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"
#include "cli/login_private.h"
#include "cli/program.h"
#include "compat/compat.h"

/* How often a lock that another program holds is tried again. */
#define LOGIN_LOCK_MS	200

static enum cache_state
login_load(struct login *l)
{
	if (l->cache == NULL)
		return CACHE_MISSING;
	return cache_load(l->cache, login_text(l, CONF_EXCHANGE_URL),
	    login_text(l, CONF_CLIENT_ID), clock_wall_s(), l->tokens);
}

/* What the other program waits for, so that it can be done from here. */
static void
login_wait_for_other(struct login *l)
{
	const char	*base = login_text(l, CONF_EXCHANGE_URL);

	if (!l->waiting)
		log_info("another jhe-mcp signs in or refreshes: waiting "
		    "for it");
	l->waiting = true;
	if (l->url.len > 0 || cache_lock_note(l->cache, base, &l->url) != 0)
		return;
	if (l->stored_only)
		return;
	if (l->options.asked != NULL)
		l->options.asked(l->arg);
	dprintf(STDERR_FILENO, "jhe-mcp: another jhe-mcp waits for this "
	    "sign-in; it is for both:\n%s\n", buf_string(&l->url));
}

/* True if it is our turn; else login_look() is called again. */
static bool
login_lock(struct login *l)
{
	int64_t	delay_ms = 0;

	if (l->cache == NULL || l->locked)
		return true;
	if (cache_lock(l->cache) == ERR_AGAIN) {
		login_wait_for_other(l);
		/* A refresh ends soon, a person need not come. */
		if (l->stored_only && l->url.len > 0) {
			login_fail(l, IPC_REASON_TIMEOUT);
			return false;
		}
		delay_ms = LOGIN_LOCK_MS;
	} else {
		/* Look again: the one before us may have stored a sign-in. */
		l->locked = true;
		buf_reset(&l->url);
	}
	if (loop_timer_set(l->p->loop, clock_monotonic_ms() + delay_ms,
	    login_look, l) != 0)
		login_fail(l, IPC_REASON_INTERNAL);
	return false;
}

static bool
login_has_room(struct login *l)
{
	if (cache_reserve(l->cache) == 0)
		return true;
	log_warn("%s has no room for a sign-in, so that the one there is not "
	    "refreshed (token-cache-dir)",
	    login_text(l, CONF_TOKEN_CACHE_DIR));
	return false;
}

/*
 * A refresh would end the tokens that are stored, and their successors could
 * not be: the access token is used to its end, then the person is asked.
 */
static void
login_without_room(struct login *l)
{
	if (clock_wall_s() < l->tokens->expires_at_s) {
		l->tokens->person.valid_until_s = l->tokens->expires_at_s;
		login_succeed(l);
	} else if (l->stored_only)
		login_fail(l, IPC_REASON_TIMEOUT);
	else
		login_discover(l);
}

void
login_look(void *arg)
{
	struct login		*l = arg;
	enum cache_state	 state = CACHE_MISSING;

	if (!l->options.force)
		state = login_load(l);
	if (state == CACHE_VALID) {
		login_succeed(l);
		return;
	}
	if (l->stored_only && state != CACHE_EXPIRED) {
		login_fail(l, IPC_REASON_TIMEOUT);
		return;
	}
	if (!login_lock(l))
		return;
	if (state != CACHE_MISSING && state != CACHE_EXPIRED)
		log_info("stored sign-in: %s", cache_state_text(state));
	l->refreshable = state == CACHE_EXPIRED && login_has_room(l);
	if (state == CACHE_EXPIRED && !l->refreshable)
		login_without_room(l);
	else
		login_discover(l);
}

bool
login_look_again(struct login *l)
{
	char			*tried;
	enum cache_state	 state;
	bool			 other;

	if (l->looked_again || (tried = strdup(l->tokens->refresh_token)) ==
	    NULL)
		return false;
	l->looked_again = true;
	state = login_load(l);
	other = strcmp(tried, l->tokens->refresh_token) != 0;
	freezero(tried, strlen(tried));
	if (state == CACHE_VALID)
		login_succeed(l);
	else if (state == CACHE_EXPIRED && other)
		login_refresh(l);
	else
		return false;
	return true;
}

void
login_tell_others(struct login *l)
{
	if (l->cache != NULL && l->locked)
		cache_lock_tell(l->cache, buf_string(&l->url));
}

void
login_open_cache(struct login *l)
{
	enum cache_state	state;

	state = cache_open(login_text(l, CONF_TOKEN_CACHE_DIR), &l->cache);
	if (state != CACHE_VALID)
		log_warnx("%s: %s", login_text(l, CONF_TOKEN_CACHE_DIR),
		    cache_state_text(state));
}

void
login_reserve(struct login *l)
{
	/* Why there is none is said when it is to be stored. */
	if (l->cache != NULL)
		(void)cache_reserve(l->cache);
}

bool
login_store(struct login *l)
{
	if (l->cache == NULL)
		log_warnx("the sign-in is not stored: it ends with this "
		    "program");
	else if (cache_save(l->cache, l->tokens) != 0)
		log_warn("%s/%s cannot be written: the sign-in ends with "
		    "this program (token-cache-dir)",
		    login_text(l, CONF_TOKEN_CACHE_DIR), CACHE_FILE);
	else
		return true;
	return false;
}
