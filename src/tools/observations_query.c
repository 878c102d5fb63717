/* SPDX-License-Identifier: MIT */
/*
 * The arguments of get_patient_observations.  Runs in the worker.  They
 * satisfy the schema and are a client's all the same.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "compat/compat.h"
#include "db/param.h"
#include "tools/observations_query.h"
#include "tools/text.h"

/* Units of one quantity, and one for none. */
#define QUERY_UNITS_MAX	16
/* Characters of an argument that are repeated in an error. */
#define QUERY_ECHO	60

static int
query_bad(struct tools_call *call, enum errors_code code, const char *text)
{
	errors_set(&call->error, code, "%s", text);
	return ERR_FORMAT;
}

/* --- Data types. ---------------------------------------------------------- */

/* A name of no known type: as the statement compares it. */
static int
query_add_other(struct observations_query *q, const char *name, size_t len)
{
	char	*other;
	size_t	 i;

	if (q->nothers == OBSERVATIONS_OTHERS_MAX ||
	    len >= OBSERVATIONS_NAME_SIZE)
		return ERR_LIMIT;
	other = q->others[q->nothers++];
	for (i = 0; i < len; i++)
		other[i] = name[i] == ' ' || name[i] == '_' ? '-' :
		    (char)tolower((unsigned char)name[i]);
	other[len] = '\0';
	return 0;
}

static int
query_add_name(struct observations_query *q, const char *name, size_t len)
{
	const struct omh_type	*type;
	uint32_t		 group;

	if ((group = omh_type_group(name, len)) != 0)
		q->types |= group;
	else if ((type = omh_type_find(name, len)) != NULL)
		q->types |= UINT32_C(1) << omh_type_index(type);
	else
		return query_add_other(q, name, len);
	return 0;
}

