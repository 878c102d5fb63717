/* SPDX-License-Identifier: MIT */
/*
 * The real gate, started as the master starts it, with its sandbox on: what
 * it answers, what it tells the master, and that it always ends well.
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "ipc/boot.h"
#include "ipc/ipc.h"
#include "ipc/spawn.h"

#define WAIT_MS	10000
#define HOST	"Host: localhost:8765\r\n"
#define GET	"GET /callback?state=s1&code=c1 HTTP/1.1\r\n" HOST "\r\n"

static int			program = -1;
static pid_t			pid;
static struct ipc_channel	*ch;
static int			browser = -1;
static struct buf		answer;

static int
group_setup(void **state)
{
	int	fd = open("libexec/jhe-mcp/gate", O_PATH | O_CLOEXEC);

	(void)state;
	if (fd == -1)
		return -1;
	program = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	fd_close(&fd);
	return program == -1 ? -1 : 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	fd_close(&program);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	buf_init(&answer, 65536);
	return 0;
}

/* Whatever happened in a test, its gate ended by itself, with 0. */
static int
teardown(void **state)
{
	int	status;

	(void)state;
	ipc_channel_free(ch);
	ch = NULL;
	fd_close(&browser);
	buf_free(&answer);
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static void
expect_message(enum ipc_type type, struct ipc_message *m)
{
	assert_int_equal(ipc_wait_until(ch, m, clock_monotonic_ms() + WAIT_MS),
	    0);
	assert_int_equal(m->row->type, type);
}

static void
start(uint64_t table_hash)
{
	struct ipc_boot_hello	hello;
	int			fd;

	assert_int_equal(ipc_spawn(program, "gate", STDERR_FILENO, &pid, &fd),
	    0);
	ch = ipc_channel_new(fd, IPC_MASTER, IPC_GATE);
	assert_non_null(ch);
	memset(&hello, 0, sizeof(hello));
	hello.table_hash = table_hash;
	hello.role = IPC_GATE;
	hello.log_level = 1;
	assert_int_equal(ipc_send(ch, BOOT_HELLO, &hello, NULL, 0), 0);
}

static void
boot(uint32_t head_ms, uint32_t verdict_ms)
{
	struct ipc_boot_gate	gate = { head_ms, verdict_ms };
	struct ipc_message	m;

	start(ipc_table_hash());
	assert_int_equal(ipc_send(ch, BOOT_GATE, &gate, NULL, 0), 0);
	expect_message(BOOT_READY, &m);
	ipc_message_done(ch, &m);
}

static void
connect_browser(void)
{
	struct ipc_empty	empty = { 0 };
	int			fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    fds), 0);
	browser = fds[0];
	assert_int_equal(ipc_send(ch, GATE_CONN, &empty, &fds[1], 1), 0);
	assert_int_equal(close(fds[1]), 0);
}

static void
say(const char *text)
{
	ssize_t	n = send(browser, text, strlen(text), MSG_NOSIGNAL);

	assert_int_equal(n, strlen(text));
}

/* Read to the end of the connection; the whole answer. */
static const char *
hear(void)
{
	char	chunk[4096];
	ssize_t	n;

	while ((n = read(browser, chunk, sizeof(chunk))) > 0)
		buf_add(&answer, chunk, (size_t)n);
	assert_true(n == 0);
	return buf_string(&answer);
}

static void
starts(const char *status_line)
{
	const char	*text = hear();

	if (strncmp(text, status_line, strlen(status_line)) != 0)
		fail_msg("expected %s, got %.40s", status_line, text);
}

static void
verdict(enum ipc_page page)
{
	struct ipc_gate_verdict	v = { .page = page };

	assert_int_equal(ipc_send(ch, GATE_VERDICT, &v, NULL, 0), 0);
}

static void
test_signed_in(void **state)
{
	const struct ipc_gate_callback	*cb;
	struct ipc_message		 m;

	(void)state;
	boot(5000, 5000);
	connect_browser();
	say("GET /callback?code=c%2F1&state=s1&iss=https%3A%2F%2Fjhe.example "
	    "HTTP/1.1\r\n" HOST "Accept: text/html\r\n\r\n");
	expect_message(GATE_CALLBACK, &m);
	cb = m.payload;
	assert_string_equal(cb->state, "s1");
	assert_string_equal(cb->code, "c/1");
	assert_string_equal(cb->iss, "https://jhe.example");
	assert_int_equal(cb->error, IPC_OAUTH_NONE);
	ipc_message_done(ch, &m);
	verdict(IPC_PAGE_SIGNED_IN);
	starts("HTTP/1.1 200 OK\r\n");
	assert_non_null(strstr(answer.data, "You are signed in"));
	assert_non_null(strstr(answer.data, "Cache-Control: no-store\r\n"));
	assert_null(strstr(answer.data, "c/1"));
}

