/* SPDX-License-Identifier: MIT */
/* The command line, read by the table of commands. */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include <stdbool.h>

#include "cli/commands.h"

struct arguments {
	const struct command	*command;	/* NULL: none was named */
	bool			 help, version;
	struct command_line	 line;
};

/*
 * Options may stand anywhere; "--" ends them.  0, or 1 after a complaint
 * about the first thing that is wrong, which names what is nearest to it.
 */
int	arguments_parse(int argc, char *const argv[], struct arguments *a);

/*
 * Hide from others on this computer, who may see a program's words, those
 * that can hold a password (-o database=...): the words are overwritten, and
 * a has copies of them, never freed.  0 or ERR_MEMORY.
 */
int	arguments_hide(struct arguments *a);

#endif
