/* SPDX-License-Identifier: MIT */
/*
 * A check-only program: calls of tools against a database, without the
 * processes around them.
 *
 *	call CONNINFO PERSON TOOL [JSON [NAME=VALUE ...]]
 *	call CONNINFO -
 *
 * The first prints "ok" or "error", the structured part ("" for an error),
 * each on a line, then the text.  The second reads calls, one a line, the
 * same words with tabs between them, and prints the text as a JSON string.
 * Names: claims=30001,30002 (empty: none allowed), identity=never,
 * disclosure=aggregate, minimum=patients, zone=Europe/Berlin, now=seconds,
 * meta=yes (print what goes to _meta in place of the structured part).
 * With TOOLS_CONSENT_GATE in the environment the consent gate is on.
 * Exit code 0 for an answer, 1 for an error of the tool, 2 for anything else.
 */
#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/clock.h"
#include "base/err.h"
#include "db/db.h"
#include "oauth/seal.h"
#include "tools/tools.h"

#define CALL_STUDIES_MAX	4096
#define CALL_WORDS_MAX		16

struct call_test {
	struct tools_context	 ctx;
	int64_t			 studies[CALL_STUDIES_MAX];
	int64_t			 now_s;
	bool			 gate;
	bool			 meta;
	bool			 done;
};

static const uint8_t	call_key[SEAL_KEY_BYTES] = "a key that guards nothing";

static int64_t
call_now(void *arg)
{
	struct call_test	*t = arg;

	return t->now_s != 0 ? t->now_s : clock_wall_s();
}

static int
call_seal(void *arg, const void *plain, size_t len, struct buf *out)
{
	struct call_test	*t = arg;

	return seal_make(call_key, &t->ctx.person, sizeof(t->ctx.person),
	    plain, len, out);
}

static int
call_open(void *arg, const char *text, size_t len, struct buf *out)
{
	struct call_test	*t = arg;

	return seal_open(call_key, &t->ctx.person, sizeof(t->ctx.person),
	    text, len, out);
}

static void
call_done(void *arg, const struct tools_result *result)
{
	struct call_test	*t = arg;

	(void)result;
	t->done = true;
}

static void
call_claims(struct call_test *t, char *list)
{
	char	*word;

	t->ctx.narrowed = true;
	t->ctx.studies = t->studies;
	while ((word = strsep(&list, ",")) != NULL) {
		if (*word == '\0')
			continue;
		if (t->ctx.nstudies == CALL_STUDIES_MAX)
			errx(2, "too many studies");
		t->studies[t->ctx.nstudies++] = strtoll(word, NULL, 10);
	}
}

static enum tools_disclosure
call_disclosure(const char *value)
{
	if (strcmp(value, "identified") == 0)
		return TOOLS_IDENTIFIED;
	if (strcmp(value, "pseudonymous") == 0)
		return TOOLS_PSEUDONYMOUS;
	if (strcmp(value, "aggregate") != 0)
		errx(2, "disclosure=%s: not known", value);
	return TOOLS_AGGREGATE;
}

static void
call_option(struct call_test *t, char *option)
{
	char	*value = strchr(option, '=');

	if (value == NULL)
		errx(2, "%s: not NAME=VALUE", option);
	*value++ = '\0';
	if (strcmp(option, "claims") == 0)
		call_claims(t, value);
	else if (strcmp(option, "zone") == 0)
		t->ctx.default_timezone = value;
	else if (strcmp(option, "now") == 0)
		t->now_s = strtoll(value, NULL, 10);
	else if (strcmp(option, "disclosure") == 0)
		t->ctx.disclosure = call_disclosure(value);
	else if (strcmp(option, "minimum") == 0)
		t->ctx.minimum_cell = (unsigned int)strtoul(value, NULL, 10);
	else if (strcmp(option, "meta") == 0)
		t->meta = true;
	else if (strcmp(option, "identity") == 0)
		t->ctx.identity = strcmp(value, "never") == 0 ?
		    TOOLS_IDENTITY_NEVER : strcmp(value, "always") == 0 ?
		    TOOLS_IDENTITY_ALWAYS : TOOLS_IDENTITY_ON_REQUEST;
	else
		errx(2, "%s: not known", option);
}

