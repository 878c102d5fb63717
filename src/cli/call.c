/* SPDX-License-Identifier: MIT */
/*
 * jhe-mcp call: one tool is asked, as a client would, and its answer
 * printed.  Runs as the user; arguments are the user's own, the answer holds
 * what anybody stored.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/loop.h"
#include "cli/client.h"
#include "cli/export.h"
#include "cli/nearest.h"
#include "cli/run.h"
#include "cli/serve.h"
#include "cli/terminal.h"
#include "cli/tool_list.h"
#include "cli/tool_result.h"
#include "oauth/json_check.h"
#include "oauth/jwt_json.h"

#define CALL_INPUT_MAX	(2 * 1024 * 1024)	/* bytes read of arguments */
#define CALL_READ	65536			/* bytes at a time */
#define CALL_DEPTH_MAX	32
#define CALL_ANSWER_MAX	(64 * 1024 * 1024)

struct call {
	struct run		 r;
	struct buf		 input;		/* from standard input */
	struct client		*client;
	struct tool_list	*tools;
	struct json_object	*arguments;	/* the same, read */
	/* With --all or --format. */
	struct export		*export;
	struct json_object	*asked;		/* of the first page */
	int64_t			 pages;
};

/* --- Arguments --- */

/* Whole JSON text, or NULL; for null, too. */
static struct json_object *
call_parse(const char *text, size_t len)
{
	struct json_tokener	*tok;
	struct json_object	*value;
	size_t			 members;

	/* json-c takes more than JSON: the server would not. */
	if (json_check_text(text, len, &members) != 0)
		return NULL;
	tok = json_tokener_new_ex(CALL_DEPTH_MAX);
	if (tok == NULL)
		fatalx("call: %s", err_text(ERR_MEMORY));
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	/* With the NUL, so that a number is known to have ended. */
	value = json_tokener_parse_ex(tok, text, (int)len + 1);
	if (json_tokener_get_error(tok) != json_tokener_success) {
		json_object_put(value);
		value = NULL;
	}
	json_tokener_free(tok);
	return value;
}

/* A number, a truth, a list or an object; anything else is a text. */
static struct json_object *
call_value(const char *text, bool is_text)
{
	struct json_object	*value = NULL;
	size_t			 len = strlen(text);

	/* To json-c 007 is a number. */
	if (!is_text && (strchr("-0123456789", text[0]) == NULL ||
	    json_is_number(text, len)))
		value = call_parse(text, len);
	if (value != NULL && json_object_is_type(value, json_type_string)) {
		json_object_put(value);
		value = NULL;
	}
	return value != NULL ? value : json_object_new_string(text);
}

static int
call_unknown_argument(struct call *c, struct json_object *arguments,
    const char *name)
{
	struct nearest	n;

	nearest_begin(&n, name);
	if (arguments != NULL) {
		json_object_object_foreach(arguments, known, schema) {
			(void)schema;
			nearest_try(&n, known);
		}
	}
	if (nearest_found(&n) != NULL)
		run_error(&c->r, "usage", "%s has no argument \"%s\"; is "
		    "\"%s\" meant?", c->r.line->args[0], name,
		    nearest_found(&n));
	else
		run_error(&c->r, "usage", "%s has no argument \"%s\"; see "
		    "jhe-mcp tools %s", c->r.line->args[0], name,
		    c->r.line->args[0]);
	return ERR_NOT_FOUND;
}

/* One name=value of the command line. */
static int
call_add(struct call *c, struct json_object *tool, struct json_object *to,
    const char *word)
{
	struct json_object	*arguments = tool_list_arguments(tool), *schema;
	struct tool_argument	 a;
	size_t			 len = strcspn(word, "=");
	char			 name[64];

	if (word[len] != '=' || len == 0 || len >= sizeof(name)) {
		run_error(&c->r, "usage", "\"%s\" is not name=value", word);
		return ERR_FORMAT;
	}
	memcpy(name, word, len);
	name[len] = '\0';
	if (arguments == NULL ||
	    !json_object_object_get_ex(arguments, name, &schema))
		return call_unknown_argument(c, arguments, name);
	if (json_object_object_get_ex(to, name, NULL)) {
		run_error(&c->r, "usage", "%s is given twice", name);
		return ERR_DUPLICATE;
	}
	tool_list_argument(tool, name, schema, &a);
	json_object_object_add(to, name, call_value(word + len + 1,
	    a.is_text));
	return 0;
}

static struct json_object *
call_arguments(struct call *c, struct json_object *tool)
{
	struct json_object	*to;
	size_t			 i;

	if (c->arguments != NULL)
		return json_object_get(c->arguments);
	to = json_object_new_object();
	for (i = 1; i < c->r.line->nargs; i++)
		if (call_add(c, tool, to, c->r.line->args[i]) != 0) {
			json_object_put(to);
			return NULL;
		}
	return to;
}

