/* SPDX-License-Identifier: MIT */
/* What of a database's connection string may be shown. */
#ifndef CLI_CONNINFO_H
#define CLI_CONNINFO_H

#include <stdbool.h>

struct buf;

/*
 * Append a connection string as libpq takes it (a postgresql:// URL, or
 * keyword=value pairs) without its passwords: password and sslpassword.
 * *had is whether it had one.  0; ERR_FORMAT if it is neither of the two:
 * then nothing is appended; or the error of the buffer.
 */
int	conninfo_without_password(const char *conninfo, struct buf *out,
	    bool *had);

#endif
