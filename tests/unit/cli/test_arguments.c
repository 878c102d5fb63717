/* SPDX-License-Identifier: MIT */
/* The command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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
#define CHOICE(...)
#include "cli/commands.def"
#undef COMMAND
#undef FLAG
#undef CHOICE

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
test_choice(void **state)
{
	static const char *const	same[] = {
		"call --format json tool", "call tool --format=json",
		"--format json call tool", "--format=json call tool --",
	};
	static const char *const	wrong[] = {
		"call tool --format", "call tool --format=",
		"--format call tool",
		"call tool --format xml", "call tool --format cs",
		"tools --format csv", "call tool --forma csv",
		"call tool --all=1",
	};
	size_t				i;

	(void)state;
	assert_int_equal(parse("call tool"), 0);
	assert_int_equal(a.line.choice, -1);
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_int_equal(parse(same[i]), 0);
		assert_int_equal(a.line.choice, 1);
		assert_int_equal(a.line.flags, 0);
		assert_int_equal(a.line.nargs, 1);
		assert_string_equal(a.line.args[0], "tool");
	}
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(parse(wrong[i]), 1);
	assert_int_equal(parse("call tool --all"), 0);
	assert_int_equal(a.line.flags, COMMAND_ALL);
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

static void
test_hide(void **state)
{
	static char	 url[] = "database=postgresql://u:secret@h/d";
	static char	 other[] = "scope=openid", same[] = "databases=x";
	static char	 name[] = "jhe-mcp", o[] = "-o", command[] = "stdio";
	char		*argv[] = { name, o, url, o, other, command, o, same };

	(void)state;
	assert_int_equal(arguments_parse(8, argv, &a), 0);
	assert_int_equal(arguments_hide(&a), 0);
	assert_string_equal(url, "database=*************************");
	assert_string_equal(other, "scope=openid");
	assert_string_equal(same, "databases=x");
	assert_string_equal(a.line.options[0],
	    "database=postgresql://u:secret@h/d");
	free((void *)(uintptr_t)a.line.options[0]);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_hide),
		cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
