/* SPDX-License-Identifier: MIT */
/* What a user gives to an MCP client so that it starts this very program. */
#ifndef CLI_CLIENT_CONFIG_H
#define CLI_CLIENT_CONFIG_H

#include <stddef.h>

struct buf;

/* Environment of the program; no secrets, they would stand in a file. */
struct client_config_variable {
	const char	*name;
	const char	*value;
};

/*
 * Append, indented, the JSON of claude_desktop_config.json and its like:
 * {"mcpServers":{"jupyterhealth":{"command":...,"args":["stdio"],"env":...}}}
 * The command is /proc/self/exe's path.  0; ERR_SYSTEM if that has none any
 * more (the program was replaced); ERR_MEMORY; ERR_LIMIT.
 */
int	client_config_json(struct buf *out,
	    const struct client_config_variable *variables, size_t count);
/*
 * Append the shell command that adds it to Claude Code, quoted, one line:
 * claude mcp add-json jupyterhealth '{"type":"stdio",...}'.  As above.
 */
int	client_config_shell(struct buf *out,
	    const struct client_config_variable *variables, size_t count);

#endif
