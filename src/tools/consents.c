/* SPDX-License-Identifier: MIT */
/*
 * get_study_consents.  Runs in the worker.  The names of data types may be
 * free text of people.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "compat/compat.h"
#include "db/array.h"
#include "tools/call.h"
#include "tools/cell.h"
#include "tools/consents.h"
#include "tools/consents_state.h"
#include "tools/text.h"

/* Months that are listed. */
#define CONSENTS_MONTHS_MAX	120

static void
consents_clear(void *arg)
{
	struct consents	*c = arg;

	requested_clear(&c->requested);
	free(c->months);
}

/* --- The question. -------------------------------------------------------- */

static void
consents_params(const struct tools_call *call, struct db_params *types,
    struct db_params *rows, struct db_params *months)
{
	const struct consents	*c = call->state;
	const char		*zone = call->ctx.default_timezone;

	if (zone == NULL)
		zone = "UTC";
	call_params(call, types, PARS_STUDY_CONSENT_TYPES);
	call_params(call, rows, PARS_STUDY_CONSENTS);
	call_params(call, months, PARS_STUDY_CONSENT_MONTHS);
	db_params_int(types, PAR_STUDY_CONSENT_TYPES_STUDY, c->study_id);
	db_params_int(rows, PAR_STUDY_CONSENTS_STUDY, c->study_id);
	db_params_int(months, PAR_STUDY_CONSENT_MONTHS_STUDY, c->study_id);
	data_types_params(&c->asked, types, PAR_STUDY_CONSENT_TYPES_TYPES,
	    PAR_STUDY_CONSENT_TYPES_OTHERS);
	data_types_params(&c->asked, rows, PAR_STUDY_CONSENTS_TYPES,
	    PAR_STUDY_CONSENTS_OTHERS);
	if (c->one) {
		db_params_int(types, PAR_STUDY_CONSENT_TYPES_PATIENT,
		    c->patient_id);
		db_params_int(rows, PAR_STUDY_CONSENTS_PATIENT,
		    c->patient_id);
	}
	db_params_text(rows, PAR_STUDY_CONSENTS_STATUS, c->status,
	    strlen(c->status));
	db_params_text(rows, PAR_STUDY_CONSENTS_TIMEZONE, zone, strlen(zone));
	db_params_text(months, PAR_STUDY_CONSENT_MONTHS_TIMEZONE, zone,
	    strlen(zone));
	if (call->position.set)
		db_params_int(rows, PAR_STUDY_CONSENTS_AFTER,
		    call->position.id);
	/* One more than the page: so that truncated is a fact. */
	db_params_int(rows, PAR_STUDY_CONSENTS_LIMIT,
	    (int64_t)call_limit(call) + 1);
}

static int
consents_start(struct tools_call *call)
{
	struct consents		*c = call->state;
	struct db_params	 types, rows, months;
	struct db_query		 q[CONSENTS_QUERIES];
	int			 error;

	c->study_id = args_integer(&call->args, "study_id");
	c->one = args_has(&call->args, "patient_id");
	c->patient_id = args_integer(&call->args, "patient_id");
	c->status = args_string(&call->args, "status");
	/* Who asks for somebody wants to see them, whatever they answered. */
	if (c->status == NULL || (c->one && !args_has(&call->args, "status")))
		c->status = "all";
	if (data_types_parse(&c->asked, &call->args, &call->error) != 0)
		return 0;
	consents_params(call, &types, &rows, &months);
	if ((error = db_params_done(&types)) != 0 ||
	    (error = db_params_done(&rows)) != 0 ||
	    (error = db_params_done(&months)) != 0)
		goto out;
	q[CONSENTS_TYPES] = (struct db_query){ DB_STUDY_CONSENT_TYPES,
	    types.values, types.n, NULL };
	q[CONSENTS_ROWS] = (struct db_query){ DB_STUDY_CONSENTS, rows.values,
	    rows.n, NULL };
	q[CONSENTS_MONTHS] = (struct db_query){ DB_STUDY_CONSENT_MONTHS,
	    months.values, months.n, NULL };
	error = call_submit(call, q, consents_has_months(c) ?
	    CONSENTS_QUERIES : CONSENTS_MONTHS);
out:
	db_params_free(&types);
	db_params_free(&rows);
	db_params_free(&months);
	return error;
}

/* --- Rows. ---------------------------------------------------------------- */

static int
consents_type_row(struct consents *c, const struct db_row *row)
{
	static const struct requested_columns	columns = {
		COL_STUDY_CONSENT_TYPES_CONCEPT_ID,
		COL_STUDY_CONSENT_TYPES_CODE, COL_STUDY_CONSENT_TYPES_TEXT,
		COL_STUDY_CONSENT_TYPES_CONSENTED,
		COL_STUDY_CONSENT_TYPES_REFUSED,
		COL_STUDY_CONSENT_TYPES_PENDING
	};
	struct requested_type			*t;
	int					 error;

	if ((t = requested_add(&c->requested, row, &columns, &error)) == NULL)
		return error;
	t->wanted = cell_get_boolean(row, COL_STUDY_CONSENT_TYPES_WANTED);
	return 0;
}

