/* SPDX-License-Identifier: MIT */
/*
 * The poll loop.  Runs in every long-lived process; handles no bytes.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "compat/compat.h"

struct loop_fd {
	loop_fd_fn	*fn;
	void		*arg;
	int		 fd;		/* -1: free */
	short		 events;
};

struct loop_timer {
	loop_timer_fn	*fn;		/* NULL: free */
	void		*arg;
	int64_t		 due_ms;
};

struct loop {
	struct loop_fd		*fds;
	struct pollfd		*pfds;
	size_t			 nfds;
	struct loop_timer	*timers;
	size_t			 ntimers;
	bool			 stopped;
};

struct loop *
loop_new(void)
{
	return calloc(1, sizeof(struct loop));
}

void
loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	free(l->fds);
	free(l->pfds);
	free(l->timers);
	free(l);
}

static struct loop_fd *
loop_fd_slot(struct loop *l, int fd)
{
	size_t	i;

	for (i = 0; i < l->nfds; i++)
		if (l->fds[i].fd == fd)
			return &l->fds[i];
	return NULL;
}

static struct loop_fd *
loop_fd_new(struct loop *l)
{
	struct loop_fd	*slot = loop_fd_slot(l, -1);
	struct loop_fd	*fds;
	struct pollfd	*pfds;

	if (slot != NULL)
		return slot;
	pfds = recallocarray(l->pfds, l->nfds, l->nfds + 1, sizeof(*pfds));
	if (pfds == NULL)
		return NULL;
	l->pfds = pfds;
	fds = recallocarray(l->fds, l->nfds, l->nfds + 1, sizeof(*fds));
	if (fds == NULL)
		return NULL;
	l->fds = fds;
	return &l->fds[l->nfds++];
}

int
loop_fd_set(struct loop *l, int fd, short events, loop_fd_fn *fn, void *arg)
{
	struct loop_fd	*slot = loop_fd_slot(l, fd);

	if (slot == NULL)
		slot = loop_fd_new(l);
	if (slot == NULL)
		return ERR_MEMORY;
	slot->fd = fd;
	slot->events = events;
	slot->fn = fn;
	slot->arg = arg;
	return 0;
}

void
loop_fd_clear(struct loop *l, int fd)
{
	struct loop_fd	*slot = fd == -1 ? NULL : loop_fd_slot(l, fd);

	if (slot != NULL)
		slot->fd = -1;
}

static struct loop_timer *
loop_timer_slot(struct loop *l, loop_timer_fn *fn, void *arg)
{
	size_t	i;

	for (i = 0; i < l->ntimers; i++)
		if (l->timers[i].fn == fn && l->timers[i].arg == arg)
			return &l->timers[i];
	return NULL;
}

int
loop_timer_set(struct loop *l, int64_t due_ms, loop_timer_fn *fn, void *arg)
{
	struct loop_timer	*slot = loop_timer_slot(l, fn, arg), *timers;
	size_t			 i;

	for (i = 0; slot == NULL && i < l->ntimers; i++)
		if (l->timers[i].fn == NULL)
			slot = &l->timers[i];
	if (slot == NULL) {
		timers = recallocarray(l->timers, l->ntimers, l->ntimers + 1,
		    sizeof(*timers));
		if (timers == NULL)
			return ERR_MEMORY;
		l->timers = timers;
		slot = &l->timers[l->ntimers++];
	}
	slot->fn = fn;
	slot->arg = arg;
	slot->due_ms = due_ms;
	return 0;
}

void
loop_timer_clear(struct loop *l, loop_timer_fn *fn, void *arg)
{
	struct loop_timer	*slot = loop_timer_slot(l, fn, arg);

	if (slot != NULL)
		slot->fn = NULL;
}

/* Milliseconds to the next timer, -1 for none. */
static int
loop_timeout(const struct loop *l)
{
	int64_t	now = clock_monotonic_ms(), left, least = -1;
	size_t	i;

	for (i = 0; i < l->ntimers; i++) {
		if (l->timers[i].fn == NULL)
			continue;
		left = l->timers[i].due_ms - now;
		if (left < 0)
			left = 0;
		if (least == -1 || left < least)
			least = left;
	}
	return least > INT_MAX ? INT_MAX : (int)least;
}

static void
loop_fire_timers(struct loop *l)
{
	int64_t		 now = clock_monotonic_ms();
	loop_timer_fn	*fn;
	size_t		 i;

	for (i = 0; i < l->ntimers && !l->stopped; i++) {
		fn = l->timers[i].fn;
		if (fn == NULL || l->timers[i].due_ms > now)
			continue;
		l->timers[i].fn = NULL;
		fn(l->timers[i].arg);
	}
}

static void
loop_fire_fds(struct loop *l, size_t polled)
{
	struct loop_fd	*slot;
	size_t		 i;

	for (i = 0; i < polled && !l->stopped; i++) {
		slot = &l->fds[i];
		/* A callback before us may have given the slot away. */
		if (l->pfds[i].revents == 0 || slot->fd != l->pfds[i].fd)
			continue;
		slot->fn(slot->arg, slot->fd, l->pfds[i].revents);
	}
}

int
loop_run(struct loop *l)
{
	size_t	i, polled;
	int	n;

	l->stopped = false;
	while (!l->stopped) {
		for (i = 0; i < l->nfds; i++) {
			l->pfds[i].fd = l->fds[i].fd;
			l->pfds[i].events = l->fds[i].events;
			l->pfds[i].revents = 0;
		}
		polled = l->nfds;
		n = poll(l->pfds, polled, loop_timeout(l));
		if (n == -1 && errno != EINTR)
			return ERR_SYSTEM;
		if (n > 0)
			loop_fire_fds(l, polled);
		loop_fire_timers(l);
	}
	return 0;
}

void
loop_stop(struct loop *l)
{
	l->stopped = true;
}
