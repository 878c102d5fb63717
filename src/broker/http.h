/* SPDX-License-Identifier: MIT */
/*
 * HTTP requests over the connections that were made in boot, by libcurl.
 * It resolves nothing, connects nowhere, follows no redirect, reads no file
 * and no environment, and knows no proxy, cookie or password file.
 */
#ifndef BROKER_HTTP_H
#define BROKER_HTTP_H

#include <stddef.h>
#include <stdint.h>

struct broker_connections;
struct buf;
struct http;
struct ipc_boot_broker;

#define HTTP_BODY_MAX	(1024 * 1024)	/* bytes of an answer's body */

/* Once, in the boot phase: libcurl's and OpenSSL's start.  0 or -1. */
int		 http_init(void);
/*
 * A client.  cfg, connections and ca (PEM; empty without TLS) are kept and
 * must outlive it; master_fd: a request is given up when it is readable or
 * hung up.  NULL when out of memory.
 */
struct http	*http_new(const struct ipc_boot_broker *cfg,
		    struct broker_connections *connections,
		    const struct buf *ca, int master_fd);
void		 http_free(struct http *h);
/*
 * Send this bearer token (RFC 6750) with the requests that follow; NULL: no
 * more.  Kept until then, not copied.
 */
void		 http_set_bearer(struct http *h, const char *token);
/* The server's clock by the last answer's Date, seconds; 0: not said. */
int64_t		 http_date_s(const struct http *h);
/*
 * GET, or POST of a form if form is not NULL.  The URL is on the origin of
 * cfg; the caller has checked that.  The body is appended to *body.
 * 0 and *status for any whole answer; else an enum ipc_brok_code.
 */
uint32_t	 http_request(struct http *h, const char *url,
		    const struct buf *form, struct buf *body,
		    uint32_t *status);

#endif
