/* SPDX-License-Identifier: MIT */
/* Browsers that are scripts, and note how they were started. */
#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "cli/browser.h"
#include "compat/compat.h"

#define URL		"http://localhost:8000/o/authorize/?a=1&b=$(id);%20%s"
#define WAIT_MS		10000

static char	directory[64], script[96], note[96], errors[96];

static void
put(const char *path, const char *text, mode_t mode)
{
	int	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_true(fd != -1);
	assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
	close(fd);
}

static int
setup(void **state)
{
	char	text[1024];

	(void)state;
	strlcpy(directory, "/tmp/test_browser.XXXXXX", sizeof(directory));
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(script, sizeof(script), "%s/browser", directory);
	snprintf(note, sizeof(note), "%s/note", directory);
	snprintf(errors, sizeof(errors), "%s/errors", directory);
	snprintf(text, sizeof(text), "#!/bin/sh\n"
	    "links=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2)\n"
	    "open=$(ls /proc/$$/fd)\n"
	    "{ for a; do echo \"[$a]\"; done\n"
	    "echo MARK=$MARK\n"
	    "echo $links\n"
	    "echo open $open .\n"
	    "echo session $(cut -d' ' -f6 /proc/$$/stat)\n"
	    "} > %s.new\nmv %s.new %s\n", note, note, note);
	put(script, text, 0700);
	setenv("MARK", "kept", 1);
	return 0;
}

static int
teardown(void **state)
{
	char	command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", directory);
	return system(command) == 0 ? 0 : -1;
}

/* What the browser noted, once it did. */
static const char *
noted(void)
{
	static char	text[4096];
	struct timespec	pause = { .tv_nsec = 10000000 };
	int64_t		end = clock_monotonic_ms() + WAIT_MS;
	ssize_t		n = 0;
	int		fd;

	while (n == 0) {
		if (clock_monotonic_ms() > end)
			fail_msg("no browser came");
		nanosleep(&pause, NULL);
		fd = open(note, O_RDONLY | O_CLOEXEC);
		if (fd == -1)
			continue;
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	assert_true(n > 0);
	text[n] = '\0';
	unlink(note);
	return text;
}

static const char *
open_with(const char *browser)
{
	setenv("BROWSER", browser, 1);
	assert_int_equal(browser_open(URL), 0);
	return noted();
}

static void
test_words(void **state)
{
	char	browser[256];

	(void)state;
	assert_non_null(strstr(open_with(script), "[" URL "]\nMARK=kept\n"));
	snprintf(browser, sizeof(browser), "  %s  -x \t 'a", script);
	assert_non_null(strstr(open_with(browser),
	    "[-x]\n['a]\n[" URL "]\n"));
	snprintf(browser, sizeof(browser), "%s --app=%%s -y", script);
	assert_non_null(strstr(open_with(browser),
	    "[--app=" URL "]\n[-y]\nMARK"));
}

static void
test_order(void **state)
{
	char	browser[256];

	(void)state;
	snprintf(browser, sizeof(browser), "::/nonexistent/x:%s:%s 2",
	    directory, script);
	assert_non_null(strstr(open_with(browser), "[2]\n[" URL "]"));
}

/* Whoever starts it, it is on its own, and standard output stays ours. */
static void
test_surroundings(void **state)
{
	const char	*text;
	int		 saved_out, saved_err, fd;
	char		 links[256], session[32];

	(void)state;
	snprintf(links, sizeof(links), "/dev/null %s %s\n", errors, errors);
	saved_out = fcntl(STDOUT_FILENO, F_DUPFD, 20);
	saved_err = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
	fd = open(errors, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd != -1 && saved_out != -1 && saved_err != -1);
	dup2(fd, STDERR_FILENO);
	text = open_with(script);
	dup2(saved_err, STDERR_FILENO);
	close(saved_err);
	close(saved_out);
	close(fd);
	assert_non_null(strstr(text, links));
	snprintf(session, sizeof(session), "session %d\n", (int)getsid(0));
	assert_null(strstr(text, session));
	/* One without FD_CLOEXEC: it must not have come along. */
	assert_non_null(strstr(text, "open 0 1 "));
	assert_null(strstr(text, " 20 "));
}

/* A shell has signals of its own, so this one is no script. */
static void
test_signals(void **state)
{
	struct sigaction	 ignore = { .sa_handler = SIG_IGN }, old;
	sigset_t		 block, mask;
	char			 browser[256];
	const char		*text, *ignored;

	(void)state;
	snprintf(browser, sizeof(browser), "env URL=%%s cp "
	    "/proc/self/status %s", note);
	sigaction(SIGPIPE, &ignore, &old);
	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigprocmask(SIG_BLOCK, &block, &mask);
	text = open_with(browser);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGPIPE, &old, NULL);
	assert_non_null(strstr(text, "SigBlk:\t0000000000000000"));
	ignored = strstr(text, "SigIgn:\t");
	assert_non_null(ignored);
	/* Signals 32 and 33 are glibc's own; it lets nobody reset them. */
	assert_int_equal(strtoull(ignored + 8, NULL, 16) &
	    ~(UINT64_C(3) << 31), 0);
}

