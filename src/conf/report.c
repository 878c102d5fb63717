/* SPDX-License-Identifier: MIT */
/*
 * Telling errors of a configuration.  Runs in the master; names of files
 * come from its user.
 */
#include <stdarg.h>
#include <stdio.h>

#include "conf/report.h"

#define MESSAGE_MAX	1536	/* a long path and a sentence */

void
report_error(struct report *r, const struct place *at, const char *fmt, ...)
{
	char	message[MESSAGE_MAX];
	va_list	ap;
	int	n;

	if (r->count++ >= CONF_ERRORS_MAX)
		return;
	if (at->line > 0)
		n = snprintf(message, sizeof(message), "%s:%u: ", at->name,
		    at->line);
	else
		n = snprintf(message, sizeof(message), "%s: ", at->name);
	if (n >= 0 && (size_t)n < sizeof(message)) {
		va_start(ap, fmt);
		(void)vsnprintf(message + n, sizeof(message) - (size_t)n, fmt,
		    ap);
		va_end(ap);
	}
	r->fn(r->arg, message);
}

void
report_end(struct report *r)
{
	char	message[64];

	if (r->count <= CONF_ERRORS_MAX)
		return;
	(void)snprintf(message, sizeof(message), "%zu more errors",
	    r->count - CONF_ERRORS_MAX);
	r->fn(r->arg, message);
}