static int
query_parse_types(struct observations_query *q, struct tools_call *call)
{
	const char	*s = args_string(&call->args, "data_type");
	size_t		 len, next;

	while (s != NULL && *s != '\0') {
		s += strspn(s, " ,");
		next = len = strcspn(s, ",");
		while (len > 0 && s[len - 1] == ' ')
			len--;
		if (len > 0 && query_add_name(q, s, len) != 0)
			return query_bad(call, ERRORS_BAD_ARGUMENT,
			    "data_type has too many or too long names. Use "
			    "short names such as blood-glucose.");
		s += next;
	}
	q->filtered = q->types != 0 || q->nothers > 0;
	q->single = (q->types & (q->types - 1)) == 0 &&
	    (q->types != 0) + q->nothers == 1;
	if (q->single && q->types != 0)
		q->type = omh_type_at((size_t)__builtin_ctz(q->types));
	return 0;
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
	if (q->type == NULL)
		return query_bad(call, ERRORS_BAD_ARGUMENT, "measure needs "
		    "one data_type. Send data_type=blood-pressure with "
		    "measure=systolic, for example.");
	if ((q->measure = omh_measure_find(q->type, name)) == NULL)
		return query_unknown_measure(q->type, call);
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
	const struct omh_measure	*m;
	struct buf			 unit, units;
	size_t				 i;

	buf_init(&unit, ERRORS_TEXT_MAX);
	buf_init(&units, ERRORS_TEXT_MAX);
	text_clean(&unit, q->unit, strlen(q->unit), QUERY_ECHO);
	for (i = 0; q->type != NULL && i < q->type->nmeasures; i++) {
		m = &q->type->measures[i];
		if ((q->measure != NULL && q->measure != m) ||
		    m->quantity == OMH_NO_QUANTITY ||
		    (i > 0 && m->quantity == m[-1].quantity))
			continue;
		buf_adds(&units, units.len > 0 ? ", " : "");
		omh_measure_units(&units, m);
	}
	if (q->type != NULL)
		errors_set(&call->error, ERRORS_UNKNOWN_UNIT,
		    "%s cannot be given in %s. Possible: %s.", q->type->name,
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
		if (q->filtered && (q->types & UINT32_C(1) << i) == 0)
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
	q->has_above = args_has(&call->args, "above");
	q->has_below = args_has(&call->args, "below");
	if (!q->has_above && !q->has_below)
		return 0;
	q->above = args_number(&call->args, "above");
	q->below = args_number(&call->args, "below");
	if (q->type == NULL)
		return query_bad(call, ERRORS_BAD_ARGUMENT, "above and below "
		    "need one known data_type. Send one, such as "
		    "data_type=blood-glucose.");
	q->bounded = q->measure != NULL ? q->measure :
	    query_only_number(q->type);
	if (q->bounded == NULL) {
		errors_set(&call->error, ERRORS_BAD_ARGUMENT, "%s has several "
		    "measures. Say which one above and below look at, such "
		    "as measure=%s.", q->type->name,
		    q->type->measures[0].kind == OMH_NUMBER ?
		    q->type->measures[0].name : q->type->measures[1].name);
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
	    (error = query_parse_types(q, call)) != 0 ||
	    (error = query_parse_measure(q, call)) != 0 ||
	    (error = query_parse_unit(q, call)) != 0)
		return error;
	return query_parse_bounds(q, call);
}

bool
observations_query_is_ids(const struct observations_query *q)
{
	return q->nids > 0 && !q->filtered && window_is_open(&q->window) &&
	    !q->has_above && !q->has_below;
}

/* --- Parameters of the statement. ----------------------------------------- */

static void
query_params_types(const struct observations_query *q, struct db_params *p)
{
	char		 names[OMH_TYPES][OBSERVATIONS_NAME_SIZE];
	const char	*values[OMH_TYPES], *others[OBSERVATIONS_OTHERS_MAX];
	size_t		 i, n = 0;

	if (!q->filtered)
		return;
	for (i = 0; i < OMH_TYPES; i++) {
		if ((q->types & UINT32_C(1) << i) == 0)
			continue;
		snprintf(names[n], sizeof(names[n]), "%s:%s",
		    omh_type_at(i)->space, omh_type_at(i)->name);
		values[n] = names[n];
		n++;
	}
	for (i = 0; i < q->nothers; i++)
		others[i] = q->others[i];
	db_params_texts(p, PAR_OBSERVATION_PAGE_TYPES, values, n);
	db_params_texts(p, PAR_OBSERVATION_PAGE_OTHERS, others, q->nothers);
}

/* Units that the compared value may have, and how to reach the bounds'. */
struct query_units {
	size_t		 n;
	const char	*names[QUERY_UNITS_MAX];
	const char	*factors[QUERY_UNITS_MAX];
	const char	*offsets[QUERY_UNITS_MAX];
	char		 texts[QUERY_UNITS_MAX][2][32];
};

static void
query_add_unit(struct query_units *units, const char *name, double factor,
    double offset)
{
	size_t	i = units->n;

	if (i == QUERY_UNITS_MAX)
		return;
	snprintf(units->texts[i][0], sizeof(units->texts[i][0]), "%.17g",
	    factor);
	snprintf(units->texts[i][1], sizeof(units->texts[i][1]), "%.17g",
	    offset);
	units->names[i] = name;
	units->factors[i] = units->texts[i][0];
	units->offsets[i] = units->texts[i][1];
	units->n++;
}

static void
query_params_bounds(const struct observations_query *q, struct db_params *p)
{
	const struct omh_unit	*to = q->bound_unit, *u;
	const char		*path[OMH_PATH_MAX];
	struct query_units	 units;
	size_t			 i, n = 0;

	if (q->bounded == NULL)
		return;
	memset(&units, 0, sizeof(units));
	for (i = 0; to != NULL && i < omh_unit_count(); i++) {
		u = omh_unit_at(i);
		if (u->quantity == to->quantity)
			query_add_unit(&units, u->name, u->factor / to->factor,
			    (u->offset - to->offset) / to->factor);
	}
	/* Where only one unit is possible, its name may be missing. */
	if (units.n <= 1)
		query_add_unit(&units, "", 1, 0);
	for (i = 0; i < OMH_PATH_MAX && q->bounded->path[i] != NULL; i++)
		path[n++] = q->bounded->path[i];
	db_params_texts(p, PAR_OBSERVATION_PAGE_PATH, path, n);
	db_params_texts(p, PAR_OBSERVATION_PAGE_UNITS, units.names, units.n);
	db_params_texts(p, PAR_OBSERVATION_PAGE_FACTORS, units.factors,
	    units.n);
	db_params_texts(p, PAR_OBSERVATION_PAGE_OFFSETS, units.offsets,
	    units.n);
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
query_params_window(const struct observations_query *q, struct db_params *p)
{
	struct window_params	w;

	window_params(&q->window, &w);
	query_set_text(p, PAR_OBSERVATION_PAGE_FIRST_DAY, w.first_day);
	query_set_text(p, PAR_OBSERVATION_PAGE_LAST_DAY, w.last_day);
	query_set_text(p, PAR_OBSERVATION_PAGE_START_AT, w.start_at);
	query_set_text(p, PAR_OBSERVATION_PAGE_END_AT, w.end_at);
	query_set_text(p, PAR_OBSERVATION_PAGE_ZONE, w.zone);
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
	query_params_types(q, &p);
	query_params_window(q, &p);
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
