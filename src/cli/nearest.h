/* SPDX-License-Identifier: MIT */
/* Which of some words is most like a mistyped one. */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include <stddef.h>

struct nearest {
	const char	*text;
	const char	*found;
	size_t		 best;
};

/* text and the words tried are kept, not copied. */
void		 nearest_begin(struct nearest *n, const char *text);
void		 nearest_try(struct nearest *n, const char *word);
/* NULL if none is alike. */
const char	*nearest_found(const struct nearest *n);

#endif
