/* SPDX-License-Identifier: MIT */
/*
 * The gate: one connection of a stranger, until it is known what it wants.
 * Started by the master, locked up before it gets the connection; answers
 * one request and exits, so that no two strangers ever meet the same
 * process.  Every byte of the connection is untrusted, and what a query
 * says is never logged.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "gate/gate.h"
#include "gate/sandbox.h"
#include "ipc/boot.h"
#include "sandbox/sandbox.h"

#define RESPONSE_MAX	16384

struct answer {
	enum gate_page		 page;
	int			 status;	/* 0: the page's own */
	enum ipc_oauth_error	 error;
};

/* A path, the one method it takes, and what answers it. */
struct route {
	const char	*path;
	const char	*method;
	int		 (*serve)(struct gate *g, struct answer *a);
};

_Noreturn static void
gate_fail(struct ipc_boot *boot, enum ipc_stage stage)
{
	log_warn("start");
	(void)ipc_boot_failed(boot, stage, 0);
	_exit(1);
}

static void
gate_boot(struct gate *g)
{
	struct ipc_boot		 boot;
	struct ipc_boot_gate	 cfg;
	struct sandbox		*sb;
	int			 e;

	e = ipc_boot_receive(&boot, IPC_GATE, "gate", BOOT_GATE, &cfg,
	    sizeof(cfg));
	if (e == ERR_CLOSED)
		_exit(0);
	if (e == ERR_STATE)
		_exit(IPC_EXIT_MISMATCH);
	if (e != 0)
		fatalx("start: %s", err_text(e));
	if (sandbox_enter_boot(&gate_sandbox, &sb) != 0)
		gate_fail(&boot, IPC_STAGE_LIMITS);
	g->ch = boot.ch;
	g->head_timeout_ms = cfg.head_timeout_ms;
	g->verdict_timeout_ms = cfg.verdict_timeout_ms;
	buf_init(&g->in, 2 * HTTP_HEAD_MAX);
	if (sandbox_enter_final(sb) != 0)
		gate_fail(&boot, IPC_STAGE_FINAL);
	if (ipc_boot_ready(&boot) != 0)
		_exit(0);
}

/* Wait for the connection; false: there will be none. */
static bool
gate_take_conn(struct gate *g)
{
	struct ipc_message	m;
	int			e;

	e = ipc_wait(g->ch, &m);
	if (e == ERR_CLOSED)
		return false;
	if (e != 0)
		fatalx("waiting for a connection: %s", err_text(e));
	if (m.row->type == GATE_CONN) {
		g->conn = m.fds[0];
		m.fds[0] = -1;
	}
	ipc_message_done(g->ch, &m);
	return g->conn != -1;
}

/* Tell the master and wait for its word; ERR_CLOSED: it is to end. */
static int
gate_ask(struct gate *g, const struct ipc_gate_callback *cb,
    struct answer *a)
{
	const struct ipc_gate_verdict	*verdict;
	struct ipc_message		 m;
	int				 e;

	e = ipc_send(g->ch, GATE_CALLBACK, cb, NULL, 0);
	if (e == 0)
		e = ipc_flush_wait(g->ch);
	if (e == 0)
		e = ipc_wait_until(g->ch, &m, clock_monotonic_ms() +
		    g->verdict_timeout_ms);
	if (e == ERR_TIMEOUT) {
		a->page = GATE_PAGE_NO_VERDICT;
		return 0;
	}
	if (e != 0)
		return e;
	verdict = m.payload;
	e = m.row->type == GATE_VERDICT ? 0 : ERR_CLOSED;
	if (e == 0)
		a->page = pages_of_verdict(verdict->page);
	/* Said by the browser's redirect, or later to the broker. */
	if (e == 0 && verdict->error != IPC_OAUTH_NONE)
		a->error = (enum ipc_oauth_error)verdict->error;
	ipc_message_done(g->ch, &m);
	return e;
}

static int
serve_callback(struct gate *g, struct answer *a)
{
	struct ipc_gate_callback	 cb;
	const struct http_request	*r = &g->request;
	int				 e = 0;

	if (r->has_body || callback_parse(g->in.data + r->query.at,
	    r->query.len, &cb) != 0) {
		a->page = GATE_PAGE_BAD_REQUEST;
		goto out;
	}
	a->error = (enum ipc_oauth_error)cb.error;
	e = gate_ask(g, &cb, a);
out:
	explicit_bzero(&cb, sizeof(cb));
	return e;
}

static const struct route	routes[] = {
	{ "/callback", "GET", serve_callback }
};

static bool
is_for_us(const struct gate *g)
{
	struct http_span	host;

	if (http_request_field(&g->request, g->in.data, "host", &host) != 0)
		return false;
	return callback_is_local(g->in.data + host.at, host.len);
}

/* Which answer a complete head gets. */
static int
gate_route(struct gate *g, struct answer *a)
{
	const struct http_request	*r = &g->request;
	size_t				 i;

	if (!is_for_us(g)) {
		a->page = GATE_PAGE_HOST;
		return 0;
	}
	for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (!http_span_is(&r->path, g->in.data, routes[i].path))
			continue;
		if (http_span_is(&r->method, g->in.data, routes[i].method))
			return routes[i].serve(g, a);
		a->page = GATE_PAGE_METHOD;
		return 0;
	}
	a->page = GATE_PAGE_NOT_FOUND;
	return 0;
}

static void
gate_serve(struct gate *g)
{
	struct answer	a = { GATE_PAGE_BAD_REQUEST, 0, IPC_OAUTH_NONE };
	struct buf	out;
	int		e;

	buf_init(&out, RESPONSE_MAX);
	e = conn_read_head(g);
	if (e == 0)
		e = gate_route(g, &a);
	else if (e == ERR_FORMAT || e == ERR_LIMIT) {
		a.status = g->request.status;
		e = 0;
	} else if (e == ERR_TIMEOUT && g->in.len > 0) {
		a.page = GATE_PAGE_SLOW;
		e = 0;
	}
	if (e != 0) {
		log_debug("connection: %s", err_text(e));
		return;
	}
	pages_write(&out, a.page, a.status, a.error, g->in.len > 0 &&
	    http_span_is(&g->request.method, g->in.data, "HEAD"));
	if (buf_error(&out) == 0)
		conn_finish(g, &out);
	buf_free(&out);
}

int
main(void)
{
	static struct gate	g = { .conn = -1 };
	struct sigaction	sa = { .sa_handler = SIG_IGN };

	log_init("gate", LOG_LEVEL_INFO);
	/* The log may be a pipe whose reader is gone. */
	if (sigaction(SIGPIPE, &sa, NULL) == -1)
		fatal("sigaction");
	gate_boot(&g);
	if (gate_take_conn(&g))
		gate_serve(&g);
	fd_close(&g.conn);
	buf_free(&g.in);
	ipc_channel_free(g.ch);
	return 0;
}
