/* SPDX-License-Identifier: MIT */
/*
 * What calls wait for: somebody who is signed in, and a connection to the
 * database.  The master is asked for it, once; a sign-in once more when the
 * client has left, as then nobody is going to sign in for it.  Runs in the
 * worker.
 *
 * Completions do not wait for a person: while nothing else waits a sign-in
 * is asked for that needs no browser, and the answer to that is the first
 * one that comes.
 */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "db/db.h"
#include "worker/call.h"
#include "worker/reasons.h"
#include "worker/worker.h"

bool
calls_person(const struct worker *w)
{
	return w->person != 0 && clock_wall_s() < w->person_until_s;
}

bool
calls_database(const struct worker *w)
{
	return w->db != NULL && db_alive(w->db);
}

/* Whether nothing waits but completions. */
static bool
wants_only_complete(const struct worker *w)
{
	const struct call	*c;

	for (c = w->calls; c != NULL; c = c->next)
		if (c->typed == NULL)
			return false;
	return true;
}

/*
 * A sign-in that is stored comes soon, or is known not to be there.  One for
 * which a person is asked takes as long as they like.
 */
static void
wants_end_completions(struct worker *w)
{
	struct call	*c, *next;

	if (w->login_asked != LOGIN_ASKED && !w->login_not_stored)
		return;
	for (c = w->calls; c != NULL; c = next) {
		next = c->next;
		if (c->typed != NULL && !c->running)
			call_refuse(c, "");
	}
}

/* What to ask for now; at most once, and nothing that is known to fail. */
static void
wants_login(struct worker *w)
{
	static const enum ipc_stored_only	wishes[] = {
		[LOGIN_QUIETLY_ASKED] = IPC_QUIETLY,
		[LOGIN_ASKED] = IPC_MAY_ASK,
		[LOGIN_STORED_ASKED] = IPC_LEAVING_CLIENT
	};
	struct ipc_work_login	login = { 0 };
	enum login_asked	asked = LOGIN_ASKED;

	if (w->in_closed)
		asked = LOGIN_STORED_ASKED;
	else if (wants_only_complete(w))
		asked = w->login_not_stored ? LOGIN_NOT_ASKED :
		    LOGIN_QUIETLY_ASKED;
	if (asked <= w->login_asked)
		return;
	login.stored_only = wishes[asked];
	master_send(w, WORK_LOGIN, &login, NULL, 0);
	w->login_asked = asked;
	if (asked == LOGIN_QUIETLY_ASKED)
		w->login_quiet = true;
}

void
calls_ask(struct worker *w)
{
	struct ipc_empty	empty = { 0 };

	if (!calls_person(w)) {
		wants_login(w);
		wants_end_completions(w);
	} else if (!calls_database(w)) {
		if (!w->connect_asked)
			master_send(w, WORK_CONNECT, &empty, NULL, 0);
		w->connect_asked = true;
	}
}

/* Nothing is stored: it is not asked for again, until somebody signed in. */
static void
wants_refuse_quietly(struct worker *w)
{
	w->login_quiet = false;
	w->login_not_stored = true;
	if (w->login_asked == LOGIN_QUIETLY_ASKED)
		w->login_asked = LOGIN_NOT_ASKED;
	wants_end_completions(w);
}

void
calls_refuse(struct worker *w, enum ipc_need what, enum ipc_reason reason,
    uint32_t port, const char *url)
{
	struct call	*c, *next;
	struct buf	 text;

	if (what == IPC_NEED_LOGIN && w->login_quiet) {
		wants_refuse_quietly(w);
		return;
	}
	if (what == IPC_NEED_LOGIN)
		w->login_asked = LOGIN_NOT_ASKED;
	else
		w->connect_asked = false;
	/* Meanwhile it may have come after all. */
	if (what == IPC_NEED_LOGIN ? calls_person(w) : calls_database(w))
		return;
	buf_init(&text, 8192);
	reasons_write(&text, reason, port, url);
	for (c = w->calls; c != NULL; c = next) {
		next = c->next;
		if (!c->running)
			call_refuse(c, buf_string(&text));
	}
	buf_free(&text);
}