static void
check_verdict(enum ipc_page page, const char *status_line)
{
	struct ipc_message	m;

	assert_int_equal(setup(NULL), 0);
	boot(5000, 5000);
	connect_browser();
	say(GET);
	expect_message(GATE_CALLBACK, &m);
	ipc_message_done(ch, &m);
	verdict(page);
	starts(status_line);
	assert_int_equal(teardown(NULL), 0);
}

static void
test_verdicts(void **state)
{
	(void)state;
	check_verdict(IPC_PAGE_SIGNED_IN, "HTTP/1.1 200 ");
	check_verdict(IPC_PAGE_DENIED, "HTTP/1.1 403 ");
	check_verdict(IPC_PAGE_STATE, "HTTP/1.1 400 ");
	check_verdict(IPC_PAGE_EXCHANGE, "HTTP/1.1 502 ");
	check_verdict(IPC_PAGE_REFUSED, "HTTP/1.1 502 ");
	check_verdict(IPC_PAGE_EXPIRED, "HTTP/1.1 410 ");
}

static void
test_error_is_not_echoed(void **state)
{
	const struct ipc_gate_callback	*cb;
	struct ipc_message		 m;

	(void)state;
	boot(5000, 5000);
	connect_browser();
	say("GET /callback?error=made_up_error&state=s1&error_description="
	    "%3Cscript%3Ehello HTTP/1.1\r\n" HOST "\r\n");
	expect_message(GATE_CALLBACK, &m);
	cb = m.payload;
	assert_int_equal(cb->error, IPC_OAUTH_OTHER);
	ipc_message_done(ch, &m);
	verdict(IPC_PAGE_EXCHANGE);
	starts("HTTP/1.1 502 ");
	assert_non_null(strstr(answer.data, "the sign-in was refused"));
	assert_null(strstr(answer.data, "made_up_error"));
	assert_null(strstr(answer.data, "hello"));
}

static const struct {
	const char	*request;
	const char	*status_line;
} refused[] = {
	{ "GET /favicon.ico HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 404 " },
	{ "GET / HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 404 " },
	{ "GET /callback/ HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 404 " },
	{ "GET /%63allback?state=s&code=c HTTP/1.1\r\n" HOST "\r\n",
	    "HTTP/1.1 404 " },
	{ "HEAD /callback?state=s&code=c HTTP/1.1\r\n" HOST "\r\n",
	    "HTTP/1.1 405 " },
	{ "POST /callback?state=s&code=c HTTP/1.1\r\n" HOST
	    "Content-Length: 3\r\n\r\nabc", "HTTP/1.1 405 " },
	{ "GET /callback?state=s&code=c HTTP/1.1\r\nHost: evil.example\r\n"
	    "\r\n", "HTTP/1.1 421 " },
	{ "GET /callback?state=s&code=c HTTP/1.0\r\n\r\n", "HTTP/1.1 421 " },
	{ "GET /callback HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 400 " },
	{ "GET /callback?state=s&code=c&code=d HTTP/1.1\r\n" HOST "\r\n",
	    "HTTP/1.1 400 " },
	{ "GET /callback?state=s&code=c HTTP/1.1\r\n" HOST
	    "Content-Length: 3\r\n\r\nabc", "HTTP/1.1 400 " },
	{ "GET /callback?state=s&code=c HTTP/1.1\r\n" HOST HOST "\r\n",
	    "HTTP/1.1 400 " },
	{ "GET /callback?state=s&code=c HTTP/1.1\n" HOST "\r\n",
	    "HTTP/1.1 400 " },
	{ "GET /callback?state=s&code=c HTTP/3.0\r\n" HOST "\r\n",
	    "HTTP/1.1 505 " },
	{ "\x16\x03\x01\x02\x01", "HTTP/1.1 400 " }
};

/* None of these is worth a word to the master. */
static void
test_refused(void **state)
{
	struct ipc_message	m;
	size_t			i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		assert_int_equal(setup(NULL), 0);
		boot(5000, 5000);
		connect_browser();
		say(refused[i].request);
		starts(refused[i].status_line);
		fd_close(&browser);
		assert_int_equal(ipc_wait(ch, &m), ERR_CLOSED);
		assert_int_equal(teardown(NULL), 0);
	}
}

