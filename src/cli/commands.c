/* SPDX-License-Identifier: MIT */
/*
 * The table of commands and its text for people.  Runs in jhe-mcp; no
 * untrusted bytes.
 */
#include <string.h>

#include "cli/commands.h"

static const struct command	commands[] = {
#define COMMAND(...)	{ __VA_ARGS__ },
#define FLAG(...)
#define CHOICE(...)
#include "cli/commands.def"
#undef COMMAND
#undef FLAG
#undef CHOICE
};

static const struct command_flag	command_flags[] = {
#define COMMAND(...)
#define FLAG(command, name, bit, summary)				      \
	{ command, name, bit, NULL, summary },
#define CHOICE(command, name, choices, summary)				      \
	{ command, name, 0, choices, summary },
#include "cli/commands.def"
#undef COMMAND
#undef FLAG
#undef CHOICE
};

const struct command *
command_at(size_t i)
{
	return i < sizeof(commands) / sizeof(commands[0]) ? &commands[i] :
	    NULL;
}

const struct command_flag *
command_flag_at(size_t i)
{
	return i < sizeof(command_flags) / sizeof(command_flags[0]) ?
	    &command_flags[i] : NULL;
}

const struct command *
command_find(const char *name)
{
	const struct command	*c;
	size_t			 i;

	for (i = 0; (c = command_at(i)) != NULL; i++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static void
command_common(FILE *out)
{
	fputs("  -f, --file file             configuration file\n"
	    "  -o, --option keyword=value  option of the configuration\n"
	    "  -h, --help                  this text\n", out);
}

void
command_usage(FILE *out)
{
	const struct command	*c;
	size_t			 i;

	fputs("usage: jhe-mcp [-hV] [-f file] [-o keyword=value] "
	    "command [...]\n\n"
	    "Ask a JupyterHealth Exchange from a language-model client, or "
	    "from a shell.\n\n", out);
	for (i = 0; (c = command_at(i)) != NULL; i++)
		fprintf(out, "  %-14s %s\n", c->name, c->summary);
	fputs("\n", out);
	command_common(out);
	fputs("  -V, --version               version\n\n"
	    "Options stand before or after the command; \"jhe-mcp command "
	    "--help\" tells more.\nSee jhe-mcp(1) and jhe-mcp.conf(5).\n",
	    out);
}

void
command_help(FILE *out, const struct command *c)
{
	const struct command_flag	*f;
	size_t				 i;
	int				 n;

	fprintf(out, "usage: jhe-mcp %s [option ...]%s%s\n\n%c%s.\n\n%s\n",
	    c->name, c->words[0] != '\0' ? " " : "", c->words,
	    c->summary[0] - 'a' + 'A', c->summary + 1, c->details);
	for (i = 0; (f = command_flag_at(i)) != NULL; i++)
		if (strcmp(f->command, c->name) == 0) {
			n = fprintf(out, "  %s%s%s", f->name,
			    f->choices != NULL ? " " : "",
			    f->choices != NULL ? f->choices : "");
			fprintf(out, "%*s %s\n", n < 29 ? 29 - n : 0, "",
			    f->summary);
		}
	command_common(out);
}
