/* SPDX-License-Identifier: MIT */
/*
 * The master of one client.  Runs in jhe-mcp, as the user; reads not one
 * byte of the client, the exchange or the database itself.  A bare worker
 * answers at once, a connected one takes over when it is ready; both are
 * replaced when they die, and their messages are taken as hostile.
 */
#include <sys/wait.h>

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/loop.h"
#include "cli/login.h"
#include "cli/program.h"
#include "cli/serve_private.h"
#include "cli/waiting.h"
#include "cli/worker_boot.h"
#include "compat/compat.h"
#include "conf/conf.h"
#include "ipc/child.h"
#include "oauth/secret.h"
#include "sandbox/sandbox.h"

#define SERVE_BOOT_MS		10000	/* for a worker, without its database */
#define SERVE_RETRY_MS		500	/* first wait before a new connection */
#define SERVE_RETRY_MAX_MS	30000
#define SERVE_DEATHS_MAX	10	/* of workers with the client ... */
#define SERVE_DEATHS_MS		60000	/* ... within so long */

static void	serve_connect(void *);
static void	serve_start_bare(struct serve *);

/* --- The end --- */

static void
serve_end(void *arg)
{
	struct serve	*s = arg;

	if (!s->over)
		s->ended(s->arg);
	s->over = true;
}

void
serve_stop(struct serve *s)
{
	struct ipc_empty	 empty = { 0 };

	if (s->ending || s->serving == NULL ||
	    (ipc_child_state(s->serving) & IPC_BUSY) == 0) {
		serve_end(s);
		return;
	}
	s->ending = true;
	ipc_child_send(s->serving, CTRL_STOP, &empty, NULL, 0);
	if (loop_timer_set(s->p->loop, clock_monotonic_ms() + SERVE_STOP_MS,
	    serve_end, s) != 0)
		serve_end(s);
}

/* --- Giving the client to a worker --- */

/* The client, what it said that is not handled, and what it waits for. */
static void
serve_give_client(struct serve *s, struct ipc_child *c)
{
	int	fds[3] = { s->in_fd, s->out_fd, s->rest_fd };

	s->yielding = false;
	s->session.resumes = waiting_count(s->waiting);
	ipc_child_send(c, WORK_ADOPT, &s->session, fds,
	    s->rest_fd == -1 ? 2 : 3);
	fd_close(&s->rest_fd);
	s->output_partial = false;
	s->session.after_death = 0;
	s->session.output_broken = 0;
	s->session.rest_len = 0;
	explicit_bzero(s->session.rest, sizeof(s->session.rest));
	waiting_give(s->waiting, c);
	serve_tell_person(s);
}

static void
serve_take_over(struct serve *s)
{
	s->serving = s->next;
	s->serving_connected = true;
	s->next = NULL;
	s->next_ready = false;
	serve_give_client(s, s->serving);
}

/*
 * The worker that serves is to hand over: to the connected one that is
 * ready, or to a new one for another person.
 */
void
serve_yield(struct serve *s)
{
	struct ipc_empty	empty = { 0 };

	if (s->serving == NULL && s->next_ready)
		serve_take_over(s);
	else if (s->serving != NULL && !s->yielding &&
	    ipc_child_state(s->serving) == IPC_BUSY) {
		s->yielding = true;
		ipc_child_send(s->serving, WORK_YIELD, &empty, NULL, 0);
	}
	/* Else it is about to start: serve_ready() comes here again. */
}

static int
serve_ready(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct serve	*s = arg;

	(void)m;
	if (c == s->next) {
		s->next_ready = true;
		s->retry_ms = SERVE_RETRY_MS;
		s->database_wanted = false;
		serve_yield(s);
		return 0;
	}
	serve_give_client(s, c);
	if (s->next_ready)
		serve_yield(s);
	else
		serve_connect(s);
	return 0;
}

