/* SPDX-License-Identifier: MIT */
/*
 * A master's children.  Runs in the master only.  Every byte a child sends
 * is taken as hostile: a broken rule costs the child its life and the
 * master one log line.
 */
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/loop.h"
#include "ipc/child.h"
#include "ipc/spawn.h"

/* Messages of one child that are handled before others have their turn. */
#define CHILD_BURST	32
/* From closing its channel to its end. */
#define CHILD_EXIT_MS	2000

struct ipc_child {
	struct ipc_child		*next;
	struct ipc_children		*set;
	const struct ipc_child_kind	*kind;
	struct ipc_channel		*ch;
	void				*arg;
	pid_t				 pid;
	bool				 detached;
	bool				 faulty, outdated;
	bool				 killed;
	bool				 reaped;
};

struct ipc_children {
	struct loop		*loop;
	struct ipc_child	*list;
	int			 log_fd;
};

struct ipc_children *
ipc_children_new(struct loop *loop, int log_fd)
{
	struct ipc_children	*set = calloc(1, sizeof(*set));

	if (set == NULL)
		return NULL;
	set->loop = loop;
	set->log_fd = log_fd;
	return set;
}

bool
ipc_children_any(const struct ipc_children *set)
{
	return set->list != NULL;
}

static void
child_expired(void *arg)
{
	ipc_child_kill(arg, "took too long");
}

/* Stop listening; the process may still live. */
static void
child_silence(struct ipc_child *c)
{
	if (c->ch != NULL)
		loop_fd_clear(c->set->loop, ipc_channel_fd(c->ch));
	loop_timer_clear(c->set->loop, child_expired, c);
}

static void
child_free(struct ipc_child *c)
{
	struct ipc_child	**p = &c->set->list;

	child_silence(c);
	while (*p != NULL && *p != c)
		p = &(*p)->next;
	if (*p == c)
		*p = c->next;
	ipc_channel_free(c->ch);
	free(c);
}

void
ipc_children_free(struct ipc_children *set)
{
	struct ipc_child	*c;

	if (set == NULL)
		return;
	while ((c = set->list) != NULL) {
		kill(c->pid, SIGKILL);
		while (waitpid(c->pid, NULL, 0) == -1 && errno == EINTR)
			continue;
		child_free(c);
	}
	free(set);
}

void
ipc_child_kill(struct ipc_child *c, const char *why)
{
	if (c->killed)
		return;
	if (why != NULL)
		log_warnx("%s %ld killed: %s", c->kind->name, (long)c->pid,
		    why);
	c->killed = true;
	child_silence(c);
	/* Once reaped, its number may be somebody else's. */
	if (!c->reaped)
		kill(c->pid, SIGKILL);
}

void
ipc_child_detach(struct ipc_child *c)
{
	c->detached = true;
	c->arg = NULL;
}

uint32_t
ipc_child_state(const struct ipc_child *c)
{
	return ipc_channel_state(c->ch);
}

pid_t
ipc_child_pid(const struct ipc_child *c)
{
	return c->pid;
}

bool
ipc_child_is_outdated(const struct ipc_child *c)
{
	return c->outdated;
}

bool
ipc_child_is_faulty(const struct ipc_child *c)
{
	return c->faulty;
}

void
ipc_child_deadline(struct ipc_child *c, int64_t due_ms)
{
	if (due_ms == 0 || c->killed)
		loop_timer_clear(c->set->loop, child_expired, c);
	else if (loop_timer_set(c->set->loop, due_ms, child_expired, c) != 0)
		ipc_child_kill(c, err_text(ERR_MEMORY));
}

/* The peer broke a rule: one line, and death. */
static void
child_fault(struct ipc_child *c, const char *message, const char *what)
{
	char	text[128];

	c->faulty = true;
	snprintf(text, sizeof(text), "protocol violation: %s: %s", message,
	    what);
	ipc_child_kill(c, text);
}

/* Ready, and of the same version: both ends must have one table. */
static bool
child_is_ours(struct ipc_child *c, const struct ipc_boot_ready *ready)
{
	ipc_child_deadline(c, 0);
	if (ready->table_hash == ipc_table_hash())
		return true;
	c->outdated = true;
	ipc_child_kill(c, "of another version: a restart is needed");
	return false;
}

static void
child_handle(struct ipc_child *c, struct ipc_message *m)
{
	const struct ipc_handler	*h;

	if (c->detached)
		return;
	if (m->row->type == BOOT_READY && !child_is_ours(c, m->payload))
		return;
	for (h = c->kind->handlers; h->fn != NULL; h++) {
		if ((uint32_t)h->type != m->row->type)
			continue;
		if (h->fn(c->arg, c, m) != 0)
			child_fault(c, m->row->name,
			    ipc_fault_text(IPC_FAULT_CONDUCT));
		return;
	}
	/* The table lets it come, this master has no use for it. */
	if (m->row->type != BOOT_READY)
		child_fault(c, m->row->name, "not expected");
}

