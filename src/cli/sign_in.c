/* SPDX-License-Identifier: MIT */
/*
 * jhe-mcp login: signs a person in, and says who it is.  Runs as the user;
 * what the exchange and the browser send is met by children.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/login.h"
#include "cli/reasons.h"
#include "cli/run.h"
#include "cli/signed_in.h"
#include "conf/conf.h"

struct sign_in {
	struct run	 r;
	struct login	*login;
};

static void
sign_in_tell_json(struct sign_in *s, const struct ipc_person *person,
    bool already)
{
	struct buf	out;
	struct json	j;

	buf_init(&out, 65536);
	json_init(&j, &out);
	json_object_begin(&j);
	json_key(&j, "signed_in");
	json_boolean(&j, true);
	json_key(&j, "already");
	json_boolean(&j, already);
	signed_in_json(&j, s->r.conf, person);
	json_object_end(&j);
	run_print_json(&s->r, &out);
}

static void
sign_in_tell(struct sign_in *s, const struct ipc_person *person, bool already)
{
	char		until[CLOCK_TEXT_SIZE];
	struct buf	text;

	if (run_is_json(&s->r)) {
		sign_in_tell_json(s, person, already);
		return;
	}
	clock_format(person->valid_until_s, until, sizeof(until));
	buf_init(&text, 8192);
	buf_adds(&text, already ? "Already signed in as " : "Signed in as ");
	signed_in_name(&text, person);
	buf_addf(&text, "\nat %s, until %s.\n",
	    conf_string(s->r.conf, CONF_EXCHANGE_URL), until);
	if (already)
		buf_adds(&text, "With --force you sign in again.\n");
	run_print_text(&s->r, buf_string(&text));
	buf_free(&text);
}

static void
sign_in_asked(void *arg)
{
	struct sign_in	*s = arg;

	progress_clear(&s->r.progress);
	progress_say(&s->r.progress, "waiting for the sign-in in the browser");
	if ((s->r.line->flags & COMMAND_NO_BROWSER) != 0)
		run_remark(&s->r, "the browser must run on this computer, or "
		    "reach its port %d, as with ssh -L %d:localhost:%d",
		    (int)conf_int(s->r.conf, CONF_CALLBACK_PORT),
		    (int)conf_int(s->r.conf, CONF_CALLBACK_PORT),
		    (int)conf_int(s->r.conf, CONF_CALLBACK_PORT));
}

static void
sign_in_done(void *arg, const struct ipc_person *person,
    enum ipc_reason reason, const char *url)
{
	struct sign_in		*s = arg;
	struct signed_in	 stored;
	const struct reason	*why = reason_of_login(reason);

	(void)url;
	if (person == NULL) {
		run_error(&s->r, why->word, "%s.  %s", why->text, why->cure);
		run_done(&s->r, why->code);
		return;
	}
	progress_clear(&s->r.progress);
	/* A sign-in that ends with this program is none. */
	if (signed_in_look(s->r.conf, &stored) != CACHE_VALID) {
		run_error(&s->r, "not_stored", "user %lld signed in, but %s "
		    "cannot keep it (token-cache-dir)",
		    (long long)person->person,
		    conf_string(s->r.conf, CONF_TOKEN_CACHE_DIR));
		run_done(&s->r, PROGRAM_LOGIN);
		return;
	}
	sign_in_tell(s, person, false);
	run_done(&s->r, PROGRAM_OK);
}

/* Nobody is to sign in for nothing. */
static bool
sign_in_can_be_kept(struct sign_in *s)
{
	const char		*directory = conf_string(s->r.conf,
				    CONF_TOKEN_CACHE_DIR);
	enum cache_state	 state;
	struct cache		*cache;
	const char		*why;

	state = cache_open(directory, &cache);
	why = cache_state_text(state);
	if (state == CACHE_VALID && cache_reserve(cache) != 0) {
		why = strerror(errno);
		state = CACHE_FAILED;
	}
	cache_close(cache);
	if (state == CACHE_VALID)
		return true;
	run_error(&s->r, "not_stored", "%s cannot keep a sign-in "
	    "(token-cache-dir): %s", directory, why);
	s->r.code = PROGRAM_LOGIN;
	return false;
}

static void
sign_in_start(struct sign_in *s)
{
	unsigned int		flags = s->r.line->flags;
	struct login_options	options = {
		.force = (flags & COMMAND_FORCE) != 0,
		.no_browser = (flags & COMMAND_NO_BROWSER) != 0,
		.denial_ends = true,
		.asked = sign_in_asked,
	};

	if (!sign_in_can_be_kept(s))
		return;
	progress_say(&s->r.progress, "asking the exchange");
	s->login = login_start(&s->r.p, &options, sign_in_done, s);
	if (s->login == NULL)
		fatalx("sign-in: %s", err_text(ERR_MEMORY));
	run_wait(&s->r);
	login_free(s->login);
}

int
command_login(const struct command_line *line)
{
	static struct sign_in	s;
	struct signed_in	stored;
	int			code;

	code = run_start(&s.r, line, SETTINGS_EXCHANGE);
	if (code != PROGRAM_OK)
		return code;
	if ((line->flags & COMMAND_FORCE) == 0 &&
	    signed_in_look(s.r.conf, &stored) == CACHE_VALID)
		sign_in_tell(&s, &stored.person, true);
	else
		sign_in_start(&s);
	return run_end(&s.r);
}