static int
serve_boot_failed(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct serve			*s = arg;
	const struct ipc_boot_failed	*f = m->payload;

	if (c == s->next)
		s->reason = (enum ipc_reason)f->reason;
	else
		fatalx("a worker cannot start");
	return 0;
}

static int
serve_handover(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct serve	*s = arg;

	if (c != s->serving)
		return ERR_DENIED;
	/* Our own descriptors are as good, and surely the client's. */
	memcpy(&s->session, m->payload, sizeof(s->session));
	if (m->nfds == 3) {
		s->rest_fd = m->fds[2];
		m->fds[2] = -1;
	}
	/* It has given everything back, and may keep nothing. */
	ipc_child_detach(c);
	ipc_child_kill(c, NULL);
	s->serving = NULL;
	if (s->next_ready)
		serve_take_over(s);
	else
		serve_start_bare(s);
	return 0;
}

/* --- What the serving worker reports --- */

static int
serve_session(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct serve	*s = arg;

	(void)c;
	memcpy(&s->session, m->payload, sizeof(s->session));
	return 0;
}

static int
serve_waiting(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct serve	*s = arg;

	(void)c;
	return waiting_add(s->waiting, m);
}

static int
serve_begin(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct serve	*s = arg;

	(void)c;
	return waiting_begin(s->waiting, m->payload);
}

static int
serve_finish(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct serve	*s = arg;

	(void)c;
	return waiting_end(s->waiting, m->payload);
}

static int
serve_want_database(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct serve	*s = arg;

	(void)c;
	(void)m;
	s->database_wanted = true;
	s->serving_connected = false;
	serve_connect(s);
	return 0;
}

static int
serve_output(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct serve			*s = arg;
	const struct ipc_work_output	*output = m->payload;

	(void)c;
	s->output_partial = output->partial;
	return 0;
}

static int
serve_bye(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct serve	*s = arg;

	(void)c;
	(void)m;
	s->ending = true;
	serve_end(s);
	return 0;
}

/* --- Workers come and go --- */

static void
serve_not_connected(struct serve *s)
{
	s->next = NULL;
	s->next_ready = false;
	if (s->database_wanted)
		serve_refuse(s, IPC_NEED_DATABASE, s->reason, "");
	s->database_wanted = false;
	if (loop_timer_set(s->p->loop, clock_monotonic_ms() + s->retry_ms,
	    serve_connect, s) != 0)
		fatalx("retry: %s", err_text(ERR_MEMORY));
	s->retry_ms = s->retry_ms * 2 < SERVE_RETRY_MAX_MS ?
	    s->retry_ms * 2 : SERVE_RETRY_MAX_MS;
}

/* Nothing is lost but the requests it worked on; they are answered. */
static void
serve_worker_died(struct serve *s)
{
	int64_t	now = clock_monotonic_ms();

	s->serving = NULL;
	s->serving_connected = false;
	if (now - s->deaths_since_ms > SERVE_DEATHS_MS) {
		s->deaths = 0;
		s->deaths_since_ms = now;
	}
	if (++s->deaths > SERVE_DEATHS_MAX)
		fatalx("workers die again and again");
	s->session.after_death = 1;
	s->session.output_broken = s->output_partial;
	waiting_lose(s->waiting);
	if (s->next_ready)
		serve_take_over(s);
	else
		serve_start_bare(s);
}

static void
serve_gone(void *arg, struct ipc_child *c, int status)
{
	struct serve	*s = arg;
	char		 text[SANDBOX_EXIT_TEXT_SIZE];

	if (ipc_child_is_outdated(c) || (WIFEXITED(status) &&
	    WEXITSTATUS(status) == IPC_EXIT_MISMATCH))
		fatalx("the installed worker is of another version: restart");
	if (s->ending && c == s->serving) {
		s->serving = NULL;
		serve_end(s);
		return;
	}
	if (c == s->serving || c == s->next)
		log_warnx("worker %ld ended: %s", (long)ipc_child_pid(c),
		    sandbox_describe_exit(status, text, sizeof(text)));
	if (c == s->next)
		serve_not_connected(s);
	else if (c == s->serving)
		serve_worker_died(s);
}

