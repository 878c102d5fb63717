/* SPDX-License-Identifier: MIT */
/*
 * Messages between the master and its children: SOCK_SEQPACKET, one packet
 * a message, a fixed header and a fixed struct, at most three descriptors.
 * messages.def says who may send what and when, payloads.def what is in it;
 * both ends check against the same rows.  jhe-mcp-ipc(7) describes it all.
 */
#ifndef IPC_IPC_H
#define IPC_IPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IPC_CHANNEL_FD		3	/* a child's socket to its master */
#define IPC_PAYLOAD_MAX		65536	/* bytes of one payload */
#define IPC_FDS_MAX		3	/* descriptors of one message */
#define IPC_INLINE_MAX		32768	/* bytes before a memory file is used */
#define IPC_ID_MAX		256	/* bytes of a raw JSON-RPC id */
#define IPC_STUDIES_MAX		4096	/* studies of a narrowing claim */
#define IPC_BROKER_CONNECTIONS	6	/* connections of one job */
#define IPC_QUEUE_MAX		256	/* messages that wait for a child */

/* A child that finds another table hash exits with this: restart needed. */
#define IPC_EXIT_MISMATCH	75

/* Roles. */
#define IPC_MASTER	0x01u
#define IPC_WORKER	0x02u
#define IPC_GATE	0x04u
#define IPC_BROKER	0x08u
#define IPC_CHILD	(IPC_WORKER | IPC_GATE | IPC_BROKER)
#define IPC_ROLE_ALL	(IPC_MASTER | IPC_CHILD)

/* States of a child. */
#define IPC_SAME	0x00u	/* as state after: no change */
#define IPC_BOOT	0x01u
#define IPC_READY	0x02u
#define IPC_BUSY	0x04u
#define IPC_LEAVING	0x08u

/* Flags of a row. */
#define IPC_ONCE	0x01u
#define IPC_SECRET	0x02u

/* Where a child's start failed (BOOT_FAILED). */
enum ipc_stage {
	IPC_STAGE_LIMITS,	/* rlimits, privileges, boot filter */
	IPC_STAGE_RESOLVE,	/* a name has no address */
	IPC_STAGE_CONNECT,	/* broker: no connection */
	IPC_STAGE_CA_FILE,	/* the CA bundle cannot be used */
	IPC_STAGE_DATABASE,	/* worker: no fit database connection */
	IPC_STAGE_FINAL,	/* the final filter */
	IPC_STAGE_MEMORY
};
#define IPC_STAGE_MAX	IPC_STAGE_MEMORY

/* error of RFC 6749 §4.1.2.1 and §5.2, and of OpenID Connect Core §3.1.2.6 */
enum ipc_oauth_error {
	IPC_OAUTH_NONE,
	IPC_OAUTH_ACCESS_DENIED,
	IPC_OAUTH_INVALID_REQUEST,
	IPC_OAUTH_INVALID_CLIENT,
	IPC_OAUTH_INVALID_GRANT,
	IPC_OAUTH_INVALID_SCOPE,
	IPC_OAUTH_UNAUTHORIZED_CLIENT,
	IPC_OAUTH_UNSUPPORTED_GRANT_TYPE,
	IPC_OAUTH_UNSUPPORTED_RESPONSE_TYPE,
	IPC_OAUTH_SERVER_ERROR,
	IPC_OAUTH_TEMPORARILY_UNAVAILABLE,
	IPC_OAUTH_LOGIN_REQUIRED,
	IPC_OAUTH_OTHER		/* anything else */
};
#define IPC_OAUTH_ERROR_MAX	IPC_OAUTH_OTHER

/* The page that ends a callback (GATE_VERDICT). */
enum ipc_page {
	IPC_PAGE_SIGNED_IN,	/* all done, the window may be closed */
	IPC_PAGE_DENIED,	/* the person said no */
	IPC_PAGE_STATE,		/* not a callback that is waited for */
	IPC_PAGE_EXCHANGE,	/* the exchange failed */
	IPC_PAGE_REFUSED,	/* the exchange's answer was not accepted */
	IPC_PAGE_EXPIRED,	/* too late */
	IPC_PAGE_NOT_STORED	/* signed in, until the program ends */
};
#define IPC_PAGE_MAX	IPC_PAGE_NOT_STORED

enum ipc_job {
	IPC_JOB_DISCOVER = 1,	/* answer: BROK_ENDPOINTS */
	IPC_JOB_CODE,		/* answer: BROK_PERSON, BROK_TOKENS */
	IPC_JOB_REFRESH,	/* answer: [BROK_PERSON,] BROK_TOKENS */
	IPC_JOB_REVOKE,		/* answer: BROK_REVOKED */
	IPC_JOB_CHECK		/* answer: BROK_REPORT */
};
#define IPC_JOB_MAX	IPC_JOB_CHECK

