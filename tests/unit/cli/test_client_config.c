/* SPDX-License-Identifier: MIT */
/* The entry for MCP clients: valid JSON, and whole through a shell. */
#include <json-c/json.h>

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/client_config.h"

static const struct client_config_variable	variables[] = {
	{ "JHE_BASE_URL", "https://jhe.example.org" },
	{ "JHE_CLIENT_ID", "it's \"quoted\" \\ $HOME `id`\n\xc3\xa9" }
};

static void
has_string(struct json_object *object, const char *key, const char *text)
{
	struct json_object	*value;

	assert_true(json_object_object_get_ex(object, key, &value));
	assert_string_equal(json_object_get_string(value), text);
}

/* The members that each form has. */
static void
check_entry(struct json_object *entry, size_t count)
{
	struct json_object	*value;
	char			 path[PATH_MAX] = "";

	assert_true(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
	has_string(entry, "command", path);
	assert_true(json_object_object_get_ex(entry, "args", &value));
	assert_string_equal(json_object_to_json_string(value),
	    "[ \"stdio\" ]");
	if (count == 0)
		return;
	assert_true(json_object_object_get_ex(entry, "env", &value));
	assert_int_equal(json_object_object_length(value), count);
	has_string(value, variables[1].name, variables[1].value);
}

static void
check_json(size_t count)
{
	struct json_object	*tree, *servers, *entry;
	struct buf		 out;

	buf_init(&out, 65536);
	assert_int_equal(client_config_json(&out, variables, count), 0);
	tree = json_tokener_parse(buf_string(&out));
	assert_non_null(tree);
	assert_true(json_object_object_get_ex(tree, "mcpServers", &servers));
	assert_true(json_object_object_get_ex(servers, "jupyterhealth",
	    &entry));
	check_entry(entry, count);
	json_object_put(tree);
	buf_free(&out);
}

static void
test_json(void **state)
{
	(void)state;
	check_json(0);
	check_json(2);
}

static void
test_shell(void **state)
{
	struct json_object	*entry;
	struct buf		 out;
	char			 text[65536];
	FILE			*shell;
	size_t			 n;

	(void)state;
	buf_init(&out, 65536);
	/* A claude that prints its last argument. */
	buf_adds(&out, "claude() { test $# = 4 && printf %s \"$4\"; }; ");
	assert_int_equal(client_config_shell(&out, variables, 2), 0);
	shell = popen(buf_string(&out), "r");
	assert_non_null(shell);
	n = fread(text, 1, sizeof(text) - 1, shell);
	text[n] = '\0';
	assert_int_equal(pclose(shell), 0);
	entry = json_tokener_parse(text);
	assert_non_null(entry);
	has_string(entry, "type", "stdio");
	check_entry(entry, 2);
	json_object_put(entry);
	buf_free(&out);
}

static void
test_limit(void **state)
{
	struct buf	out;

	(void)state;
	buf_init(&out, 40);
	assert_int_equal(client_config_json(&out, variables, 2), ERR_LIMIT);
	buf_free(&out);
	buf_init(&out, 40);
	assert_int_equal(client_config_shell(&out, variables, 2), ERR_LIMIT);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_shell),
		cmocka_unit_test(test_limit)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