static bool
call_is_blank(const struct buf *text)
{
	return text->len == 0 ||
	    strspn(text->data, " \t\r\n") == text->len;
}

/* No byte at all is no argument. */
static int
call_take_input(struct call *c)
{
	if (call_is_blank(&c->input))
		return 0;
	if (jwt_json_parse(c->input.data, c->input.len, &c->arguments) == 0)
		return 0;
	run_error(&c->r, "usage", "standard input is not one JSON object");
	return ERR_FORMAT;
}

/* --- The answer --- */

static void
call_print(struct call *c, const struct tool_result *t)
{
	int		flags = JSON_C_TO_STRING_PLAIN |
			    JSON_C_TO_STRING_NOSLASHESCAPE;
	struct buf	out;
	struct json	j;

	if (!run_is_json(&c->r)) {
		run_print_text(&c->r, t->text);
		return;
	}
	buf_init(&out, CALL_ANSWER_MAX);
	if (t->structured == NULL) {
		json_init(&j, &out);
		json_object_begin(&j);
		json_key(&j, "text");
		json_string(&j, t->text);
		json_object_end(&j);
		run_print_json(&c->r, &out);
		return;
	}
	if (terminal_columns(stdout) > 0)
		flags = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
		    JSON_C_TO_STRING_NOSLASHESCAPE;
	buf_adds(&out, json_object_to_json_string_ext(t->structured, flags));
	run_print_json(&c->r, &out);
}

static void	call_answered(void *, struct json_object *,
		    struct json_object *);

static void
call_send(struct call *c, struct json_object *arguments)
{
	if (client_request(c->client, "tools/call", tool_result_params(
	    c->r.line->args[0], arguments), call_answered, c) != 0)
		call_answered(c, NULL, NULL);
}

/* The same question with the cursor: the server compares what is repeated. */
static void
call_next(struct call *c, const char *cursor)
{
	struct json_object	*arguments = json_object_new_object();

	json_object_object_foreach(c->asked, name, value) {
		json_object_object_add(arguments, name,
		    json_object_get(value));
	}
	json_object_object_add(arguments, "cursor",
	    json_object_new_string(cursor));
	call_send(c, arguments);
}

/* "1200 of 46140 rows" */
static void
call_tell_rows(struct call *c, struct json_object *answer)
{
	struct json_object	*total;
	char			 text[96];

	if (json_object_object_get_ex(answer, "total", &total))
		snprintf(text, sizeof(text), "%lld of %lld rows",
		    (long long)export_rows(c->export),
		    (long long)json_object_get_int64(total));
	else
		snprintf(text, sizeof(text), "%lld rows",
		    (long long)export_rows(c->export));
	progress_say(&c->r.progress, text);
}

/* What cannot be written: ours, or nobody reads any more. */
static void
call_export_failed(struct call *c, int error)
{
	run_done(&c->r, PROGRAM_USAGE);
	if (error == ERR_UNSUPPORTED && c->pages == 0)
		run_error(&c->r, "usage", "this answer of %s has no rows that "
		    "could be written so; leave --all and --format out",
		    c->r.line->args[0]);
	else if (error != ERR_SYSTEM)
		run_error(&c->r, "internal", "incomplete, %lld rows were "
		    "written: %s", (long long)export_rows(c->export),
		    err_text(error));
}

static void
call_export(struct call *c, struct json_object *answer)
{
	bool			 all = (c->r.line->flags & COMMAND_ALL) != 0;
	struct json_object	*cursor = NULL, *more;
	int			 error;

	if (!json_object_object_get_ex(answer, "next_cursor", &cursor) ||
	    !json_object_is_type(cursor, json_type_string))
		cursor = NULL;
	error = export_page(c->export, answer, all && cursor != NULL);
	if (error == 0 && all && cursor != NULL) {
		c->pages++;
		call_tell_rows(c, answer);
		call_next(c, json_object_get_string(cursor));
		return;
	}
	if (error == 0)
		error = export_end(c->export);
	if (error != 0) {
		call_export_failed(c, error);
		return;
	}
	run_done(&c->r, PROGRAM_OK);
	if (json_object_object_get_ex(answer, "truncated", &more) &&
	    json_object_get_boolean(more))
		run_remark(&c->r, "there are more rows; --all gives them");
}

static void
call_failed(struct call *c, const struct tool_result *t)
{
	if (c->pages > 0) {
		/* Whatever it was, what was written is not what was asked. */
		run_done(&c->r, PROGRAM_TOOL_ERROR);
		run_error(&c->r, t->word, "incomplete, only %lld rows were "
		    "written: %s", (long long)export_rows(c->export), t->text);
	} else if (t->code == PROGRAM_LOGIN && !terminal_is_attended())
		run_error(&c->r, t->word, "nobody is signed in; run "
		    "jhe-mcp login");
	else
		run_error(&c->r, t->word, "%s", t->text);
}

