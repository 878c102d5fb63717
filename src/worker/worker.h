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
#include "mcp/server.h"

struct call;
struct db;
struct listen;
struct loop;
struct tools;
struct tools_context;

/* Requests of one client that are not yet answered; and how many of them may
 * be subscriptions, which are never. */
#define WORKER_CALLS_MAX	64
#define WORKER_LISTENS_MAX	8
/* Answers given at once that may wait to be written, besides those of calls,
 * before no more lines are handled. */
#define WORKER_QUICK_MAX	64
/* Bytes of answers that a slow client may leave unread before its input is
 * not read any more; and the most there can be. */
#define WORKER_OUT_HIGH		(4 * 1024 * 1024)
#define WORKER_OUT_MAX		(64 * 1024 * 1024)

/* An answered request, and where in all of our output its answer ends. */
struct ended {
	uint64_t	at;
	bool		quick;		/* given at once, not announced ... */
	bool		announced;	/* ... before it could not be written */
	uint32_t	len;
	char		id[IPC_ID_MAX];
};

/* What the master was asked for, and has not answered. */
enum login_asked {
	LOGIN_NOT_ASKED,
	LOGIN_QUIETLY_ASKED,	/* a stored one: only completions wait */
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
	char			 exchange_url[512];
	uint32_t		 disclosure;
	uint32_t		 minimum_cell;
	bool			 consent_gate;
	char			 request_id[27]; /* of the running call */

	/* The client; -1 before WORK_ADOPT and after WORK_HANDOVER. */
	int			 in_fd, out_fd;
	struct buf		 in;		/* read, not yet handled */
	size_t			 in_seen;	/* of in: has no newline */
	struct buf		 out;		/* not yet written */
	uint64_t		 out_written;	/* bytes, in all */
	bool			 out_partial;	/* told to the master */
	struct ended		 ended[WORKER_CALLS_MAX + WORKER_QUICK_MAX];
	uint32_t		 nended;
	uint32_t		 nquick;	/* of them, given at once */
	bool			 in_closed;
	bool			 in_skip;	/* in a line that is too long */
	bool			 in_broken;	/* the first line may be half */

	/* The person; 0: nobody is signed in. */
	int64_t			 person;
	int64_t			 person_until_s;
	bool			 narrowed;
	uint32_t		 nstudies;
	int64_t			*studies;

	/* Calls, oldest first. */
	struct call		*calls;
	uint32_t		 ncalls;
	struct listen		*listens;	/* subscriptions */
	uint32_t		 nlistens;
	uint32_t		 nids;		/* that the master knows of,
						 * but for those of nquick */
	uint32_t		 resumes_due;	/* calls still to come */
	bool			 resuming;	/* the line was announced */
	int64_t			 resume_deadline_ms;	/* and has this */
	enum login_asked	 login_asked;
	bool			 login_quiet;	/* asked so, not answered */
	bool			 login_not_stored; /* that was the answer */
	bool			 connect_asked;
	bool			 yielding;	/* hand over when possible */
};

/* --- client.c --- */

/* Take over a client: descriptors, its session, bytes already read. */
int	client_adopt(struct worker *w, const struct ipc_session *session,
	    struct ipc_message *m);
/* Handle whole lines that were read; write what waits. */
void	client_run(struct worker *w);
/* A request that an earlier worker read, as it passed it on. */
void	client_resume(struct worker *w, const char *saved, size_t len);
/* Say goodbye if there is nothing left to do, hand over if asked to. */
void	client_settle(struct worker *w);
/* The session as the master keeps it, without rest. */
void	client_session(const struct worker *w, struct ipc_session *session);

/* --- calls.c --- */

/* What mcp/ calls for tools/call, resources/read and cancellation. */
extern const struct mcp_ops	calls_ops;

/* Start what can be started; ask the master for what is missing. */
void	calls_run(struct worker *w);
/* Answer for a request whose worker died. */
void	calls_lost(struct worker *w, const char *id, size_t len);
/* The database said something: the call that runs has its time again. */
void	calls_heard(struct worker *w);
/* True if a call is being worked on. */
bool	calls_running(const struct worker *w);
/* Give up all calls, without answers. */
void	calls_free(struct worker *w);
/* WORK_BEGIN or WORK_END of a request. */
void	calls_announce(struct worker *w, enum ipc_type type, const char *id,
	    size_t len);

/* --- asks.c --- */

/* What mcp/ calls for resources/read and completion/complete. */
void	asks_read_resource(void *arg, const struct mcp_request *req,
	    const struct mcp_slice *raw, const char *uri);
void	asks_complete(void *arg, const struct mcp_request *req,
	    const struct mcp_slice *raw, int kind, const char *value);

/* --- context.c --- */

/* What a call may use; all of it is the worker's. */
void	context_fill(struct worker *w, struct tools_context *ctx);
/* The same for a call that begins: it has a request_id of its own. */
void	context_begin(struct worker *w, struct tools_context *ctx);

/* --- ended.c --- */

/* All that out has now is the answer to this request and earlier ones. */
void	ended_add(struct worker *w, const char *id, size_t len);
/* The same for a request that was answered at once. */
void	ended_add_quick(struct worker *w, const char *id, size_t len);
/* The client does not read: tell the master of answers that were quick. */
void	ended_announce(struct worker *w);
/* n more bytes of out were written. */
void	ended_written(struct worker *w, size_t n);

/* --- handover.c --- */

/* Send the calls that have not begun to the master, and forget them. */
void	calls_hand_over(struct worker *w);
/* Send one request to the master for the next worker. */
void	calls_pass_on(struct worker *w, int64_t deadline_ms,
	    const char *request, size_t len);

/* --- listens.c --- */

/* What mcp/ calls for subscriptions/listen. */
void	listens_add(void *arg, const struct mcp_request *req,
	    const struct mcp_slice *raw);
/* The client ends its subscription; false: it has none of that id. */
bool	listens_cancel(struct worker *w, const char *id, size_t len);
/* The server ends all. */
void	listens_end(struct worker *w);
void	listens_hand_over(struct worker *w);
/* Give all up, without a word. */
void	listens_free(struct worker *w);

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

/* --- wants.c --- */

/* Somebody is signed in, for some time yet. */
bool	calls_person(const struct worker *w);
/* There is a connection to ask with. */
bool	calls_database(const struct worker *w);
/* Ask the master for what is missing. */
void	calls_ask(struct worker *w);
/* Answer the calls that wait for it with the reason they cannot have it. */
void	calls_refuse(struct worker *w, enum ipc_need what,
	    enum ipc_reason reason, uint32_t port, const char *url);

#endif
