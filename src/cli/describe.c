/* SPDX-License-Identifier: MIT */
/*
 * jhe-mcp tools: the tools as any client is told of them, by a worker that
 * has no database.  Runs as the user; no untrusted bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "cli/client.h"
#include "cli/run.h"
#include "cli/serve.h"
#include "cli/terminal.h"
#include "cli/tool_list.h"

#define DESCRIBE_COLUMNS	78	/* of a line of prose, at most */

struct describe {
	struct run		 r;
	struct client		*client;
	struct tool_list	*tools;
};

/* Prose from column `indent` on, broken between words. */
static void
describe_prose(struct buf *out, const char *text, size_t indent)
{
	size_t	column = 0, n;

	while (*text != '\0') {
		n = strcspn(text, " ");
		if (column > 0 && column + 1 + n > DESCRIBE_COLUMNS) {
			buf_addc(out, '\n');
			column = 0;
		}
		if (column == 0) {
			buf_addf(out, "%*s", (int)indent, "");
			column = indent;
		} else {
			buf_addc(out, ' ');
			column++;
		}
		buf_add(out, text, n);
		column += n;
		text += n;
		text += strspn(text, " ");
	}
	buf_addc(out, '\n');
}

static void
describe_argument(struct buf *out, const struct tool_argument *a)
{
	buf_addf(out, "\n  %s=%s%s\n", a->name, a->type,
	    a->required ? ", needed" : "");
	if (a->choices[0] != '\0')
		buf_addf(out, "      one of: %s\n", a->choices);
	describe_prose(out, a->description, 6);
}

static void
describe_one(struct buf *out, struct json_object *tool)
{
	struct tool_argument	 a;
	struct json_object	*arguments = tool_list_arguments(tool);

	buf_addf(out, "%s: %s\n\n", tool_list_text(tool, "name"),
	    tool_list_text(tool, "title"));
	describe_prose(out, tool_list_text(tool, "description"), 2);
	if (arguments == NULL || json_object_object_length(arguments) == 0) {
		buf_adds(out, "\n  It takes no arguments.\n");
		return;
	}
	json_object_object_foreach(arguments, name, schema) {
		tool_list_argument(tool, name, schema, &a);
		describe_argument(out, &a);
	}
}

static void
describe_all(struct buf *out, struct tool_list *tools)
{
	struct json_object	*tool;
	size_t			 i;

	for (i = 0; (tool = tool_list_at(tools, i)) != NULL; i++)
		buf_addf(out, "%-32s %s\n", tool_list_text(tool, "name"),
		    tool_list_text(tool, "title"));
}

static void
describe_print_json(struct describe *d, struct json_object *tool)
{
	struct json_object	*answer = json_object_new_object();
	struct buf		 out;

	if (tool == NULL)
		json_object_object_add(answer, "tools",
		    json_object_get(tool_list_array(d->tools)));
	buf_init(&out, 16 * 1024 * 1024);
	buf_adds(&out, json_object_to_json_string_ext(tool != NULL ? tool :
	    answer, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	run_print_json(&d->r, &out);
	json_object_put(answer);
}

static void
describe_print(struct describe *d)
{
	struct json_object	*tool = NULL;
	struct buf		 out;

	if (d->r.line->nargs > 0) {
		tool = tool_list_find(d->tools, &d->r, d->r.line->args[0]);
		if (tool == NULL) {
			d->r.code = PROGRAM_USAGE;
			return;
		}
	}
	if (run_is_json(&d->r)) {
		describe_print_json(d, tool);
		return;
	}
	buf_init(&out, 1024 * 1024);
	if (tool != NULL)
		describe_one(&out, tool);
	else
		describe_all(&out, d->tools);
	run_print_text(&d->r, buf_string(&out));
	buf_free(&out);
}

static void
describe_listed(void *arg, struct tool_list *tools)
{
	struct describe	*d = arg;

	d->tools = tools;
	if (tools != NULL)
		describe_print(d);
	else
		run_error(&d->r, "unavailable", "the list of tools did not "
		    "come");
	run_done(&d->r, tools != NULL ? d->r.code : PROGRAM_UNREACHABLE);
}

int
command_tools(const struct command_line *line)
{
	static const struct serve_client	how = {
		.stored_only = true, .bare = true,
	};
	static struct describe			d;
	int					code;

	code = run_start(&d.r, line, SETTINGS_NONE);
	if (code != PROGRAM_OK)
		return code;
	progress_say(&d.r.progress, "waiting for the list of tools");
	d.client = client_start(&d.r.p, &how, NULL, NULL);
	if (d.client == NULL || tool_list_ask(d.client, describe_listed,
	    &d) != 0)
		fatalx("client: %s", err_text(ERR_MEMORY));
	run_wait(&d.r);
	tool_list_free(d.tools);
	client_free(d.client);
	return run_end(&d.r);
}