static void
call_answered(void *arg, struct json_object *result,
    struct json_object *error)
{
	struct call		*c = arg;
	struct tool_result	 t;

	progress_clear(&c->r.progress);
	tool_result_read(&t, result, error);
	if (t.code == PROGRAM_OK && c->export != NULL) {
		call_export(c, t.structured);
		return;
	}
	run_done(&c->r, t.code);
	if (t.code == PROGRAM_OK)
		call_print(c, &t);
	else
		call_failed(c, &t);
}

/* The largest pages that the tool has, so that there are few. */
static void
call_begin_export(struct call *c, struct json_object *tool,
    struct json_object *arguments)
{
	struct json_object	*known = tool_list_arguments(tool), *limit,
				*most;
	int			 format = c->r.line->choice;

	if (format < 0)
		format = run_is_json(&c->r) ? EXPORT_JSON : EXPORT_CSV;
	c->export = export_new((enum export_format)format, stdout);
	if (c->export == NULL)
		fatalx("call: %s", err_text(ERR_MEMORY));
	c->asked = json_object_get(arguments);
	if ((c->r.line->flags & COMMAND_ALL) == 0 || known == NULL ||
	    json_object_object_get_ex(arguments, "limit", NULL) ||
	    !json_object_object_get_ex(known, "limit", &limit) ||
	    !json_object_object_get_ex(limit, "maximum", &most))
		return;
	json_object_object_add(arguments, "limit", json_object_get(most));
}

static void
call_listed(void *arg, struct tool_list *tools)
{
	struct call		*c = arg;
	struct json_object	*tool, *arguments = NULL;

	c->tools = tools;
	if (tools == NULL) {
		call_answered(c, NULL, NULL);
		return;
	}
	tool = tool_list_find(tools, &c->r, c->r.line->args[0]);
	if (tool != NULL)
		arguments = call_arguments(c, tool);
	if (arguments == NULL) {
		run_done(&c->r, PROGRAM_USAGE);
		return;
	}
	if (c->r.line->choice >= 0 || (c->r.line->flags & COMMAND_ALL) != 0)
		call_begin_export(c, tool, arguments);
	progress_say(&c->r.progress, "waiting for the answer");
	call_send(c, arguments);
}

static void
call_notice(void *arg, const char *method, struct json_object *params)
{
	struct call	*c = arg;

	tool_result_progress(&c->r.progress, method, params);
}

static void
call_start(struct call *c)
{
	struct serve_client	how = {
		.stored_only = !terminal_is_attended(),
	};

	progress_say(&c->r.progress, "starting");
	c->client = client_start(&c->r.p, &how, call_notice, c);
	if (c->client == NULL ||
	    tool_list_ask(c->client, call_listed, c) != 0)
		fatalx("client: %s", err_text(ERR_MEMORY));
}

/* Some of standard input, or its end. */
static void
call_read(void *arg, int fd, short revents)
{
	struct call	*c = arg;
	ssize_t		 n = -1;

	(void)revents;
	if (buf_reserve(&c->input, CALL_READ) == 0)
		n = read(fd, c->input.data + c->input.len, CALL_READ);
	if (n > 0) {
		c->input.len += (size_t)n;
		c->input.data[c->input.len] = '\0';
		return;
	}
	if (n == -1 && buf_error(&c->input) == 0 && errno == EINTR)
		return;
	loop_fd_clear(c->r.p.loop, fd);
	if (n == 0 && call_take_input(c) == 0) {
		call_start(c);
		return;
	}
	if (n == -1)
		run_error(&c->r, "usage", "standard input: %s",
		    buf_error(&c->input) != 0 ?
		    err_text(buf_error(&c->input)) : strerror(errno));
	run_done(&c->r, PROGRAM_USAGE);
}

/* The arguments first: who types them there waits for nothing else. */
static void
call_begin(struct call *c)
{
	if (c->r.line->nargs > 1 || isatty(STDIN_FILENO) == 1) {
		call_start(c);
		return;
	}
	progress_say(&c->r.progress, "reading the arguments, a JSON object, "
	    "from standard input");
	if (loop_fd_set(c->r.p.loop, STDIN_FILENO, POLLIN, call_read,
	    c) != 0)
		fatalx("call: %s", err_text(ERR_MEMORY));
}

int
command_call(const struct command_line *line)
{
	static struct call	c;
	int			code;

	code = run_start(&c.r, line, SETTINGS_ALL);
	if (code != PROGRAM_OK)
		return code;
	buf_init(&c.input, CALL_INPUT_MAX);
	call_begin(&c);
	run_wait(&c.r);
	tool_list_free(c.tools);
	client_free(c.client);
	json_object_put(c.arguments);
	json_object_put(c.asked);
	export_free(c.export);
	buf_free(&c.input);
	return run_end(&c.r);
}
