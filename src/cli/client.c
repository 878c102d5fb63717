/* SPDX-License-Identifier: MIT */
/*
 * The MCP client within jhe-mcp.  What it reads comes from a worker, whose
 * answers hold what anybody stored: parsed by json-c with limits, shown only
 * by those who clean it.
 */
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/loop.h"
#include "cli/client.h"
#include "cli/program.h"
#include "cli/serve.h"
#include "config.h"

#define CLIENT_ANSWER_MAX	(16 * 1024 * 1024)	/* bytes of an answer */
#define CLIENT_DEPTH_MAX	64
#define CLIENT_READ		65536			/* bytes at a time */
#define CLIENT_REQUESTS_MAX	8			/* at a time */
#define CLIENT_REVISION		"2025-11-25"

struct client_request {
	int64_t		 id;		/* 0: free */
	client_fn	*fn;
	void		*arg;
};

struct client {
	struct program		*p;
	struct serve		*serve;
	client_notice_fn	*notice;
	void			*notice_arg;
	int			 fd, server_fd;
	bool			 lost;		/* nobody answers any more */
	int64_t			 last_id;
	struct client_request	 requests[CLIENT_REQUESTS_MAX];
	struct buf		 in, out;
	size_t			 in_seen;	/* of in: has no newline */
};

static void	client_event(void *, int, short);

static void
client_watch(struct client *c)
{
	short	events = c->out.len > 0 ? POLLIN | POLLOUT : POLLIN;

	if (loop_fd_set(c->p->loop, c->fd, events, client_event, c) != 0)
		fatalx("client: %s", err_text(ERR_MEMORY));
}

/* Tell all who wait; they must not free the client. */
static void
client_lost(void *arg)
{
	struct client		*c = arg;
	struct client_request	 r;
	size_t			 i;

	c->lost = true;
	loop_fd_clear(c->p->loop, c->fd);
	for (i = 0; i < CLIENT_REQUESTS_MAX; i++) {
		r = c->requests[i];
		c->requests[i].id = 0;
		if (r.id != 0)
			r.fn(r.arg, NULL, NULL);
	}
}

static void
client_notice(struct client *c, struct json_object *message)
{
	struct json_object	*method, *params = NULL;

	json_object_object_get_ex(message, "params", &params);
	if (c->notice != NULL && json_object_object_get_ex(message, "method",
	    &method) && json_object_is_type(method, json_type_string))
		c->notice(c->notice_arg, json_object_get_string(method),
		    params);
}

static void
client_answer(struct client *c, struct json_object *message)
{
	struct json_object	*id, *result = NULL, *error = NULL;
	struct client_request	 r;
	size_t			 i;

	if (!json_object_object_get_ex(message, "id", &id)) {
		client_notice(c, message);
		return;
	}
	json_object_object_get_ex(message, "result", &result);
	json_object_object_get_ex(message, "error", &error);
	for (i = 0; i < CLIENT_REQUESTS_MAX; i++) {
		r = c->requests[i];
		/* Without an id, what could not be read is one of all. */
		if (r.id == 0 || (id != NULL &&
		    r.id != json_object_get_int64(id)))
			continue;
		c->requests[i].id = 0;
		r.fn(r.arg, result, error);
	}
}

static void
client_line(struct client *c, const char *line, size_t len)
{
	struct json_tokener	*tok = json_tokener_new_ex(CLIENT_DEPTH_MAX);
	struct json_object	*message = NULL;

	if (tok == NULL)
		fatalx("client: %s", err_text(ERR_MEMORY));
	message = json_tokener_parse_ex(tok, line, (int)len);
	if (json_object_is_type(message, json_type_object))
		client_answer(c, message);
	else
		log_warnx("an answer of the server is no message");
	json_object_put(message);
	json_tokener_free(tok);
}

static void
client_lines(struct client *c)
{
	size_t	 len;
	char	*end;

	while (!c->lost && (end = memchr(c->in.data + c->in_seen, '\n',
	    c->in.len - c->in_seen)) != NULL) {
		len = (size_t)(end - c->in.data);
		client_line(c, c->in.data, len);
		buf_consume(&c->in, len + 1);
		c->in_seen = 0;
	}
	c->in_seen = c->in.len;
}

