/* SPDX-License-Identifier: MIT */
/*
 * What a command waits for, on standard error, once it has waited for more
 * than a second: on a terminal one line that is written again, elsewhere a
 * line for each thing.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;

struct progress {
	struct loop	*loop;
	char		 text[128];
	int64_t		 since_ms;
	bool		 told;		/* text, where there is no terminal */
	size_t		 width;		/* of the line on the terminal */
};

void	progress_begin(struct progress *p, struct loop *loop);
/* What is waited for now, a few words; cleaned and copied. */
void	progress_say(struct progress *p, const char *text);
/* Wipe the line; also before anything else is written. */
void	progress_clear(struct progress *p);
void	progress_end(struct progress *p);

#endif