static const struct ipc_handler	serve_handlers[] = {
	{ BOOT_READY, serve_ready },
	{ BOOT_FAILED, serve_boot_failed },
	{ WORK_HANDOVER, serve_handover },
	{ WORK_WAITING, serve_waiting },
	{ WORK_BEGIN, serve_begin },
	{ WORK_END, serve_finish },
	{ WORK_LOGIN, serve_want_login },
	{ WORK_CONNECT, serve_want_database },
	{ WORK_BYE, serve_bye },
	{ WORK_SESSION, serve_session },
	{ WORK_OUTPUT, serve_output },
	{ 0, NULL },
};

static const struct ipc_child_kind	serve_worker = {
	.role = IPC_WORKER, .name = "worker",
	.handlers = serve_handlers, .gone = serve_gone,
};

static int
serve_start_worker(struct serve *s, bool connect, struct ipc_child **out)
{
	struct ipc_boot_worker	boot;
	int			error;

	if (worker_boot_fill(&boot, s->p->conf, connect) != 0)
		fatalx("the option database is too long");
	memcpy(boot.cursor_key, s->cursor_key, sizeof(boot.cursor_key));
	error = ipc_child_start(s->p->children, &serve_worker, s->p->worker_fd,
	    BOOT_WORKER, &boot, SERVE_BOOT_MS +
	    (connect ? boot.connect_timeout_ms : 0), s, out);
	explicit_bzero(&boot, sizeof(boot));
	return error;
}

static void
serve_start_bare(struct serve *s)
{
	int	error = serve_start_worker(s, false, &s->serving);

	if (error != 0)
		fatal("worker");
	s->serving_connected = false;
}

static void
serve_connect(void *arg)
{
	struct serve	*s = arg;

	loop_timer_clear(s->p->loop, serve_connect, s);
	if (s->next != NULL || s->serving_connected || s->ending || s->bare)
		return;
	s->reason = IPC_REASON_DB_DOWN;
	if (serve_start_worker(s, true, &s->next) != 0) {
		log_warn("worker");
		serve_not_connected(s);
	}
}

static struct ipc_person *
serve_person_copy(const struct ipc_person *person)
{
	struct ipc_person	*copy = malloc(sizeof(*copy));

	if (copy != NULL)
		*copy = *person;
	return copy;
}

struct serve *
serve_start(struct program *p, const struct serve_client *client,
    serve_ended_fn *ended, void *arg)
{
	struct serve	*s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->p = p;
	s->in_fd = client->in_fd;
	s->out_fd = client->out_fd;
	s->stored_only = client->stored_only;
	s->bare = client->bare;
	s->ended = ended;
	s->arg = arg;
	s->rest_fd = -1;
	s->retry_ms = SERVE_RETRY_MS;
	s->waiting = waiting_new();
	if (client->person != NULL)
		s->person = serve_person_copy(client->person);
	if (s->waiting == NULL ||
	    (client->person != NULL && s->person == NULL) ||
	    secret_random(s->cursor_key, sizeof(s->cursor_key)) != 0) {
		serve_free(s);
		return NULL;
	}
	serve_start_bare(s);
	return s;
}

static void
serve_drop(struct ipc_child *c)
{
	if (c == NULL)
		return;
	ipc_child_detach(c);
	ipc_child_kill(c, NULL);
}

void
serve_free(struct serve *s)
{
	if (s == NULL)
		return;
	serve_drop(s->serving);
	serve_drop(s->next);
	login_free(s->login);
	loop_timer_clear(s->p->loop, serve_connect, s);
	loop_timer_clear(s->p->loop, serve_end, s);
	waiting_free(s->waiting);
	fd_close(&s->rest_fd);
	freezero(s->person, sizeof(*s->person));
	freezero(s, sizeof(*s));
}
