/* SPDX-License-Identifier: MIT */
/* Texts to values, by the type of their option. */
#ifndef CONF_VALUES_H
#define CONF_VALUES_H

#include <stdint.h>

#include "conf/options.h"

struct buf;

/*
 * Check text.  0, the canonical text in *out (malloc'ed, the caller wipes
 * and frees it) and, where the type has one, *number.
 * ERR_FORMAT, and in why what was expected: never a part of the text.
 * ERR_MEMORY.  Of a SECRET the text is the path; nothing is opened.
 */
int	value_parse(const struct conf_option *o, const char *text, char **out,
	    int64_t *number, struct buf *why);
/* The same for a secret's own bytes. */
int	value_parse_secret(const struct conf_option *o, const char *text,
	    char **out, struct buf *why);

#endif
