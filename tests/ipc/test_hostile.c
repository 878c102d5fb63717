/* SPDX-License-Identifier: MIT */
/*
 * A hostile child for every row of the message table, as each kind of child,
 * with every fault a row can have.  This program is the master, with the
 * code that jhe-mcp has, and, started by itself, the child: what it is to do
 * stands in its title ("jhe-mcp: worker 46 3").  After each the master must
 * have named the message, killed the child, and be fit to serve another.
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "ipc/child.h"
#include "ipc/ipc.h"

enum fault {
	GOOD,			/* none: the child behaves */
	IN_BOOT,		/* before BOOT_READY */
	IN_READY,		/* before it has a client */
	IN_BUSY,		/* when it may be the time for it */
	SHORT,			/* a byte less */
	LONG,			/* a byte more */
	TRUNCATED,		/* less than a header */
	EMPTY,			/* nothing but a descriptor */
	SIZE_FIELD,		/* the header's size is another */
	MORE_FDS,		/* a descriptor too many */
	FEWER_FDS,		/* a descriptor too few */
	ONES,			/* every byte is 0xff */
	TWICE,			/* a second time */
	FAULTS
};

#define UNKNOWN_TYPE	63	/* no message has this number */
#define TEST_MS		5000

struct header {
	uint32_t	type, size;
};

/* --- The child --- */

static void
child_send(uint32_t type, const void *payload, size_t size, uint32_t claimed,
    size_t nfds)
{
	char		 control[CMSG_SPACE(sizeof(int) * 4)] = { 0 };
	static char	 copy[IPC_PAYLOAD_MAX + 16];
	struct header	 header = { type, claimed };
	struct iovec	 iov[2] = { { &header, sizeof(header) },
			     { copy, size } };
	struct msghdr	 msg = { .msg_iov = iov, .msg_iovlen = 2 };
	struct cmsghdr	*cmsg;
	int		 fds[4] = { 0, 0, 0, 0 };

	memcpy(copy, payload, size);
	if (nfds > 0) {
		msg.msg_control = control;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		memcpy(CMSG_DATA(cmsg), fds, sizeof(int) * nfds);
	}
	if (sendmsg(IPC_CHANNEL_FD, &msg, MSG_NOSIGNAL) == -1)
		_exit(9);
}

static void
child_send_empty(void)
{
	char		 control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct msghdr	 msg = { .msg_control = control,
			     .msg_controllen = sizeof(control) };
	struct cmsghdr	*cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	if (sendmsg(IPC_CHANNEL_FD, &msg, MSG_NOSIGNAL) == -1)
		_exit(9);
}

static void
child_expect(uint32_t type)
{
	static char	in[IPC_PAYLOAD_MAX + 16];
	struct header	header;

	if (recv(IPC_CHANNEL_FD, in, sizeof(in), 0) <
	    (ssize_t)sizeof(header))
		_exit(8);
	memcpy(&header, in, sizeof(header));
	if (header.type != type)
		_exit(7);
}

static void
child_ready(void)
{
	struct ipc_boot_ready	ready = { .table_hash = ipc_table_hash() };

	child_send(BOOT_READY, &ready, sizeof(ready), sizeof(ready), 0);
}

/* A payload that the row takes: zero, and the least of what must not be. */
static const void *
child_payload(const struct ipc_row *row)
{
	static union {
		unsigned char			bytes[IPC_PAYLOAD_MAX + 16];
		struct ipc_brok_failed		failed;
		struct ipc_brok_job		job;
		struct ipc_boot_gate		gate;
		struct ipc_boot_broker		broker;
		struct ipc_work_refused		refused;
	} payload;

	memset(&payload, 0, sizeof(payload));
	switch (row->type) {
	case BROK_FAILED:
		payload.failed.code = 1;
		break;
	case BROK_JOB:
		payload.job.kind = 1;
		break;
	case BOOT_GATE:
		payload.gate.head_timeout_ms = 1;
		payload.gate.verdict_timeout_ms = 1;
		break;
	case BOOT_BROKER:
		payload.broker.port = 1;
		payload.broker.connections = 1;
		payload.broker.connect_timeout_ms = 1;
		payload.broker.request_timeout_ms = 1;
		break;
	case WORK_REFUSED:
		payload.refused.what = 1;
		break;
	default:
		break;
	}
	return &payload;
}