/* Why a job failed (BROK_FAILED). */
enum ipc_brok_code {
	IPC_BROK_CONNECTION = 1,	/* lost, or none left */
	IPC_BROK_TLS,			/* certificate or handshake */
	IPC_BROK_TIMEOUT,
	IPC_BROK_HTTP_STATUS,		/* unexpected; see http_status */
	IPC_BROK_FORMAT,		/* not the JSON that it should be */
	IPC_BROK_TOO_LARGE,
	IPC_BROK_OAUTH,			/* see oauth_error */
	IPC_BROK_UNSIGNED,		/* application without RS256 */
	IPC_BROK_FOREIGN_ENDPOINT,	/* an endpoint on another origin */
	IPC_BROK_KEYS,			/* no key set, or no such key */
	IPC_BROK_NO_ID_TOKEN,
	IPC_BROK_ID_FORMAT,		/* no JWT, or claims malformed */
	IPC_BROK_ID_ALGORITHM,		/* not RS256 */
	IPC_BROK_ID_SIGNATURE,
	IPC_BROK_ID_ISSUER,
	IPC_BROK_ID_AUDIENCE,
	IPC_BROK_ID_EXPIRED,
	IPC_BROK_ID_NONCE,
	IPC_BROK_ID_SUBJECT,		/* sub is no user id, or user_id
					 * differs */
	IPC_BROK_ID_ACCESS_HASH,	/* of another access token */
	IPC_BROK_TOO_MANY_STUDIES,	/* over IPC_STUDIES_MAX */
	IPC_BROK_INTERNAL
};
#define IPC_BROK_MAX	IPC_BROK_INTERNAL

/* Why a worker has no database (WORK_FACTS); as db/db.h has it. */
enum ipc_db_fault {
	IPC_DB_FINE,
	IPC_DB_CONNINFO,
	IPC_DB_UNREACHABLE,
	IPC_DB_TLS,
	IPC_DB_LOGIN,
	IPC_DB_NO_DATABASE,
	IPC_DB_BUSY,
	IPC_DB_OLD_SERVER,
	IPC_DB_POOLER,
	IPC_DB_NOT_EXCHANGE,
	IPC_DB_GENERATION,
	IPC_DB_PRIVILEGE,
	IPC_DB_INTERNAL,
	IPC_DB_ZONE
};
#define IPC_DB_MAX	IPC_DB_ZONE

/* Does the exchange take our redirect address (BROK_REPORT)? */
enum ipc_redirect {
	IPC_REDIRECT_UNKNOWN,	/* it does not say before the sign-in */
	IPC_REDIRECT_TAKEN,
	IPC_REDIRECT_REFUSED
};
#define IPC_REDIRECT_MAX	IPC_REDIRECT_REFUSED

enum ipc_identity_fields {
	IPC_IDENTITY_ON_REQUEST,
	IPC_IDENTITY_NEVER,
	IPC_IDENTITY_ALWAYS
};

/* Option disclosure, as conf has it. */
enum ipc_disclosure {
	IPC_DISCLOSURE_IDENTIFIED,
	IPC_DISCLOSURE_PSEUDONYMOUS,
	IPC_DISCLOSURE_AGGREGATE
};

/* Whether somebody may be asked to sign in (WORK_LOGIN). */
enum ipc_stored_only {
	IPC_MAY_ASK,		/* in a browser, if nothing is stored */
	IPC_LEAVING_CLIENT,	/* no: the client has closed its input */
	IPC_QUIETLY		/* no: nobody has asked for anything yet */
};

/* What a worker cannot have (WORK_REFUSED), and why. */
enum ipc_need {
	IPC_NEED_LOGIN = 1,
	IPC_NEED_DATABASE
};
#define IPC_NEED_MAX	IPC_NEED_DATABASE

enum ipc_reason {
	IPC_REASON_TIMEOUT,		/* nobody signed in in time */
	IPC_REASON_DENIED,		/* the person declined */
	IPC_REASON_LIMIT,		/* too many sign-ins were begun */
	IPC_REASON_PORT,		/* callback-port is taken */
	IPC_REASON_EXCHANGE_DOWN,	/* exchange unreachable or failing */
	IPC_REASON_EXCHANGE_ANSWER,	/* its answer was not acceptable */
	IPC_REASON_CLIENT,		/* it does not know our client id */
	IPC_REASON_UNSIGNED,		/* application without RS256 */
	IPC_REASON_GRANT,		/* too late, or used already */
	IPC_REASON_TOO_MANY_STUDIES,
	IPC_REASON_DB_DOWN,		/* no connection */
	IPC_REASON_DB_REFUSED,		/* login or database refused */
	IPC_REASON_DB_UNFIT,		/* not an exchange's, or too old */
	IPC_REASON_DB_PRIVILEGE,	/* a GRANT is missing */
	IPC_REASON_ZONE,		/* no such default-timezone */
	IPC_REASON_INTERNAL
};
#define IPC_REASON_MAX	IPC_REASON_INTERNAL

