/* SPDX-License-Identifier: MIT */
/*
 * Loading the configuration.  Runs in jhe-mcp; file, environment and command
 * line are the user's own, and may be wrong.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "cli/program.h"
#include "cli/settings.h"
#include "conf/conf.h"

static void
settings_error(void *arg, const char *message)
{
	(void)arg;
	fprintf(stderr, "jhe-mcp: %s\n", message);
}

int
settings_read(const struct command_line *line, enum settings_need need,
    settings_error_fn *fn, void *arg, struct conf **conf)
{
	static const enum conf_key	required[] = {
		CONF_EXCHANGE_URL, CONF_CLIENT_ID, CONF_DATABASE,
	};
	struct conf_input		in = {
		.file = line->file,
		.options = line->options, .options_len = line->noptions,
		.required = required,
		.required_len = need == SETTINGS_ALL ? 3 :
		    need == SETTINGS_EXCHANGE ? 2 : 0,
	};

	if (conf_load(&in, fn, arg, conf) != 0)
		return PROGRAM_CONFIG;
	/* A browser that we start has no use for it. */
	unsetenv("JHE_CLIENT_SECRET");
	unsetenv("JHE_DB_CONN");
	log_set_level((enum log_level)conf_int(*conf, CONF_LOG_LEVEL));
	return 0;
}

int
settings_load(const struct command_line *line, enum settings_need need,
    struct conf **conf)
{
	return settings_read(line, need, settings_error, NULL, conf);
}
