/* SPDX-License-Identifier: MIT */
/*
 * The port that the browser returns to.  Runs in jhe-mcp, which accepts and
 * passes on, and reads no byte of a connection.
 */
#include <sys/socket.h>
#include <netinet/in.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/loop.h"
#include "cli/callback.h"
#include "cli/program.h"
#include "ipc/child.h"

#define CALLBACK_BOOT_MS	5000	/* for a gate to be ready */
#define CALLBACK_HEAD_MS	10000	/* for a request's head */
#define CALLBACK_VERDICT_MS	60000	/* for the exchange's answer */
#define CALLBACK_PAGE_MS	10000	/* to write a page, and end */
#define CALLBACK_SILENT_MS	250	/* before a silent one may be dropped */
#define CALLBACK_PAUSE_MS	1000	/* after accept(2) failed */

struct callback_gate {
	struct callback		*cb;
	struct callback_gate	*next;
	struct ipc_child	*child;
	int			 fd;		/* until the gate has it */
	int64_t			 since_ms;
	bool			 called, answered;
};

struct callback {
	struct program		*p;
	callback_fn		*fn;
	callback_gone_fn	*gone;
	void			*arg;
	int			 listeners[2];	/* -1: none */
	struct callback_gate	*gates;		/* newest first */
	unsigned int		 ngates;
	bool			 full;		/* nothing is accepted now */
};

static void	callback_event(void *, int, short);

/* Listen for more, unless there is no room. */
static void
callback_watch(struct callback *cb)
{
	short	events = cb->full ? 0 : POLLIN;
	size_t	i;

	for (i = 0; i < 2; i++)
		if (cb->listeners[i] != -1 && loop_fd_set(cb->p->loop,
		    cb->listeners[i], events, callback_event, cb) != 0)
			log_warnx("callback: %s", err_text(ERR_MEMORY));
}

static void
callback_again(void *arg)
{
	struct callback	*cb = arg;

	loop_timer_clear(cb->p->loop, callback_again, cb);
	cb->full = false;
	callback_watch(cb);
}

/* Accept nothing until a gate is gone, or for so long. */
static void
callback_pause(struct callback *cb, int64_t ms)
{
	cb->full = true;
	if (ms > 0 && loop_timer_set(cb->p->loop, clock_monotonic_ms() + ms,
	    callback_again, cb) != 0)
		log_warnx("callback: %s", err_text(ERR_MEMORY));
}

static int
gate_ready(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct callback_gate	*g = arg;
	struct ipc_empty	 empty = { 0 };

	(void)m;
	ipc_child_send(c, GATE_CONN, &empty, &g->fd, 1);
	fd_close(&g->fd);
	/* It keeps its times itself; this is for one that does not. */
	ipc_child_deadline(c, clock_monotonic_ms() + CALLBACK_HEAD_MS +
	    CALLBACK_VERDICT_MS + CALLBACK_PAGE_MS);
	return 0;
}

static int
gate_called(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct callback_gate	*g = arg;

	(void)c;
	g->called = true;
	g->cb->fn(g->cb->arg, g, m->payload);
	return 0;
}

static int
gate_boot_failed(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	(void)arg;
	(void)m;
	log_warnx("gate %ld could not start", (long)ipc_child_pid(c));
	return 0;
}

static void
gate_gone(void *arg, struct ipc_child *c, int status)
{
	struct callback_gate	*g = arg, **pp;
	struct callback		*cb = g->cb;

	(void)c;
	(void)status;
	for (pp = &cb->gates; *pp != g; pp = &(*pp)->next)
		continue;
	*pp = g->next;
	cb->ngates--;
	callback_again(cb);
	if (g->called && !g->answered)
		cb->gone(cb->arg, g);
	fd_close(&g->fd);
	free(g);
}

static const struct ipc_handler	gate_handlers[] = {
	{ BOOT_READY, gate_ready },
	{ BOOT_FAILED, gate_boot_failed },
	{ GATE_CALLBACK, gate_called },
	{ 0, NULL },
};

static const struct ipc_child_kind	gate_kind = {
	.role = IPC_GATE, .name = "gate",
	.handlers = gate_handlers, .gone = gate_gone,
};

static void
callback_accept(struct callback *cb, int fd)
{
	struct ipc_boot_gate	 boot = {
		.head_timeout_ms = CALLBACK_HEAD_MS,
		.verdict_timeout_ms = CALLBACK_VERDICT_MS,
	};
	struct callback_gate	*g = calloc(1, sizeof(*g));
	int			 error = ERR_MEMORY;

	if (g != NULL) {
		g->cb = cb;
		g->fd = fd;
		g->since_ms = clock_monotonic_ms();
		error = ipc_child_start(cb->p->children, &gate_kind,
		    cb->p->gate_fd, BOOT_GATE, &boot, CALLBACK_BOOT_MS, g,
		    &g->child);
	}
	if (error != 0) {
		log_warnx("gate: %s", err_text(error));
		fd_close(&fd);
		free(g);
		return;
	}
	g->next = cb->gates;
	cb->gates = g;
	cb->ngates++;
}

