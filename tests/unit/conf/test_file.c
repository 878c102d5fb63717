/* SPDX-License-Identifier: MIT */
/* Files whose owner and mode matter. */
#include <sys/stat.h>

#include <fcntl.h>
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
#include "base/fd.h"
#include "compat/compat.h"
#include "conf/file.h"

#define BYTES_MAX	100

static char		dir[] = "/tmp/jhe-conf-XXXXXX";
static char		path[64];
static struct buf	bytes;
static const char	*why;

static int
group_setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/file", dir);
	buf_init(&bytes, BYTES_MAX);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	(void)unlink(path);
	(void)rmdir(dir);
	buf_free(&bytes);
	return 0;
}

static void
write_file(size_t len, mode_t mode)
{
	char	data[2 * BYTES_MAX];
	int	fd;

	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_true(len <= sizeof(data));
	memset(data, 'x', sizeof(data));
	assert_int_equal(fd_write_all(fd, data, len), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

static int
get(enum file_guard guard)
{
	buf_reset(&bytes);
	why = NULL;
	return file_read(path, guard, &bytes, &why);
}

static void
test_modes(void **state)
{
	(void)state;
	write_file(10, 0600);
	assert_int_equal(get(FILE_NOT_READABLE), 0);
	assert_int_equal(bytes.len, 10);
	write_file(10, 0400);
	assert_int_equal(get(FILE_NOT_READABLE), 0);
	write_file(10, 0644);
	assert_int_equal(get(FILE_NOT_WRITABLE), 0);
	assert_int_equal(get(FILE_NOT_READABLE), ERR_DENIED);
	assert_non_null(why);
	write_file(10, 0640);
	assert_int_equal(get(FILE_NOT_READABLE), ERR_DENIED);
	write_file(10, 0604);
	assert_int_equal(get(FILE_NOT_READABLE), ERR_DENIED);
	write_file(10, 0620);
	assert_int_equal(get(FILE_NOT_WRITABLE), ERR_DENIED);
	write_file(10, 0602);
	assert_int_equal(get(FILE_NOT_WRITABLE), ERR_DENIED);
}

static void
test_size(void **state)
{
	(void)state;
	write_file(0, 0600);
	assert_int_equal(get(FILE_NOT_READABLE), 0);
	assert_int_equal(bytes.len, 0);
	write_file(BYTES_MAX, 0600);
	assert_int_equal(get(FILE_NOT_READABLE), 0);
	assert_int_equal(bytes.len, BYTES_MAX);
	write_file(BYTES_MAX + 1, 0600);
	assert_int_equal(get(FILE_NOT_READABLE), ERR_LIMIT);
	assert_non_null(why);
}

static void
test_kinds(void **state)
{
	(void)state;
	(void)unlink(path);
	assert_int_equal(get(FILE_NOT_WRITABLE), ERR_NOT_FOUND);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(get(FILE_NOT_WRITABLE), ERR_DENIED);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(get(FILE_NOT_WRITABLE), ERR_DENIED);
	assert_int_equal(rmdir(path), 0);
}

static void
test_foreign_owner(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("skipped: only root can give files away\n");
		skip();
	}
	write_file(10, 0600);
	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_int_equal(get(FILE_NOT_WRITABLE), ERR_DENIED);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_foreign_owner)
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
