/* SPDX-License-Identifier: MIT */
/*
 * Redirect URIs.  Runs in the master; those of requests are untrusted.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "oauth/redirect.h"
#include "oauth/url.h"

int
redirect_make(uint16_t port, char *text, size_t size)
{
	int	n;

	n = snprintf(text, size, "http://localhost:%u" REDIRECT_PATH, port);
	return n < 0 || (size_t)n >= size ? ERR_LIMIT : 0;
}

int
redirect_check(const char *uri)
{
	struct url	u;

	if (url_split(uri, &u) != 0)
		return ERR_FORMAT;
	return u.https || url_is_loopback(&u) ? 0 : ERR_DENIED;
}

bool
redirect_match(const char *registered, const char *requested)
{
	struct url	a, b;

	if (redirect_check(registered) != 0 || redirect_check(requested) != 0)
		return false;
	if (strcmp(registered, requested) == 0)
		return true;
	if (url_split(registered, &a) != 0 || url_split(requested, &b) != 0)
		return false;
	return !a.https && !b.https && a.ipv6 == b.ipv6 &&
	    strcmp(a.host, b.host) == 0 && strcmp(a.path, b.path) == 0 &&
	    strcmp(a.query, b.query) == 0;
}