static void
client_read(struct client *c)
{
	ssize_t	n;

	if (buf_reserve(&c->in, CLIENT_READ) != 0)
		fatalx("client: %s", err_text(buf_error(&c->in)));
	n = read(c->fd, c->in.data + c->in.len, CLIENT_READ);
	if (n > 0) {
		c->in.len += (size_t)n;
		client_lines(c);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		client_lost(c);
}

static void
client_event(void *arg, int fd, short revents)
{
	struct client	*c = arg;
	ssize_t		 n;

	if ((revents & POLLOUT) != 0 && c->out.len > 0) {
		n = send(fd, c->out.data, c->out.len, MSG_NOSIGNAL);
		if (n > 0)
			buf_consume(&c->out, (size_t)n);
	}
	client_watch(c);
	/* Last: a callback may find the server gone. */
	if ((revents & (POLLIN | POLLHUP | POLLERR)) != 0)
		client_read(c);
}

/* Write a message and give it back. */
static int
client_send(struct client *c, struct json_object *message)
{
	const char	*text;
	size_t		 len;

	text = json_object_to_json_string_length(message,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	if (text != NULL) {
		buf_add(&c->out, text, len);
		buf_addc(&c->out, '\n');
	}
	json_object_put(message);
	client_watch(c);
	return text == NULL ? ERR_MEMORY : buf_error(&c->out);
}

static struct json_object *
client_message(const char *method, struct json_object *params)
{
	struct json_object	*message = json_object_new_object();

	json_object_object_add(message, "jsonrpc",
	    json_object_new_string("2.0"));
	json_object_object_add(message, "method",
	    json_object_new_string(method));
	if (params != NULL)
		json_object_object_add(message, "params", params);
	return message;
}

int
client_request(struct client *c, const char *method,
    struct json_object *params, client_fn *fn, void *arg)
{
	struct json_object	*message = client_message(method, params);
	size_t			 i = 0;

	if (c->lost) {
		json_object_put(message);
		return ERR_CLOSED;
	}
	while (i < CLIENT_REQUESTS_MAX && c->requests[i].id != 0)
		i++;
	if (i == CLIENT_REQUESTS_MAX) {
		json_object_put(message);
		return ERR_LIMIT;
	}
	c->requests[i].id = ++c->last_id;
	c->requests[i].fn = fn;
	c->requests[i].arg = arg;
	json_object_object_add(message, "id",
	    json_object_new_int64(c->last_id));
	return client_send(c, message);
}

static void
client_initialized(void *arg, struct json_object *result,
    struct json_object *error)
{
	struct client	*c = arg;

	(void)error;
	if (result != NULL)
		client_send(c, client_message("notifications/initialized",
		    NULL));
}

static int
client_initialize(struct client *c)
{
	struct json_object	*params = json_object_new_object();
	struct json_object	*info = json_object_new_object();

	json_object_object_add(info, "name",
	    json_object_new_string(PACKAGE_NAME));
	json_object_object_add(info, "version",
	    json_object_new_string(PACKAGE_VERSION));
	json_object_object_add(params, "protocolVersion",
	    json_object_new_string(CLIENT_REVISION));
	json_object_object_add(params, "capabilities",
	    json_object_new_object());
	json_object_object_add(params, "clientInfo", info);
	return client_request(c, "initialize", params, client_initialized, c);
}

struct client *
client_start(struct program *p, const struct serve_client *how,
    client_notice_fn *notice, void *arg)
{
	struct client		*c = calloc(1, sizeof(*c));
	struct serve_client	 server = *how;
	int			 pair[2];

	if (c == NULL)
		return NULL;
	c->notice = notice;
	c->notice_arg = arg;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		fatal("socket pair");
	c->p = p;
	c->fd = pair[0];
	c->server_fd = pair[1];
	buf_init(&c->in, CLIENT_ANSWER_MAX);
	buf_init(&c->out, CLIENT_ANSWER_MAX);
	server.in_fd = server.out_fd = c->server_fd;
	c->serve = serve_start(p, &server, client_lost, c);
	if (fd_set_nonblock(c->fd) != 0 || c->serve == NULL ||
	    client_initialize(c) != 0) {
		client_free(c);
		return NULL;
	}
	return c;
}

void
client_free(struct client *c)
{
	if (c == NULL)
		return;
	serve_free(c->serve);
	loop_fd_clear(c->p->loop, c->fd);
	fd_close(&c->fd);
	fd_close(&c->server_fd);
	buf_free(&c->in);
	buf_free(&c->out);
	free(c);
}
