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
#include "oauth/url.h"

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

/* Allowed, for a laboratory's own network; but nobody shall overlook it. */
static void
settings_look_at_url(const struct conf *conf)
{
	struct url	u;

	if (url_split(conf_string(conf, CONF_EXCHANGE_URL), &u) == 0 &&
	    !u.https && !url_is_loopback(&u))
		log_warnx("exchange-url is not https: whoever is on the way "
		    "can read the sign-in and its tokens");
}

int
settings_load(const struct command_line *line, enum settings_need need,
    struct conf **conf)
{
	int	code = settings_read(line, need, settings_error, NULL, conf);

	if (code == 0 && need != SETTINGS_NONE)
		settings_look_at_url(*conf);
	return code;
}
