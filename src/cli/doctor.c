/* SPDX-License-Identifier: MIT */
/*
 * jhe-mcp doctor: what is wrong, and what helps.  Runs as the user.  What
 * only a child can see is told by children, in numbers and cleaned names.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/loop.h"
#include "cli/doctor.h"
#include "cli/login.h"
#include "cli/reasons.h"
#include "cli/signed_in.h"
#include "cli/terminal.h"
#include "conf/conf.h"
#include "config.h"
#include "oauth/url.h"

static const char *const	doctor_names[DOCTOR_CHECKS] = {
	[DOCTOR_CONFIGURATION] = "configuration",
	[DOCTOR_EXCHANGE] = "exchange",
	[DOCTOR_KEYS] = "keys",
	[DOCTOR_CLIENT] = "client",
	[DOCTOR_REDIRECT] = "redirect",
	[DOCTOR_CLOCK] = "clock",
	[DOCTOR_DATABASE] = "database",
	[DOCTOR_SERVER] = "server",
	[DOCTOR_POOLER] = "pooler",
	[DOCTOR_ROLE] = "role",
	[DOCTOR_GENERATION] = "generation",
	[DOCTOR_INDEX] = "index",
	[DOCTOR_SANDBOX] = "sandbox",
	[DOCTOR_FILES] = "files",
	[DOCTOR_PORT] = "port",
	[DOCTOR_BROWSER] = "browser",
	[DOCTOR_SIGN_IN] = "sign-in",
};

static const struct {
	const char		*word;		/* for programs */
	const char		*label;
	enum terminal_style	 style;
} doctor_statuses[] = {
	[DOCTOR_PASS] = { "pass", "PASS", TERMINAL_GREEN },
	[DOCTOR_WARN] = { "warn", "WARN", TERMINAL_YELLOW },
	[DOCTOR_FAIL] = { "fail", "FAIL", TERMINAL_RED },
};

/* --- Results --- */

static char * __attribute__((__format__(__printf__, 1, 0)))
doctor_format(const char *fmt, va_list ap)
{
	char	text[4096];
	char	*copy;

	vsnprintf(text, sizeof(text), fmt, ap);
	copy = strdup(text);
	if (copy == NULL)
		fatalx("doctor: %s", err_text(ERR_MEMORY));
	return copy;
}

void
doctor_add(struct doctor *d, enum doctor_check check,
    enum doctor_status status, const char *fmt, ...)
{
	struct doctor_result	*one;
	va_list			 ap;

	if (d->nresults == DOCTOR_RESULTS_MAX)
		return;
	one = &d->results[d->nresults++];
	one->check = check;
	one->status = status;
	va_start(ap, fmt);
	one->evidence = doctor_format(fmt, ap);
	va_end(ap);
}

void
doctor_cure(struct doctor *d, const char *fmt, ...)
{
	struct doctor_result	*one = &d->results[d->nresults - 1];
	va_list			 ap;

	if (one->cure != NULL)
		return;
	va_start(ap, fmt);
	one->cure = doctor_format(fmt, ap);
	va_end(ap);
}

static size_t
doctor_count(const struct doctor *d, enum doctor_status status)
{
	size_t	i, n = 0;

	for (i = 0; i < d->nresults; i++)
		n += d->results[i].status == status;
	return n;
}

/* --- Showing them --- */

static void
doctor_show_one(const struct doctor_result *one)
{
	printf("%s%s%s  %-13s  ", terminal_style(stdout,
	    doctor_statuses[one->status].style),
	    doctor_statuses[one->status].label,
	    terminal_style(stdout, TERMINAL_PLAIN),
	    doctor_names[one->check]);
	terminal_print(stdout, one->evidence);
	putchar('\n');
	if (one->cure != NULL) {
		printf("%21s", "");
		terminal_print(stdout, one->cure);
		putchar('\n');
	}
}

static void
doctor_show(struct doctor *d)
{
	size_t	i, warnings = doctor_count(d, DOCTOR_WARN),
		failures = doctor_count(d, DOCTOR_FAIL);
	int	check;

	for (check = 0; check < DOCTOR_CHECKS; check++)
		for (i = 0; i < d->nresults; i++)
			if ((int)d->results[i].check == check)
				doctor_show_one(&d->results[i]);
	printf("\n%zu passed, %zu warning%s, %zu failure%s\n",
	    doctor_count(d, DOCTOR_PASS), warnings, warnings == 1 ? "" : "s",
	    failures, failures == 1 ? "" : "s");
}

static void
doctor_json_one(struct json *j, const struct doctor_result *one)
{
	json_object_begin(j);
	json_key(j, "check");
	json_string(j, doctor_names[one->check]);
	json_key(j, "status");
	json_string(j, doctor_statuses[one->status].word);
	json_key(j, "evidence");
	json_string(j, one->evidence);
	json_key(j, "cure");
	if (one->cure != NULL)
		json_string(j, one->cure);
	else
		json_null(j);
	json_object_end(j);
}

