/* SPDX-License-Identifier: MIT */
/*
 * The frame of every command that is run by people.  Runs in jhe-mcp.
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/loop.h"
#include "cli/run.h"
#include "cli/terminal.h"
#include "conf/conf.h"
#include "ipc/child.h"

#define RUN_TEXT_MAX		(64 * 1024 * 1024)
#define RUN_SETTLE_MS		2000	/* children that have to end */
#define RUN_SETTLE_STEP_MS	5

static void
run_interrupted(void *arg)
{
	struct run	*r = arg;

	/* As a shell has it for a program that a signal ended. */
	run_done(r, 128 + r->p.signal);
}

void
run_begin(struct run *r)
{
	program_start(&r->p, r->conf, run_interrupted, r);
	progress_begin(&r->progress, r->p.loop);
}

static void
run_say(struct run *r, const char *word, const char *text)
{
	struct buf	out;
	struct json	j;

	progress_clear(&r->progress);
	if (!run_is_json(r) || word == NULL) {
		fputs("jhe-mcp: ", stderr);
		terminal_print(stderr, text);
		fputc('\n', stderr);
		return;
	}
	buf_init(&out, RUN_TEXT_MAX);
	json_init(&j, &out);
	json_object_begin(&j);
	json_key(&j, "error");
	json_object_begin(&j);
	json_key(&j, "code");
	json_string(&j, word);
	json_key(&j, "message");
	json_string(&j, text);
	json_object_end(&j);
	json_object_end(&j);
	fprintf(stderr, "%s\n", buf_string(&out));
	buf_free(&out);
}

static void
run_wrong_setting(void *arg, const char *message)
{
	run_say(arg, "configuration", message);
}

int
run_start(struct run *r, const struct command_line *line,
    enum settings_need need)
{
	int	code;

	memset(r, 0, sizeof(*r));
	r->line = line;
	code = settings_read(line, need, run_wrong_setting, r, &r->conf);
	if (code != PROGRAM_OK)
		return code;
	/* People are told what matters; a log is what they ask for. */
	if (conf_source(r->conf, CONF_LOG_LEVEL) == CONF_SOURCE_DEFAULT)
		log_set_level(LOG_LEVEL_WARNING);
	run_begin(r);
	return PROGRAM_OK;
}

void
run_wait(struct run *r)
{
	if (loop_run(r->p.loop) != 0)
		fatal("loop");
	progress_clear(&r->progress);
}

void
run_done(struct run *r, int code)
{
	r->code = code;
	loop_stop(r->p.loop);
}

static void
run_settle_later(void *arg)
{
	struct run	*r = arg;

	if (!ipc_children_any(r->p.children) ||
	    clock_monotonic_ms() >= r->settle_until_ms ||
	    loop_timer_set(r->p.loop, clock_monotonic_ms() + RUN_SETTLE_STEP_MS,
	    run_settle_later, r) != 0)
		loop_stop(r->p.loop);
}

/* A gate may be writing its page to the browser: it ends by itself. */
static void
run_settle(struct run *r)
{
	r->settle_until_ms = clock_monotonic_ms() + RUN_SETTLE_MS;
	if (r->p.signal == 0 && ipc_children_any(r->p.children) &&
	    loop_timer_set(r->p.loop, clock_monotonic_ms(), run_settle_later,
	    r) == 0)
		(void)loop_run(r->p.loop);
}

int
run_end(struct run *r)
{
	progress_end(&r->progress);
	run_settle(r);
	program_end(&r->p);
	conf_free(r->conf);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return r->code;
	/* Who reads no more is told nothing. */
	if (errno == EPIPE)
		return 128 + SIGPIPE;
	log_warn("standard output");
	return PROGRAM_USAGE;
}

bool
run_is_json(const struct run *r)
{
	return (r->line->flags & COMMAND_JSON) != 0;
}

void
run_error(struct run *r, const char *word, const char *fmt, ...)
{
	char	text[4096];
	va_list	ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	run_say(r, word, text);
}

void
run_remark(struct run *r, const char *fmt, ...)
{
	char	text[4096];
	va_list	ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	run_say(r, NULL, text);
}

void
run_print_json(struct run *r, struct buf *out)
{
	struct buf	clean;

	buf_init(&clean, RUN_TEXT_MAX);
	terminal_clean_json(&clean, buf_string(out), out->len);
	if (buf_error(out) != 0 || buf_error(&clean) != 0) {
		run_error(r, "internal", "the answer is too large");
		r->code = PROGRAM_USAGE;
	} else
		printf("%s\n", buf_string(&clean));
	buf_free(&clean);
	buf_free(out);
}

void
run_print_text(struct run *r, const char *text)
{
	struct buf	clean;
	size_t		len = strlen(text);

	(void)r;
	buf_init(&clean, RUN_TEXT_MAX);
	terminal_clean(&clean, text, len);
	fputs(buf_string(&clean), stdout);
	if (len > 0 && text[len - 1] != '\n')
		putchar('\n');
	buf_free(&clean);
}
