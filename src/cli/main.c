/* SPDX-License-Identifier: MIT */
/*
 * jhe-mcp: the user's program.  Finds the command in a table and runs it.
 * Arguments are the user's own.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/program.h"
#include "config.h"

static const struct {
	const char	*name;
	int		(*run)(const struct command_line *line);
	const char	*help;
} commands[] = {
#define COMMAND(name, function, help)	{ name, function, help },
#include "cli/commands.def"
#undef COMMAND
};

#define NCOMMANDS	(sizeof(commands) / sizeof(commands[0]))

static void
usage(FILE *out)
{
	size_t	i;

	fputs("usage: jhe-mcp [-hV] [-f file] [-o keyword=value] command\n\n"
	    "Ask a JupyterHealth Exchange from a language-model client.\n\n",
	    out);
	for (i = 0; i < NCOMMANDS; i++)
		fprintf(out, "  %-14s %s\n", commands[i].name,
		    commands[i].help);
	fputs("\n  -f file           configuration file\n"
	    "  -o keyword=value  option of the configuration\n"
	    "  -h, --help        this text\n"
	    "  -V, --version     version\n\n"
	    "See jhe-mcp(1) and jhe-mcp.conf(5).\n", out);
}

/* Options at argv[*next]; 0, or 1 after a complaint. */
static int
parse_options(int argc, char *argv[], int *next, struct command_line *line)
{
	int	c;

	/* '+': stop at the command, whose own options come behind it. */
	optind = *next;
	while ((c = getopt(argc, argv, "+f:o:")) != -1) {
		if (c == 'f')
			line->file = optarg;
		else if (c != 'o')
			return 1;
		else if (line->noptions < COMMAND_OPTIONS_MAX)
			line->options[line->noptions++] = optarg;
		else {
			fprintf(stderr, "jhe-mcp: more than %d -o options\n",
			    COMMAND_OPTIONS_MAX);
			return 1;
		}
	}
	*next = optind;
	return 0;
}

static int
run_command(int argc, char *argv[], int next, struct command_line *line)
{
	const char	*name = argv[next];
	size_t		 i;

	for (i = 0; i < NCOMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			break;
	if (i == NCOMMANDS) {
		fprintf(stderr, "jhe-mcp: there is no command \"%s\"; "
		    "jhe-mcp --help lists them\n", name);
		return PROGRAM_USAGE;
	}
	next++;
	if (parse_options(argc, argv, &next, line) != 0)
		return PROGRAM_USAGE;
	if (next < argc) {
		fprintf(stderr, "jhe-mcp: %s takes no argument \"%s\"\n",
		    name, argv[next]);
		return PROGRAM_USAGE;
	}
	return commands[i].run(line);
}

int
main(int argc, char *argv[])
{
	struct command_line	line = { 0 };
	int			next = 1;

	log_init("main", LOG_LEVEL_INFO);
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0)) {
		usage(stdout);
		return PROGRAM_OK;
	}
	if (argc > 1 && (strcmp(argv[1], "--version") == 0 ||
	    strcmp(argv[1], "-V") == 0)) {
		puts(PACKAGE_STRING);
		return PROGRAM_OK;
	}
	if (parse_options(argc, argv, &next, &line) != 0)
		return PROGRAM_USAGE;
	if (next >= argc) {
		usage(stderr);
		return PROGRAM_USAGE;
	}
	return run_command(argc, argv, next, &line);
}
