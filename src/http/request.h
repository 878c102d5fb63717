/* SPDX-License-Identifier: MIT */
/*
 * The head of an HTTP/1.1 request (RFC 9112), for a server.  Strict: what
 * the RFC lets a server refuse is refused, because two readers of one odd
 * request are how requests are smuggled.  Nothing is allocated or copied:
 * the request holds offsets into the bytes that the caller keeps.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_HEAD_MAX	16384	/* bytes of a head, its last line included */
#define HTTP_LINE_MAX	8192	/* bytes of the request line */
#define HTTP_FIELDS_MAX	100	/* header fields */

/* A piece of the bytes given to http_request_parse(). */
struct http_span {
	size_t	at, len;
};

struct http_field {
	struct http_span	name;
	struct http_span	value;		/* without spaces around it */
};

enum http_step {
	HTTP_STEP_REQUEST_LINE,
	HTTP_STEP_FIELDS,
	HTTP_STEP_DONE
};

struct http_request {
	struct http_span	method;		/* a token, as it was sent */
	struct http_span	path;		/* not decoded; begins with / */
	struct http_span	query;		/* after the ?; may be empty */
	unsigned int		minor;		/* of the version: 0 or 1 */
	struct http_field	fields[HTTP_FIELDS_MAX];
	size_t			nfields;
	bool			has_body;	/* one follows the head */
	size_t			head_len;	/* bytes, when it is complete */
	int			status;		/* to answer, after an error */

	/* The parser's own. */
	enum http_step		step;
	size_t			line;		/* where the line began */
	size_t			scanned;
};

void	http_request_init(struct http_request *r);
/*
 * data is everything received so far, from the head's first byte; it may
 * have moved since the last call, and each byte is looked at once.
 * 0: complete, bytes from head_len on are not part of it.  ERR_AGAIN: more
 * is needed.  ERR_FORMAT or ERR_LIMIT: r->status is what to answer (400,
 * 414, 431, 501 or 505), and the connection is to be closed.
 */
int	http_request_parse(struct http_request *r, const char *data,
	    size_t len);
/*
 * The value of a header field, names compared without case.
 * 0; ERR_NOT_FOUND; ERR_DUPLICATE if it is there more than once.
 */
int	http_request_field(const struct http_request *r, const char *data,
	    const char *name, struct http_span *value);
/* True if the piece is exactly this text. */
bool	http_span_is(const struct http_span *span, const char *data,
	    const char *text);

#endif
