/* SPDX-License-Identifier: MIT */
/*
 * The gate's one connection.  The other end may be any program on this
 * computer, as slow and as rude as it likes: everything has a deadline.
 */
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "gate/gate.h"

#define READ_SIZE	4096
#define WRITE_MS	5000	/* for the whole answer */
#define LINGER_MS	1000	/* for the other end to take it */
#define LINGER_BYTES	65536	/* thrown away meanwhile */

/* Wait for the connection; the master may end it all. */
static int
conn_wait(struct gate *g, short events, int64_t due_ms)
{
	struct pollfd		pfd[2] = {
		{ .fd = g->conn, .events = events },
		{ .fd = ipc_channel_fd(g->ch), .events = POLLIN }
	};
	struct ipc_message	m;
	int64_t			left_ms = due_ms - clock_monotonic_ms();
	int			e, n;

	if (left_ms <= 0)
		return ERR_TIMEOUT;
	n = poll(pfd, 2, (int)left_ms);
	if (n == -1)
		return errno == EINTR ? 0 : ERR_SYSTEM;
	if (pfd[1].revents == 0)
		return n == 0 ? ERR_TIMEOUT : 0;
	e = ipc_receive(g->ch, &m);
	if (e == ERR_AGAIN)
		return 0;
	/* CTRL_STOP, or a master out of step: the end in any case. */
	if (e == 0)
		ipc_message_done(g->ch, &m);
	return ERR_CLOSED;
}

/* 0: something was added; ERR_AGAIN; ERR_CLOSED; ERR_MEMORY. */
static int
conn_read(struct gate *g)
{
	char	chunk[READ_SIZE];
	ssize_t	n;

	n = recv(g->conn, chunk, sizeof(chunk), MSG_DONTWAIT);
	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? ERR_AGAIN :
		    ERR_CLOSED;
	if (n == 0)
		return ERR_CLOSED;
	buf_add(&g->in, chunk, (size_t)n);
	explicit_bzero(chunk, (size_t)n);
	return buf_error(&g->in);
}

int
conn_read_head(struct gate *g)
{
	int64_t	due_ms = clock_monotonic_ms() + g->head_timeout_ms;
	int	e;

	http_request_init(&g->request);
	for (;;) {
		e = conn_wait(g, POLLIN, due_ms);
		if (e != 0)
			return e;
		e = conn_read(g);
		if (e == ERR_AGAIN)
			continue;
		if (e != 0)
			return e;
		e = http_request_parse(&g->request, buf_string(&g->in),
		    g->in.len);
		if (e != ERR_AGAIN)
			return e;
	}
}

static int
conn_write(struct gate *g, const struct buf *out)
{
	int64_t	due_ms = clock_monotonic_ms() + WRITE_MS;
	size_t	done = 0;
	ssize_t	n;
	int	e;

	while (done < out->len) {
		n = send(g->conn, out->data + done, out->len - done,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0) {
			done += (size_t)n;
			continue;
		}
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			return ERR_CLOSED;
		e = conn_wait(g, POLLOUT, due_ms);
		if (e != 0)
			return e;
	}
	return 0;
}

/*
 * Bytes left unread would make close(2) a reset, and the other end would
 * lose the answer that it has not read yet.
 */
static void
conn_linger(struct gate *g)
{
	char	chunk[READ_SIZE];
	int64_t	due_ms = clock_monotonic_ms() + LINGER_MS;
	size_t	total = 0;
	ssize_t	n;

	if (shutdown(g->conn, SHUT_WR) == -1)
		return;
	while (total < LINGER_BYTES && conn_wait(g, POLLIN, due_ms) == 0) {
		n = recv(g->conn, chunk, sizeof(chunk), MSG_DONTWAIT);
		if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
			break;
		if (n > 0)
			total += (size_t)n;
	}
	explicit_bzero(chunk, sizeof(chunk));
}

void
conn_finish(struct gate *g, const struct buf *out)
{
	if (conn_write(g, out) == 0)
		conn_linger(g);
}
