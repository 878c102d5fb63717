/* SPDX-License-Identifier: MIT */
/*
 * URLs with http and https, strictly (RFC 3986), their origins (RFC 6454),
 * and percent-encoding of parameters.  Nothing is normalised but the case of
 * scheme and host: what is not plain is refused.
 */
#ifndef OAUTH_URL_H
#define OAUTH_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define URL_SIZE	1024	/* longest URL, NUL included */
#define URL_HOST_SIZE	256

struct url {
	bool		 https;
	bool		 ipv6;		/* host is an IPv6 literal */
	bool		 has_port;	/* written out in the text */
	uint16_t	 port;		/* the scheme's if not written */
	char		 host[URL_HOST_SIZE];	/* lower case, bare */
	char		 path[URL_SIZE];	/* "" or begins with '/' */
	char		 query[URL_SIZE];	/* without '?', "" if none */
};

/*
 * 0; ERR_LIMIT if the text is URL_SIZE or longer; ERR_FORMAT for anything
 * but http(s)://host[:port][/path][?query]: user information, a fragment,
 * an empty or strange host, port 0, bytes that a URL has not, a '%' without
 * two hex digits.  *u is then undefined.
 */
int	url_split(const char *text, struct url *u);
/* Same scheme, host and port. */
bool	url_same_origin(const struct url *a, const struct url *b);
/* The host is localhost, 127.0.0.1 or ::1. */
bool	url_is_loopback(const struct url *u);
/* Append s, everything but RFC 3986's unreserved characters as %XX. */
void	url_encode(struct buf *out, const char *s);
/*
 * Append "name=value", encoded, after the separator ('?' or '&'; 0 for
 * none).  A form body by x-www-form-urlencoded is written the same way.
 */
void	url_add_param(struct buf *out, char separator, const char *name,
	    const char *value);

#endif