static void
doctor_show_json(struct doctor *d)
{
	struct buf	out;
	struct json	j;
	size_t		i;
	int		n;

	buf_init(&out, 1024 * 1024);
	json_init(&j, &out);
	json_object_begin(&j);
	json_key(&j, "version");
	json_string(&j, PACKAGE_VERSION);
	for (n = DOCTOR_PASS; n <= DOCTOR_FAIL; n++) {
		json_key(&j, doctor_statuses[n].word);
		json_int(&j, (int64_t)doctor_count(d, (enum doctor_status)n));
	}
	json_key(&j, "checks");
	json_array_begin(&j);
	for (n = 0; n < DOCTOR_CHECKS; n++)
		for (i = 0; i < d->nresults; i++)
			if ((int)d->results[i].check == n)
				doctor_json_one(&j, &d->results[i]);
	json_array_end(&j);
	json_object_end(&j);
	run_print_json(&d->r, &out);
}

/* --- The configuration --- */

static void
doctor_wrong_setting(void *arg, const char *message)
{
	struct doctor	*d = arg;

	doctor_add(d, DOCTOR_CONFIGURATION, DOCTOR_FAIL, "%s", message);
	doctor_cure(d, "jhe-mcp.conf(5) describes every option.");
}

/* From where an option without default comes; a failure if it has none. */
static bool
doctor_has_setting(struct doctor *d, enum conf_key key, struct buf *seen)
{
	static const char *const	sources[] = {
		[CONF_SOURCE_NONE] = "",
		[CONF_SOURCE_DEFAULT] = "default",
		[CONF_SOURCE_FILE] = "file",
		[CONF_SOURCE_ENVIRONMENT] = "environment",
		[CONF_SOURCE_COMMAND_LINE] = "command line",
	};

	if (conf_string(d->r.conf, key) == NULL) {
		doctor_add(d, DOCTOR_CONFIGURATION, DOCTOR_FAIL,
		    "%s is not set", conf_keyword(key));
		doctor_cure(d, "Set it in %s, or as %s in the environment.",
		    conf_file(d->r.conf)[0] != '\0' ? conf_file(d->r.conf) :
		    "a configuration file", conf_environment(key));
		return false;
	}
	buf_addf(seen, "%s%s (%s)", seen->len > 0 ? ", " : "",
	    conf_keyword(key), sources[conf_source(d->r.conf, key)]);
	return true;
}

static void
doctor_look_at_url(struct doctor *d)
{
	const char	*text = conf_string(d->r.conf, CONF_EXCHANGE_URL);
	struct url	 u;

	if (text == NULL || url_split(text, &u) != 0 || u.https ||
	    url_is_loopback(&u))
		return;
	doctor_add(d, DOCTOR_CONFIGURATION, DOCTOR_WARN,
	    "exchange-url is %s: tokens travel unencrypted", text);
	doctor_cure(d, "Use the exchange's https address.");
}

static void
doctor_look_at_configuration(struct doctor *d)
{
	static const enum conf_key	keys[] = {
		CONF_EXCHANGE_URL, CONF_CLIENT_ID, CONF_DATABASE,
	};
	struct buf			seen;
	bool				all = true;
	size_t				i;

	buf_init(&seen, 4096);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		all = doctor_has_setting(d, keys[i], &seen) && all;
	if (all)
		doctor_add(d, DOCTOR_CONFIGURATION, DOCTOR_PASS, "%s",
		    buf_string(&seen));
	doctor_look_at_url(d);
	buf_free(&seen);
}

/* --- Signing in --- */

static void
doctor_signed_in(struct doctor *d, const struct ipc_person *person)
{
	char		until[CLOCK_TEXT_SIZE];
	struct buf	name;

	buf_init(&name, 1024);
	signed_in_name(&name, person);
	clock_format(person->valid_until_s, until, sizeof(until));
	doctor_add(d, DOCTOR_SIGN_IN, DOCTOR_PASS, "%s, until %s",
	    buf_string(&name), until);
	buf_free(&name);
}

static void
doctor_login_done(void *arg, const struct ipc_person *person,
    enum ipc_reason reason, const char *url)
{
	struct doctor		*d = arg;
	const struct reason	*why = reason_of_login(reason);

	(void)url;
	if (person != NULL)
		doctor_signed_in(d, person);
	else {
		doctor_add(d, DOCTOR_SIGN_IN, DOCTOR_FAIL, "%s", why->text);
		if (reason == IPC_REASON_TIMEOUT)
			doctor_cure(d, "If the page shows an error, have "
			    "http://localhost:%d/callback registered at the "
			    "exchange as redirect address of %s.",
			    (int)conf_int(d->r.conf, CONF_CALLBACK_PORT),
			    conf_string(d->r.conf, CONF_CLIENT_ID));
		else
			doctor_cure(d, "%s", why->cure);
	}
	doctor_over(d);
}

