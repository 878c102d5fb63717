/* SPDX-License-Identifier: MIT */
/* Buffers, numbers, UTF-8, times, memory files, the loop, the log. */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/num.h"
#include "base/utf8.h"
#include "compat/compat.h"

static void
test_buf(void **state)
{
	struct buf	b;
	int		i;

	(void)state;
	buf_init(&b, 1000);
	assert_string_equal(buf_string(&b), "");
	for (i = 0; i < 100; i++)
		buf_addf(&b, "%010d", i);
	assert_int_equal(b.len, 1000);
	assert_int_equal(buf_error(&b), 0);
	buf_addc(&b, 'x');
	assert_int_equal(buf_error(&b), ERR_LIMIT);
	assert_int_equal(b.len, 1000);
	buf_consume(&b, 990);
	assert_string_equal(buf_string(&b), "0000000099");
	buf_consume(&b, 5000);
	assert_int_equal(b.len, 0);
	buf_reset(&b);
	buf_adds(&b, "abc");
	buf_truncate(&b, 1);
	assert_string_equal(buf_string(&b), "a");
	assert_int_equal(buf_reserve(&b, SIZE_MAX), ERR_LIMIT);
	buf_free(&b);
}

static void
test_num(void **state)
{
	static const struct {
		const char	*text;
		int		 error;
		int64_t		 value;
	} cases[] = {
		{ "0", 0, 0 }, { "-1", 0, -1 },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "-9223372036854775808", 0, INT64_MIN },
		{ "9223372036854775808", ERR_RANGE, 0 },
		{ "-9223372036854775809", ERR_RANGE, 0 },
		{ "99999999999999999999999", ERR_RANGE, 0 },
		{ "", ERR_FORMAT, 0 }, { "-", ERR_FORMAT, 0 },
		{ "+1", ERR_FORMAT, 0 }, { " 1", ERR_FORMAT, 0 },
		{ "1x", ERR_FORMAT, 0 }, { "0x1", ERR_FORMAT, 0 },
	};
	int64_t	v;
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		v = 0;
		assert_int_equal(num_parse(cases[i].text,
		    strlen(cases[i].text), INT64_MIN, INT64_MAX, &v),
		    cases[i].error);
		assert_true(v == cases[i].value);
	}
	assert_int_equal(num_parse("11", 2, 0, 10, &v), ERR_RANGE);
}

static void
test_utf8(void **state)
{
	uint32_t	cp = 0;

	(void)state;
	assert_int_equal(utf8_decode("\xe2\x82\xac", 3, &cp), 3);
	assert_int_equal(cp, 0x20ac);
	assert_int_equal(utf8_decode("\xe2\x82\xac", 2, &cp), 0);
	assert_int_equal(utf8_decode("\xf4\x8f\xbf\xbf", 4, &cp), 4);
	assert_int_equal(cp, 0x10ffff);
	assert_int_equal(utf8_decode("\xf5\x80\x80\x80", 4, &cp), 0);
	assert_int_equal(utf8_decode("\xe0\x80\x80", 3, &cp), 0);
	assert_int_equal(utf8_decode("\x80", 1, &cp), 0);
	assert_true(utf8_valid("", 0));
	assert_true(utf8_valid("a\0b", 3));
	assert_false(utf8_valid("a\xc3", 2));
}

static void
test_clock(void **state)
{
	char	text[CLOCK_TEXT_SIZE];
	int64_t	a = clock_monotonic_ms();

	(void)state;
	clock_format(1787322005, text, sizeof(text));
	assert_string_equal(text, "2026-08-21T14:20:05Z");
	clock_format(0, text, sizeof(text));
	assert_string_equal(text, "1970-01-01T00:00:00Z");
	assert_true(clock_monotonic_ms() >= a);
	assert_true(clock_wall_s() > 1700000000);
}

