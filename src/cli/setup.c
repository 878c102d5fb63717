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
#include "cli/conninfo.h"
#include "cli/program.h"
#include "cli/settings.h"
#include "conf/conf.h"

#define SETUP_SIZE_MAX	65536

/*
 * What is printed ends in a file that other programs read, and in the lines
 * of a terminal that one scrolls back to: no password goes there unasked.
 */
static const char *
setup_database(const char *conninfo, struct buf *text)
{
	bool	had;

	if (conninfo_without_password(conninfo, text, &had) != 0) {
		log_warnx("client-config: the option database was left out: "
		    "it is no connection string");
		return NULL;
	}
	if (had)
		fprintf(stderr, "jhe-mcp: the password in the option database "
		    "was left out; keep it in ~/.pgpass (mode 600), which is "
		    "read, or add it to the entry yourself\n");
	return buf_string(text);
}

/* What is not the default goes along, but for secrets. */
static size_t
setup_variables(const struct conf *conf, struct buf *database,
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
		variables[n].value = key == CONF_DATABASE ?
		    setup_database(conf_string(conf, CONF_DATABASE),
		    database) : conf_string(conf, (enum conf_key)key);
		n += variables[n].value != NULL;
	}
	return n;
}

int
command_client_config(const struct command_line *line)
{
	struct client_config_variable	 variables[CONF_KEYS];
	struct conf			*conf;
	struct buf			 out, database;
	size_t				 n;
	int				 error, code;

	code = settings_load(line, SETTINGS_ALL, &conf);
	if (code != PROGRAM_OK)
		return code;
	buf_init(&out, SETUP_SIZE_MAX);
	buf_init(&database, SETUP_SIZE_MAX);
	n = setup_variables(conf, &database, variables);
	error = (line->flags & COMMAND_SHELL) != 0 ?
	    client_config_shell(&out, variables, n) :
	    client_config_json(&out, variables, n);
	if (error != 0) {
		log_warnx("client-config: %s", err_text(error));
		code = PROGRAM_USAGE;
	} else
		fputs(buf_string(&out), stdout);
	buf_free(&out);
	buf_free(&database);
	conf_free(conf);
	return code;
}
