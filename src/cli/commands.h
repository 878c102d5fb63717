/* SPDX-License-Identifier: MIT */
/*
 * The commands: each gets the options that stand before and after its name,
 * and returns an exit code (cli/program.h).
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include <stddef.h>

/* -o options of one command line. */
#define COMMAND_OPTIONS_MAX	64

struct command_line {
	const char	*file;				/* -f, or NULL */
	const char	*options[COMMAND_OPTIONS_MAX];	/* -o */
	size_t		 noptions;
};

int	command_stdio(const struct command_line *line);
int	command_client_config(const struct command_line *line);

#endif
