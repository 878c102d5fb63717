/* SPDX-License-Identifier: MIT */
/* The configuration as a whole: sources, precedence, errors. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "compat/compat.h"
#include "conf/conf.h"

#define OPTIONS_MAX	8

static char			 dir[] = "/tmp/jhe-conf-XXXXXX";
static char			 file[128], secret[128];
static char			 sample_srcdir[200] = ".";
static struct conf		*conf;
static struct conf_input	 input;
static const char		*options[OPTIONS_MAX];
static struct buf		 errors;
static size_t			 nerrors;

static void
collect(void *arg, const char *message)
{
	assert_ptr_equal(arg, &errors);
	assert_null(strchr(message, '\n'));
	buf_addf(&errors, "%s\n", message);
	nerrors++;
}

static int
group_setup(void **state)
{
	const char	*srcdir = getenv("srcdir");

	(void)state;
	/* Kept, because every test begins with an empty environment. */
	if (srcdir != NULL)
		(void)strlcpy(sample_srcdir, srcdir, sizeof(sample_srcdir));
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(file, sizeof(file), "%s/jhe-mcp/jhe-mcp.conf", dir);
	(void)snprintf(secret, sizeof(secret), "%s/jhe-mcp/secret", dir);
	buf_init(&errors, 65536);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	buf_free(&errors);
	return rmdir(dir);
}

static int
setup(void **state)
{
	char	path[128];

	(void)state;
	clearenv();
	memset(&input, 0, sizeof(input));
	input.options = options;
	(void)snprintf(path, sizeof(path), "%s/jhe-mcp", dir);
	if (setenv("HOME", "/home/ada", 1) == -1 ||
	    setenv("XDG_CONFIG_HOME", dir, 1) == -1)
		return -1;
	return mkdir(path, 0700);
}

static int
teardown(void **state)
{
	char	path[128];

	(void)state;
	conf_free(conf);
	conf = NULL;
	(void)unlink(file);
	(void)unlink(secret);
	(void)snprintf(path, sizeof(path), "%s/jhe-mcp", dir);
	return rmdir(path);
}

