/* SPDX-License-Identifier: MIT */
/*
 * The entry for MCP clients.  Runs in the user's program; paths and values
 * are the user's own and are escaped for JSON and for the shell.
 */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/client_config.h"

#define CLIENT_CONFIG_NAME	"jupyterhealth"
#define CLIENT_CONFIG_MAX	65536

static int
client_config_program(char *path, size_t size)
{
	ssize_t	n = readlink("/proc/self/exe", path, size - 1);

	if (n <= 0)
		return ERR_SYSTEM;
	path[n] = '\0';
	/* After an upgrade the link names a file that is gone. */
	return access(path, X_OK) == 0 ? 0 : ERR_SYSTEM;
}

static void
client_config_indent(struct buf *out, unsigned int depth)
{
	buf_addc(out, '\n');
	while (depth-- > 0)
		buf_adds(out, "  ");
}

static void
client_config_pair(struct buf *out, const char *name, const char *value)
{
	json_escape(out, name, strlen(name));
	buf_adds(out, ": ");
	json_escape(out, value, strlen(value));
}

int
client_config_json(struct buf *out,
    const struct client_config_variable *variables, size_t count)
{
	char	path[PATH_MAX];
	size_t	i;

	if (client_config_program(path, sizeof(path)) != 0)
		return ERR_SYSTEM;
	buf_adds(out, "{\n  \"mcpServers\": {\n    \"" CLIENT_CONFIG_NAME
	    "\": {\n      ");
	client_config_pair(out, "command", path);
	buf_adds(out, ",\n      \"args\": [\"stdio\"]");
	if (count > 0) {
		buf_adds(out, ",\n      \"env\": {");
		for (i = 0; i < count; i++) {
			buf_adds(out, i > 0 ? "," : "");
			client_config_indent(out, 4);
			client_config_pair(out, variables[i].name,
			    variables[i].value);
		}
		client_config_indent(out, 3);
		buf_addc(out, '}');
	}
	buf_adds(out, "\n    }\n  }\n}\n");
	return buf_error(out);
}

/* In single quotes, in which only the quote itself is special. */
static void
client_config_quote(struct buf *out, const char *s)
{
	buf_addc(out, '\'');
	for (; *s != '\0'; s++)
		if (*s == '\'')
			buf_adds(out, "'\\''");
		else
			buf_addc(out, *s);
	buf_addc(out, '\'');
}

static void
client_config_entry(struct buf *out, const char *path,
    const struct client_config_variable *variables, size_t count)
{
	struct json	j;
	size_t		i;

	json_init(&j, out);
	json_object_begin(&j);
	json_key(&j, "type");
	json_string(&j, "stdio");
	json_key(&j, "command");
	json_string(&j, path);
	json_key(&j, "args");
	json_array_begin(&j);
	json_string(&j, "stdio");
	json_array_end(&j);
	json_key(&j, "env");
	json_object_begin(&j);
	for (i = 0; i < count; i++) {
		json_key(&j, variables[i].name);
		json_string(&j, variables[i].value);
	}
	json_object_end(&j);
	json_object_end(&j);
}

int
client_config_shell(struct buf *out,
    const struct client_config_variable *variables, size_t count)
{
	char		path[PATH_MAX];
	struct buf	entry;
	int		r;

	if (client_config_program(path, sizeof(path)) != 0)
		return ERR_SYSTEM;
	buf_init(&entry, CLIENT_CONFIG_MAX);
	client_config_entry(&entry, path, variables, count);
	r = buf_error(&entry);
	if (r == 0) {
		buf_adds(out, "claude mcp add-json " CLIENT_CONFIG_NAME " ");
		client_config_quote(out, buf_string(&entry));
		buf_addc(out, '\n');
		r = buf_error(out);
	}
	buf_free(&entry);
	return r;
}