static void
child_attack(const struct ipc_row *row, enum fault fault)
{
	static unsigned char	 ones[IPC_PAYLOAD_MAX];
	const void		*payload = child_payload(row);
	uint32_t		 size = row->size;
	size_t			 nfds = row->fds_min;

	switch (fault) {
	case SHORT:
		child_send(row->type, payload, size - 1, size - 1, nfds);
		break;
	case LONG:
		child_send(row->type, payload, size + 1, size + 1, nfds);
		break;
	case TRUNCATED:
		send(IPC_CHANNEL_FD, &row->type, 3, MSG_NOSIGNAL);
		break;
	case EMPTY:
		child_send_empty();
		break;
	case SIZE_FIELD:
		child_send(row->type, payload, size, size + 8, nfds);
		break;
	case MORE_FDS:
		child_send(row->type, payload, size, size, row->fds_max + 1);
		break;
	case FEWER_FDS:
		child_send(row->type, payload, size, size, 0);
		break;
	case ONES:
		memset(ones, 0xff, sizeof(ones));
		child_send(row->type, ones, size, size, nfds);
		break;
	case TWICE:
		child_send(row->type, payload, size, size, nfds);
		child_send(row->type, payload, size, size, nfds);
		break;
	default:
		child_send(row->type, payload, size, size, nfds);
		break;
	}
}

static uint32_t	first_message(uint32_t role);

static int
child_main(const char *title)
{
	struct ipc_row	 unknown = { .type = UNKNOWN_TYPE, .size = 8 };
	const struct ipc_row *row;
	unsigned int	 role, type, fault;

	if (sscanf(title, "%u %u %u", &role, &type, &fault) != 3)
		return 6;
	row = type == UNKNOWN_TYPE ? &unknown : ipc_row(type);
	child_expect(BOOT_HELLO);
	child_expect(role == IPC_WORKER ? BOOT_WORKER :
	    role == IPC_GATE ? BOOT_GATE : BOOT_BROKER);
	if (fault == IN_BOOT)
		child_attack(row, (enum fault)fault);
	child_ready();
	if (fault == IN_READY)
		child_attack(row, (enum fault)fault);
	child_expect(first_message(role));
	if (fault != GOOD)
		child_attack(row, (enum fault)fault);
	/* A good child waits to be told to stop; a bad one to be killed. */
	child_expect(CTRL_STOP);
	return 0;
}

/* --- The master --- */

struct test {
	struct loop		*loop;
	struct ipc_children	*set;
	struct ipc_child	*child;
	enum fault		 fault;
	bool			 faulty, gone;
	int			 status;
	int			 log[2];	/* a pipe in place of stderr */
	int			 self_fd;
};

static struct test	t;

static uint32_t
first_message(uint32_t role)
{
	return role == IPC_WORKER ? WORK_ADOPT :
	    role == IPC_GATE ? GATE_CONN : BROK_JOB;
}

static int
on_ready(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	const struct ipc_child_kind	*kind = arg;
	const struct ipc_row		*row = ipc_row(
					    first_message(kind->role));
	struct ipc_empty		 empty = { 0 };
	int				 fds[2] = { t.self_fd, t.self_fd };

	(void)m;
	/* Given its client, the child would be in the next state. */
	if (t.fault == IN_READY)
		return 0;
	ipc_child_send(c, (enum ipc_type)row->type, child_payload(row), fds,
	    row->fds_min);
	if (t.fault == GOOD)
		ipc_child_send(c, CTRL_STOP, &empty, NULL, 0);
	return 0;
}

