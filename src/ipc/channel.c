/* SPDX-License-Identifier: MIT */
/*
 * One end of a socket between the master and a child.  Runs in every
 * process.  What comes in is the peer's: the order of checks is role, state,
 * size, descriptors, padding, strings and ranges, once; a handler sees
 * nothing that failed one of them.
 */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "compat/compat.h"
#include "ipc/ipc.h"

/* Numbers of messages are bits of ipc_channel's once masks. */
#define M(name, number, from, to, payload, fds_min, fds_max, states, after, \
    flags) _Static_assert((number) < 64, #name);
#include "ipc/messages.def"
#undef M

struct header {
	uint32_t	type;
	uint32_t	size;
};

struct queued {
	struct queued	*next;
	struct header	 header;
	int		 fds[IPC_FDS_MAX];
	size_t		 nfds;
	unsigned char	 payload[];
};

struct ipc_channel {
	int		 fd;
	uint32_t	 self, peer;
	uint32_t	 state;
	uint64_t	 sent_once, got_once;	/* a bit per type */
	struct queued	*queue, **queue_end;
	size_t		 queue_len;
	enum ipc_fault	 fault;
	const char	*fault_name;
	/* One message, and a byte to see that it was longer. */
	_Alignas(8) unsigned char in[IPC_PAYLOAD_MAX + 1];
};

struct ipc_channel *
ipc_channel_new(int fd, uint32_t self, uint32_t peer)
{
	struct ipc_channel	*ch = calloc(1, sizeof(*ch));

	if (ch == NULL)
		return NULL;
	if (fd_set_nonblock(fd) != 0) {
		free(ch);
		return NULL;
	}
	ch->fd = fd;
	ch->self = self;
	ch->peer = peer;
	ch->state = IPC_BOOT;
	ch->queue_end = &ch->queue;
	return ch;
}

static void
queued_free(struct queued *q)
{
	size_t	i;

	for (i = 0; i < q->nfds; i++)
		fd_close(&q->fds[i]);
	freezero(q, sizeof(*q) + q->header.size);
}

void
ipc_channel_free(struct ipc_channel *ch)
{
	struct queued	*q;

	if (ch == NULL)
		return;
	while ((q = ch->queue) != NULL) {
		ch->queue = q->next;
		queued_free(q);
	}
	fd_close(&ch->fd);
	freezero(ch, sizeof(*ch));
}

int
ipc_channel_fd(const struct ipc_channel *ch)
{
	return ch->fd;
}

uint32_t
ipc_channel_state(const struct ipc_channel *ch)
{
	return ch->state;
}

enum ipc_fault
ipc_channel_fault(const struct ipc_channel *ch, const char **message_name)
{
	*message_name = ch->fault_name != NULL ? ch->fault_name : "?";
	return ch->fault;
}

static void
channel_apply(struct ipc_channel *ch, const struct ipc_row *row,
    uint64_t *once)
{
	*once |= UINT64_C(1) << row->type;
	if (row->after != IPC_SAME)
		ch->state = row->after;
}

/* One sendmsg; 0, ERR_AGAIN, ERR_CLOSED, ERR_SYSTEM. */
static int
channel_write(int fd, const struct header *header, const void *payload,
    const int *fds, size_t nfds)
{
	union {
		char		buf[CMSG_SPACE(sizeof(int) * IPC_FDS_MAX)];
		struct cmsghdr	align;
	} control;
	struct header	 copy = *header;
	struct iovec	 iov[2] = {
		{ .iov_base = &copy, .iov_len = sizeof(copy) },
		{ .iov_len = header->size },
	};
	struct msghdr	 msg = { .msg_iov = iov, .msg_iovlen = 2 };
	struct cmsghdr	*cmsg;
	ssize_t		 n;

	/* sendmsg(2) only reads it; the type of iov_base cannot say so. */
	memcpy(&iov[1].iov_base, &payload, sizeof(payload));
	if (nfds > 0) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = control.buf;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		cmsg = CMSG_FIRSTHDR(&msg);
		if (cmsg == NULL)
			return ERR_SYSTEM;
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		memcpy(CMSG_DATA(cmsg), fds, sizeof(int) * nfds);
	}
	do {
		n = sendmsg(fd, &msg, MSG_NOSIGNAL);
	} while (n == -1 && errno == EINTR);
	if (n >= 0)
		return 0;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return ERR_AGAIN;
	return errno == EPIPE || errno == ECONNRESET ? ERR_CLOSED :
	    ERR_SYSTEM;
}

