/* SPDX-License-Identifier: MIT */
/* The message table itself, the field checks, and both ends of a channel. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fd.h"
#include "compat/compat.h"
#include "ipc/ipc.h"

static void
test_rows(void **state)
{
	const struct ipc_row	*row, *other;
	size_t			 i, k;

	(void)state;
	for (i = 0; (row = ipc_row_at(i)) != NULL; i++) {
		assert_ptr_equal(ipc_row(row->type), row);
		assert_true(row->type > 0 && row->type < 64);
		assert_true(row->size > 0 && row->size <= IPC_PAYLOAD_MAX);
		assert_true(row->fds_min <= row->fds_max);
		assert_true(row->fds_max <= IPC_FDS_MAX);
		assert_true(row->states != 0);
		/* Children speak to the master only, and it to them. */
		assert_true(row->from == IPC_MASTER ?
		    (row->to & IPC_MASTER) == 0 : row->to == IPC_MASTER);
		for (k = 0; k < i; k++) {
			other = ipc_row_at(k);
			assert_true(other->type != row->type);
			assert_string_not_equal(other->name, row->name);
		}
	}
	assert_true(i > 20);
	assert_null(ipc_row(0));
	assert_null(ipc_row(UINT32_MAX));
	assert_true(ipc_table_hash() == ipc_table_hash());
}

static enum ipc_fault
check(uint32_t type, const void *payload)
{
	return ipc_check_payload(ipc_row(type), payload);
}

static void
test_fields(void **state)
{
	static struct ipc_gate_callback	cb;
	static struct ipc_person	person;
	static struct ipc_id		id;
	static struct ipc_boot_broker	broker;

	(void)state;
	assert_int_equal(check(GATE_CALLBACK, &cb), IPC_FAULT_NONE);
	cb.error = IPC_OAUTH_ERROR_MAX + 1;
	assert_int_equal(check(GATE_CALLBACK, &cb), IPC_FAULT_RANGE);
	cb.error = 0;
	cb.reserved = 1;
	assert_int_equal(check(GATE_CALLBACK, &cb), IPC_FAULT_PADDING);
	cb.reserved = 0;
	strlcpy(cb.state, "abc", sizeof(cb.state));
	assert_int_equal(check(GATE_CALLBACK, &cb), IPC_FAULT_NONE);
	cb.state[10] = 'x';
	assert_int_equal(check(GATE_CALLBACK, &cb), IPC_FAULT_PADDING);
	memset(cb.state, 'x', sizeof(cb.state));
	assert_int_equal(check(GATE_CALLBACK, &cb), IPC_FAULT_STRING);
	cb.state[sizeof(cb.state) - 1] = '\0';
	assert_int_equal(check(GATE_CALLBACK, &cb), IPC_FAULT_NONE);

	person.nstudies = 2;
	person.studies[1] = -1;
	assert_int_equal(check(WORK_PRINCIPAL, &person), IPC_FAULT_NONE);
	person.studies[2] = 1;
	assert_int_equal(check(WORK_PRINCIPAL, &person), IPC_FAULT_PADDING);
	person.nstudies = IPC_STUDIES_MAX + 1;
	assert_int_equal(check(WORK_PRINCIPAL, &person), IPC_FAULT_RANGE);

	id.id_len = 3;
	memcpy(id.id, "\"1\"", 3);
	assert_int_equal(check(WORK_BEGIN, &id), IPC_FAULT_NONE);
	id.id_len = 2;
	assert_int_equal(check(WORK_BEGIN, &id), IPC_FAULT_PADDING);
	id.id_len = IPC_ID_MAX + 1;
	assert_int_equal(check(WORK_BEGIN, &id), IPC_FAULT_RANGE);

	/* Zero where a least value is wanted. */
	assert_int_equal(check(BOOT_BROKER, &broker), IPC_FAULT_RANGE);
}

static int			ends[2];
static struct ipc_channel	*master, *worker;

static int
setup(void **state)
{
	(void)state;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1)
		return -1;
	master = ipc_channel_new(ends[0], IPC_MASTER, IPC_WORKER);
	worker = ipc_channel_new(ends[1], IPC_WORKER, IPC_MASTER);
	return master == NULL || worker == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	ipc_channel_free(master);
	ipc_channel_free(worker);
	return 0;
}