static int
consents_month_row(struct consents *c, const struct db_row *row)
{
	struct consents_month	*months;
	const char		*month;

	if (c->nmonths == CONSENTS_MONTHS_MAX) {
		c->more_months++;
		return 0;
	}
	months = recallocarray(c->months, c->nmonths, c->nmonths + 1,
	    sizeof(*months));
	if (months == NULL)
		return ERR_MEMORY;
	c->months = months;
	months += c->nmonths++;
	if ((month = db_text(row, COL_STUDY_CONSENT_MONTHS_MONTH,
	    NULL)) != NULL)
		strlcpy(months->month, month, sizeof(months->month));
	return db_int(row, COL_STUDY_CONSENT_MONTHS_PATIENTS,
	    &months->patients);
}

static int
consents_read_head(struct consents *c, const struct db_row *row)
{
	struct db_array	 array;
	const char	*missed;
	size_t		 len = 0;
	bool		 null;

	c->found = true;
	c->team = cell_get_boolean(row, COL_STUDY_CONSENTS_TEAM);
	c->patients = cell_get_integer(row, COL_STUDY_CONSENTS_PATIENTS, 0);
	c->types = cell_get_integer(row, COL_STUDY_CONSENTS_TYPES, 0);
	c->complete = cell_get_integer(row, COL_STUDY_CONSENTS_COMPLETE, 0);
	c->refusing = cell_get_integer(row, COL_STUDY_CONSENTS_REFUSING, 0);
	c->waiting = cell_get_integer(row, COL_STUDY_CONSENTS_WAITING, 0);
	c->total = cell_get_integer(row, COL_STUDY_CONSENTS_TOTAL, 0);
	missed = db_text(row, COL_STUDY_CONSENTS_MISSED, &len);
	if (missed == NULL || db_array_begin(&array, missed, len) != 0 ||
	    db_array_next(&array, c->missed, sizeof(c->missed), &len,
	    &null) < 0)
		return ERR_FORMAT;
	return 0;
}

/* Ids of data types as their names, by commas; null if there are none. */
static int
consents_write_types(const struct consents *c, struct json *j,
    const struct db_row *row, int column)
{
	const struct requested_type	*t;
	struct db_array			 array;
	struct buf			 names;
	const char			*text;
	char				 id[24];
	size_t				 len = 0;
	int64_t				 concept;
	bool				 null;
	int				 more;

	if ((text = db_text(row, column, &len)) == NULL) {
		json_null(j);
		return 0;
	}
	if (db_array_begin(&array, text, len) != 0)
		return ERR_FORMAT;
	buf_init(&names, TOOLS_RESULT_MAX);
	while ((more = db_array_next(&array, id, sizeof(id), &len,
	    &null)) == 1) {
		t = NULL;
		if (num_parse(id, len, INT64_MIN, INT64_MAX, &concept) == 0)
			t = requested_find(&c->requested, concept);
		/* One of those beyond the list has no name here. */
		buf_addf(&names, "%s%s", names.len > 0 ? "," : "",
		    t == NULL ? "(more)" : requested_shown(&c->requested,
		    (size_t)(t - c->requested.types)));
	}
	json_stringn(j, buf_string(&names), names.len);
	if (more == 0)
		more = buf_error(&names);
	buf_free(&names);
	return more;
}

static int
consents_list_row(struct tools_call *call, const struct db_row *row)
{
	struct consents	*c = call->state;
	struct json	*j;
	int		 error = 0;

	if (!c->found && (error = consents_read_head(c, row)) != 0)
		return error;
	if (db_is_null(row, COL_STUDY_CONSENTS_PATIENT_ID) ||
	    !policy_single_patients(&call->ctx))
		return 0;
	c->consented = cell_get_integer(row, COL_STUDY_CONSENTS_CONSENTED, 0);
	c->refused = cell_get_integer(row, COL_STUDY_CONSENTS_REFUSED, 0);
	c->pending = cell_get_integer(row, COL_STUDY_CONSENTS_PENDING, 0);
	if ((j = result_row_begin(&call->result)) == NULL)
		return 0;
	json_array_begin(j);
	cell_integer(j, row, COL_STUDY_CONSENTS_PATIENT_ID);
	json_int(j, c->consented);
	json_int(j, c->refused);
	json_int(j, c->pending);
	if (consents_has_types(c)) {
		if ((error = consents_write_types(c, j, row,
		    COL_STUDY_CONSENTS_REFUSED_IDS)) != 0 ||
		    (error = consents_write_types(c, j, row,
		    COL_STUDY_CONSENTS_PENDING_IDS)) != 0)
			return error;
		cell_plain(j, row, COL_STUDY_CONSENTS_LAST_CHANGE);
	}
	json_array_end(j);
	if (!result_row_end(&call->result))
		return 0;
	c->last.set = true;
	c->last.untimed = true;
	return db_int(row, COL_STUDY_CONSENTS_PATIENT_ID, &c->last.id);
}

static int
consents_row(struct tools_call *call, size_t query, const struct db_row *row)
{
	if (query == CONSENTS_TYPES)
		return consents_type_row(call->state, row);
	if (query == CONSENTS_MONTHS)
		return consents_month_row(call->state, row);
	return consents_list_row(call, row);
}

const struct tool_ops	consents_tool = {
	.name = "get_study_consents",
	.about = TOOL_ABOUT_STUDY,
	.state_size = sizeof(struct consents),
	.start = consents_start,
	.row = consents_row,
	.step = consents_answer,
	.clear = consents_clear
};