static int
channel_queue(struct ipc_channel *ch, const struct header *header,
    const void *payload, const int *fds, size_t nfds)
{
	struct queued	*q;

	if (ch->queue_len >= IPC_QUEUE_MAX)
		return ERR_LIMIT;
	q = calloc(1, sizeof(*q) + header->size);
	if (q == NULL)
		return ERR_MEMORY;
	q->header = *header;
	memcpy(q->payload, payload, header->size);
	for (; q->nfds < nfds; q->nfds++) {
		q->fds[q->nfds] = fcntl(fds[q->nfds], F_DUPFD_CLOEXEC, 3);
		if (q->fds[q->nfds] == -1) {
			queued_free(q);
			return ERR_SYSTEM;
		}
	}
	*ch->queue_end = q;
	ch->queue_end = &q->next;
	ch->queue_len++;
	return 0;
}

/* What this end is about to send, against the row. */
static int
channel_may_send(const struct ipc_channel *ch, const struct ipc_row *row,
    const void *payload, size_t nfds)
{
	if (row == NULL || (row->from & ch->self) == 0 ||
	    (row->to & ch->peer) == 0 || (row->states & ch->state) == 0)
		return ERR_STATE;
	if ((row->flags & IPC_ONCE) != 0 &&
	    (ch->sent_once & UINT64_C(1) << row->type) != 0)
		return ERR_STATE;
	if (nfds < row->fds_min || nfds > row->fds_max ||
	    ipc_check_payload(row, payload) != IPC_FAULT_NONE)
		return ERR_FORMAT;
	return 0;
}

int
ipc_send(struct ipc_channel *ch, enum ipc_type type, const void *payload,
    const int *fds, size_t nfds)
{
	const struct ipc_row	*row = ipc_row(type);
	struct header		 header;
	int			 error;

	error = channel_may_send(ch, row, payload, nfds);
	if (error != 0)
		return error;
	header.type = row->type;
	header.size = row->size;
	error = ch->queue != NULL ? ERR_AGAIN :
	    channel_write(ch->fd, &header, payload, fds, nfds);
	if (error == ERR_AGAIN)
		error = channel_queue(ch, &header, payload, fds, nfds);
	if (error == 0)
		channel_apply(ch, row, &ch->sent_once);
	return error;
}

int
ipc_send_wait(struct ipc_channel *ch, enum ipc_type type,
    const void *payload, const int *fds, size_t nfds)
{
	const struct ipc_row	*row = ipc_row(type);
	struct pollfd		 pfd = { .fd = ch->fd, .events = POLLOUT };
	struct header		 header;
	int			 error;

	error = channel_may_send(ch, row, payload, nfds);
	if (error == 0)
		error = ipc_flush_wait(ch);
	if (error != 0)
		return error;
	header.type = row->type;
	header.size = row->size;
	while ((error = channel_write(ch->fd, &header, payload, fds,
	    nfds)) == ERR_AGAIN)
		if (poll(&pfd, 1, -1) == -1 && errno != EINTR)
			return ERR_SYSTEM;
	if (error == 0)
		channel_apply(ch, row, &ch->sent_once);
	return error;
}

bool
ipc_pending(const struct ipc_channel *ch)
{
	return ch->queue != NULL;
}

int
ipc_flush(struct ipc_channel *ch)
{
	struct queued	*q;
	int		 error;

	while ((q = ch->queue) != NULL) {
		error = channel_write(ch->fd, &q->header, q->payload, q->fds,
		    q->nfds);
		if (error == ERR_AGAIN)
			return 0;
		if (error != 0)
			return error;
		ch->queue = q->next;
		if (ch->queue == NULL)
			ch->queue_end = &ch->queue;
		ch->queue_len--;
		queued_free(q);
	}
	return 0;
}

int
ipc_flush_wait(struct ipc_channel *ch)
{
	struct pollfd	pfd = { .fd = ch->fd, .events = POLLOUT };
	int		error;

	while ((error = ipc_flush(ch)) == 0 && ipc_pending(ch))
		if (poll(&pfd, 1, -1) == -1 && errno != EINTR)
			return ERR_SYSTEM;
	return error;
}

/*
 * Take the descriptors out of a message; more than there may be are closed
 * and make it false.
 */
static bool
channel_take_fds(struct msghdr *msg, struct ipc_message *m)
{
	bool		 good = (msg->msg_flags & MSG_CTRUNC) == 0;
	struct cmsghdr	*cmsg;
	size_t		 i, n;
	int		 fd;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg != NULL;
	    cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		n = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(int),
			    sizeof(fd));
			if (m->nfds < IPC_FDS_MAX)
				m->fds[m->nfds++] = fd;
			else {
				close(fd);
				good = false;
			}
		}
	}
	return good;
}

