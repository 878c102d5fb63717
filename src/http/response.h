/* SPDX-License-Identifier: MIT */
/*
 * A response with a body of known length, after which the connection is
 * closed.  Every response tells caches to keep nothing and browsers to load,
 * run, frame and refer to nothing.
 */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

struct http_response {
	int		 status;
	const char	*content_type;
	const char	*body;		/* a C string */
	const char	*allow;		/* of a 405: the methods; or NULL */
	const char	*style_hash;	/* 'sha256-…' of the page's one style
					 * element; or NULL */
	bool		 head_only;	/* to HEAD: no body is sent */
};

/* Append it; errors stick in out. */
void	http_response_write(struct buf *out, const struct http_response *r);
/* The words after a status ("Not Found"); never NULL. */
const char *http_status_text(int status);

#endif
