/* SPDX-License-Identifier: MIT */
/* What Landlock alone denies, with no filter before it. */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox/landlock.h"

#define ABI_FILES	1
#define ABI_TCP		4
#define ABI_SIGNALS	6

/* In a child behind Landlock: the errno of fn, 200 if Landlock failed. */
static int
behind_landlock(int (*fn)(void))
{
	pid_t	pid = fork();
	int	status = 0;

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
		    landlock_deny_all() != 0)
			_exit(200);
		_exit(fn());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
skip_below(int abi)
{
	if (landlock_abi() >= abi)
		return;
	printf("SKIP: this kernel's Landlock ABI is %d, %d is needed\n",
	    landlock_abi(), abi);
	skip();
}

static int
open_for_reading(void)
{
	return open("/etc/passwd", O_RDONLY) == -1 ? errno : 0;
}

static int
make_directory(void)
{
	return mkdtemp((char[]){ "/tmp/jhe-mcp-test.XXXXXX" }) == NULL ?
	    errno : 0;
}

static int
connect_loopback(void)
{
	struct sockaddr_in	to = { .sin_family = AF_INET };
	int			fd = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons(1);
	return connect(fd, (struct sockaddr *)&to, sizeof(to)) == -1 ?
	    errno : 0;
}

static int
bind_any(void)
{
	struct sockaddr_in	to = { .sin_family = AF_INET };
	int			fd = socket(AF_INET, SOCK_STREAM, 0);

	return bind(fd, (struct sockaddr *)&to, sizeof(to)) == -1 ?
	    errno : 0;
}

static int
signal_parent(void)
{
	return kill(getppid(), 0) == -1 ? errno : 0;
}

static int
write_open_descriptor(void)
{
	return write(STDERR_FILENO, "", 0) == -1 ? errno : 0;
}

static void
test_files(void **state)
{
	(void)state;
	skip_below(ABI_FILES);
	assert_int_equal(behind_landlock(open_for_reading), EACCES);
	assert_int_equal(behind_landlock(make_directory), EACCES);
	assert_int_equal(behind_landlock(write_open_descriptor), 0);
}

static void
test_tcp(void **state)
{
	(void)state;
	skip_below(ABI_TCP);
	assert_int_equal(behind_landlock(connect_loopback), EACCES);
	assert_int_equal(behind_landlock(bind_any), EACCES);
}

static void
test_signals(void **state)
{
	(void)state;
	skip_below(ABI_SIGNALS);
	assert_int_equal(behind_landlock(signal_parent), EPERM);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
