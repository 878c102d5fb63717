/* SPDX-License-Identifier: MIT */
/* What each type of option takes and refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/values.h"

static struct buf	why;

static int
group_setup(void **state)
{
	(void)state;
	buf_init(&why, 256);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	buf_free(&why);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	return setenv("HOME", "/home/ada", 1);
}

/* Takes text, as expected. */
static void
takes(enum conf_key key, const char *text, const char *expected)
{
	char	*out = NULL;
	int64_t	 number;

	assert_int_equal(value_parse(options_row(key), text, &out, &number,
	    &why), 0);
	assert_string_equal(out, expected);
	free(out);
}

static void
takes_number(enum conf_key key, const char *text, int64_t expected)
{
	char	*out = NULL;
	int64_t	 number = -1;

	assert_int_equal(value_parse(options_row(key), text, &out, &number,
	    &why), 0);
	assert_true(number == expected);
	free(out);
}

static void
refuses(enum conf_key key, const char *text)
{
	char	*out = NULL;
	int64_t	 number;

	buf_reset(&why);
	assert_int_equal(value_parse(options_row(key), text, &out, &number,
	    &why), ERR_FORMAT);
	assert_null(out);
	assert_true(why.len > 0);
	/* What is refused is not repeated. */
	if (strlen(text) > 3)
		assert_null(strstr(buf_string(&why), text));
}

static void
test_url(void **state)
{
	(void)state;
	takes(CONF_EXCHANGE_URL, "https://jhe.example", "https://jhe.example");
	takes(CONF_EXCHANGE_URL, "https://jhe.example//",
	    "https://jhe.example");
	takes(CONF_EXCHANGE_URL, "http://127.0.0.1:8000/jhe/",
	    "http://127.0.0.1:8000/jhe");
	takes(CONF_EXCHANGE_URL, "http://[::1]:8000", "http://[::1]:8000");
	takes(CONF_ISSUER, "https://jhe.example/o/", "https://jhe.example/o/");
	refuses(CONF_EXCHANGE_URL, "jhe.example");
	refuses(CONF_EXCHANGE_URL, "ftp://jhe.example");
	refuses(CONF_EXCHANGE_URL, "https://");
	refuses(CONF_EXCHANGE_URL, "https:///path");
	refuses(CONF_EXCHANGE_URL, "https://user:pw@jhe.example");
	refuses(CONF_EXCHANGE_URL, "https://jhe.example/?a=b");
	refuses(CONF_EXCHANGE_URL, "https://jhe.example/#a");
	refuses(CONF_EXCHANGE_URL, "https://jhe example");
	refuses(CONF_EXCHANGE_URL, "https://jhe.example:0");
	refuses(CONF_EXCHANGE_URL, "https://jhe.example:65536");
	refuses(CONF_EXCHANGE_URL, "https://jhe.example:");
	refuses(CONF_EXCHANGE_URL, "https://[::1");
	refuses(CONF_EXCHANGE_URL, "https://[]");
	refuses(CONF_EXCHANGE_URL, "https://[::1]x");
}

static void
test_numbers(void **state)
{
	(void)state;
	takes_number(CONF_CALLBACK_PORT, "1024", 1024);
	takes_number(CONF_CALLBACK_PORT, "65535", 65535);
	refuses(CONF_CALLBACK_PORT, "0");
	refuses(CONF_CALLBACK_PORT, "1023");
	refuses(CONF_CALLBACK_PORT, "65536");
	refuses(CONF_CALLBACK_PORT, "8765x");
	refuses(CONF_CALLBACK_PORT, " 8765");
	refuses(CONF_CALLBACK_PORT, "+8765");
	refuses(CONF_CALLBACK_PORT, "99999999999999999999");
	takes_number(CONF_STATEMENT_TIMEOUT, "600", 600);
	refuses(CONF_STATEMENT_TIMEOUT, "601");
	refuses(CONF_STATEMENT_TIMEOUT, "-1");
	refuses(CONF_STATEMENT_TIMEOUT, "20s");
	takes_number(CONF_MAX_LINE, "65536", 65536);
	refuses(CONF_MAX_LINE, "65535");
}

static void
test_enum(void **state)
{
	(void)state;
	takes_number(CONF_LOG_LEVEL, "error", 0);
	takes_number(CONF_LOG_LEVEL, "debug", 3);
	refuses(CONF_LOG_LEVEL, "verbose");
	refuses(CONF_LOG_LEVEL, "debugg");
	refuses(CONF_LOG_LEVEL, "DEBUG");
	refuses(CONF_LOG_LEVEL, "warning|error");
	takes_number(CONF_IDENTITY_FIELDS, "never", CONF_IDENTITY_NEVER);
}

