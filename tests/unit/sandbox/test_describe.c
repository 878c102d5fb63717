/* SPDX-License-Identifier: MIT */
/* How a child's end is named in the log. */
#include <sys/wait.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox/sandbox.h"

/* The wait status of a child that ends so. */
static int
end_by(int code, int sig)
{
	pid_t	pid = fork();
	int	status = 0;

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if (sig != 0) {
			signal(sig, SIG_DFL);
			raise(sig);
		}
		_exit(code);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status & ~0x80;		/* a core file or not */
}

static void
test_names(void **state)
{
	static const struct {
		int		 code;
		int		 sig;
		const char	*text;
	} rows[] = {
		{ 0, 0, "exit code 0" },
		{ 78, 0, "exit code 78" },
		{ 255, 0, "exit code 255" },
		{ 0, SIGKILL, "SIGKILL" },
		{ 0, SIGTERM, "SIGTERM" },
		{ 0, SIGUSR2, "SIGUSR2" },
		{ 0, SIGSYS, "killed by the sandbox (SIGSYS)" },
		{ 0, 40, "signal 40" },
	};
	char	text[SANDBOX_EXIT_TEXT_SIZE];
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char	*got;

		got = sandbox_describe_exit(end_by(rows[i].code,
		    rows[i].sig), text, sizeof(text));
		assert_ptr_equal(got, text);
		assert_string_equal(text, rows[i].text);
	}
}

static void
test_odd_status_and_short_room(void **state)
{
	char	text[SANDBOX_EXIT_TEXT_SIZE], small[6];

	(void)state;
	/* Stopped is no end, but must not be called one. */
	sandbox_describe_exit(0x137f, text, sizeof(text));
	assert_string_equal(text, "wait status 0x137f");
	sandbox_describe_exit(SIGSYS, small, sizeof(small));
	assert_string_equal(small, "kille");
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_odd_status_and_short_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