static void
call_print(const struct tools_result *result, bool meta, bool as_json)
{
	struct json_object	*text;

	printf("%s\n%s\n", result->is_error ? "error" : "ok",
	    buf_string(meta ? &result->meta : &result->structured));
	if (as_json) {
		text = json_object_new_string(buf_string(&result->text));
		printf("%s\n", json_object_to_json_string(text));
		json_object_put(text);
	} else
		printf("%s\n", buf_string(&result->text));
	fflush(stdout);
}

static int
call_wait(struct call_test *t, const struct tool *tool,
    struct json_object *arguments, bool as_json)
{
	struct tools_call	*call;
	struct pollfd		 pfd;
	int			 r;

	t->done = false;
	if ((r = tools_call_start(&call, tool, arguments, &t->ctx, call_done,
	    t)) < 0)
		errx(2, "%s", err_text(r));
	while (r == 0 && !t->done) {
		pfd.fd = db_fd(t->ctx.db);
		pfd.events = db_want(t->ctx.db);
		if (poll(&pfd, 1, -1) < 0)
			err(2, "poll");
		if (db_dispatch(t->ctx.db, pfd.revents) != 0 && !t->done)
			errx(2, "the connection is gone");
	}
	call_print(tools_call_result(call), t->meta, as_json);
	r = tools_call_result(call)->is_error ? 1 : 0;
	tools_call_free(call);
	return r;
}

/* PERSON TOOL [JSON [NAME=VALUE ...]] */
static int
call_words(struct call_test *t, const struct tools *tools, int n,
    char *words[], bool as_json)
{
	struct json_object	*arguments = NULL;
	const struct tool	*tool;
	struct db		*db = t->ctx.db;
	bool			 gate = t->gate;
	int			 i, r;

	memset(t, 0, sizeof(*t));
	t->ctx.db = db;
	t->ctx.consent_gate = t->gate = gate;
	t->ctx.database = db_generation(db);
	t->ctx.request_id = "01TEST";
	t->ctx.statement_timeout_s = 20;
	t->ctx.now_s = call_now;
	t->ctx.seal = call_seal;
	t->ctx.open = call_open;
	t->ctx.arg = t;
	t->ctx.person = strtoll(words[0], NULL, 10);
	for (i = 3; i < n; i++)
		call_option(t, words[i]);
	if ((tool = tools_find(tools, words[1])) == NULL)
		errx(2, "%s: no such tool", words[1]);
	if (n > 2 && (arguments = json_tokener_parse(words[2])) == NULL &&
	    strcmp(words[2], "null") != 0)
		errx(2, "the arguments are not JSON");
	r = call_wait(t, tool, arguments, as_json);
	json_object_put(arguments);
	return r;
}

static int
call_lines(struct call_test *t, const struct tools *tools)
{
	char	*line = NULL, *rest, *words[CALL_WORDS_MAX];
	size_t	 size = 0;
	int	 n;

	while (getline(&line, &size, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		rest = line;
		for (n = 0; n < CALL_WORDS_MAX && rest != NULL; n++)
			words[n] = strsep(&rest, "\t");
		if (n < 2)
			errx(2, "a line needs PERSON and TOOL");
		(void)call_words(t, tools, n, words, true);
	}
	free(line);
	return 0;
}

int
main(int argc, char *argv[])
{
	struct db_options	 options = { .connect_timeout_ms = 10000,
				    .statement_timeout_ms = 20000 };
	struct db_failure	 failure;
	struct tools		*tools;
	struct call_test	*t;
	int			 r;

	if (argc < 3 || (argc < 4 && strcmp(argv[2], "-") != 0))
		errx(2, "usage: call CONNINFO PERSON TOOL [JSON [NAME=VALUE "
		    "...]]\n       call CONNINFO -");
	if ((t = calloc(1, sizeof(*t))) == NULL ||
	    (tools = tools_new()) == NULL)
		errx(2, "out of memory");
	options.conninfo = argv[1];
	options.consent_gate = t->gate = getenv("TOOLS_CONSENT_GATE") != NULL;
	if (db_connect(&t->ctx.db, &options, &failure) != 0)
		errx(2, "%s %s %s", db_failure_text(failure.code),
		    failure.sqlstate, failure.object);
	if (strcmp(argv[2], "-") == 0)
		r = call_lines(t, tools);
	else
		r = call_words(t, tools, argc - 2, argv + 2, false);
	db_close(t->ctx.db);
	tools_free(tools);
	free(t);
	return r;
}
