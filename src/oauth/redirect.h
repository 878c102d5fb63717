/* SPDX-License-Identifier: MIT */
/*
 * Redirect URIs of native applications (RFC 8252 §7.3, RFC 9700 §2.1):
 * exact, but any port on a loopback host.
 */
#ifndef OAUTH_REDIRECT_H
#define OAUTH_REDIRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REDIRECT_PATH	"/callback"
#define REDIRECT_SIZE	sizeof("http://localhost:65535/callback")

/* "http://localhost:PORT/callback"; 0 or ERR_LIMIT. */
int	redirect_make(uint16_t port, char *text, size_t size);
/*
 * May this URI be registered?  https to anywhere, http to a loopback host.
 * 0; ERR_FORMAT if it is no plain URL; ERR_DENIED for http elsewhere.
 */
int	redirect_check(const char *uri);
/*
 * Is the URI of a request the registered one?  The same bytes; or both
 * http on the same loopback host, with everything but the port the same.
 */
bool	redirect_match(const char *registered, const char *requested);

#endif
