/* SPDX-License-Identifier: MIT */
/*
 * One run of a command for people: configuration, children, progress, and
 * how it ends.  What is wanted goes to standard output; what is wrong to
 * standard error, with --json as one line
 *	{"error":{"code":"login_needed","message":"..."}}
 */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "cli/commands.h"
#include "cli/program.h"
#include "cli/progress.h"
#include "cli/settings.h"

struct buf;

struct run {
	struct program			 p;
	struct conf			*conf;
	const struct command_line	*line;
	struct progress			 progress;
	int				 code;
	int64_t				 settle_until_ms;
};

/*
 * Load the configuration and start.  PROGRAM_OK, or the exit code after what
 * is wrong was told; run_end() is for the first case alone.
 */
int	run_start(struct run *r, const struct command_line *line,
	    enum settings_need need);
/* Children and the loop for a configuration that is there already. */
void	run_begin(struct run *r);
/* Wait until run_done(), or a signal. */
void	run_wait(struct run *r);
void	run_done(struct run *r, int code);
/* Free all; the exit code. */
int	run_end(struct run *r);

bool	run_is_json(const struct run *r);
/* Say what is wrong; word is the code for programs. */
void	run_error(struct run *r, const char *word, const char *fmt, ...)
	    __attribute__((__format__(__printf__, 3, 4)));
/* A remark on standard error that is no failure. */
void	run_remark(struct run *r, const char *fmt, ...)
	    __attribute__((__format__(__printf__, 2, 3)));
/* JSON text as a line of standard output, made harmless; frees out. */
void	run_print_json(struct run *r, struct buf *out);
/* Text of the exchange or the database, made harmless. */
void	run_print_text(struct run *r, const char *text);

#endif
