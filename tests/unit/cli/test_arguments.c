/* SPDX-License-Identifier: MIT */
/* The command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/arguments.h"
#include "cli/nearest.h"

/* The table names them; none is run here. */
#define COMMAND(name, function, ...)					\
	int function(const struct command_line *line)			\
	{								\
		(void)line;						\
		return 0;						\
	}
#define FLAG(...)
#include "cli/commands.def"
#undef COMMAND
#undef FLAG

#define WORDS_MAX	80

static struct arguments	a;

/* Words parted by one blank; "_" is an empty one. */
static int
parse(const char *text)
{
	static char	 copy[1024], name[] = "jhe-mcp", empty[] = "";
	char		*argv[WORDS_MAX] = { name }, *p = copy;
	int		 argc = 1;

	snprintf(copy, sizeof(copy), "%s", text);
	while (p != NULL && *p != '\0' && argc < WORDS_MAX - 1) {
		argv[argc++] = p;
		p = strchr(p, ' ');
		if (p != NULL)
			*p++ = '\0';
		if (strcmp(argv[argc - 1], "_") == 0)
			argv[argc - 1] = empty;
	}
	return arguments_parse(argc, argv, &a);
}

static void
test_places(void **state)
{
	static const char *const	same[] = {
		"-f x -o a=b --json call tool n=v",
		"call -f x tool -o a=b n=v --json",
		"call tool n=v --json -fx -oa=b",
		"--file=x call --option=a=b tool --json n=v",
		"--json --file x call tool --option a=b -- n=v",
	};
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_int_equal(parse(same[i]), 0);
		assert_string_equal(a.command->name, "call");
		assert_string_equal(a.line.file, "x");
		assert_int_equal(a.line.noptions, 1);
		assert_string_equal(a.line.options[0], "a=b");
		assert_int_equal(a.line.flags, COMMAND_JSON);
		assert_int_equal(a.line.nargs, 2);
		assert_string_equal(a.line.args[0], "tool");
		assert_string_equal(a.line.args[1], "n=v");
	}
}

static void
test_nothing(void **state)
{
	(void)state;
	assert_int_equal(parse(""), 0);
	assert_null(a.command);
	assert_int_equal(parse("-V"), 0);
	assert_true(a.version);
	assert_int_equal(parse("--help"), 0);
	assert_true(a.help);
	assert_int_equal(parse("call -h"), 0);
	assert_true(a.help);
	assert_string_equal(a.command->name, "call");
	assert_int_equal(parse("call tool -- --json"), 0);
	assert_int_equal(a.line.flags, 0);
	assert_string_equal(a.line.args[1], "--json");
	assert_int_equal(parse("call tool -"), 0);
	assert_string_equal(a.line.args[1], "-");
}

static void
test_wrong(void **state)
{
	static const char *const	wrong[] = {
		"_", "nothing", "call", "tools a b", "login x", "stdio --json",
		"--json stdio", "tools --force", "--nothing", "--nothing tools",
		"-x", "-fx -y", "-f", "-o", "call -o", "--file",
		"tools --json=1", "--help=1", "--jso tools", "---", "tools --",
	};
	size_t				i, n = sizeof(wrong) / sizeof(wrong[0]);

	(void)state;
	/* The last is right: nothing has to follow. */
	for (i = 0; i < n; i++)
		assert_int_equal(parse(wrong[i]), i < n - 1);
}

static void
test_too_many(void **state)
{
	char	text[1024] = "call";
	size_t	i;

	(void)state;
	for (i = 0; i < COMMAND_ARGS_MAX; i++)
		strcat(text, " a=1");
	assert_int_equal(parse(text), 0);
	assert_int_equal(a.line.nargs, COMMAND_ARGS_MAX);
	strcat(text, " a=1");
	assert_int_equal(parse(text), 1);
	strcpy(text, "tools");
	for (i = 0; i < COMMAND_OPTIONS_MAX; i++)
		strcat(text, " -oa=1");
	assert_int_equal(parse(text), 0);
	strcat(text, " -oa=1");
	assert_int_equal(parse(text), 1);
}

static const char *
nearest(const char *text)
{
	static const char *const	words[] = {
		"login", "logout", "whoami", "client-config", "--json",
	};
	struct nearest			n;
	size_t				i;

	nearest_begin(&n, text);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		nearest_try(&n, words[i]);
	return nearest_found(&n);
}

static void
test_nearest(void **state)
{
	char	text[100];

	(void)state;
	assert_string_equal(nearest("logn"), "login");
	assert_string_equal(nearest("logut"), "logout");
	assert_string_equal(nearest("whomai"), "whoami");
	assert_string_equal(nearest("clientconfig"), "client-config");
	assert_string_equal(nearest("cl"), "client-config");
	assert_string_equal(nearest("--jsno"), "--json");
	assert_null(nearest("zzzz"));
	assert_null(nearest(""));
	memset(text, 'l', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_null(nearest(text));
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