static void
write_text(const char *path, const char *text, mode_t mode)
{
	FILE	*f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static int
load(void)
{
	int	r;

	buf_reset(&errors);
	nerrors = 0;
	conf_free(conf);
	r = conf_load(&input, collect, &errors, &conf);
	assert_true((r == 0) == (conf != NULL));
	assert_true((r == ERR_FORMAT) == (nerrors > 0));
	return r;
}

static void
add_option(const char *text)
{
	assert_true(input.options_len < OPTIONS_MAX);
	options[input.options_len++] = text;
}

static bool
told(const char *part)
{
	return strstr(buf_string(&errors), part) != NULL;
}

static void
test_defaults(void **state)
{
	(void)state;
	assert_int_equal(load(), 0);
	assert_int_equal(conf_int(conf, CONF_CALLBACK_PORT), 8765);
	assert_int_equal(conf_int(conf, CONF_MAX_LINE), 4194304);
	assert_int_equal(conf_int(conf, CONF_LOG_LEVEL), 2);
	assert_string_equal(conf_string(conf, CONF_SCOPE), "openid");
	assert_string_equal(conf_string(conf, CONF_TOKEN_CACHE_DIR),
	    "/home/ada/.jhe_mcp");
	assert_int_equal(conf_source(conf, CONF_SCOPE), CONF_SOURCE_DEFAULT);
	assert_null(conf_string(conf, CONF_DATABASE));
	assert_null(conf_string(conf, CONF_CLIENT_SECRET));
	assert_null(conf_string(conf, CONF_ISSUER));
	assert_int_equal(conf_source(conf, CONF_ISSUER), CONF_SOURCE_NONE);
}

static void
test_file(void **state)
{
	(void)state;
	write_text(file, "# demo\n\nexchange-url https://jhe.example/\r\n"
	    "scope openid email   # two\n"
	    "database \"host=/run dbname=jhe\"\ncallback-port 9000", 0644);
	assert_int_equal(load(), 0);
	assert_string_equal(conf_string(conf, CONF_EXCHANGE_URL),
	    "https://jhe.example");
	assert_string_equal(conf_string(conf, CONF_SCOPE), "openid email");
	assert_string_equal(conf_string(conf, CONF_DATABASE),
	    "host=/run dbname=jhe");
	assert_int_equal(conf_int(conf, CONF_CALLBACK_PORT), 9000);
	assert_int_equal(conf_source(conf, CONF_SCOPE), CONF_SOURCE_FILE);
}

static void
test_default_file_under_home(void **state)
{
	char	path[160];

	(void)state;
	assert_int_equal(unsetenv("XDG_CONFIG_HOME"), 0);
	assert_int_equal(setenv("HOME", dir, 1), 0);
	(void)snprintf(path, sizeof(path), "%s/.config", dir);
	assert_int_equal(symlink(".", path), 0);
	write_text(file, "client-id abc\n", 0600);
	assert_int_equal(load(), 0);
	assert_string_equal(conf_string(conf, CONF_CLIENT_ID), "abc");
	assert_int_equal(unlink(path), 0);
}

static void
test_precedence(void **state)
{
	(void)state;
	write_text(file, "callback-port 2001\nclient-id file\n", 0600);
	assert_int_equal(setenv("CALLBACK_PORT", "2002", 1), 0);
	assert_int_equal(setenv("JHE_CLIENT_ID", "", 1), 0);
	assert_int_equal(load(), 0);
	assert_int_equal(conf_int(conf, CONF_CALLBACK_PORT), 2002);
	assert_int_equal(conf_source(conf, CONF_CALLBACK_PORT),
	    CONF_SOURCE_ENVIRONMENT);
	assert_string_equal(conf_string(conf, CONF_CLIENT_ID), "file");
	add_option("callback-port=2003");
	add_option("client-id=a=b");
	assert_int_equal(load(), 0);
	assert_int_equal(conf_int(conf, CONF_CALLBACK_PORT), 2003);
	assert_int_equal(conf_source(conf, CONF_CALLBACK_PORT),
	    CONF_SOURCE_COMMAND_LINE);
	assert_string_equal(conf_string(conf, CONF_CLIENT_ID), "a=b");
}

static void
test_environment_twins(void **state)
{
	(void)state;
	assert_int_equal(setenv("JHE_BASE_URL", "http://localhost:8000/", 1),
	    0);
	assert_int_equal(setenv("JHE_DB_CONN", "postgresql:///jhe", 1), 0);
	assert_int_equal(setenv("TOKEN_CACHE_DIR", "~/t", 1), 0);
	assert_int_equal(setenv("JHE_CLIENT_SECRET", "s3cret text", 1), 0);
	assert_int_equal(load(), 0);
	assert_string_equal(conf_string(conf, CONF_EXCHANGE_URL),
	    "http://localhost:8000");
	assert_string_equal(conf_string(conf, CONF_DATABASE),
	    "postgresql:///jhe");
	assert_string_equal(conf_string(conf, CONF_TOKEN_CACHE_DIR),
	    "/home/ada/t");
	assert_string_equal(conf_string(conf, CONF_CLIENT_SECRET),
	    "s3cret text");
}

static void
test_all_errors_at_once(void **state)
{
	char	expected[256];

	(void)state;
	write_text(file, "exchange-ulr https://x\nlog-level loud\n"
	    "scope openid\nscope email\nclient-id\nclient-id a b\n"
	    "database \"x\n", 0600);
	assert_int_equal(setenv("CALLBACK_PORT", "0", 1), 0);
	add_option("max-line=1");
	add_option("max-line=65536");
	add_option("nothing");
	assert_int_equal(load(), ERR_FORMAT);
	assert_int_equal(nerrors, 10);
	(void)snprintf(expected, sizeof(expected), "%s:1: unknown keyword "
	    "\"exchange-ulr\": is \"exchange-url\" meant?\n", file);
	assert_true(told(expected));
	(void)snprintf(expected, sizeof(expected),
	    "%s:4: scope is given twice\n", file);
	assert_true(told(expected));
	assert_true(told(":2: log-level: expected one of "));
	assert_true(told(":5: client-id: the value is empty"));
	assert_true(told(":6: client-id is given twice"));
	assert_true(told(":7: a closing quote is missing"));
	assert_true(told("CALLBACK_PORT: callback-port: expected"));
	assert_true(told("-o: max-line: expected"));
	assert_true(told("-o: max-line is given twice"));
	assert_true(told("-o: expected keyword=value"));
}

static void
test_more_than_one_value(void **state)
{
	(void)state;
	write_text(file, "database host=/run dbname=jhe\n", 0600);
	assert_int_equal(load(), ERR_FORMAT);
	assert_int_equal(nerrors, 1);
	assert_true(told(":1: database: more than one value"));
}

static void
test_required(void **state)
{
	static const enum conf_key	needed[] = { CONF_EXCHANGE_URL,
	    CONF_CLIENT_ID, CONF_DATABASE };

	(void)state;
	input.required = needed;
	input.required_len = 3;
	write_text(file, "client-id a\nexchange-url ftp://x\n", 0600);
	assert_int_equal(load(), ERR_FORMAT);
	assert_int_equal(nerrors, 2);
	assert_true(told(":2: exchange-url: expected a URL"));
	assert_true(told("database (environment JHE_DB_CONN) is not set"));
}

static void
test_file_problems(void **state)
{
	(void)state;
	input.file = file;
	assert_int_equal(load(), ERR_FORMAT);
	assert_true(told("no such file"));
	write_text(file, "scope openid\n", 0666);
	assert_int_equal(load(), ERR_FORMAT);
	assert_true(told("other users can write it"));
	input.file = NULL;
	assert_int_equal(load(), ERR_FORMAT);
	assert_int_equal(chmod(file, 0600), 0);
	assert_int_equal(load(), 0);
}

static void
test_limits(void **state)
{
	static char	text[CONF_FILE_MAX + 2];
	size_t		i;

	(void)state;
	memset(text, '\n', sizeof(text) - 1);
	text[0] = '#';
	memset(text + 1, 'x', CONF_LINE_MAX - 1);
	text[CONF_FILE_MAX] = '\0';
	write_text(file, text, 0600);
	assert_int_equal(load(), 0);
	text[CONF_LINE_MAX] = 'x';
	write_text(file, text, 0600);
	assert_int_equal(load(), ERR_FORMAT);
	assert_true(told(":1: longer than 4096 bytes"));
	text[CONF_LINE_MAX] = '\n';
	text[CONF_FILE_MAX] = '\n';
	write_text(file, text, 0600);
	assert_int_equal(load(), ERR_FORMAT);
	assert_true(told("too large"));
	for (i = 0; i < 2 * (CONF_ERRORS_MAX + 5); i += 2)
		memcpy(text + i, "?\n", 2);
	text[i] = '\0';
	write_text(file, text, 0600);
	assert_int_equal(load(), ERR_FORMAT);
	assert_int_equal(nerrors, CONF_ERRORS_MAX + 1);
	assert_true(told("5 more errors"));
}

/* Wherever a secret is written, no error repeats it. */
static void
test_errors_hide_values(void **state)
{
	(void)state;
	write_text(file, "postgresql://u:hunter2@h/db\n"
	    "database hunter2\ndatabase a hunter2\n"
	    "client-secret-file hunter2\nexchange-url https://u:hunter2@h\n"
	    "issuer \"hunter2\n\"hunter2\" x\nclient-id x hunter2\n", 0600);
	assert_int_equal(setenv("JHE_CLIENT_SECRET", "hunter2\n", 1), 0);
	assert_int_equal(setenv("JHE_DB_CONN", "hunter2", 1), 0);
	add_option("hunter2");
	add_option("client-secret=hunter2");
	add_option("database=hunter2");
	assert_int_equal(load(), ERR_FORMAT);
	assert_true(nerrors >= 12);
	assert_false(told("hunter2"));
}

static void
test_secret_file(void **state)
{
	char	text[256];

	(void)state;
	(void)snprintf(text, sizeof(text), "client-secret-file %s\n", secret);
	write_text(file, text, 0600);
	assert_int_equal(load(), ERR_FORMAT);
	assert_true(told(":1: client-secret-file: the file: no such file"));
	write_text(secret, "top secret\n", 0600);
	assert_int_equal(load(), 0);
	assert_string_equal(conf_string(conf, CONF_CLIENT_SECRET),
	    "top secret");
	assert_int_equal(chmod(secret, 0640), 0);
	assert_int_equal(load(), ERR_FORMAT);
	assert_true(told("other users can read it"));
	/* The environment wins: the file is not even opened. */
	assert_int_equal(setenv("JHE_CLIENT_SECRET", "other", 1), 0);
	assert_int_equal(load(), 0);
	assert_string_equal(conf_string(conf, CONF_CLIENT_SECRET), "other");
	(void)snprintf(text, sizeof(text), "client-secret-file=%s", secret);
	add_option(text);
	assert_int_equal(load(), ERR_FORMAT);
	assert_int_equal(chmod(secret, 0600), 0);
	assert_int_equal(load(), 0);
	assert_string_equal(conf_string(conf, CONF_CLIENT_SECRET),
	    "top secret");
	write_text(secret, "two\nlines\n", 0600);
	assert_int_equal(load(), ERR_FORMAT);
	write_text(secret, "\n", 0600);
	assert_int_equal(load(), ERR_FORMAT);
}

/* The sample is what an administrator starts from: each line must work. */
static void
test_sample(void **state)
{
	char		 line[256], path[256];
	FILE		*in, *out;
	size_t		 i, keywords = 0;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/etc/jhe-mcp.conf",
	    sample_srcdir);
	in = fopen(path, "r");
	out = fopen(file, "w");
	assert_non_null(in);
	assert_non_null(out);
	while (fgets(line, sizeof(line), in) != NULL) {
		assert_true(line[0] == '#' || line[0] == '\n');
		if (line[0] == '\n' || line[1] < 'a' || line[1] > 'z')
			continue;
		keywords++;
		if (strncmp(line + 1, "client-secret-file", 18) != 0)
			assert_true(fputs(line + 1, out) >= 0);
	}
	assert_int_equal(fclose(in), 0);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(file, 0600), 0);
	assert_int_equal(keywords, CONF_KEYS);
	assert_int_equal(load(), 0);
	for (i = 0; i < CONF_KEYS; i++)
		assert_true(conf_source(conf, (enum conf_key)i) ==
		    (i == CONF_CLIENT_SECRET ? CONF_SOURCE_NONE :
		    CONF_SOURCE_FILE));
	assert_int_equal(conf_int(conf, CONF_CALLBACK_PORT), 8765);
}

#define TEST(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		TEST(test_defaults),
		TEST(test_file),
		TEST(test_default_file_under_home),
		TEST(test_precedence),
		TEST(test_environment_twins),
		TEST(test_all_errors_at_once),
		TEST(test_more_than_one_value),
		TEST(test_required),
		TEST(test_file_problems),
		TEST(test_limits),
		TEST(test_errors_hide_values),
		TEST(test_secret_file),
		TEST(test_sample)
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
