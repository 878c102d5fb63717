/* SPDX-License-Identifier: MIT */
/*
 * The arguments of get_patient_observations.  Runs in the worker.  They
 * satisfy the schema and are a client's all the same.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "compat/compat.h"
#include "db/param.h"
#include "tools/observations_query.h"
#include "tools/text.h"
#include "tools/unit_params.h"

/* Characters of an argument that are repeated in an error. */
#define QUERY_ECHO	60

static int
query_bad(struct tools_call *call, enum errors_code code, const char *text)
{
	errors_set(&call->error, code, "%s", text);
	return ERR_FORMAT;
}

/* --- Measure and unit. ---------------------------------------------------- */

static int
query_unknown_measure(const struct omh_type *t, struct tools_call *call)
{
	struct buf	names;
	size_t		i;

	buf_init(&names, ERRORS_TEXT_MAX);
	for (i = 0; i < t->nmeasures; i++)
		buf_addf(&names, "%s%s", i > 0 ? ", " : "",
		    t->measures[i].name);
	errors_set(&call->error, ERRORS_UNKNOWN_MEASURE, "%s has only %s.%s",
	    t->name, buf_string(&names),
	    (t->groups & OMH_GROUP_SLEEP) != 0 &&
	    strcmp(t->name, "sleep-stage-summary") != 0 ?
	    " Stages are in sleep-stage-summary." : "");
	buf_free(&names);
	return ERR_FORMAT;
}

static int
query_parse_measure(struct observations_query *q, struct tools_call *call)
{
	const char	*name = args_string(&call->args, "measure");

	if (name == NULL || *name == '\0')
		return 0;
	if (q->wanted.type == NULL)
		return query_bad(call, ERRORS_BAD_ARGUMENT, "measure needs "
		    "one data_type. Send data_type=blood-pressure with "
		    "measure=systolic, for example.");
	if ((q->measure = omh_measure_find(q->wanted.type, name)) == NULL)
		return query_unknown_measure(q->wanted.type, call);
	return 0;
}

/* Can any of the type's measures (or the one asked for) be in the unit? */
static bool
query_unit_fits(const struct observations_query *q, const struct omh_type *t)
{
	size_t	i;

	for (i = 0; i < t->nmeasures; i++) {
		if (q->measure != NULL && q->measure != &t->measures[i])
			continue;
		if (omh_unit_asked(t->measures[i].quantity, q->unit) != NULL)
			return true;
	}
	return false;
}

static int
query_unknown_unit(const struct observations_query *q,
    struct tools_call *call)
{
	const struct omh_type		*type = q->wanted.type;
	const struct omh_measure	*m;
	struct buf			 unit, units;
	size_t				 i;

	buf_init(&unit, ERRORS_TEXT_MAX);
	buf_init(&units, ERRORS_TEXT_MAX);
	text_clean(&unit, q->unit, strlen(q->unit), QUERY_ECHO);
	for (i = 0; type != NULL && i < type->nmeasures; i++) {
		m = &type->measures[i];
		if ((q->measure != NULL && q->measure != m) ||
		    m->quantity == OMH_NO_QUANTITY ||
		    (i > 0 && m->quantity == m[-1].quantity))
			continue;
		buf_adds(&units, units.len > 0 ? ", " : "");
		omh_measure_units(&units, m);
	}
	if (type != NULL)
		errors_set(&call->error, ERRORS_UNKNOWN_UNIT,
		    "%s cannot be given in %s. Possible: %s.", type->name,
		    buf_string(&unit), units.len > 0 ? buf_string(&units) :
		    "only as stored");
	else
		errors_set(&call->error, ERRORS_UNKNOWN_UNIT, "none of these "
		    "data types can be given in %s. Name one data_type to "
		    "see its units, or leave unit out.", buf_string(&unit));
	buf_free(&unit);
	buf_free(&units);
	return ERR_FORMAT;
}

static int
query_parse_unit(struct observations_query *q, struct tools_call *call)
{
	size_t	i;

	q->unit = args_string(&call->args, "unit");
	if (q->unit == NULL || *q->unit == '\0') {
		q->unit = NULL;
		return 0;
	}
	for (i = 0; i < OMH_TYPES; i++) {
		if (q->wanted.filtered &&
		    (q->wanted.known & UINT32_C(1) << i) == 0)
			continue;
		if (query_unit_fits(q, omh_type_at(i)))
			return 0;
	}
	return query_unknown_unit(q, call);
}

/* --- above and below. ----------------------------------------------------- */

/* The only number of a type, NULL if there are several or none. */
static const struct omh_measure *
query_only_number(const struct omh_type *t)
{
	const struct omh_measure	*found = NULL;
	size_t				 i;

	for (i = 0; i < t->nmeasures; i++) {
		if (t->measures[i].kind != OMH_NUMBER)
			continue;
		if (found != NULL)
			return NULL;
		found = &t->measures[i];
	}
	return found;
}

