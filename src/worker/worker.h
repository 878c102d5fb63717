/* SPDX-License-Identifier: MIT */
/*
 * The state of a worker: one client, one person, at most one database
 * connection.  Its files share this; nothing outside src/worker does.
 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "ipc/ipc.h"
#include "mcp/method.h"

struct call;
struct db;
struct loop;
struct tools;

/* Requests of one client that are not yet answered. */
#define WORKER_CALLS_MAX	64
/* Bytes of answers that a slow client may leave unread before its input is
 * not read any more; and the most there can be. */
#define WORKER_OUT_HIGH		(4 * 1024 * 1024)
#define WORKER_OUT_MAX		(64 * 1024 * 1024)

/* What the master was asked for, and has not answered. */
enum login_asked {
	LOGIN_NOT_ASKED,
	LOGIN_ASKED,
	LOGIN_STORED_ASKED	/* a stored one, but no browser */
};

struct worker {
	struct loop		*loop;
	struct ipc_channel	*ch;
	struct db		*db;		/* NULL: a bare worker */
	struct mcp_server	*mcp;
	struct tools		*tools;
	struct mcp_session	 session;

	/* From BOOT_WORKER. */
	uint32_t		 statement_timeout_ms;
	uint32_t		 login_timeout_ms;
	uint32_t		 identity_fields;
	uint32_t		 line_max;
	uint8_t			 cursor_key[32];
	char			 default_timezone[64];

	/* The client; -1 before WORK_ADOPT and after WORK_HANDOVER. */
	int			 in_fd, out_fd;
	struct buf		 in;		/* read, not yet handled */
	size_t			 in_seen;	/* of in: has no newline */
	struct buf		 out;		/* not yet written */
	uint64_t		 out_written;	/* bytes, in all */
	bool			 out_partial;	/* the master was told so */
	bool			 in_closed;
	bool			 in_skip;	/* in a line that is too long */
	bool			 in_broken;	/* the first line may be half */

	/* The person; 0: nobody is signed in. */
	int64_t			 person;
	int64_t			 person_until_s;
	bool			 narrowed;
	uint32_t		 nstudies;
	int64_t			*studies;

	/* Calls, oldest first; those whose answers are still in out. */
	struct call		*calls;
	struct call		*answered;
	uint32_t		 ncalls;	/* of both */
	uint32_t		 resumes_due;	/* calls that are still to come */
	const char		*line;		/* at hand, for a call's copy */
	size_t			 line_len;
	bool			 resuming;	/* the line was announced */
	enum login_asked	 login_asked;
	bool			 connect_asked;
	bool			 yielding;	/* hand over when possible */
};

/* --- client.c --- */

/* Take over a client: descriptors, its session, bytes already read. */
int	client_adopt(struct worker *w, const struct ipc_session *session,
	    struct ipc_message *m);
/* Handle whole lines that were read; write what waits. */
void	client_run(struct worker *w);
/* One line of a request that an earlier worker read. */
void	client_line(struct worker *w, const char *line, size_t len);
/* Say goodbye if there is nothing left to do, hand over if asked to. */
void	client_settle(struct worker *w);
/* The session as the master keeps it, without rest. */
void	client_session(const struct worker *w, struct ipc_session *session);

/* --- calls.c --- */

/* What mcp/ calls for tools/call, resources/read and cancellation. */
extern const struct mcp_ops	calls_ops;

/* Start what can be started; ask the master for what is missing. */
void	calls_run(struct worker *w);
/* Answer the calls that wait for it with the reason they cannot have it. */
void	calls_refuse(struct worker *w, enum ipc_need what,
	    enum ipc_reason reason, uint32_t port);
/* Answer for a request whose worker died. */
void	calls_lost(struct worker *w, const char *id, size_t len);
/* Tell the master of the answers that are written by now. */
void	calls_written(struct worker *w);
/* True if a call is being worked on. */
bool	calls_running(const struct worker *w);
/* Send the calls that have not begun to the master, and forget them. */
void	calls_hand_over(struct worker *w);
/* Give up all calls, without answers. */
void	calls_free(struct worker *w);

/* --- master.c --- */

/* Read and handle what the master has sent. */
void	master_event(void *arg, int fd, short revents);
/* Send; a master that is gone ends the process. */
void	master_send(struct worker *w, enum ipc_type type,
	    const void *payload, const int *fds, size_t nfds);
/* Watch the database connection for what is due. */
void	worker_watch_db(struct worker *w);
/* Give the connection up: what runs in it is stopped, this worker is bare. */
void	worker_disconnect(struct worker *w);

#endif
