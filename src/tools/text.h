/* SPDX-License-Identifier: MIT */
/*
 * Text that people, devices or imports put into the exchange, made fit to be
 * shown to a model: it cannot start a line, hide or turn around.
 */
#ifndef TOOLS_TEXT_H
#define TOOLS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* Characters of a free text in a table. */
#define TEXT_CELL_MAX	200
/* Characters of one that is given in full. */
#define TEXT_FULL_MAX	8000

/*
 * Append the text without control, bidirectional, zero-width and tag
 * characters and without bytes that are not UTF-8; a run of white space
 * (line ends and tabs too) becomes one space, none at the ends; cut to
 * max_characters, the last then an ellipsis.  s may be NULL with len 0.
 */
void	text_clean(struct buf *out, const char *s, size_t len,
	    size_t max_characters);
/*
 * True for a few words of letters and digits, at most max_words, that
 * text_clean() leaves as they are: too little to be taken for an order, so
 * that no note on text from records is needed.
 */
bool	text_is_plain(const char *s, size_t len, size_t max_words);
/* Characters (code points) of len bytes of UTF-8. */
size_t	text_characters(const char *s, size_t len);

#endif
