/* SPDX-License-Identifier: MIT */
/*
 * The answer of get_study_consents, from what its statements said.  Runs in
 * the worker.  Names of data types were cleaned when they came.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "omh/types.h"
#include "tools/consents_state.h"
#include "tools/text.h"

/* Bytes of names of data types in a sentence. */
#define CONSENTS_NAMES_MAX	500

bool
consents_has_months(const struct consents *c)
{
	return !c->one && !c->asked.filtered;
}

bool
consents_has_types(const struct consents *c)
{
	return strcmp(c->status, "consented") != 0;
}

/* --- Errors. -------------------------------------------------------------- */

static void
consents_set_unknown_type(struct tools_call *call)
{
	struct consents		*c = call->state;
	const struct omh_type	*nearest;
	struct buf		 clean, names;

	nearest = omh_type_nearest(c->missed, strlen(c->missed));
	buf_init(&clean, 1024);
	buf_init(&names, TOOLS_RESULT_MAX);
	text_clean(&clean, c->missed, strlen(c->missed), 60);
	requested_write_names(&c->requested, &names, CONSENTS_NAMES_MAX);
	errors_set(&call->error, ERRORS_UNKNOWN_TYPE, "\"%s\" is not a data "
	    "type.%s%s%s Requested by this study: %s.", buf_string(&clean),
	    nearest != NULL ? " Nearest: " : "",
	    nearest != NULL ? nearest->name : "", nearest != NULL ? "." : "",
	    names.len > 0 ? buf_string(&names) : "none");
	buf_free(&clean);
	buf_free(&names);
}

/* True if there is an answer; else the error is set. */
static bool
consents_check(struct tools_call *call)
{
	struct consents	*c = call->state;

	if (!c->found)
		errors_set_no_study(&call->error, c->study_id);
	else if (c->one && c->patients == 0)
		errors_set(&call->error, ERRORS_NOT_FOUND, "no patient %"
		    PRId64 " in study %" PRId64 " that you may see. "
		    "list_study_patients shows who is enrolled.",
		    c->patient_id, c->study_id);
	else if (c->missed[0] != '\0')
		consents_set_unknown_type(call);
	return call->error.len == 0;
}

/* The numbers are of other people: not of one patient, nor of oneself. */
static bool
consents_cohort(const struct consents *c)
{
	return !c->one && c->team;
}

/* The whole study has too few patients to give any number. */
static bool
consents_few(const struct tools_call *call)
{
	const struct consents	*c = call->state;

	return consents_cohort(c) && policy_too_few(&call->ctx, c->patients);
}

/* --- The summary. --------------------------------------------------------- */

static void
consents_summarize_one(const struct consents *c, struct buf *out)
{
	buf_addf(out, "Patient %" PRId64 " consented to %" PRId64 " of %"
	    PRId64 "%s type%s", c->patient_id, c->consented, c->types,
	    c->asked.filtered ? " of these" : "", c->types == 1 ? "" : "s");
	if (c->refused > 0)
		buf_addf(out, ", refused %" PRId64, c->refused);
	if (c->pending > 0)
		buf_addf(out, ", has not answered %" PRId64, c->pending);
	buf_addc(out, '.');
}

/* Of the only type that is wanted, its name. */
static const char *
consents_only(const struct consents *c)
{
	size_t	i;

	for (i = 0; i < c->requested.n; i++) {
		if (c->requested.types[i].wanted)
			return requested_shown(&c->requested, i);
	}
	return "it";
}

static void
consents_summarize_all(const struct consents *c, struct buf *out)
{
	char	n[RESULT_COUNT_SIZE];
	bool	single = c->types == 1;

	buf_addf(out, "%s of ", result_count(c->complete, n));
	buf_addf(out, "%s patient%s consented to ",
	    result_count(c->patients, n), c->patients == 1 ? "" : "s");
	if (single)
		buf_adds(out, consents_only(c));
	else
		buf_addf(out, "all %" PRId64 "%s types", c->types,
		    c->asked.filtered ? " of these" : "");
	if (consents_has_types(c)) {
		buf_addf(out, "; %s refused%s", result_count(c->refusing, n),
		    single ? "" : " something");
		buf_addf(out, ", %s %s not answered%s",
		    result_count(c->waiting, n),
		    c->waiting == 1 ? "has" : "have",
		    single ? "" : " everything");
	}
	buf_addc(out, '.');
}

static void
consents_summarize(struct tools_call *call)
{
	struct consents	*c = call->state;
	struct buf	*out = &call->result.summary;
	char		 n[RESULT_COUNT_SIZE];

	if (consents_few(call))
		buf_adds(out, "Too few patients to be told of");
	else
		buf_addf(out, "%s patient%s", result_count(c->patients, n),
		    c->patients == 1 ? "" : "s");
	if (c->types == 0) {
		buf_addf(out, "; the study requests %s.", c->asked.filtered ?
		    "none of these data types" : "no data types");
		return;
	}
	/* A small number would tell of single people. */
	if (consents_cohort(c) && (consents_few(call) ||
	    policy_too_few(&call->ctx, c->complete) ||
	    policy_too_few(&call->ctx, c->patients - c->complete) ||
	    policy_too_few(&call->ctx, c->refusing) ||
	    policy_too_few(&call->ctx, c->waiting))) {
		buf_addf(out, "; %" PRId64 " data types.", c->types);
		return;
	}
	buf_reset(out);
	if (c->one && call->result.nrows == 1)
		consents_summarize_one(c, out);
	else
		consents_summarize_all(c, out);
	if ((int64_t)call->result.nrows < c->total &&
	    policy_single_patients(&call->ctx))
		buf_addf(out, " %zu listed here.", call->result.nrows);
}

