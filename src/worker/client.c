/* SPDX-License-Identifier: MIT */
/*
 * The client's bytes: lines in, lines out, and the hand-over of both to
 * another worker.  Runs in the worker; everything read here is untrusted.
 *
 * The descriptors may be shared with other processes (a terminal, a pipe),
 * so that they are not made non-blocking: each read and write follows a
 * poll, and writes are small enough not to block.
 */
#include <sys/socket.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/loop.h"
#include "compat/compat.h"
#include "mcp/revision.h"
#include "mcp/scan.h"
#include "worker/worker.h"

/* Bytes to read: of new lines few, as those not yet handled die with us. */
#define CLIENT_READ	4096
#define CLIENT_READ_MAX	65536

static void	client_event(void *, int, short);

/* What waits to be written is enough, and is not to become more. */
static bool
client_is_slow(const struct worker *w)
{
	return w->out.len >= WORKER_OUT_HIGH ||
	    w->nquick == WORKER_QUICK_MAX;
}

/* Poll for what can go on: one slot, as both may be one socket. */
static void
client_watch(struct worker *w)
{
	short	in = 0, out = 0;
	int	error = 0;

	if (w->in_fd == -1)
		return;
	if (!w->in_closed && !w->yielding && w->in.len <= w->line_max &&
	    !client_is_slow(w))
		in = POLLIN;
	if (w->out.len > 0)
		out = POLLOUT;
	if (w->in_fd == w->out_fd)
		in |= out;
	else if (out != 0)
		error = loop_fd_set(w->loop, w->out_fd, out, client_event, w);
	else
		loop_fd_clear(w->loop, w->out_fd);
	if (error == 0 && in != 0)
		error = loop_fd_set(w->loop, w->in_fd, in, client_event, w);
	else
		loop_fd_clear(w->loop, w->in_fd);
	if (error != 0)
		fatalx("client: %s", err_text(error));
}

/* The client reads no more: nothing that we do can matter to it. */
static void
client_gone(struct worker *w)
{
	log_debug("client: output is closed");
	calls_free(w);
	listens_free(w);
	buf_reset(&w->in);
	buf_reset(&w->out);
	w->nended = w->nquick = 0;
	w->in_closed = true;
	client_settle(w);
}

/* So that a successor knows whether it has to end a line first. */
static void
client_tell_partial(struct worker *w, bool partial)
{
	struct ipc_work_output	output = { .partial = partial };

	if (w->out_partial == partial)
		return;
	w->out_partial = partial;
	master_send(w, WORK_OUTPUT, &output, NULL, 0);
}

/*
 * As much of out behind *sent as goes without blocking; 0, ERR_AGAIN or
 * another error.
 */
static int
client_write_some(struct worker *w, size_t *sent)
{
	const char	*data = w->out.data + *sent;
	size_t		 left = w->out.len - *sent;
	bool		 partial;
	ssize_t		 n;

	/* What is longer than this may be cut by a death. */
	if (left > PIPE_BUF)
		client_tell_partial(w, true);
	n = send(w->out_fd, data, left, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n == -1 && errno == ENOTSOCK)
		n = write(w->out_fd, data, left < PIPE_BUF ? left : PIPE_BUF);
	if (n <= 0)
		return n == 0 || errno == EINTR ? 0 :
		    errno == EAGAIN ? ERR_AGAIN : ERR_CLOSED;
	left -= (size_t)n;
	partial = left > 0 && data[n - 1] != '\n';
	client_tell_partial(w, partial || (w->out_partial && left > 0));
	ended_written(w, (size_t)n);
	*sent += (size_t)n;
	return 0;
}

static bool
client_can_write(const struct worker *w)
{
	struct pollfd	pfd = { .fd = w->out_fd, .events = POLLOUT };

	return poll(&pfd, 1, 0) == 1;
}

/* Write while it goes; true if the client is still there. */
static bool
client_write(struct worker *w)
{
	size_t	sent = 0;
	int	error = 0;

	while (sent < w->out.len && error == 0 && client_can_write(w))
		error = client_write_some(w, &sent);
	/* Once: what is left of a large answer is moved each time. */
	buf_consume(&w->out, sent);
	if (error != 0 && error != ERR_AGAIN) {
		client_gone(w);
		return false;
	}
	return true;
}

