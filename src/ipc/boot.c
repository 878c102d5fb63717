/* SPDX-License-Identifier: MIT */
/*
 * A child's start.  Runs in every child before its filters; the peer is the
 * master, which is trusted, but its version may differ.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "ipc/boot.h"

int
ipc_wait_until(struct ipc_channel *ch, struct ipc_message *m, int64_t due_ms)
{
	struct pollfd	pfd = { .fd = ipc_channel_fd(ch), .events = POLLIN };
	int64_t		left;
	int		error;

	while ((error = ipc_receive(ch, m)) == ERR_AGAIN) {
		left = due_ms - clock_monotonic_ms();
		if (left <= 0)
			return ERR_TIMEOUT;
		if (left > 60000)
			left = 60000;
		if (poll(&pfd, 1, (int)left) == -1 && errno != EINTR)
			return ERR_SYSTEM;
	}
	return error;
}

int
ipc_wait(struct ipc_channel *ch, struct ipc_message *m)
{
	return ipc_wait_until(ch, m, INT64_MAX);
}

/* The next message, which must be of this type; copied, then wiped. */
static int
boot_expect(struct ipc_boot *boot, enum ipc_type type, void *payload,
    uint32_t size)
{
	struct ipc_message	m;
	int			error;

	error = ipc_wait(boot->ch, &m);
	if (error != 0)
		return error;
	if (m.row->type != (uint32_t)type || m.row->size != size) {
		ipc_message_done(boot->ch, &m);
		return ERR_DENIED;
	}
	memcpy(payload, m.payload, size);
	ipc_message_done(boot->ch, &m);
	return 0;
}

int
ipc_boot_receive(struct ipc_boot *boot, uint32_t role, const char *name,
    enum ipc_type type, void *payload, uint32_t size)
{
	struct ipc_boot_hello	hello;
	int			error;

	boot->ch = ipc_channel_new(IPC_CHANNEL_FD, role, IPC_MASTER);
	if (boot->ch == NULL)
		return errno == ENOMEM ? ERR_MEMORY : ERR_SYSTEM;
	error = boot_expect(boot, BOOT_HELLO, &hello, sizeof(hello));
	if (error != 0)
		return error;
	log_init(name, (enum log_level)hello.log_level);
	if (hello.table_hash != ipc_table_hash() || hello.role != role)
		return ERR_STATE;
	return boot_expect(boot, type, payload, size);
}

static int
boot_send(struct ipc_boot *boot, enum ipc_type type, const void *payload)
{
	int	error = ipc_send(boot->ch, type, payload, NULL, 0);

	return error != 0 ? error : ipc_flush_wait(boot->ch);
}

int
ipc_boot_ready(struct ipc_boot *boot)
{
	struct ipc_boot_ready	ready = { .table_hash = ipc_table_hash() };

	return boot_send(boot, BOOT_READY, &ready);
}

int
ipc_boot_failed(struct ipc_boot *boot, enum ipc_stage stage,
    enum ipc_reason reason)
{
	struct ipc_boot_failed	failed = {
		.stage = stage, .reason = reason,
	};

	return boot_send(boot, BOOT_FAILED, &failed);
}