static void
test_head_has_no_body(void **state)
{
	(void)state;
	boot(5000, 5000);
	connect_browser();
	say("HEAD / HTTP/1.1\r\n" HOST "\r\n");
	starts("HTTP/1.1 404 ");
	assert_string_equal(strstr(answer.data, "\r\n\r\n"), "\r\n\r\n");
}

/* The answer arrives though the gate did not read all that was sent. */
static void
test_too_long(void **state)
{
	static char	junk[60000];

	(void)state;
	boot(5000, 5000);
	connect_browser();
	memset(junk, 'a', sizeof(junk) - 1);
	say(junk);
	starts("HTTP/1.1 414 ");
}

static void
test_slow_bytes(void **state)
{
	struct ipc_message	m;
	const char		*p;
	char			 one[2] = "";

	(void)state;
	boot(5000, 5000);
	connect_browser();
	for (p = GET; *p != '\0'; p++) {
		one[0] = *p;
		say(one);
	}
	expect_message(GATE_CALLBACK, &m);
	ipc_message_done(ch, &m);
	verdict(IPC_PAGE_STATE);
	starts("HTTP/1.1 400 ");
	assert_non_null(strstr(answer.data, "Nothing happened"));
}

static void
test_head_deadline(void **state)
{
	(void)state;
	boot(100, 5000);
	connect_browser();
	say("GET /callback?state=s");
	starts("HTTP/1.1 408 ");
}

/* Browsers open connections ahead and never use them. */
static void
test_silent_connection(void **state)
{
	(void)state;
	boot(100, 5000);
	connect_browser();
	assert_string_equal(hear(), "");
}

static void
test_verdict_deadline(void **state)
{
	struct ipc_message	m;

	(void)state;
	boot(5000, 100);
	connect_browser();
	say(GET);
	expect_message(GATE_CALLBACK, &m);
	ipc_message_done(ch, &m);
	starts("HTTP/1.1 504 ");
}

static void
test_browser_leaves(void **state)
{
	struct ipc_message	m;

	(void)state;
	boot(5000, 5000);
	connect_browser();
	say("GET /callb");
	fd_close(&browser);
	assert_int_equal(ipc_wait(ch, &m), ERR_CLOSED);
}

static void
test_browser_leaves_before_verdict(void **state)
{
	struct ipc_message	m;

	(void)state;
	boot(5000, 5000);
	connect_browser();
	say(GET);
	expect_message(GATE_CALLBACK, &m);
	ipc_message_done(ch, &m);
	fd_close(&browser);
	verdict(IPC_PAGE_SIGNED_IN);
	assert_int_equal(ipc_wait(ch, &m), ERR_CLOSED);
}

static void
test_stop_while_idle(void **state)
{
	struct ipc_empty	empty = { 0 };
	struct ipc_message	m;

	(void)state;
	boot(5000, 5000);
	assert_int_equal(ipc_send(ch, CTRL_STOP, &empty, NULL, 0), 0);
	assert_int_equal(ipc_wait(ch, &m), ERR_CLOSED);
}

static void
test_stop_while_reading(void **state)
{
	struct ipc_empty	empty = { 0 };
	struct ipc_message	m;

	(void)state;
	boot(5000, 5000);
	connect_browser();
	say("GET ");
	assert_int_equal(ipc_send(ch, CTRL_STOP, &empty, NULL, 0), 0);
	assert_int_equal(ipc_wait(ch, &m), ERR_CLOSED);
}

static void
test_master_dies(void **state)
{
	char	byte;

	(void)state;
	boot(5000, 5000);
	connect_browser();
	say("GET ");
	ipc_channel_free(ch);
	ch = NULL;
	/* The end, or a reset if the gate had not read yet. */
	assert_true(read(browser, &byte, 1) <= 0);
}

/* After an upgrade: the one exit that says "restart needed". */
static void
test_other_table(void **state)
{
	int	status;

	(void)state;
	start(ipc_table_hash() + 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), IPC_EXIT_MISMATCH);
	ipc_channel_free(ch);
	ch = NULL;
}

#define TEST(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		TEST(test_signed_in),
		cmocka_unit_test(test_verdicts),
		TEST(test_error_is_not_echoed),
		cmocka_unit_test(test_refused),
		TEST(test_head_has_no_body),
		TEST(test_too_long),
		TEST(test_slow_bytes),
		TEST(test_head_deadline),
		TEST(test_silent_connection),
		TEST(test_verdict_deadline),
		TEST(test_browser_leaves),
		TEST(test_browser_leaves_before_verdict),
		TEST(test_stop_while_idle),
		TEST(test_stop_while_reading),
		TEST(test_master_dies),
		cmocka_unit_test(test_other_table)
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
