/* SPDX-License-Identifier: MIT */
/* A web page shown to the user. */
#ifndef CLI_BROWSER_H
#define CLI_BROWSER_H

#include <stddef.h>

/*
 * Start a browser on an http or https URL: the commands of $BROWSER in their
 * order (':' between them; words between spaces, no shell and no quotes;
 * each %s is the URL, without %s it is the last word), then xdg-open.  The
 * first that can be executed is the one.  It is nobody's child, has a
 * session of its own, stdin from /dev/null, stdout and stderr where our
 * stderr is, default signals and our environment.
 * Does not wait for it.  0 if one was started; ERR_NOT_FOUND if none could
 * be; ERR_FORMAT if it is no such URL (also: white space, control
 * characters, other than ASCII); ERR_MEMORY; ERR_SYSTEM.
 */
int	browser_open(const char *url);

/*
 * Which command that would be, into name[size]; 0, or ERR_NOT_FOUND if none
 * can be executed, ERR_MEMORY.
 */
int	browser_find(char *name, size_t size);

#endif