static int
on_anything(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	(void)arg;
	(void)c;
	(void)m;
	return 0;
}

static void
on_gone(void *arg, struct ipc_child *c, int status)
{
	(void)arg;
	t.faulty = ipc_child_is_faulty(c);
	t.status = status;
	t.gone = true;
	loop_stop(t.loop);
}

static void
on_signal(void *arg, int fd, short revents)
{
	struct signalfd_siginfo	info;

	(void)arg;
	(void)revents;
	while (read(fd, &info, sizeof(info)) > 0)
		ipc_children_reap(t.set);
}

static void
on_timeout(void *arg)
{
	(void)arg;
	loop_stop(t.loop);
}

static const struct ipc_handler	handlers[] = {
	{ BOOT_READY, on_ready }, { BOOT_FAILED, on_anything },
	{ GATE_CALLBACK, on_anything }, { BROK_ENDPOINTS, on_anything },
	{ BROK_PERSON, on_anything }, { BROK_TOKENS, on_anything },
	{ BROK_FAILED, on_anything }, { BROK_REVOKED, on_anything },
	{ BROK_REPORT, on_anything }, { WORK_HANDOVER, on_anything },
	{ WORK_WAITING, on_anything }, { WORK_BEGIN, on_anything },
	{ WORK_END, on_anything }, { WORK_LOGIN, on_anything },
	{ WORK_CONNECT, on_anything }, { WORK_BYE, on_anything },
	{ WORK_SESSION, on_anything }, { WORK_OUTPUT, on_anything },
	{ WORK_FACTS, on_anything }, { 0, NULL },
};

/* Run one child to its end; what the master logged is in text. */
static void
run(uint32_t role, uint32_t type, enum fault fault, char *text, size_t size)
{
	char			name[24];
	struct ipc_child_kind	kind = {
		.role = role, .name = name,
		.handlers = handlers, .gone = on_gone,
	};
	enum ipc_type		boot = role == IPC_WORKER ? BOOT_WORKER :
				    role == IPC_GATE ? BOOT_GATE :
				    BOOT_BROKER;
	ssize_t			n;

	snprintf(name, sizeof(name), "%u %u %u", role, type, fault);
	t.gone = t.faulty = false;
	t.fault = fault;
	assert_int_equal(ipc_child_start(t.set, &kind, t.self_fd, boot,
	    child_payload(ipc_row(boot)), TEST_MS, &kind, &t.child), 0);
	loop_timer_set(t.loop, clock_monotonic_ms() + 2 * TEST_MS,
	    on_timeout, NULL);
	assert_int_equal(loop_run(t.loop), 0);
	if (!t.gone)
		fail_msg("message %u as role %u, fault %d: still alive",
		    type, role, (int)fault);
	n = read(t.log[0], text, size - 1);
	text[n > 0 ? n : 0] = '\0';
}

/* Which faults make sense, and break the rules, for a row and a role. */
static bool
is_fault(const struct ipc_row *row, uint32_t role, enum fault fault)
{
	bool	may = (row->from & role) != 0;

	switch (fault) {
	case IN_BOOT:
		return !may || (row->states & IPC_BOOT) == 0;
	case IN_READY:
		return !may || (row->states & IPC_READY) == 0;
	case IN_BUSY:
		return !may || (row->states & IPC_BUSY) == 0;
	case FEWER_FDS:
		return row->fds_min > 0;
	case TWICE:
		return (row->flags & IPC_ONCE) != 0;
	case ONES:
		/* A table hash and an id may be anything. */
		return !may || row->payload != ipc_row(BOOT_READY)->payload;
	default:
		return true;
	}
}