/* At most n messages; false when there are none left for now. */
static bool
child_drain(struct ipc_child *c, unsigned int n)
{
	struct ipc_message	 m;
	const char		*name;
	enum ipc_fault		 fault;
	int			 error;

	while (n-- > 0 && !c->killed) {
		error = ipc_receive(c->ch, &m);
		if (error == 0) {
			child_handle(c, &m);
			ipc_message_done(c->ch, &m);
			continue;
		}
		if (error == ERR_DENIED) {
			fault = ipc_channel_fault(c->ch, &name);
			child_fault(c, name, ipc_fault_text(fault));
		} else if (error != ERR_AGAIN) {
			/* Hung up: it has a moment to die by itself. */
			loop_fd_clear(c->set->loop, ipc_channel_fd(c->ch));
			ipc_child_deadline(c,
			    clock_monotonic_ms() + CHILD_EXIT_MS);
		}
		return false;
	}
	return !c->killed;
}

static void	child_watch(struct ipc_child *);

static void
child_event(void *arg, int fd, short revents)
{
	struct ipc_child	*c = arg;
	int			 error = 0;

	(void)fd;
	if ((revents & POLLOUT) != 0)
		error = ipc_flush(c->ch);
	if (error != 0)
		ipc_child_kill(c, error == ERR_CLOSED ? NULL :
		    err_text(error));
	else
		child_watch(c);
	if ((revents & (POLLIN | POLLHUP | POLLERR)) != 0)
		child_drain(c, CHILD_BURST);
}

static void
child_watch(struct ipc_child *c)
{
	short	events = POLLIN;

	if (c->killed)
		return;
	if (ipc_pending(c->ch))
		events |= POLLOUT;
	if (loop_fd_set(c->set->loop, ipc_channel_fd(c->ch), events,
	    child_event, c) != 0)
		ipc_child_kill(c, err_text(ERR_MEMORY));
}

void
ipc_child_send(struct ipc_child *c, enum ipc_type type, const void *payload,
    const int *fds, size_t nfds)
{
	int	error;

	if (c->killed)
		return;
	error = ipc_send(c->ch, type, payload, fds, nfds);
	if (error == 0) {
		child_watch(c);
		return;
	}
	/* It is dying by itself; what it said before has yet to be read. */
	if (error == ERR_CLOSED)
		ipc_child_deadline(c, clock_monotonic_ms() + CHILD_EXIT_MS);
	else
		ipc_child_kill(c, error == ERR_LIMIT ? "does not read" :
		    err_text(error));
}

static void
child_hello(struct ipc_child *c, enum ipc_type boot, const void *payload)
{
	struct ipc_boot_hello	hello = {
		.table_hash = ipc_table_hash(),
		.role = c->kind->role,
		.log_level = (uint32_t)log_get_level(),
	};

	ipc_child_send(c, BOOT_HELLO, &hello, NULL, 0);
	ipc_child_send(c, boot, payload, NULL, 0);
}

int
ipc_child_start(struct ipc_children *set, const struct ipc_child_kind *kind,
    int program_fd, enum ipc_type boot, const void *payload, int64_t boot_ms,
    void *arg, struct ipc_child **out)
{
	struct ipc_child	*c = calloc(1, sizeof(*c));
	int			 fd, error;

	if (c == NULL)
		return ERR_MEMORY;
	error = ipc_spawn(program_fd, kind->name, set->log_fd, &c->pid, &fd);
	if (error != 0) {
		free(c);
		return error;
	}
	c->set = set;
	c->kind = kind;
	c->arg = arg;
	c->next = set->list;
	set->list = c;
	c->ch = ipc_channel_new(fd, IPC_MASTER, kind->role);
	if (c->ch == NULL) {
		fd_close(&fd);
		kill(c->pid, SIGKILL);
		waitpid(c->pid, NULL, 0);
		child_free(c);
		return ERR_MEMORY;
	}
	child_hello(c, boot, payload);
	ipc_child_deadline(c, clock_monotonic_ms() + boot_ms);
	*out = c;
	return 0;
}

static void
child_bury(struct ipc_child *c, int status)
{
	c->reaped = true;
	/* What it said before it died counts. */
	while (child_drain(c, CHILD_BURST))
		continue;
	child_silence(c);
	if (!c->detached && c->kind->gone != NULL)
		c->kind->gone(c->arg, c, status);
	child_free(c);
}

void
ipc_children_reap(struct ipc_children *set)
{
	struct ipc_child	*c, *next;
	int			 status;

	for (c = set->list; c != NULL; c = next) {
		next = c->next;
		if (!c->reaped && waitpid(c->pid, &status, WNOHANG) == c->pid)
			child_bury(c, status);
	}
}
