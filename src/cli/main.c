/* SPDX-License-Identifier: MIT */
/*
 * jhe-mcp: the user's program.  Finds the command in the table and runs it.
 * Arguments are the user's own.
 */
#include <stdio.h>

#include "base/err.h"
#include "base/log.h"
#include "cli/arguments.h"
#include "cli/program.h"
#include "config.h"

int
main(int argc, char *argv[])
{
	struct arguments	a;

	log_init("main", LOG_LEVEL_INFO);
	if (arguments_parse(argc, argv, &a) != 0)
		return PROGRAM_USAGE;
	if (arguments_hide(&a) != 0)
		fatalx("start: %s", err_text(ERR_MEMORY));
	if (a.version) {
		puts(PACKAGE_STRING);
		return PROGRAM_OK;
	}
	if (a.help) {
		if (a.command != NULL)
			command_help(stdout, a.command);
		else
			command_usage(stdout);
		return PROGRAM_OK;
	}
	if (a.command == NULL) {
		command_usage(stderr);
		return PROGRAM_USAGE;
	}
	return a.command->run(&a.line);
}
