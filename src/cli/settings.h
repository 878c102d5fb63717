/* SPDX-License-Identifier: MIT */
/* The configuration of a command, complete or explained. */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "cli/commands.h"

struct conf;

/* Which options without default a command cannot do without. */
enum settings_need {
	SETTINGS_NONE,
	SETTINGS_EXCHANGE,	/* exchange-url, client-id */
	SETTINGS_ALL		/* and database */
};

typedef void	settings_error_fn(void *arg, const char *message);

/*
 * Read it, and set the log's level.  0 and *conf; or PROGRAM_CONFIG, after
 * every error was told on stderr.
 */
int	settings_load(const struct command_line *line,
	    enum settings_need need, struct conf **conf);
/* The same with errors, without "jhe-mcp: ", told to fn. */
int	settings_read(const struct command_line *line,
	    enum settings_need need, settings_error_fn *fn, void *arg,
	    struct conf **conf);

#endif
