/* SPDX-License-Identifier: MIT */
/*
 * Showing text to people.  Whatever anybody stored may hold bytes that a
 * terminal obeys; nothing is shown that did not pass here.
 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct buf;

enum terminal_style {
	TERMINAL_PLAIN,
	TERMINAL_BOLD,
	TERMINAL_GREEN,
	TERMINAL_YELLOW,
	TERMINAL_RED
};

/*
 * Append len bytes: newline and tab as they are, any other control character
 * (C0, DEL, C1, those that turn the direction of writing) and every byte that
 * is no UTF-8 as U+FFFD.
 */
void	terminal_clean(struct buf *out, const char *s, size_t len);
/* The same to a stream; newlines, too, become U+FFFD. */
void	terminal_print(FILE *out, const char *s);
/* JSON text: such characters become \u escapes, so that it stays the same. */
void	terminal_clean_json(struct buf *out, const char *s, size_t len);

/* May out be coloured?  A terminal that can, and no NO_COLOR. */
bool	terminal_has_colour(FILE *out);
/* The sequence that begins a style, "" where there is no colour. */
const char *terminal_style(FILE *out, enum terminal_style style);
/* Columns of out if it is a terminal, else 0. */
int	terminal_columns(FILE *out);
/* Is there somebody who could sign in? */
bool	terminal_is_attended(void);

#endif