static void
check_killed(const struct ipc_row *row, uint32_t role, enum fault fault,
    const char *text)
{
	bool	named = fault == TRUNCATED || fault == EMPTY ||
		    strstr(text, row->name) != NULL;

	if (t.faulty && WIFSIGNALED(t.status) &&
	    WTERMSIG(t.status) == SIGKILL && named &&
	    strstr(text, "protocol violation") != NULL)
		return;
	fail_msg("%s as role %u, fault %d: faulty %d, status %d, log: %s",
	    row->name, role, (int)fault, t.faulty, t.status, text);
}

/* Open descriptors of this process: none may be left by a child. */
static unsigned int
descriptors(void)
{
	unsigned int	n = 0;
	int		fd;

	for (fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

/* Every fault of a row, as one role; how many were tried. */
static unsigned int
try_row(const struct ipc_row *row, uint32_t role)
{
	char		text[4096];
	unsigned int	fault, tried = 0;

	for (fault = IN_BOOT; fault < FAULTS; fault++) {
		if (!is_fault(row, role, fault))
			continue;
		run(role, row->type, fault, text, sizeof(text));
		check_killed(row, role, fault, text);
		tried++;
	}
	return tried;
}

static void
test_every_row(void **state)
{
	const struct ipc_row	*row;
	unsigned int		 tried = 0, before = descriptors();
	size_t			 i;

	(void)state;
	for (i = 0; (row = ipc_row_at(i)) != NULL; i++) {
		tried += try_row(row, IPC_WORKER);
		tried += try_row(row, IPC_GATE);
		tried += try_row(row, IPC_BROKER);
	}
	print_message("%u hostile children\n", tried);
	assert_int_equal(descriptors(), before);
	assert_true(tried > 300);
}

static void
test_unknown_type(void **state)
{
	char	text[4096];

	(void)state;
	run(IPC_WORKER, UNKNOWN_TYPE, IN_BUSY, text, sizeof(text));
	assert_true(t.faulty);
	assert_non_null(strstr(text, "no such message"));
}

static void
test_good_child(void **state)
{
	static const uint32_t	roles[] = { IPC_WORKER, IPC_GATE,
				    IPC_BROKER };
	char			text[4096];
	size_t			r;

	(void)state;
	for (r = 0; r < 3; r++) {
		run(roles[r], UNKNOWN_TYPE, GOOD, text, sizeof(text));
		assert_false(t.faulty);
		assert_true(WIFEXITED(t.status));
		assert_int_equal(WEXITSTATUS(t.status), 0);
		assert_string_equal(text, "");
	}
}

static int
setup(void **state)
{
	sigset_t	set;
	int		fd;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	t.loop = loop_new();
	t.self_fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	if (fd == -1 || t.self_fd == -1 || t.loop == NULL ||
	    pipe2(t.log, O_CLOEXEC | O_NONBLOCK) == -1)
		return -1;
	t.set = ipc_children_new(t.loop, t.log[1]);
	return loop_fd_set(t.loop, fd, POLLIN, on_signal, NULL);
}

/* The master's log goes to stderr: swap it while a test runs. */
static int	saved_stderr;

static int
take_stderr(void **state)
{
	(void)state;
	fflush(stderr);
	saved_stderr = dup(STDERR_FILENO);
	return dup2(t.log[1], STDERR_FILENO) == -1 ? -1 : 0;
}

static int
give_stderr(void **state)
{
	(void)state;
	fflush(stderr);
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	return 0;
}

int
main(int argc, char *argv[])
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test_setup_teardown(test_good_child, take_stderr,
		    give_stderr),
		cmocka_unit_test_setup_teardown(test_unknown_type,
		    take_stderr, give_stderr),
		cmocka_unit_test_setup_teardown(test_every_row, take_stderr,
		    give_stderr),
		cmocka_unit_test_setup_teardown(test_good_child, take_stderr,
		    give_stderr),
	};

	if (argc == 1 && strncmp(argv[0], "jhe-mcp: ", 9) == 0)
		return child_main(argv[0] + 9);
	log_init("test", LOG_LEVEL_INFO);
	return cmocka_run_group_tests(tests, setup, NULL);
}
