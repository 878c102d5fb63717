/* SPDX-License-Identifier: MIT */
/*
 * What the master says to its worker, and the database connection's events.
 * Runs in the worker; the master is trusted, its messages are checked by the
 * table like any other.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/loop.h"
#include "compat/compat.h"
#include "db/db.h"
#include "worker/worker.h"

typedef void	master_fn(struct worker *w, struct ipc_message *m);

void
master_send(struct worker *w, enum ipc_type type, const void *payload,
    const int *fds, size_t nfds)
{
	int	error = ipc_send_wait(w->ch, type, payload, fds, nfds);

	if (error == ERR_CLOSED)
		_exit(0);
	if (error != 0)
		fatalx("master: message %d: %s", (int)type, err_text(error));
}

static void
master_adopt(struct worker *w, struct ipc_message *m)
{
	int	error = client_adopt(w, m->payload, m);

	if (error != 0)
		fatalx("client: %s", err_text(error));
}

static void
master_resume(struct worker *w, struct ipc_message *m)
{
	const struct ipc_call	*msg = m->payload;
	struct buf		 line;

	/* A batch has the answers with it that it had. */
	buf_init(&line, WORKER_OUT_MAX);
	buf_add(&line, msg->data, msg->data_len);
	if ((m->nfds == 1 && fd_read_memory_file(m->fds[0], line.max,
	    &line) != 0) || buf_error(&line) != 0)
		fatalx("a request that waited cannot be read");
	if (w->resumes_due > 0)
		w->resumes_due--;
	w->resuming = true;
	w->resume_deadline_ms = msg->deadline_ms;
	client_resume(w, buf_string(&line), line.len);
	w->resuming = false;
	buf_free(&line);
}

static void
master_lost(struct worker *w, struct ipc_message *m)
{
	const struct ipc_id	*id = m->payload;

	calls_lost(w, id->id, id->id_len);
}

static void
master_principal(struct worker *w, struct ipc_message *m)
{
	const struct ipc_person	*p = m->payload;

	/* A call at work has the list; one person's worker stays theirs. */
	if (w->person != 0 && w->person != p->person)
		fatalx("the person changed");
	w->login_asked = LOGIN_NOT_ASKED;
	w->login_quiet = w->login_not_stored = false;
	if (calls_running(w) || (w->db != NULL && db_busy(w->db)))
		return;
	freezero(w->studies, w->nstudies * sizeof(*w->studies));
	w->studies = NULL;
	w->nstudies = p->nstudies;
	w->narrowed = p->narrowed;
	if (p->nstudies > 0) {
		w->studies = calloc(p->nstudies, sizeof(*w->studies));
		if (w->studies == NULL)
			fatalx("studies: %s", err_text(ERR_MEMORY));
		memcpy(w->studies, p->studies,
		    p->nstudies * sizeof(*w->studies));
	}
	w->person = p->person;
	w->person_until_s = p->valid_until_s;
}

static void
master_refused(struct worker *w, struct ipc_message *m)
{
	const struct ipc_work_refused	*r = m->payload;

	calls_refuse(w, (enum ipc_need)r->what, (enum ipc_reason)r->reason,
	    r->port, r->url);
}

static void
master_yield(struct worker *w, struct ipc_message *m)
{
	(void)m;
	w->yielding = true;
}

static void
master_stop(struct worker *w, struct ipc_message *m)
{
	(void)m;
	loop_stop(w->loop);
}

static const struct {
	enum ipc_type	 type;
	master_fn	*fn;
} master_handlers[] = {
	{ WORK_ADOPT, master_adopt },
	{ WORK_RESUME, master_resume },
	{ WORK_LOST, master_lost },
	{ WORK_PRINCIPAL, master_principal },
	{ WORK_REFUSED, master_refused },
	{ WORK_YIELD, master_yield },
	{ CTRL_STOP, master_stop },
};

static void
master_handle(struct worker *w, struct ipc_message *m)
{
	size_t	i, n = sizeof(master_handlers) / sizeof(master_handlers[0]);

	for (i = 0; i < n; i++)
		if ((uint32_t)master_handlers[i].type == m->row->type) {
			master_handlers[i].fn(w, m);
			return;
		}
	fatalx("master: unexpected %s", m->row->name);
}

void
master_event(void *arg, int fd, short revents)
{
	struct worker		*w = arg;
	struct ipc_message	 m;
	const char		*name;
	int			 error;

	(void)fd;
	(void)revents;
	while ((error = ipc_receive(w->ch, &m)) == 0) {
		master_handle(w, &m);
		ipc_message_done(w->ch, &m);
	}
	if (error == ERR_CLOSED)
		_exit(0);
	if (error == ERR_DENIED)
		fatalx("master: %s",
		    ipc_fault_text(ipc_channel_fault(w->ch, &name)));
	if (error != ERR_AGAIN)
		fatal("master");
	client_run(w);
}

static void
worker_db_event(void *arg, int fd, short revents)
{
	struct worker	*w = arg;

	/* On an error the library closes it: forget it before. */
	loop_fd_clear(w->loop, fd);
	if (db_dispatch(w->db, revents) != 0) {
		log_warnx("the database connection was lost");
		worker_disconnect(w);
	}
	calls_heard(w);
	worker_watch_db(w);
	client_run(w);
}

void
worker_disconnect(struct worker *w)
{
	if (w->db == NULL)
		return;
	if (db_alive(w->db))
		loop_fd_clear(w->loop, db_fd(w->db));
	db_close(w->db);
	w->db = NULL;
}

void
worker_watch_db(struct worker *w)
{
	if (w->db == NULL || !db_alive(w->db))
		return;
	if (loop_fd_set(w->loop, db_fd(w->db), db_want(w->db),
	    worker_db_event, w) != 0)
		fatalx("database: %s", err_text(ERR_MEMORY));
}
