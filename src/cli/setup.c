/* SPDX-License-Identifier: MIT */
/*
 * jhe-mcp client-config: prints what an MCP client needs to start this very
 * program as it is set up now.  Runs in jhe-mcp; no untrusted bytes.
 */
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "cli/client_config.h"
#include "cli/program.h"
#include "cli/settings.h"
#include "conf/conf.h"

#define SETUP_SIZE_MAX	65536

/* What is not the default goes along, but for secrets. */
static size_t
setup_variables(const struct conf *conf,
    struct client_config_variable variables[CONF_KEYS])
{
	size_t	n = 0;
	int	key;

	for (key = 0; key < CONF_KEYS; key++) {
		enum conf_source source = conf_source(conf,
		    (enum conf_key)key);

		if (key == CONF_CLIENT_SECRET || source == CONF_SOURCE_NONE ||
		    source == CONF_SOURCE_DEFAULT ||
		    conf_environment((enum conf_key)key) == NULL)
			continue;
		variables[n].name = conf_environment((enum conf_key)key);
		variables[n++].value = conf_string(conf, (enum conf_key)key);
	}
	return n;
}

int
command_client_config(const struct command_line *line)
{
	struct client_config_variable	 variables[CONF_KEYS];
	struct conf			*conf;
	struct buf			 out;
	int				 error, code;

	code = settings_load(line, SETTINGS_ALL, &conf);
	if (code != PROGRAM_OK)
		return code;
	buf_init(&out, SETUP_SIZE_MAX);
	error = (line->flags & COMMAND_SHELL) != 0 ?
	    client_config_shell(&out, variables,
	    setup_variables(conf, variables)) :
	    client_config_json(&out, variables,
	    setup_variables(conf, variables));
	if (error != 0) {
		log_warnx("client-config: %s", err_text(error));
		code = PROGRAM_USAGE;
	} else
		fputs(buf_string(&out), stdout);
	buf_free(&out);
	conf_free(conf);
	return code;
}
