/* SPDX-License-Identifier: MIT */
/* The configuration of a command, complete or explained. */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "cli/commands.h"

struct conf;

/*
 * Read it, and set the log's level.  0 and *conf; or PROGRAM_CONFIG, after
 * every error was told on stderr.
 */
int	settings_load(const struct command_line *line, struct conf **conf);

#endif