static void
test_none(void **state)
{
	char	*path = strdup(getenv("PATH"));

	(void)state;
	assert_non_null(path);
	setenv("BROWSER", "/nonexistent/x:%s:   :none", 1);
	setenv("PATH", "/nonexistent", 1);
	assert_int_equal(browser_open(URL), ERR_NOT_FOUND);
	unsetenv("BROWSER");
	assert_int_equal(browser_open(URL), ERR_NOT_FOUND);
	setenv("PATH", path, 1);
	free(path);
}

static void
test_xdg_open(void **state)
{
	char	*path = strdup(getenv("PATH"));
	char	 xdg[128], text[256];

	(void)state;
	assert_non_null(path);
	snprintf(xdg, sizeof(xdg), "%s/xdg-open", directory);
	assert_int_equal(rename(script, xdg), 0);
	snprintf(text, sizeof(text), "%s:%s", directory, path);
	setenv("PATH", text, 1);
	unsetenv("BROWSER");
	assert_int_equal(browser_open(URL), 0);
	assert_non_null(strstr(noted(), "[" URL "]"));
	setenv("PATH", path, 1);
	free(path);
}

static void
test_slow(void **state)
{
	int64_t	start = clock_monotonic_ms();

	(void)state;
	put(script, "#!/bin/sh\nexec sleep 3\n", 0700);
	setenv("BROWSER", script, 1);
	assert_int_equal(browser_open(URL), 0);
	assert_true(clock_monotonic_ms() - start < 2000);
}

static void
test_urls(void **state)
{
	static const char *const	bad[] = {
		"", "file:///etc/passwd", "ftp://a", "javascript:alert(1)",
		"HTTP//a", "http:/a", "-h", "http://a b", "http://a\nb",
		"http://a\tb", "http://\xc3\xa9", "http://a\"b", "http://a\\b",
		"http://a\x7f", "xhttp://a"
	};
	size_t				i;

	(void)state;
	setenv("BROWSER", script, 1);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(browser_open(bad[i]), ERR_FORMAT);
	assert_int_equal(access(note, F_OK), -1);
}

static void
test_many(void **state)
{
	char	browser[8192];
	int	i;

	(void)state;
	browser[0] = '\0';
	for (i = 0; i < 100; i++)
		strlcat(browser, "/nonexistent/x:", sizeof(browser));
	strlcat(browser, script, sizeof(browser));
	setenv("BROWSER", browser, 1);
	/* Beyond the limit only xdg-open is tried. */
	setenv("PATH", "/nonexistent", 1);
	assert_int_equal(browser_open(URL), ERR_NOT_FOUND);
	snprintf(browser, sizeof(browser), "%s 1 2 3 4 5 6 7 8 9 10 11 12 13 "
	    "14 15 16 17 18 19 20", script);
	setenv("BROWSER", browser, 1);
	assert_int_equal(browser_open(URL), ERR_NOT_FOUND);
	setenv("PATH", "/usr/bin:/bin", 1);
}

int
main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest	tests[] = {
		TEST(test_words), TEST(test_order), TEST(test_surroundings),
		TEST(test_signals), TEST(test_none), TEST(test_xdg_open),
		TEST(test_slow), TEST(test_urls), TEST(test_many)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
