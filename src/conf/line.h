/* SPDX-License-Identifier: MIT */
/*
 * One line of a configuration file, cut into words.
 *
 * Words are parted by spaces and tabs.  A word that begins with a double
 * quote ends with one, and between them \" and \\ stand for " and \.  A #
 * where a word would begin starts a comment.
 */
#ifndef CONF_LINE_H
#define CONF_LINE_H

#include <stddef.h>

#define LINE_WORDS_MAX	64

struct line {
	char	*words[LINE_WORDS_MAX];	/* inside the text given */
	size_t	 count;
};

/*
 * Cut len bytes at text, followed by a NUL, in place.  0, or ERR_FORMAT and
 * a sentence that says why.
 */
int	line_split(char *text, size_t len, struct line *line,
	    const char **why);

#endif
