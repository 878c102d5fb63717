/* SPDX-License-Identifier: MIT */
/*
 * Calls about a window of time.  Runs in the worker.  The arguments are a
 * client's.
 */
#include <string.h>

#include "base/err.h"
#include "db/param.h"
#include "tools/call.h"
#include "tools/cell.h"
#include "tools/windowed.h"

int
windowed_parse(struct windowed *w, struct tools_call *call)
{
	int	error;

	error = window_parse(&w->window, &call->args, call->base_s,
	    call->ctx.default_timezone, &call->error);
	w->zone_known = !window_needs_zone(&w->window);
	return error;
}

void
windowed_set_last(struct windowed *w, int64_t days)
{
	struct window	*x = &w->window;

	x->start.kind = x->end.kind = WINDOW_INSTANT;
	x->end.us = x->now_s * MOMENT_US_PER_S;
	x->start.us = x->end.us - days * MOMENT_US_PER_DAY;
	x->span_days = days;
}

int
windowed_submit(const struct windowed *w, struct tools_call *call,
    enum db_statement statement, struct db_params *p)
{
	struct db_params	zone;
	struct db_query		queries[2];
	size_t			n = 0;
	int			error;

	memset(queries, 0, sizeof(queries));
	db_params_init(&zone, PARS_TIME_ZONE);
	if ((error = db_params_done(p)) != 0)
		goto out;
	if (window_needs_zone(&w->window)) {
		db_params_text(&zone, PAR_TIME_ZONE_ZONE, w->window.zone,
		    strlen(w->window.zone));
		if ((error = db_params_done(&zone)) != 0)
			goto out;
		queries[n].statement = DB_TIME_ZONE;
		queries[n].params = zone.values;
		queries[n++].nparams = zone.n;
	}
	queries[n].statement = statement;
	queries[n].params = p->values;
	queries[n++].nparams = p->n;
	error = call_submit(call, queries, n);
out:
	db_params_free(&zone);
	db_params_free(p);
	return error;
}

bool
windowed_is_zone(struct windowed *w, size_t query)
{
	if (query != 0 || !window_needs_zone(&w->window))
		return false;
	w->zone_known = true;
	return true;
}

void
windowed_failed(const struct windowed *w, struct tools_call *call,
    enum db_error error)
{
	if (error == DB_ERROR_INPUT && !w->zone_known)
		window_set_unknown_zone(&w->window, &call->error);
}

void
windowed_read(struct windowed *w, const struct db_row *row, int column)
{
	struct window_resolved	*r = &w->resolved;

	r->has_lower = !db_is_null(row, column);
	r->lower_us = cell_get_integer(row, column, 0);
	r->lower_offset_s = (int)cell_get_integer(row, column + 1, 0);
	r->has_upper = !db_is_null(row, column + 2);
	r->upper_us = cell_get_integer(row, column + 2, 0);
	r->upper_offset_s = (int)cell_get_integer(row, column + 3, 0);
}

bool
windowed_check(const struct windowed *w, struct tools_call *call)
{
	return window_check(&w->window, &w->resolved, &call->error) == 0;
}

void
windowed_write(const struct windowed *w, struct tools_call *call)
{
	json_key(&call->result.head, "window");
	window_write(&w->window, &w->resolved, &call->result.head);
}