static void
test_memory_file(void **state)
{
	struct buf	b;
	int		fd = fd_memory_file("test", "hello", 5), plain;

	(void)state;
	buf_init(&b, 100);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), -1);
	assert_int_equal(fd_read_memory_file(fd, 4, &b), ERR_LIMIT);
	assert_int_equal(fd_read_memory_file(fd, 5, &b), 0);
	assert_string_equal(buf_string(&b), "hello");
	fd_close(&fd);
	assert_int_equal(fd, -1);
	/* One that its sender could still change is not believed. */
	plain = memfd_create("plain", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(fd_read_memory_file(plain, 5, &b), ERR_FORMAT);
	fd_close(&plain);
	plain = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fd_read_memory_file(plain, 5, &b), ERR_FORMAT);
	fd_close(&plain);
	buf_free(&b);
}

struct turn {
	struct loop	*l;
	int		 fd[2];
	int		 reads, ticks;
};

static void
on_tick(void *arg)
{
	struct turn	*t = arg;

	if (++t->ticks == 3)
		loop_stop(t->l);
	else
		loop_timer_set(t->l, clock_monotonic_ms() + 1, on_tick, t);
}

static void
on_read(void *arg, int fd, short revents)
{
	struct turn	*t = arg;
	char		 c;

	assert_true((revents & POLLIN) != 0);
	assert_int_equal(read(fd, &c, 1), 1);
	t->reads++;
	loop_fd_clear(t->l, fd);
}

static void
never(void *arg)
{
	(void)arg;
	fail();
}

static void
test_loop(void **state)
{
	struct turn	t = { .l = loop_new() };

	(void)state;
	assert_int_equal(pipe(t.fd), 0);
	assert_int_equal(write(t.fd[1], "ab", 2), 2);
	loop_fd_set(t.l, t.fd[0], POLLIN, on_read, &t);
	loop_timer_set(t.l, clock_monotonic_ms(), on_tick, &t);
	loop_timer_set(t.l, clock_monotonic_ms(), never, &t);
	loop_timer_clear(t.l, never, &t);
	assert_int_equal(loop_run(t.l), 0);
	assert_int_equal(t.ticks, 3);
	assert_int_equal(t.reads, 1);
	loop_free(t.l);
	close(t.fd[0]);
	close(t.fd[1]);
}

/* No argument can forge a second line. */
static void
test_log(void **state)
{
	char	text[4096], long_text[2000];
	int	fd[2], saved = dup(STDERR_FILENO);
	ssize_t	n;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	dup2(fd[1], STDERR_FILENO);
	log_init("test", LOG_LEVEL_INFO);
	log_debug("not shown");
	log_info("one\nline\x1b[31m");
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	log_warnx("%s", long_text);
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = read(fd[0], text, sizeof(text) - 1);
	assert_true(n > 0);
	text[n] = '\0';
	assert_non_null(strstr(text, "one?line?[31m\n"));
	assert_null(strstr(text, "not shown"));
	assert_int_equal(text[n - 1], '\n');
	assert_true(n < 1200);
	close(fd[0]);
	close(fd[1]);
}

static void
test_compat(void **state)
{
	char	 text[4] = "a", *p;

	(void)state;
	assert_int_equal(strlcpy(text, "abcdef", sizeof(text)), 6);
	assert_string_equal(text, "abc");
	assert_int_equal(strlcat(text, "z", sizeof(text)), 4);
	assert_string_equal(text, "abc");
	p = recallocarray(NULL, 0, 2, 1);
	assert_non_null(p);
	p[0] = p[1] = 'x';
	p = recallocarray(p, 2, 4, 1);
	assert_non_null(p);
	assert_memory_equal(p, "xx\0\0", 4);
	assert_null(recallocarray(p, 4, SIZE_MAX, 2));
	freezero(p, 4);
	freezero(NULL, 4);
	assert_string_equal(err_text(ERR_LIMIT), "over a limit");
	assert_string_equal(err_text(-1000), "unknown error");
	assert_string_equal(err_text(1), "unknown error");
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_buf), cmocka_unit_test(test_num),
		cmocka_unit_test(test_utf8), cmocka_unit_test(test_clock),
		cmocka_unit_test(test_memory_file),
		cmocka_unit_test(test_loop), cmocka_unit_test(test_log),
		cmocka_unit_test(test_compat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
