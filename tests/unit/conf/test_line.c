/* SPDX-License-Identifier: MIT */
/* Lines of a configuration file, cut into words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "compat/compat.h"
#include "conf/line.h"

static char		text[4096];
static struct line	line;
static const char	*why;

static int
split(const char *s)
{
	assert_true(strlcpy(text, s, sizeof(text)) < sizeof(text));
	why = NULL;
	return line_split(text, strlen(text), &line, &why);
}

static void
refused(const char *s)
{
	assert_int_equal(split(s), ERR_FORMAT);
	assert_non_null(why);
}

static void
test_words(void **state)
{
	(void)state;
	assert_int_equal(split("  client-id \t abc  "), 0);
	assert_int_equal(line.count, 2);
	assert_string_equal(line.words[0], "client-id");
	assert_string_equal(line.words[1], "abc");
	assert_int_equal(split("a b c\r"), 0);
	assert_int_equal(line.count, 3);
	assert_string_equal(line.words[2], "c");
}

static void
test_empty_and_comment(void **state)
{
	(void)state;
	assert_int_equal(split(""), 0);
	assert_int_equal(line.count, 0);
	assert_int_equal(split(" \t"), 0);
	assert_int_equal(line.count, 0);
	assert_int_equal(split("# scope openid"), 0);
	assert_int_equal(line.count, 0);
	assert_int_equal(split("scope openid # asked for"), 0);
	assert_int_equal(line.count, 2);
	assert_int_equal(split("url http://x/#y"), 0);
	assert_string_equal(line.words[1], "http://x/#y");
}

static void
test_quotes(void **state)
{
	(void)state;
	assert_int_equal(split("database \"host=/run dbname=jhe\""), 0);
	assert_int_equal(line.count, 2);
	assert_string_equal(line.words[1], "host=/run dbname=jhe");
	assert_int_equal(split("a \"say \\\"hi\\\" \\\\ # no\" b"), 0);
	assert_int_equal(line.count, 3);
	assert_string_equal(line.words[1], "say \"hi\" \\ # no");
	assert_string_equal(line.words[2], "b");
	assert_int_equal(split("a \"\""), 0);
	assert_int_equal(line.count, 2);
	assert_string_equal(line.words[1], "");
}

static void
test_bad_quotes(void **state)
{
	(void)state;
	refused("a \"b");
	refused("a \"b\\");
	refused("a \"b\\\"");
	refused("a \"b\\n\"");
	refused("a \"b\"c");
	refused("a b\"c");
	refused("\"");
}

static void
test_bad_bytes(void **state)
{
	(void)state;
	refused("a b\x01");
	refused("a \x7f");
	refused("a \xff");
	refused("a b\rc");
	memcpy(text, "a\0b", 4);
	assert_int_equal(line_split(text, 3, &line, &why), ERR_FORMAT);
}

static void
test_too_many_words(void **state)
{
	char	s[2 * LINE_WORDS_MAX + 3] = "";
	size_t	i;

	(void)state;
	for (i = 0; i < LINE_WORDS_MAX; i++)
		(void)strlcat(s, "x ", sizeof(s));
	assert_int_equal(split(s), 0);
	assert_int_equal(line.count, LINE_WORDS_MAX);
	(void)strlcat(s, "x", sizeof(s));
	refused(s);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_empty_and_comment),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_bad_quotes),
		cmocka_unit_test(test_bad_bytes),
		cmocka_unit_test(test_too_many_words)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
