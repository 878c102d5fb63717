/* SPDX-License-Identifier: MIT */
/*
 * Who a client's master serves: when somebody is asked to sign in, and what
 * the worker is told of it.  Runs in jhe-mcp, as the user; that a worker
 * wants it is a wish of somebody hostile, and has a limit.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "cli/login.h"
#include "cli/program.h"
#include "cli/serve_private.h"
#include "compat/compat.h"
#include "conf/conf.h"

#define SERVE_LOGINS_MAX	5	/* sign-ins that are begun ... */
#define SERVE_LOGINS_MS		60000	/* ... within so long */

static void	serve_log_in(struct serve *);

bool
serve_has_person(const struct serve *s)
{
	return s->person != NULL &&
	    clock_wall_s() < s->person->valid_until_s;
}

void
serve_tell_person(struct serve *s)
{
	if (s->serving != NULL && serve_has_person(s) &&
	    ipc_child_state(s->serving) != IPC_BOOT)
		ipc_child_send(s->serving, WORK_PRINCIPAL, s->person, NULL,
		    0);
}

void
serve_refuse(struct serve *s, enum ipc_need what, enum ipc_reason reason,
    const char *url)
{
	struct ipc_work_refused	r = { .what = what, .reason = reason };

	if (s->serving == NULL ||
	    (ipc_child_state(s->serving) & (IPC_BUSY | IPC_LEAVING)) == 0)
		return;
	strlcpy(r.url, url, sizeof(r.url));
	if (reason == IPC_REASON_PORT)
		r.port = (uint32_t)conf_int(s->p->conf, CONF_CALLBACK_PORT);
	ipc_child_send(s->serving, WORK_REFUSED, &r, NULL, 0);
}

/*
 * One worker serves one person for its life: whoever signs in later gets
 * another.
 */
static void
serve_logged_in(void *arg, const struct ipc_person *person,
    enum ipc_reason reason, const char *url)
{
	struct serve		*s = arg;
	struct ipc_child	*quiet_for = s->login_quiet_for;
	bool			 other;

	s->login_quiet_for = NULL;
	if (person == NULL) {
		/* A worker that took over meanwhile has not asked for it. */
		if (quiet_for == NULL || quiet_for == s->serving)
			serve_refuse(s, IPC_NEED_LOGIN, reason, url);
		if (!login_is_open(s->login)) {
			login_free(s->login);
			s->login = NULL;
		}
		if (s->login_wanted)
			serve_log_in(s);
		return;
	}
	s->login_wanted = false;
	other = s->person != NULL && s->person->person != person->person;
	if (s->person == NULL)
		s->person = calloc(1, sizeof(*s->person));
	if (s->person == NULL)
		fatalx("sign-in: %s", err_text(ERR_MEMORY));
	*s->person = *person;
	login_free(s->login);
	s->login = NULL;
	log_info("signed in as user %lld", (long long)s->person->person);
	if (!other) {
		serve_tell_person(s);
		return;
	}
	/* The calls that wait move to another worker, for another person. */
	serve_yield(s);
	if (s->serving != NULL)
		ipc_child_deadline(s->serving, clock_monotonic_ms() +
		    conf_int(s->p->conf, CONF_STATEMENT_TIMEOUT) * 1000 +
		    SERVE_STOP_MS);
}

/* True if yet another sign-in may be begun: each may open a browser. */
static bool
serve_may_log_in(struct serve *s)
{
	int64_t	now = clock_monotonic_ms();

	if (now - s->logins_since_ms > SERVE_LOGINS_MS) {
		s->logins = 0;
		s->logins_since_ms = now;
	}
	return s->logins++ < SERVE_LOGINS_MAX;
}

/* Begin a sign-in, or go on with the one there is. */
static void
serve_log_in(struct serve *s)
{
	struct login_options	options = { .lingers = true };

	s->login_wanted = false;
	if (s->login == NULL) {
		if (!serve_may_log_in(s)) {
			serve_refuse(s, IPC_NEED_LOGIN, IPC_REASON_LIMIT, "");
			return;
		}
		s->login = login_start(s->p, &options, serve_logged_in, s);
	}
	if (s->login == NULL)
		serve_refuse(s, IPC_NEED_LOGIN, IPC_REASON_INTERNAL, "");
	else if (s->leaving || s->stored_only ||
	    s->login_quiet_for != NULL)
		login_stored_only(s->login);
	else
		login_join(s->login);
}

/*
 * Without a browser.  A sign-in that asks the person is not touched: it is
 * not for those who cannot wait.
 */
static void
serve_log_in_quietly(struct serve *s, struct ipc_child *c)
{
	if (s->login != NULL && s->login_quiet_for == NULL) {
		serve_refuse(s, IPC_NEED_LOGIN, IPC_REASON_TIMEOUT, "");
		return;
	}
	s->login_quiet_for = c;
	serve_log_in(s);
	if (s->login == NULL)
		s->login_quiet_for = NULL;
}

int
serve_want_login(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct serve			*s = arg;
	const struct ipc_work_login	*wish = m->payload;
	bool				 leaves;

	leaves = wish->stored_only == IPC_LEAVING_CLIENT;
	/* Nobody who has left comes back. */
	if (s->leaving && !leaves)
		return ERR_DENIED;
	s->leaving = leaves;
	if (serve_has_person(s))
		serve_tell_person(s);
	else if (wish->stored_only == IPC_QUIETLY)
		serve_log_in_quietly(s, c);
	else if (s->login != NULL && s->login_quiet_for != NULL)
		s->login_wanted = true;
	else
		serve_log_in(s);
	return 0;
}
