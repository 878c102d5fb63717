/* SPDX-License-Identifier: MIT */
/*
 * The gate's parts: conn.c moves bytes, callback.c reads parameters, pages.c
 * has the words, main.c the order of things.
 */
#ifndef GATE_GATE_H
#define GATE_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "http/request.h"
#include "ipc/ipc.h"

/* Every page the gate can answer with. */
enum gate_page {
	GATE_PAGE_SIGNED_IN,
	GATE_PAGE_DENIED,
	GATE_PAGE_STATE,
	GATE_PAGE_EXCHANGE,
	GATE_PAGE_REFUSED,
	GATE_PAGE_EXPIRED,
	GATE_PAGE_NOT_STORED,
	GATE_PAGE_NO_VERDICT,	/* the master took too long */
	GATE_PAGE_BAD_REQUEST,	/* also with a status of the parser's */
	GATE_PAGE_NOT_FOUND,
	GATE_PAGE_METHOD,
	GATE_PAGE_HOST,
	GATE_PAGE_SLOW,
	GATE_PAGES
};

struct gate {
	struct ipc_channel	*ch;
	int			 conn;		/* -1: none yet */
	int64_t			 head_timeout_ms;
	int64_t			 verdict_timeout_ms;
	struct http_request	 request;
	struct buf		 in;		/* its bytes */
};

/* ---- conn.c ---- */
/*
 * Read until the head is complete.  0; ERR_TIMEOUT; ERR_FORMAT or ERR_LIMIT
 * (request.status says what to answer); ERR_CLOSED: the browser is gone, or
 * the master wants this process to end.
 */
int	conn_read_head(struct gate *g);
/* Send all of it, then wait a little for the other end to have read it. */
void	conn_finish(struct gate *g, const struct buf *out);

/* ---- callback.c ---- */
/*
 * The parameters of a login's end (RFC 6749 §4.1.2, RFC 9207) into cb, which
 * the caller wipes.  0, or ERR_FORMAT if they are not what they must be.
 */
int	callback_parse(const char *query, size_t len,
	    struct ipc_gate_callback *cb);
/* True if a Host field names this computer and nothing else. */
bool	callback_is_local(const char *host, size_t len);

/* ---- pages.c ---- */
/* The page for a verdict of the master. */
enum gate_page pages_of_verdict(uint32_t page);
/*
 * Append the whole response.  status 0: the page's own.  error: what the
 * exchange reported, told in our words, or IPC_OAUTH_NONE.
 */
void	pages_write(struct buf *out, enum gate_page page, int status,
	    enum ipc_oauth_error error, bool head_only);

#endif
