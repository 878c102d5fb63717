/* SPDX-License-Identifier: MIT */
/*
 * Resolving and connecting.  Runs in the broker before its final filter;
 * what the resolver and the network answer is untrusted.
 */
#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "broker/connect.h"

/* Addresses of a name that are tried. */
#define CONNECT_ADDRESSES_MAX	16

/* Begin a connection; the socket, or -1. */
static int
connect_start(const struct addrinfo *ai)
{
	int	fd;

	fd = socket(ai->ai_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	if (connect(fd, ai->ai_addr, ai->ai_addrlen) == -1 &&
	    errno != EINPROGRESS)
		fd_close(&fd);
	return fd;
}

/* 0, ERR_TIMEOUT or ERR_UNREACHABLE. */
static int
connect_finish(int fd, int64_t due_ms)
{
	struct pollfd	pfd = { .fd = fd, .events = POLLOUT };
	socklen_t	len = sizeof(int);
	int64_t		left_ms;
	int		n, error = 0;

	do {
		left_ms = due_ms - clock_monotonic_ms();
		n = poll(&pfd, 1, left_ms < 0 ? 0 : (int)left_ms);
	} while (n == -1 && errno == EINTR);
	if (n == 0)
		return ERR_TIMEOUT;
	if (n == -1 ||
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1 ||
	    error != 0)
		return ERR_UNREACHABLE;
	return 0;
}

/* Which address accepts?  Its first connection goes to c->fd[0]. */
static int
connect_first(const struct addrinfo *list, int64_t due_ms,
    struct broker_connections *c, const struct addrinfo **found)
{
	const struct addrinfo	*ai;
	int64_t			 now_ms;
	int			 left = 0, fd, r, result = ERR_UNREACHABLE;

	for (ai = list; ai != NULL && left < CONNECT_ADDRESSES_MAX;
	    ai = ai->ai_next)
		left++;
	for (ai = list; left > 0; ai = ai->ai_next, left--) {
		if ((fd = connect_start(ai)) == -1)
			continue;
		/* An address that is silent leaves time for the others. */
		now_ms = clock_monotonic_ms();
		r = connect_finish(fd, now_ms + (due_ms - now_ms) / left);
		if (r == 0) {
			c->fd[0] = fd;
			c->n = 1;
			*found = ai;
			return 0;
		}
		if (r == ERR_TIMEOUT)
			result = r;
		fd_close(&fd);
	}
	return result;
}

static void
connect_others(const struct addrinfo *ai, size_t wanted, int64_t due_ms,
    struct broker_connections *c)
{
	size_t	i;

	for (i = 1; i < wanted && i < IPC_BROKER_CONNECTIONS; i++)
		c->fd[i] = connect_start(ai);
	c->n = i;
	for (i = 1; i < c->n; i++)
		if (c->fd[i] != -1 && connect_finish(c->fd[i], due_ms) != 0)
			fd_close(&c->fd[i]);
}

static int
connect_resolve(const struct ipc_boot_broker *cfg, struct addrinfo **list,
    struct broker_failure *why)
{
	struct addrinfo	hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV,
	};
	char		port[sizeof("4294967295")];
	int		r;

	snprintf(port, sizeof(port), "%u", cfg->port);
	r = getaddrinfo(cfg->host, port, &hints, list);
	if (r == 0)
		return 0;
	log_info("resolving the exchange's name: %s", gai_strerror(r));
	why->stage = r == EAI_MEMORY ? IPC_STAGE_MEMORY : IPC_STAGE_RESOLVE;
	why->reason = r == EAI_MEMORY ? IPC_REASON_INTERNAL :
	    IPC_REASON_EXCHANGE_DOWN;
	return -1;
}

int
connect_open(const struct ipc_boot_broker *cfg, struct broker_connections *c,
    struct broker_failure *why)
{
	const struct addrinfo	*found = NULL;
	struct addrinfo		*list;
	int64_t			 due_ms;
	size_t			 i;
	int			 r;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < IPC_BROKER_CONNECTIONS; i++)
		c->fd[i] = -1;
	if (connect_resolve(cfg, &list, why) != 0)
		return -1;
	due_ms = clock_monotonic_ms() + cfg->connect_timeout_ms;
	r = connect_first(list, due_ms, c, &found);
	if (r == 0) {
		connect_others(found, cfg->connections, due_ms, c);
		c->ipv6 = found->ai_family == AF_INET6;
		if (getnameinfo(found->ai_addr, found->ai_addrlen,
		    c->address, sizeof(c->address), NULL, 0,
		    NI_NUMERICHOST) != 0)
			r = ERR_UNREACHABLE;
	}
	freeaddrinfo(list);
	if (r == 0)
		return 0;
	connect_close(c);
	log_info("connecting to the exchange: %s", err_text(r));
	why->stage = IPC_STAGE_CONNECT;
	why->reason = IPC_REASON_EXCHANGE_DOWN;
	return -1;
}

int
connect_take(struct broker_connections *c)
{
	size_t	i;
	char	byte;
	int	fd;

	for (i = 0; i < c->n; i++) {
		fd = c->fd[i];
		if (fd == -1)
			continue;
		c->fd[i] = -1;
		/* Nothing was asked: only silence is a good sign. */
		if (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == -1 &&
		    errno == EAGAIN)
			return fd;
		fd_close(&fd);
	}
	return -1;
}

void
connect_close(struct broker_connections *c)
{
	size_t	i;

	for (i = 0; i < c->n; i++)
		fd_close(&c->fd[i]);
	c->n = 0;
}