static void
test_path(void **state)
{
	(void)state;
	takes(CONF_TOKEN_CACHE_DIR, "/var/x y", "/var/x y");
	takes(CONF_TOKEN_CACHE_DIR, "~/.jhe_mcp", "/home/ada/.jhe_mcp");
	takes(CONF_TOKEN_CACHE_DIR, "~", "/home/ada");
	refuses(CONF_TOKEN_CACHE_DIR, "~bob/x");
	refuses(CONF_TOKEN_CACHE_DIR, "x/y");
	refuses(CONF_TOKEN_CACHE_DIR, "");
	assert_int_equal(unsetenv("HOME"), 0);
	refuses(CONF_TOKEN_CACHE_DIR, "~/x");
	assert_int_equal(setenv("HOME", "relative", 1), 0);
	refuses(CONF_TOKEN_CACHE_DIR, "~/x");
}

static void
test_path_length(void **state)
{
	char	path[1200];

	(void)state;
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[1023] = '\0';
	takes(CONF_TOKEN_CACHE_DIR, path, path);
	path[1023] = 'a';
	path[1024] = '\0';
	refuses(CONF_TOKEN_CACHE_DIR, path);
}

static void
test_words(void **state)
{
	(void)state;
	takes(CONF_SCOPE, "openid", "openid");
	takes(CONF_SCOPE, "  openid   email ", "openid email");
	refuses(CONF_SCOPE, "   ");
	refuses(CONF_SCOPE, "openid\temail");
	takes(CONF_CLIENT_ID, "abc", "abc");
	refuses(CONF_CLIENT_ID, "a b");
	refuses(CONF_CLIENT_ID, "");
}

static void
test_database(void **state)
{
	(void)state;
	takes(CONF_DATABASE, "postgresql://u:p@h/db", "postgresql://u:p@h/db");
	takes(CONF_DATABASE, "postgres:///db", "postgres:///db");
	takes(CONF_DATABASE, "host=/run dbname=jhe", "host=/run dbname=jhe");
	refuses(CONF_DATABASE, "jhe-database");
	refuses(CONF_DATABASE, "host=a\nb");
}

static void
test_zone(void **state)
{
	(void)state;
	takes(CONF_DEFAULT_TIMEZONE, "UTC", "UTC");
	takes(CONF_DEFAULT_TIMEZONE, "America/Argentina/La_Rioja",
	    "America/Argentina/La_Rioja");
	takes(CONF_DEFAULT_TIMEZONE, "Etc/GMT+5", "Etc/GMT+5");
	refuses(CONF_DEFAULT_TIMEZONE, "/etc/localtime");
	refuses(CONF_DEFAULT_TIMEZONE, "../x");
	refuses(CONF_DEFAULT_TIMEZONE, "Asia/");
	refuses(CONF_DEFAULT_TIMEZONE, "a'b; drop");
}

static void
test_tools(void **state)
{
	(void)state;
	takes(CONF_HIDE_TOOL, "whoami", "whoami");
	takes(CONF_HIDE_TOOL, "list_studies, whoami,whoami  get_study_count",
	    "list_studies whoami get_study_count");
	takes(CONF_TOOL_LIST, "original whoami", "get_study_count "
	    "list_studies get_study_metadata get_patient_demographics "
	    "get_patient_observations whoami");
	refuses(CONF_HIDE_TOOL, "get_study_cuont");
	assert_non_null(strstr(buf_string(&why), "get_study_count"));
	refuses(CONF_HIDE_TOOL, "secretsecret");
	assert_null(strstr(buf_string(&why), "secret"));
	/* All would be hidden: that is no list of tools. */
	refuses(CONF_HIDE_TOOL, "all");
	refuses(CONF_HIDE_TOOL, "original");
	refuses(CONF_HIDE_TOOL, " , ");
}

static void
test_secret(void **state)
{
	const struct conf_option	*o = options_row(CONF_CLIENT_SECRET);
	char				*out = NULL;

	(void)state;
	takes(CONF_CLIENT_SECRET, "/etc/jhe/secret", "/etc/jhe/secret");
	refuses(CONF_CLIENT_SECRET, "hunter2hunter2");
	assert_int_equal(value_parse_secret(o, "pass word", &out, &why), 0);
	assert_string_equal(out, "pass word");
	free(out);
	assert_int_equal(value_parse_secret(o, "", &out, &why), ERR_FORMAT);
	assert_int_equal(value_parse_secret(o, "a\nb", &out, &why),
	    ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_url),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_enum),
		cmocka_unit_test_setup(test_path, setup),
		cmocka_unit_test_setup(test_path_length, setup),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_database),
		cmocka_unit_test(test_zone),
		cmocka_unit_test(test_tools),
		cmocka_unit_test(test_secret)
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
