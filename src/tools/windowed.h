/* SPDX-License-Identifier: MIT */
/*
 * What calls about a window of time have in common: one statement, which
 * resolves the window, with time_zone ahead of it where it is needed.
 */
#ifndef TOOLS_WINDOWED_H
#define TOOLS_WINDOWED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/db.h"
#include "tools/window.h"

struct db_params;
struct tools_call;

struct windowed {
	struct window		window;
	struct window_resolved	resolved;
	bool			zone_known;
};

/* From the call's arguments; ERR_FORMAT with the answer in call->error. */
int	windowed_parse(struct windowed *w, struct tools_call *call);
/* As if last=<days>d had been asked for. */
void	windowed_set_last(struct windowed *w, int64_t days);
/* Submit the statement; p is freed, whatever becomes of it. */
int	windowed_submit(const struct windowed *w, struct tools_call *call,
	    enum db_statement statement, struct db_params *p);
/* True if the row is of time_zone: nothing to read. */
bool	windowed_is_zone(struct windowed *w, size_t query);
/* For tool_ops.failed. */
void	windowed_failed(const struct windowed *w, struct tools_call *call,
	    enum db_error error);
/* Four columns: lower_us, lower_offset, upper_us, upper_offset. */
void	windowed_read(struct windowed *w, const struct db_row *row,
	    int column);
/* False: what only the database could tell is wrong, call->error is set. */
bool	windowed_check(const struct windowed *w, struct tools_call *call);
/* The member "window". */
void	windowed_write(const struct windowed *w, struct tools_call *call);

#endif