static enum ipc_fault
channel_check(const struct ipc_channel *ch, const struct ipc_row *row,
    size_t size, const struct ipc_message *m, bool surplus)
{
	enum ipc_fault	fault;

	if ((row->from & ch->peer) == 0 || (row->to & ch->self) == 0)
		return IPC_FAULT_ROLE;
	if ((row->states & ch->state) == 0)
		return IPC_FAULT_STATE;
	if (size != row->size)
		return IPC_FAULT_SIZE;
	if (surplus || m->nfds < row->fds_min || m->nfds > row->fds_max)
		return IPC_FAULT_FDS;
	fault = ipc_check_payload(row, ch->in);
	if (fault != IPC_FAULT_NONE)
		return fault;
	if ((row->flags & IPC_ONCE) != 0 &&
	    (ch->got_once & UINT64_C(1) << row->type) != 0)
		return IPC_FAULT_ONCE;
	return IPC_FAULT_NONE;
}

static int
channel_refuse(struct ipc_channel *ch, struct ipc_message *m,
    enum ipc_fault fault)
{
	size_t	i;

	for (i = 0; i < m->nfds; i++)
		fd_close(&m->fds[i]);
	m->nfds = 0;
	explicit_bzero(ch->in, sizeof(ch->in));
	ch->fault = fault;
	ch->fault_name = m->row != NULL ? m->row->name : NULL;
	return ERR_DENIED;
}

static void
message_clear(struct ipc_message *m)
{
	size_t	i;

	memset(m, 0, sizeof(*m));
	for (i = 0; i < IPC_FDS_MAX; i++)
		m->fds[i] = -1;
}

/*
 * One recvmsg: header and payload, whose size, or an error, is returned; a
 * packet too short for a header gives ERR_FORMAT.
 */
static ssize_t
channel_read(struct ipc_channel *ch, struct ipc_message *m,
    struct header *header, bool *surplus)
{
	/* Room for one descriptor too many, so that it is seen. */
	union {
		char		buf[CMSG_SPACE(sizeof(int) *
				    (IPC_FDS_MAX + 1))];
		struct cmsghdr	align;
	} control;
	struct iovec	iov[2] = {
		{ .iov_base = header, .iov_len = sizeof(*header) },
		{ .iov_base = ch->in, .iov_len = sizeof(ch->in) },
	};
	struct msghdr	msg = {
		.msg_iov = iov, .msg_iovlen = 2,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	ssize_t		n;

	/* A peer that left our words unread: its last ones are still here. */
	do {
		n = recvmsg(ch->fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	} while (n == -1 && (errno == EINTR || errno == ECONNRESET));
	if (n == -1)
		return errno == EAGAIN || errno == EWOULDBLOCK ? ERR_AGAIN :
		    ERR_SYSTEM;
	*surplus = !channel_take_fds(&msg, m);
	/* An empty packet may carry descriptors; the end carries none. */
	if (n == 0 && m->nfds == 0 && !*surplus)
		return ERR_CLOSED;
	return (size_t)n >= sizeof(*header) ?
	    n - (ssize_t)sizeof(*header) : ERR_FORMAT;
}

int
ipc_receive(struct ipc_channel *ch, struct ipc_message *m)
{
	struct header	header = { 0, 0 };
	enum ipc_fault	fault;
	ssize_t		size;
	bool		surplus = false;

	message_clear(m);
	if (ch->fault != IPC_FAULT_NONE)
		return ERR_DENIED;
	size = channel_read(ch, m, &header, &surplus);
	if (size < 0 && size != ERR_FORMAT)
		return (int)size;
	m->row = size < 0 ? NULL : ipc_row(header.type);
	if (m->row == NULL || header.size != (size_t)size)
		return channel_refuse(ch, m, m->row == NULL ?
		    IPC_FAULT_HEADER : IPC_FAULT_SIZE);
	fault = channel_check(ch, m->row, (size_t)size, m, surplus);
	if (fault != IPC_FAULT_NONE)
		return channel_refuse(ch, m, fault);
	channel_apply(ch, m->row, &ch->got_once);
	m->payload = ch->in;
	return 0;
}

void
ipc_message_done(struct ipc_channel *ch, struct ipc_message *m)
{
	size_t	i;

	for (i = 0; i < IPC_FDS_MAX; i++)
		fd_close(&m->fds[i]);
	if (m->row != NULL && (m->row->flags & IPC_SECRET) != 0)
		explicit_bzero(ch->in, m->row->size);
	m->payload = NULL;
}