static void
doctor_login_asked(void *arg)
{
	struct doctor	*d = arg;

	progress_clear(&d->r.progress);
	/* Else one waits for login-timeout with the answer on the screen. */
	if (!d->redirect_known && !run_is_json(&d->r))
		fprintf(stderr, "jhe-mcp: if the browser shows an error about "
		    "a redirect URI, end this with Ctrl-C and have "
		    "http://localhost:%d/callback registered at the exchange "
		    "for %s\n", (int)conf_int(d->r.conf, CONF_CALLBACK_PORT),
		    conf_string(d->r.conf, CONF_CLIENT_ID));
	progress_say(&d->r.progress, "waiting for the sign-in in the browser");
}

/* What nobody but a person can find out. */
static void
doctor_start_login(struct doctor *d)
{
	static const struct login_options	options = {
		.denial_ends = true, .asked = doctor_login_asked,
	};

	d->pending++;
	d->login = login_start(&d->r.p, &options, doctor_login_done, d);
	if (d->login == NULL)
		fatalx("sign-in: %s", err_text(ERR_MEMORY));
}

/* What else a sign-in would tell, if nothing has told it. */
static const char *
doctor_redirect_text(const struct doctor *d, char *text, size_t size)
{
	text[0] = '\0';
	if (!d->redirect_known)
		snprintf(text, size, "the redirect address "
		    "http://localhost:%d/callback is registered and ",
		    (int)conf_int(d->r.conf, CONF_CALLBACK_PORT));
	return text;
}

static void
doctor_look_at_sign_in(struct doctor *d)
{
	struct signed_in	s;
	enum cache_state	state = signed_in_look(d->r.conf, &s);
	char			redirect[128];

	if (state == CACHE_VALID) {
		doctor_signed_in(d, &s.person);
		return;
	}
	if ((d->r.line->flags & COMMAND_LOGIN) != 0 && d->exchange_good) {
		doctor_start_login(d);
		return;
	}
	if (state == CACHE_EXPIRED) {
		doctor_add(d, DOCTOR_SIGN_IN, DOCTOR_PASS, "user %lld; it has "
		    "expired, and is renewed when it is used",
		    (long long)s.person.person);
		return;
	}
	doctor_add(d, DOCTOR_SIGN_IN, DOCTOR_WARN, "nobody is signed in: %s; "
	    "so it is not known whether %sID tokens are signed with RS256",
	    cache_state_text(state), doctor_redirect_text(d, redirect,
	    sizeof(redirect)));
	doctor_cure(d, "jhe-mcp doctor --login tries, with a browser.");
}

/* --- All of it --- */

void
doctor_over(struct doctor *d)
{
	if (--d->pending == 0)
		run_done(&d->r, PROGRAM_OK);
}

static bool
doctor_has_exchange(const struct doctor *d)
{
	return conf_string(d->r.conf, CONF_EXCHANGE_URL) != NULL &&
	    conf_string(d->r.conf, CONF_CLIENT_ID) != NULL;
}

/* What needs children, at the same time. */
static void
doctor_run_children(struct doctor *d)
{
	/* One more, so that none ends the loop before all have begun. */
	d->pending = 1;
	if (d->r.conf != NULL && doctor_has_exchange(d)) {
		d->pending++;
		doctor_start_exchange(d);
	}
	if (d->r.conf != NULL &&
	    conf_string(d->r.conf, CONF_DATABASE) != NULL) {
		d->pending++;
		doctor_start_database(d);
	}
	d->pending++;
	doctor_start_sandbox(d);
	progress_say(&d->r.progress, "asking the exchange and the database");
	if (--d->pending > 0)
		run_wait(&d->r);
}

static void
doctor_run(struct doctor *d)
{
	if (d->r.conf != NULL)
		doctor_look_at_configuration(d);
	doctor_run_children(d);
	doctor_look_for_browser(d);
	if (d->r.conf == NULL || d->r.p.signal != 0)
		return;
	doctor_look_at_files(d);
	doctor_look_at_port(d);
	if (!doctor_has_exchange(d))
		return;
	doctor_look_at_sign_in(d);
	if (d->pending > 0)
		run_wait(&d->r);
}

static void
doctor_end(struct doctor *d)
{
	size_t	i;

	login_free(d->login);
	doctor_stop_exchange(d);
	doctor_stop_database(d);
	doctor_stop_sandbox(d);
	for (i = 0; i < d->nresults; i++) {
		free(d->results[i].evidence);
		free(d->results[i].cure);
	}
}

int
command_doctor(const struct command_line *line)
{
	static struct doctor	d;

	d.r.line = line;
	settings_read(line, SETTINGS_NONE, doctor_wrong_setting, &d,
	    &d.r.conf);
	/* Results say it all; lines of a log would only stand between. */
	if (d.r.conf == NULL || conf_source(d.r.conf, CONF_LOG_LEVEL) ==
	    CONF_SOURCE_DEFAULT)
		log_set_level(LOG_LEVEL_ERROR);
	run_begin(&d.r);
	doctor_run(&d);
	if (d.r.p.signal == 0) {
		d.r.code = doctor_count(&d, DOCTOR_FAIL) > 0 ?
		    PROGRAM_FAILURES : PROGRAM_OK;
		if (run_is_json(&d.r))
			doctor_show_json(&d);
		else
			doctor_show(&d);
	}
	doctor_end(&d);
	return run_end(&d.r);
}
