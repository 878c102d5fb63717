/* SPDX-License-Identifier: MIT */
/*
 * The commands: each gets the options that stand before and after its name,
 * and returns an exit code (cli/program.h).
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* -o options of one command line, and words after the command. */
#define COMMAND_OPTIONS_MAX	64
#define COMMAND_ARGS_MAX	64

/* Options of single commands. */
#define COMMAND_JSON		0x01u
#define COMMAND_FORCE		0x02u
#define COMMAND_NO_BROWSER	0x04u
#define COMMAND_LOGIN		0x08u
#define COMMAND_SHELL		0x10u
#define COMMAND_ALL		0x20u

struct command_line {
	const char	*file;				/* -f, or NULL */
	const char	*options[COMMAND_OPTIONS_MAX];	/* -o */
	size_t		 noptions;
	unsigned int	 flags;
	int		 choice;	/* of the option with choices; -1 */
	const char	*args[COMMAND_ARGS_MAX];
	size_t		 nargs;
};

typedef int	command_fn(const struct command_line *line);

/* A row of commands.def. */
struct command {
	const char	*name;
	command_fn	*run;
	const char	*words;			/* after it, "" if none */
	size_t		 words_min, words_max;
	const char	*summary;
	const char	*details;
};

struct command_flag {
	const char	*command;
	const char	*name;			/* "--json" */
	unsigned int	 bit;
	const char	*choices;		/* "csv|json"; NULL: none */
	const char	*summary;
};

/* NULL at the end; in the order of commands.def. */
const struct command		*command_at(size_t i);
const struct command_flag	*command_flag_at(size_t i);
/* NULL if there is none. */
const struct command		*command_find(const char *name);
/* What --help prints: of all, or of one command. */
void	command_usage(FILE *out);
void	command_help(FILE *out, const struct command *c);

#define COMMAND(name, function, ...)	command_fn function;
#define FLAG(...)
#define CHOICE(...)
#include "cli/commands.def"
#undef COMMAND
#undef FLAG
#undef CHOICE

#endif