static void
client_read(struct worker *w)
{
	size_t	most = w->in.len > 0 || w->in_skip ? CLIENT_READ_MAX :
		    CLIENT_READ;
	ssize_t	n;

	if (buf_reserve(&w->in, most) != 0)
		fatalx("client: %s", err_text(buf_error(&w->in)));
	n = read(w->in_fd, w->in.data + w->in.len, most);
	if (n > 0) {
		w->in.len += (size_t)n;
		w->in.data[w->in.len] = '\0';
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		if (n == -1)
			log_warn("client: read");
		w->in_closed = true;
	}
}

static void
client_event(void *arg, int fd, short revents)
{
	struct worker	*w = arg;

	if (fd == w->in_fd && (revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
	    !w->in_closed && !w->yielding)
		client_read(w);
	if (fd == w->out_fd && (revents & (POLLERR | POLLNVAL)) != 0 &&
	    (revents & POLLOUT) == 0) {
		client_gone(w);
		return;
	}
	client_run(w);
}

/* The session changed: the next worker must know. */
static void
client_tell_session(struct worker *w, const struct mcp_session *before)
{
	struct ipc_session	session;

	if (memcmp(before, &w->session, sizeof(*before)) == 0)
		return;
	client_session(w, &session);
	master_send(w, WORK_SESSION, &session, NULL, 0);
}

/* A line that was answered without a call: whose answer is it? */
static void
client_answered(struct worker *w, const char *line, size_t len)
{
	struct mcp_scan	scan;

	if (len > w->line_max)
		return;
	mcp_scan_line(line, len, w->line_max, &scan);
	if (scan.shape == MCP_SHAPE_OBJECT && scan.id.data != NULL)
		ended_add_quick(w, scan.id.data, scan.id.len);
}

static void
client_line(struct worker *w, const char *line, size_t len)
{
	struct mcp_session	before = w->session;
	size_t			out_len = w->out.len;
	uint32_t		nids = w->nids;
	struct mcp_scan		scan;
	int			error;

	if (w->in_broken && len <= w->line_max) {
		w->in_broken = false;
		mcp_scan_line(line, len, w->line_max, &scan);
		if (scan.fault == MCP_FAULT_SYNTAX) {
			log_debug("client: rest of a line is skipped");
			return;
		}
	}
	error = mcp_server_line(w->mcp, &w->session, line, len, &w->out);
	if (error != 0)
		fatalx("an answer cannot be written: %s", err_text(error));
	if (w->out.len > out_len && w->nids == nids)
		client_answered(w, line, len);
	client_tell_session(w, &before);
}

void
client_resume(struct worker *w, const char *saved, size_t len)
{
	int	error = mcp_server_resume(w->mcp, &w->session, saved, len,
	    &w->out);

	if (error != 0)
		fatalx("an answer cannot be written: %s", err_text(error));
}

/* A line without end that is over the limit: answer once, skip the rest. */
static size_t
client_too_long(struct worker *w, size_t from)
{
	if (!w->in_skip)
		client_line(w, w->in.data + from, (size_t)w->line_max + 1);
	w->in_skip = true;
	return w->in.len;
}

/* Handle one line from `from` on; where the next one starts, or `from`. */
static size_t
client_next_line(struct worker *w, size_t from)
{
	size_t	 seen = from + w->in_seen;
	size_t	 len;
	char	*end;

	end = memchr(w->in.data + seen, '\n', w->in.len - seen);
	if (end == NULL) {
		w->in_seen = w->in.len - from;
		if (w->in_skip || w->in_seen > w->line_max) {
			w->in_seen = 0;
			return client_too_long(w, from);
		}
		return from;
	}
	w->in_seen = 0;
	len = (size_t)(end - (w->in.data + from));
	if (w->in_skip)
		w->in_skip = false;
	else if (len > w->line_max)
		client_line(w, w->in.data + from, (size_t)w->line_max + 1);
	else
		client_line(w, w->in.data + from, len);
	return from + len + 1;
}

/* True if lines are left that may be handled when all is written. */
static bool
client_lines(struct worker *w)
{
	size_t	from = 0, next;
	bool	whole = true;

	while (from < w->in.len && whole && !client_is_slow(w)) {
		next = client_next_line(w, from);
		whole = next > from;
		from = next;
	}
	buf_consume(&w->in, from);
	if (w->in.len == 0 || client_is_slow(w))
		return w->in.len > 0;
	/* A last line without newline is a line. */
	if (w->in_closed) {
		if (!w->in_skip)
			client_line(w, w->in.data, w->in.len);
		buf_reset(&w->in);
		w->in_seen = 0;
	}
	return false;
}

void
client_run(struct worker *w)
{
	bool	more, open = true;

	/* New lines come after those that earlier workers have read. */
	if (w->in_fd == -1 || w->resumes_due > 0)
		return;
	do {
		more = w->in.len > 0 && !w->yielding && client_lines(w);
		calls_run(w);
		if (w->out.len > 0)
			open = client_write(w);
	} while (more && open && w->out.len == 0);
	if (open) {
		ended_announce(w);
		client_settle(w);
	}
	client_watch(w);
}

void
client_session(const struct worker *w, struct ipc_session *session)
{
	memset(session, 0, sizeof(*session));
	session->initialized = w->session.initialized;
	session->input_closed = w->in_closed;
	session->line_skipped = w->in_skip;
	if (w->session.initialized)
		strlcpy(session->revision,
		    mcp_revision_name(w->session.revision),
		    sizeof(session->revision));
	strlcpy(session->client_name, w->session.client_name,
	    sizeof(session->client_name));
	strlcpy(session->client_version, w->session.client_version,
	    sizeof(session->client_version));
}

/* At a message boundary, with nothing to write: give the client away. */
static void
client_hand_over(struct worker *w)
{
	struct ipc_session	session;
	int			fds[3] = { w->in_fd, w->out_fd, -1 };
	size_t			nfds = 2;

	calls_hand_over(w);
	listens_hand_over(w);
	client_session(w, &session);
	if (w->in.len <= IPC_INLINE_MAX) {
		session.rest_len = (uint32_t)w->in.len;
		memcpy(session.rest, buf_string(&w->in), w->in.len);
	} else {
		fds[nfds] = fd_memory_file("rest", w->in.data, w->in.len);
		if (fds[nfds] < 0)
			fatal("hand-over");
		nfds++;
	}
	master_send(w, WORK_HANDOVER, &session, fds, nfds);
	fd_close(&fds[2]);
	loop_fd_clear(w->loop, w->in_fd);
	loop_fd_clear(w->loop, w->out_fd);
	fd_close(&w->in_fd);
	fd_close(&w->out_fd);
	explicit_bzero(&session, sizeof(session));
	loop_stop(w->loop);
}

static void
client_bye(struct worker *w)
{
	struct ipc_empty	empty = { 0 };

	master_send(w, WORK_BYE, &empty, NULL, 0);
	loop_stop(w->loop);
}

void
client_settle(struct worker *w)
{
	if (w->in_fd == -1 || w->out.len > 0 || calls_running(w))
		return;
	if (w->in_closed && w->in.len == 0 && w->calls == NULL) {
		listens_end(w);
		if (w->out.len == 0)
			client_bye(w);
	} else if (w->yielding)
		client_hand_over(w);
}

int
client_adopt(struct worker *w, const struct ipc_session *session,
    struct ipc_message *m)
{
	int	error = 0;

	if (session->initialized)
		error = mcp_session_restore(&w->session, session->revision,
		    session->client_name, session->client_version);
	if (error != 0)
		return error;
	w->in_fd = m->fds[0];
	w->out_fd = m->fds[1];
	m->fds[0] = m->fds[1] = -1;
	w->in_closed = session->input_closed;
	w->in_skip = session->line_skipped;
	w->in_broken = session->after_death;
	w->resumes_due = session->resumes;
	/* A line that died half-written is ended, so that ours is whole. */
	if (session->after_death && session->output_broken)
		buf_addc(&w->out, '\n');
	buf_add(&w->in, session->rest, session->rest_len);
	if (m->nfds == 3)
		error = fd_read_memory_file(m->fds[2], w->in.max, &w->in);
	return error != 0 ? error : buf_error(&w->in);
}