/*
 * All places are taken: the oldest that has not said what it wants gives
 * way, so that nobody can keep the person's browser out by being silent.
 */
static void
callback_make_room(struct callback *cb)
{
	struct callback_gate	*g, *oldest = NULL;
	int64_t			 left;

	for (g = cb->gates; g != NULL; g = g->next)
		if (!g->called)
			oldest = g;
	left = oldest == NULL ? 0 :
	    oldest->since_ms + CALLBACK_SILENT_MS - clock_monotonic_ms();
	callback_pause(cb, left);
	if (oldest != NULL && left <= 0)
		ipc_child_kill(oldest->child, NULL);
}

static void
callback_event(void *arg, int fd, short revents)
{
	struct callback	*cb = arg;
	int		 conn;

	(void)revents;
	if (cb->ngates == CALLBACK_GATES_MAX)
		callback_make_room(cb);
	while (cb->ngates < CALLBACK_GATES_MAX) {
		conn = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (conn == -1 && errno != EAGAIN && errno != ECONNABORTED &&
		    errno != EINTR)
			callback_pause(cb, CALLBACK_PAUSE_MS);
		if (conn == -1)
			break;
		callback_accept(cb, conn);
	}
	callback_watch(cb);
}

/* A listening socket; -1 with errno. */
static int
callback_bind(const struct sockaddr *sa, socklen_t len)
{
	int	one = 1, fd, saved;

	fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (fd == -1)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one,
	    sizeof(one)) == 0 && (sa->sa_family != AF_INET6 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one,
	    sizeof(one)) == 0) && bind(fd, sa, len) == 0 &&
	    listen(fd, SOMAXCONN) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static int
callback_listen(struct callback *cb, uint16_t port)
{
	struct sockaddr_in	in4 = { .sin_family = AF_INET };
	struct sockaddr_in6	in6 = { .sin6_family = AF_INET6 };

	in4.sin_port = in6.sin6_port = htons(port);
	in4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in6.sin6_addr = in6addr_loopback;
	cb->listeners[0] = callback_bind((struct sockaddr *)&in4,
	    sizeof(in4));
	if (cb->listeners[0] == -1)
		return errno == EADDRINUSE ? ERR_DUPLICATE : ERR_SYSTEM;
	cb->listeners[1] = callback_bind((struct sockaddr *)&in6,
	    sizeof(in6));
	/* A machine without IPv6 has none to be spoofed on. */
	if (cb->listeners[1] == -1 && errno != EADDRNOTAVAIL &&
	    errno != EAFNOSUPPORT)
		return errno == EADDRINUSE ? ERR_DUPLICATE : ERR_SYSTEM;
	return 0;
}

int
callback_open(struct program *p, uint16_t port, callback_fn *fn,
    callback_gone_fn *gone, void *arg, struct callback **out)
{
	struct callback	*cb = calloc(1, sizeof(*cb));
	int		 error;

	if (cb == NULL)
		return ERR_MEMORY;
	cb->p = p;
	cb->fn = fn;
	cb->gone = gone;
	cb->arg = arg;
	cb->listeners[0] = cb->listeners[1] = -1;
	error = callback_listen(cb, port);
	if (error != 0) {
		callback_free(cb);
		return error;
	}
	callback_watch(cb);
	*out = cb;
	return 0;
}

void
callback_free(struct callback *cb)
{
	struct callback_gate	*g, *next;
	size_t			 i;

	if (cb == NULL)
		return;
	loop_timer_clear(cb->p->loop, callback_again, cb);
	for (i = 0; i < 2; i++) {
		loop_fd_clear(cb->p->loop, cb->listeners[i]);
		fd_close(&cb->listeners[i]);
	}
	for (g = cb->gates; g != NULL; g = next) {
		next = g->next;
		ipc_child_detach(g->child);
		if (!g->answered)
			ipc_child_kill(g->child, NULL);
		fd_close(&g->fd);
		free(g);
	}
	free(cb);
}

void
callback_answer(struct callback_gate *g, enum ipc_page page)
{
	callback_report(g, page, IPC_OAUTH_NONE);
}

void
callback_report(struct callback_gate *g, enum ipc_page page,
    enum ipc_oauth_error error)
{
	struct ipc_gate_verdict	verdict = { .page = page, .error = error };

	if (g == NULL || g->answered)
		return;
	g->answered = true;
	ipc_child_send(g->child, GATE_VERDICT, &verdict, NULL, 0);
	ipc_child_deadline(g->child, clock_monotonic_ms() +
	    CALLBACK_PAGE_MS);
}