/* --- Members. ------------------------------------------------------------- */

static void
consents_write_columns(struct json *j, const char *const *columns, size_t n)
{
	size_t	i;

	json_key(j, "columns");
	json_array_begin(j);
	for (i = 0; i < n; i++)
		json_string(j, columns[i]);
	json_array_end(j);
	json_key(j, "rows");
	json_array_begin(j);
}

static void
consents_write_group(struct json *j, const struct policy_group *g)
{
	if (g->suppressed)
		json_null(j);
	else
		json_int(j, g->patients);
}

/* The number of cells that are held back. */
static size_t
consents_write_by_type(struct tools_call *call, struct json *j)
{
	static const char *const	 columns[] = { "data_type", "consented",
	    "refused", "pending" };
	const struct consents		*c = call->state;
	const struct requested_type	*t;
	struct policy_group		 g[3];
	size_t				 i, k, hidden = 0;

	json_key(j, "by_type");
	json_object_begin(j);
	consents_write_columns(j, columns, 4);
	for (i = 0; i < c->requested.n; i++) {
		t = &c->requested.types[i];
		if (!t->wanted)
			continue;
		memset(g, 0, sizeof(g));
		g[0].patients = t->consented;
		g[1].patients = t->refused;
		g[2].patients = t->pending;
		if (consents_cohort(c))
			hidden += policy_suppress_disjoint(&call->ctx, g, 3);
		if (consents_few(call))
			g[0].suppressed = g[1].suppressed =
			    g[2].suppressed = true;
		json_array_begin(j);
		json_string(j, requested_shown(&c->requested, i));
		for (k = 0; k < 3; k++)
			consents_write_group(j, &g[k]);
		json_array_end(j);
	}
	json_array_end(j);
	json_object_end(j);
	return hidden;
}

static int
consents_write_months(struct tools_call *call, struct json *j, size_t *hidden)
{
	static const char *const	 columns[] = { "month", "patients" };
	const struct consents		*c = call->state;
	struct policy_group		*g;
	size_t				 i;

	if ((g = calloc(c->nmonths + 1, sizeof(*g))) == NULL)
		return ERR_MEMORY;
	for (i = 0; i < c->nmonths; i++)
		g[i].patients = c->months[i].patients;
	if (consents_cohort(c))
		*hidden += policy_suppress_disjoint(&call->ctx, g, c->nmonths);
	json_key(j, "first_consents");
	json_object_begin(j);
	consents_write_columns(j, columns, 2);
	for (i = 0; i < c->nmonths; i++) {
		if (g[i].suppressed)
			continue;
		json_array_begin(j);
		json_string(j, c->months[i].month);
		json_int(j, g[i].patients);
		json_array_end(j);
	}
	json_array_end(j);
	json_object_end(j);
	free(g);
	return 0;
}

/* --- Notes. --------------------------------------------------------------- */

/* Known types that were asked for and are not requested. */
static void
consents_note_unrequested(struct tools_call *call)
{
	const struct consents	*c = call->state;
	struct buf		 names;
	uint32_t		 bits = c->asked.known;
	size_t			 i;

	for (i = 0; i < c->requested.n; i++) {
		if (c->requested.types[i].known >= 0)
			bits &= ~(UINT32_C(1) << c->requested.types[i].known);
	}
	if (bits == 0 || c->requested.more > 0)
		return;
	buf_init(&names, TOOLS_RESULT_MAX);
	for (i = 0; i < OMH_TYPES; i++) {
		if ((bits >> i & 1) != 0)
			buf_addf(&names, "%s%s", names.len > 0 ? ", " : "",
			    omh_type_at(i)->name);
	}
	result_notef(&call->result, "Not requested by this study: %s.",
	    buf_string(&names));
	buf_free(&names);
}

static void
consents_write_notes(struct tools_call *call, size_t hidden)
{
	const struct consents	*c = call->state;
	struct result		*r = &call->result;

	if (!c->team)
		result_note(r, "You take part in this study: consents are "
		    "your own; those of others are for its team.");
	consents_note_unrequested(call);
	if (!policy_single_patients(&call->ctx))
		result_note(r, "This server gives aggregates only: no "
		    "patients are listed.");
	result_withheld(r, "small_groups", (int64_t)hidden);
	if (hidden > 0)
		result_notef(r, "Numbers under %u, and those they could be "
		    "worked out from, are held back.",
		    policy_minimum(&call->ctx));
	if (c->requested.more > 0)
		result_notef(r, "%zu more data types are requested than are "
		    "listed.", c->requested.more);
	if (c->more_months > 0)
		result_notef(r, "%zu more months than are listed.",
		    c->more_months);
}

int
consents_answer(struct tools_call *call)
{
	static const char *const	 columns[] = { "patient_id",
	    "consented", "refused", "pending", "refused_types",
	    "pending_types", "last_change" };
	struct consents			*c = call->state;
	struct json			*j = &call->result.head;
	struct result_list		 list = { .member = "rows",
	    .columns = columns };
	size_t				 hidden;
	int				 error;

	if (!consents_check(call))
		return 0;
	consents_summarize(call);
	json_key(j, "study_id");
	json_int(j, c->study_id);
	json_key(j, "patients");
	json_int(j, consents_few(call) ? 0 : c->patients);
	hidden = consents_write_by_type(call, j);
	if (consents_has_months(c) &&
	    (error = consents_write_months(call, j, &hidden)) != 0)
		return error;
	consents_write_notes(call, hidden);
	if (policy_single_patients(&call->ctx))
		list.total = c->total;
	list.ncolumns = consents_has_types(c) ? 7 : 4;
	return call_finish(call, &list, &c->last);
}