static int
query_parse_bounds(struct observations_query *q, struct tools_call *call)
{
	const struct omh_type	*type = q->wanted.type;

	q->has_above = args_has(&call->args, "above");
	q->has_below = args_has(&call->args, "below");
	if (!q->has_above && !q->has_below)
		return 0;
	q->above = args_number(&call->args, "above");
	q->below = args_number(&call->args, "below");
	if (type == NULL)
		return query_bad(call, ERRORS_BAD_ARGUMENT, "above and below "
		    "need one known data_type. Send one, such as "
		    "data_type=blood-glucose.");
	q->bounded = q->measure != NULL ? q->measure :
	    query_only_number(type);
	if (q->bounded == NULL) {
		errors_set(&call->error, ERRORS_BAD_ARGUMENT, "%s has several "
		    "measures. Say which one above and below look at, such "
		    "as measure=%s.", type->name,
		    type->measures[0].kind == OMH_NUMBER ?
		    type->measures[0].name : type->measures[1].name);
		return ERR_FORMAT;
	}
	if (q->bounded->kind != OMH_NUMBER) {
		errors_set(&call->error, ERRORS_BAD_ARGUMENT, "%s is text, "
		    "above and below need a number.", q->bounded->name);
		return ERR_FORMAT;
	}
	q->bound_unit = omh_measure_unit(q->bounded);
	if (q->unit != NULL &&
	    omh_unit_asked(q->bounded->quantity, q->unit) != NULL)
		q->bound_unit = omh_unit_asked(q->bounded->quantity, q->unit);
	return 0;
}

int
observations_query_parse(struct observations_query *q,
    struct tools_call *call)
{
	const char	*order = args_string(&call->args, "order");
	const char	*verbosity = args_string(&call->args, "verbosity");
	int		 error;

	memset(q, 0, sizeof(*q));
	q->patient_id = args_integer(&call->args, "patient_id");
	q->newest = order == NULL || strcmp(order, "oldest") != 0;
	q->full = verbosity != NULL && strcmp(verbosity, "full") == 0;
	q->ids = args_list(&call->args, "observation_ids", &q->nids);
	q->alone = q->full && q->nids == 1;
	if ((error = window_parse(&q->window, &call->args, call->base_s,
	    call->ctx.default_timezone, &call->error)) != 0 ||
	    (error = data_types_parse(&q->wanted, &call->args,
	    &call->error)) != 0 ||
	    (error = query_parse_measure(q, call)) != 0 ||
	    (error = query_parse_unit(q, call)) != 0)
		return error;
	return query_parse_bounds(q, call);
}

bool
observations_query_is_ids(const struct observations_query *q)
{
	return q->nids > 0 && !q->wanted.filtered &&
	    window_is_open(&q->window) && !q->has_above && !q->has_below;
}

/* --- Parameters of the statement. ----------------------------------------- */

static void
query_params_bounds(const struct observations_query *q, struct db_params *p)
{
	if (q->bounded == NULL)
		return;
	unit_params_path(p, q->bounded, PAR_OBSERVATION_PAGE_PATH);
	unit_params(p, q->bound_unit, PAR_OBSERVATION_PAGE_UNITS,
	    PAR_OBSERVATION_PAGE_FACTORS, PAR_OBSERVATION_PAGE_OFFSETS);
	if (q->has_above)
		db_params_double(p, PAR_OBSERVATION_PAGE_ABOVE, q->above);
	if (q->has_below)
		db_params_double(p, PAR_OBSERVATION_PAGE_BELOW, q->below);
}

static void
query_set_text(struct db_params *p, int index, const char *text)
{
	if (text != NULL)
		db_params_text(p, index, text, strlen(text));
}

static void
query_params_position(const struct cursor_position *at, struct db_params *p)
{
	char	text[MOMENT_TEXT_SIZE];

	if (!at->set)
		return;
	db_params_int(p, PAR_OBSERVATION_PAGE_AFTER_ID, at->id);
	if (at->untimed)
		return;
	moment_format_sql(at->time_us, text);
	query_set_text(p, PAR_OBSERVATION_PAGE_AFTER_TIME, text);
}

int
observations_query_submit(const struct observations_query *q,
    struct tools_call *call)
{
	struct db_params	p, zone;
	struct db_query		queries[2];
	size_t			n = 0;
	int			error;

	call_params(call, &p, PARS_OBSERVATION_PAGE);
	db_params_init(&zone, PARS_TIME_ZONE);
	db_params_int(&p, PAR_OBSERVATION_PAGE_PATIENT, q->patient_id);
	data_types_params(&q->wanted, &p, PAR_OBSERVATION_PAGE_TYPES,
	    PAR_OBSERVATION_PAGE_OTHERS);
	window_db_params(&q->window, &p, PAR_OBSERVATION_PAGE_FIRST_DAY);
	query_params_bounds(q, &p);
	if (q->nids > 0)
		db_params_ints(&p, PAR_OBSERVATION_PAGE_IDS, q->ids, q->nids);
	db_params_bool(&p, PAR_OBSERVATION_PAGE_NEWEST, q->newest);
	query_params_position(&call->position, &p);
	db_params_int(&p, PAR_OBSERVATION_PAGE_ROWS_MAX,
	    (int64_t)call->result.max_rows + 1);
	db_params_bool(&p, PAR_OBSERVATION_PAGE_STORED, q->full);
	db_params_int(&p, PAR_OBSERVATION_PAGE_STORED_MAX,
	    q->alone ? OBSERVATIONS_BODY_ALONE_MAX : OBSERVATIONS_BODY_MAX);
	if ((error = db_params_done(&p)) != 0)
		goto out;
	memset(queries, 0, sizeof(queries));
	if (window_needs_zone(&q->window)) {
		query_set_text(&zone, PAR_TIME_ZONE_ZONE, q->window.zone);
		if ((error = db_params_done(&zone)) != 0)
			goto out;
		queries[n].statement = DB_TIME_ZONE;
		queries[n].params = zone.values;
		queries[n].nparams = zone.n;
		n++;
	}
	queries[n].statement = DB_OBSERVATION_PAGE;
	queries[n].params = p.values;
	queries[n].nparams = p.n;
	error = call_submit(call, queries, n + 1);
out:
	db_params_free(&p);
	db_params_free(&zone);
	return error;
}