static void
become_busy(void)
{
	static const struct ipc_session	session;
	struct ipc_boot_ready		ready = { .table_hash = 1 };
	struct ipc_message		m;
	int				fds[2] = { 0, 1 };

	assert_int_equal(ipc_send(worker, BOOT_READY, &ready, NULL, 0), 0);
	assert_int_equal(ipc_receive(master, &m), 0);
	ipc_message_done(master, &m);
	assert_int_equal(ipc_channel_state(master), IPC_READY);
	assert_int_equal(ipc_send(master, WORK_ADOPT, &session, fds, 2), 0);
	assert_int_equal(ipc_receive(worker, &m), 0);
	assert_int_equal(m.nfds, 2);
	assert_true((fcntl(m.fds[0], F_GETFD) & FD_CLOEXEC) != 0);
	ipc_message_done(worker, &m);
	assert_int_equal(m.fds[0], -1);
	assert_int_equal(ipc_channel_state(worker), IPC_BUSY);
}

/* This end keeps the rules, too. */
static void
test_send_checks(void **state)
{
	static struct ipc_id	id = { .id_len = 1, .id = "7" };
	struct ipc_empty	bad = { .zero = 1 };
	int			fd = 0;

	(void)state;
	assert_int_equal(ipc_send(worker, WORK_BEGIN, &id, NULL, 0),
	    ERR_STATE);
	assert_int_equal(ipc_send(worker, WORK_YIELD, &bad, NULL, 0),
	    ERR_STATE);
	become_busy();
	assert_int_equal(ipc_send(worker, WORK_BEGIN, &id, &fd, 1),
	    ERR_FORMAT);
	assert_int_equal(ipc_send(worker, WORK_CONNECT, &bad, NULL, 0),
	    ERR_FORMAT);
	assert_int_equal(ipc_send(worker, WORK_BEGIN, &id, NULL, 0), 0);
	bad.zero = 0;
	assert_int_equal(ipc_send(worker, WORK_BYE, &bad, NULL, 0), 0);
	assert_int_equal(ipc_send(worker, WORK_BYE, &bad, NULL, 0),
	    ERR_STATE);
}

/* A full socket queues, in order; a peer that never reads is an error. */
static void
test_queue(void **state)
{
	static struct ipc_person	person;
	struct ipc_message		m;
	int64_t				next = 0;
	int				n = 0, error;

	(void)state;
	become_busy();
	while ((error = ipc_send(master, WORK_PRINCIPAL, &person, NULL,
	    0)) == 0)
		person.person = ++n;
	assert_int_equal(error, ERR_LIMIT);
	assert_true(n >= IPC_QUEUE_MAX);
	assert_true(ipc_pending(master));
	while (next < n) {
		assert_int_equal(ipc_flush(master), 0);
		while ((error = ipc_receive(worker, &m)) == 0) {
			const struct ipc_person	*p = m.payload;

			assert_true(p->person == next++);
			ipc_message_done(worker, &m);
		}
		assert_int_equal(error, ERR_AGAIN);
	}
	assert_false(ipc_pending(master));
}

static void
test_closed(void **state)
{
	struct ipc_message	m;
	struct ipc_empty	empty = { 0 };

	(void)state;
	become_busy();
	ipc_channel_free(master);
	master = NULL;
	assert_int_equal(ipc_receive(worker, &m), ERR_CLOSED);
	assert_int_equal(ipc_send(worker, WORK_CONNECT, &empty, NULL, 0),
	    ERR_CLOSED);
}

/* What a peer said before it ended is heard, though it left us unread. */
static void
test_last_words(void **state)
{
	static const struct ipc_person	person;
	static struct ipc_id		id = { .id_len = 1, .id = "7" };
	struct ipc_message		m;

	(void)state;
	become_busy();
	assert_int_equal(ipc_send(worker, WORK_BEGIN, &id, NULL, 0), 0);
	assert_int_equal(ipc_send(worker, WORK_END, &id, NULL, 0), 0);
	assert_int_equal(ipc_send(master, WORK_PRINCIPAL, &person, NULL, 0),
	    0);
	ipc_channel_free(worker);
	worker = NULL;
	assert_int_equal(ipc_receive(master, &m), 0);
	assert_int_equal(m.row->type, WORK_BEGIN);
	ipc_message_done(master, &m);
	assert_int_equal(ipc_receive(master, &m), 0);
	assert_int_equal(m.row->type, WORK_END);
	ipc_message_done(master, &m);
	assert_int_equal(ipc_receive(master, &m), ERR_CLOSED);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_rows), cmocka_unit_test(test_fields),
		cmocka_unit_test_setup_teardown(test_send_checks, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_queue, setup, teardown),
		cmocka_unit_test_setup_teardown(test_closed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_last_words, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