/* --- Made from payloads.def: struct ipc_boot_hello and so on. --- */
#define PAYLOAD(name)			struct name {
#define PAYLOAD_END(name)		};
#define U32(name, min, max)		uint32_t name;
#define U64(name)			uint64_t name;
#define I64(name)			int64_t name;
#define STR(name, size)			char name[size];
#define BYTES(name, size)		uint8_t name[size];
#define DATA(name, size, count)		char name[size];
#define I64S(name, size, count)		int64_t name[size];
#include "ipc/payloads.def"
#undef PAYLOAD
#undef PAYLOAD_END
#undef U32
#undef U64
#undef I64
#undef STR
#undef BYTES
#undef DATA
#undef I64S

/* --- Made from messages.def: enum ipc_type. --- */
#define M(name, number, from, to, payload, fds_min, fds_max, states, after, \
    flags) name = number,
enum ipc_type {
#include "ipc/messages.def"
	IPC_TYPE_END
};
#undef M

/* A row of the table. */
struct ipc_row {
	const char	*name;
	uint32_t	 type;
	uint32_t	 from;		/* roles that may send it */
	uint32_t	 to;		/* roles that may get it */
	uint32_t	 size;		/* exactly, of the payload */
	uint32_t	 payload;	/* which struct; for the field checks */
	uint32_t	 fds_min, fds_max;
	uint32_t	 states, after;
	uint32_t	 flags;
};

/* How a peer broke the rules; IPC_FAULT_NONE otherwise. */
enum ipc_fault {
	IPC_FAULT_NONE,
	IPC_FAULT_HEADER,	/* no such message, or no message at all */
	IPC_FAULT_ROLE,		/* not its message to send */
	IPC_FAULT_STATE,	/* not now */
	IPC_FAULT_SIZE,
	IPC_FAULT_FDS,
	IPC_FAULT_PADDING,	/* bytes that must be zero are not */
	IPC_FAULT_STRING,	/* not terminated */
	IPC_FAULT_RANGE,	/* a number outside its range */
	IPC_FAULT_ONCE,		/* a second time */
	IPC_FAULT_CONDUCT	/* a handler found it against the rules */
};

const char	*ipc_fault_text(enum ipc_fault fault);

/* The table. */
const struct ipc_row	*ipc_row(uint32_t type);	/* NULL: unknown */
const struct ipc_row	*ipc_row_at(size_t i);		/* NULL: the end */
/* Names, numbers, sizes and rules of every row in one number (FNV-1a). */
uint64_t		 ipc_table_hash(void);
/* Padding, strings and ranges of a payload of row->size bytes. */
enum ipc_fault		 ipc_check_payload(const struct ipc_row *row,
			    const void *payload);

/* One end of a socket to a peer. */
struct ipc_channel;

struct ipc_message {
	const struct ipc_row	*row;
	const void		*payload;	/* row->size bytes, aligned;
						 * until the next receive */
	int			 fds[IPC_FDS_MAX];	/* -1: none; the
						 * handler that keeps one sets
						 * it to -1 here */
	uint32_t		 nfds;
};

/*
 * self and peer are one role each.  The channel owns fd, makes it
 * non-blocking and closes it.  NULL when out of memory.
 */
struct ipc_channel	*ipc_channel_new(int fd, uint32_t self,
			    uint32_t peer);
void			 ipc_channel_free(struct ipc_channel *ch);
int			 ipc_channel_fd(const struct ipc_channel *ch);
uint32_t		 ipc_channel_state(const struct ipc_channel *ch);
/* After ERR_DENIED of ipc_receive: what was wrong, and with which row. */
enum ipc_fault		 ipc_channel_fault(const struct ipc_channel *ch,
			    const char **message_name);

/*
 * Send, or queue while the socket is full: descriptors are duplicated into
 * the queue, so the caller keeps its own.  The payload is checked by its row
 * first.  0; ERR_STATE or ERR_FORMAT if this end breaks the table; ERR_LIMIT
 * if IPC_QUEUE_MAX messages wait; ERR_CLOSED; ERR_SYSTEM; ERR_MEMORY.
 */
int	ipc_send(struct ipc_channel *ch, enum ipc_type type,
	    const void *payload, const int *fds, size_t nfds);
/*
 * For a child, whose master always reads: send, waiting as needed; nothing
 * is queued.  As ipc_send() otherwise, never ERR_LIMIT.
 */
int	ipc_send_wait(struct ipc_channel *ch, enum ipc_type type,
	    const void *payload, const int *fds, size_t nfds);
/* True while messages wait: watch for POLLOUT and call ipc_flush(). */
bool	ipc_pending(const struct ipc_channel *ch);
/* 0 or as ipc_send(). */
int	ipc_flush(struct ipc_channel *ch);
/* Wait until all is sent. */
int	ipc_flush_wait(struct ipc_channel *ch);

/*
 * One message.  0; ERR_AGAIN: none now; ERR_CLOSED: the peer is gone;
 * ERR_DENIED: the peer broke the rules (ipc_channel_fault), nothing more is
 * to be read from it; ERR_SYSTEM.  Descriptors left in m->fds are the
 * caller's: ipc_message_done() closes them and wipes a SECRET payload.
 */
int	ipc_receive(struct ipc_channel *ch, struct ipc_message *m);
void	ipc_message_done(struct ipc_channel *ch, struct ipc_message *m);

#endif
