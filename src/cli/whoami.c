/* SPDX-License-Identifier: MIT */
/*
 * jhe-mcp whoami: who is signed in, where, until when, and how many studies
 * that person may see.  Runs as the user.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/client.h"
#include "cli/login.h"
#include "cli/reasons.h"
#include "cli/run.h"
#include "cli/serve.h"
#include "cli/signed_in.h"
#include "cli/terminal.h"
#include "cli/tool_result.h"
#include "cli/worker_boot.h"
#include "conf/conf.h"

/* It counts studies. */
#define WHOAMI_TOOL	"get_study_count"

struct whoami {
	struct run		 r;
	struct login		*login;
	struct client		*client;
	struct ipc_person	 person;
	bool			 known;		/* person is set */
	int64_t			 studies;	/* -1: not known */
};

static void
whoami_print_json(struct whoami *w)
{
	struct signed_in	stored;
	struct buf		out;
	struct json		j;

	signed_in_look(w->r.conf, &stored);
	buf_init(&out, 65536);
	json_init(&j, &out);
	json_object_begin(&j);
	signed_in_json(&j, w->r.conf, &w->person);
	json_key(&j, "refreshable");
	json_boolean(&j, stored.refreshable);
	json_key(&j, "narrowed_to");
	if (w->person.narrowed)
		json_int(&j, w->person.nstudies);
	else
		json_null(&j);
	json_key(&j, "studies");
	if (w->studies >= 0)
		json_int(&j, w->studies);
	else
		json_null(&j);
	json_object_end(&j);
	run_print_json(&w->r, &out);
}

static void
whoami_print(struct whoami *w)
{
	char			until[CLOCK_TEXT_SIZE];
	struct signed_in	stored;
	struct buf		text;

	signed_in_look(w->r.conf, &stored);
	clock_format(w->person.valid_until_s, until, sizeof(until));
	buf_init(&text, 8192);
	buf_adds(&text, "Person    ");
	signed_in_name(&text, &w->person);
	if (w->person.user_type[0] != '\0')
		buf_addf(&text, ", %s", w->person.user_type);
	buf_addf(&text, "\nExchange  %s\nClient    %s\nUntil     %s%s\n",
	    conf_string(w->r.conf, CONF_EXCHANGE_URL),
	    conf_string(w->r.conf, CONF_CLIENT_ID), until,
	    stored.refreshable ? ", then renewed by itself" : "");
	if (w->studies >= 0)
		buf_addf(&text, "Studies   %lld\n", (long long)w->studies);
	if (w->person.narrowed)
		buf_addf(&text, "Narrowed  to %u studies that the sign-in "
		    "names\n", w->person.nstudies);
	run_print_text(&w->r, buf_string(&text));
	buf_free(&text);
}

static void
whoami_counted(void *arg, struct json_object *result,
    struct json_object *error)
{
	struct whoami		*w = arg;
	struct tool_result	 t;
	struct json_object	*count;

	tool_result_read(&t, result, error);
	if (t.code == PROGRAM_OK && t.structured != NULL &&
	    json_object_object_get_ex(t.structured, "count", &count))
		w->studies = json_object_get_int64(count);
	else
		run_error(&w->r, t.word, "%s", t.text);
	run_done(&w->r, t.code);
}

static void
whoami_notice(void *arg, const char *method, struct json_object *params)
{
	struct whoami	*w = arg;

	tool_result_progress(&w->r.progress, method, params);
}

static void
whoami_count(struct whoami *w)
{
	struct serve_client	how = {
		.stored_only = true, .person = &w->person,
	};

	if (conf_string(w->r.conf, CONF_DATABASE) == NULL) {
		run_remark(&w->r, "without the option database, studies "
		    "cannot be counted");
		run_done(&w->r, PROGRAM_OK);
		return;
	}
	if (!worker_boot_offers(w->r.conf, WHOAMI_TOOL)) {
		run_remark(&w->r, "without the tool " WHOAMI_TOOL ", studies "
		    "cannot be counted");
		run_done(&w->r, PROGRAM_OK);
		return;
	}
	progress_say(&w->r.progress, "waiting for the database");
	w->client = client_start(&w->r.p, &how, whoami_notice, w);
	if (w->client == NULL || client_request(w->client, "tools/call",
	    tool_result_params(WHOAMI_TOOL, NULL), whoami_counted, w) != 0)
		fatalx("client: %s", err_text(ERR_MEMORY));
}

static void
whoami_asked(void *arg)
{
	struct whoami	*w = arg;

	progress_clear(&w->r.progress);
	progress_say(&w->r.progress, "waiting for the sign-in in the browser");
}

static void
whoami_signed_in(void *arg, const struct ipc_person *person,
    enum ipc_reason reason, const char *url)
{
	struct whoami		*w = arg;
	const struct reason	*why = reason_of_login(reason);

	(void)url;
	if (person != NULL) {
		w->person = *person;
		w->known = true;
		whoami_count(w);
		return;
	}
	if (reason == IPC_REASON_TIMEOUT && !terminal_is_attended())
		run_error(&w->r, why->word, "nobody is signed in; run "
		    "jhe-mcp login");
	else
		run_error(&w->r, why->word, "%s.  %s", why->text, why->cure);
	run_done(&w->r, why->code);
}

int
command_whoami(const struct command_line *line)
{
	static const struct login_options	options = {
		.denial_ends = true, .asked = whoami_asked,
	};
	static struct whoami			w = { .studies = -1 };
	int					code;

	code = run_start(&w.r, line, SETTINGS_EXCHANGE);
	if (code != PROGRAM_OK)
		return code;
	progress_say(&w.r.progress, "asking the exchange");
	w.login = login_start(&w.r.p, &options, whoami_signed_in, &w);
	if (w.login == NULL)
		fatalx("sign-in: %s", err_text(ERR_MEMORY));
	if (!terminal_is_attended())
		login_stored_only(w.login);
	run_wait(&w.r);
	if (w.known && w.r.p.signal == 0) {
		if (run_is_json(&w.r))
			whoami_print_json(&w);
		else
			whoami_print(&w);
	}
	client_free(w.client);
	login_free(w.login);
	return run_end(&w.r);
}
