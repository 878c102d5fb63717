/* SPDX-License-Identifier: MIT */
/*
 * whoami: the signed-in person and what there is for them.  Runs in the
 * worker.  Names are free text of people.  It answers also somebody without
 * a profile, to whom every other tool says no_profile.
 */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "tools/call.h"
#include "tools/cell.h"
#include "tools/text.h"
#include "tools/whoami.h"

/* Organizations that are listed. */
#define WHOAMI_ORGANIZATIONS_MAX	100

enum {
	WHOAMI_NAME,
	WHOAMI_ORGANIZATIONS,
	WHOAMI_STUDIES,
	WHOAMI_PATIENTS,
	WHOAMI_QUERIES
};

struct whoami {
	int64_t		studies, patients;
	size_t		norganizations, nworking;
	bool		more;
	struct buf	name;
	struct buf	out;
	struct json	organizations;
};

static void
whoami_clear(void *arg)
{
	struct whoami	*me = arg;

	buf_free(&me->name);
	buf_free(&me->out);
}

static int
whoami_start(struct tools_call *call)
{
	struct whoami		*me = call->state;
	struct db_params	 person, rights, list;
	struct db_query		 q[WHOAMI_QUERIES];
	int			 error;

	buf_init(&me->name, TOOLS_RESULT_MAX);
	buf_init(&me->out, TOOLS_RESULT_MAX);
	json_init(&me->organizations, &me->out);
	json_array_begin(&me->organizations);
	db_params_init(&person, PARS_PERSON_NAME);
	db_params_int(&person, PAR_PERSON_NAME_PERSON, call->ctx.person);
	db_params_init(&list, PARS_PERSON_ORGANIZATIONS);
	db_params_int(&list, PAR_PERSON_ORGANIZATIONS_PERSON,
	    call->ctx.person);
	db_params_int(&list, PAR_PERSON_ORGANIZATIONS_LIMIT,
	    WHOAMI_ORGANIZATIONS_MAX + 1);
	/* The two counts have the same parameters. */
	call_params(call, &rights, PARS_STUDY_COUNT);
	if ((error = db_params_done(&person)) != 0 ||
	    (error = db_params_done(&list)) != 0 ||
	    (error = db_params_done(&rights)) != 0)
		goto out;
	q[WHOAMI_NAME] = (struct db_query){ DB_PERSON_NAME, person.values,
	    person.n, NULL };
	q[WHOAMI_ORGANIZATIONS] = (struct db_query){ DB_PERSON_ORGANIZATIONS,
	    list.values, list.n, NULL };
	q[WHOAMI_STUDIES] = (struct db_query){ DB_STUDY_COUNT, rights.values,
	    rights.n, NULL };
	q[WHOAMI_PATIENTS] = (struct db_query){ DB_PATIENT_COUNT,
	    rights.values, rights.n, NULL };
	error = call_submit(call, q, WHOAMI_QUERIES);
out:
	db_params_free(&person);
	db_params_free(&list);
	db_params_free(&rights);
	return error;
}

static int
whoami_organization_row(struct whoami *me, const struct db_row *row)
{
	struct json	*j = &me->organizations;
	const char	*role = db_text(row, COL_PERSON_ORGANIZATIONS_ROLE,
			    NULL);

	if (me->norganizations == WHOAMI_ORGANIZATIONS_MAX) {
		me->more = true;
		return 0;
	}
	me->norganizations++;
	me->nworking += role == NULL || strcmp(role, "patient") != 0;
	json_array_begin(j);
	cell_integer(j, row, COL_PERSON_ORGANIZATIONS_ORGANIZATION_ID);
	cell_text(j, row, COL_PERSON_ORGANIZATIONS_NAME, TEXT_CELL_MAX);
	cell_text(j, row, COL_PERSON_ORGANIZATIONS_TYPE, TEXT_CELL_MAX);
	cell_text(j, row, COL_PERSON_ORGANIZATIONS_ROLE, TEXT_CELL_MAX);
	json_array_end(j);
	return 0;
}

static int
whoami_row(struct tools_call *call, size_t query, const struct db_row *row)
{
	struct whoami	*me = call->state;

	switch (query) {
	case WHOAMI_NAME:
		cell_get_text(&me->name, row, COL_PERSON_NAME_NAME,
		    TEXT_CELL_MAX);
		return 0;
	case WHOAMI_ORGANIZATIONS:
		return whoami_organization_row(me, row);
	case WHOAMI_STUDIES:
		return db_int(row, COL_STUDY_COUNT_TOTAL, &me->studies);
	default:
		return db_int(row, COL_PATIENT_COUNT_TOTAL, &me->patients);
	}
}

/* --- The answer. ---------------------------------------------------------- */

static const char *
whoami_kind(const struct call_profile *p)
{
	if (!p->active)
		return "none";
	if (p->practitioner)
		return p->patient ? "both" : "practitioner";
	return p->patient ? "patient" : "none";
}

/* A patient's own name is a patient's name. */
static bool
whoami_named(const struct tools_call *call)
{
	const struct whoami	*me = call->state;

	return me->name.len > 0 && (!call->profile.patient ||
	    call->ctx.disclosure == TOOLS_IDENTIFIED);
}

static void
whoami_write_user(const struct tools_call *call, struct json *j)
{
	const struct whoami	*me = call->state;
	char			 now[CLOCK_TEXT_SIZE];

	clock_format(call->as_of_s, now, sizeof(now));
	json_key(j, "now");
	json_string(j, now);
	json_key(j, "user");
	json_object_begin(j);
	json_key(j, "user_id");
	json_int(j, call->ctx.person);
	json_key(j, "kind");
	json_string(j, whoami_kind(&call->profile));
	json_key(j, "name");
	if (whoami_named(call))
		json_stringn(j, buf_string(&me->name), me->name.len);
	else
		json_null(j);
	json_object_end(j);
}

static void
whoami_write_organizations(struct whoami *me, struct json *j)
{
	static const char	columns[] =
	    "[\"organization_id\",\"name\",\"type\",\"role\"]";

	json_array_end(&me->organizations);
	json_key(j, "organizations");
	json_object_begin(j);
	json_key(j, "columns");
	json_raw(j, columns, sizeof(columns) - 1);
	json_key(j, "rows");
	json_raw(j, me->out.data, me->out.len);
	json_object_end(j);
}

static void
whoami_write_features(const struct tools_call *call, struct json *j)
{
	static const char *const	identity[] = {
		[TOOLS_IDENTITY_ON_REQUEST] = "on request",
		[TOOLS_IDENTITY_NEVER] = "never",
		[TOOLS_IDENTITY_ALWAYS] = "always"
	};
	const struct tools_context	*ctx = &call->ctx;
	bool				 records;

	records = db_variant(ctx->db, DB_LAYOUT_FHIR_RECORDS) == 0;
	json_key(j, "features");
	json_object_begin(j);
	json_key(j, "clinical_records");
	json_boolean(j, records);
	json_key(j, "surveys");
	json_boolean(j, records);
	json_key(j, "consent_gate");
	json_boolean(j, ctx->consent_gate);
	json_key(j, "identity_fields");
	json_string(j, ctx->disclosure == TOOLS_IDENTIFIED ?
	    identity[ctx->identity] : "never");
	json_key(j, "default_timezone");
	json_string(j, ctx->default_timezone != NULL ?
	    ctx->default_timezone : "UTC");
	if (ctx->disclosure != TOOLS_IDENTIFIED) {
		json_key(j, "disclosure");
		json_string(j, ctx->disclosure == TOOLS_AGGREGATE ?
		    "aggregate" : "pseudonymous");
	}
	json_object_end(j);
}

static void
whoami_write_limits(const struct tools_call *call, struct json *j)
{
	json_key(j, "limits");
	json_object_begin(j);
	json_key(j, "max_rows");
	json_int(j, TOOLS_ROWS_MAX);
	json_key(j, "max_characters");
	json_int(j, TOOLS_CHARACTERS);
	json_key(j, "minimum_cell");
	json_int(j, policy_minimum(&call->ctx));
	json_object_end(j);
}

static void
whoami_summarize(struct tools_call *call)
{
	const struct call_profile	*p = &call->profile;
	const struct whoami		*me = call->state;
	struct buf			*out = &call->result.summary;
	char				 n[RESULT_COUNT_SIZE];

	if (whoami_named(call))
		buf_addf(out, "Signed in as %s, ", buf_string(&me->name));
	else
		buf_addf(out, "Signed in as user %" PRId64 ", ",
		    call->ctx.person);
	if (!p->active || (!p->practitioner && !p->patient)) {
		buf_adds(out, p->active || !p->known ? "who has neither a "
		    "practitioner nor a patient profile in the exchange, so "
		    "nothing is visible. Its administrator can make one." :
		    "whose account in the exchange is not active, so nothing "
		    "is visible. Ask its administrator.");
		return;
	}
	if (p->practitioner)
		buf_addf(out, "practitioner in %zu organization%s",
		    me->nworking, me->nworking == 1 ? "" : "s");
	if (p->patient)
		buf_addf(out, "%spatient", p->practitioner ? " and " : "");
	buf_addf(out, "; %s %s ", result_count(me->studies, n),
	    me->studies == 1 ? "study" : "studies");
	if (!policy_too_few(&call->ctx, me->patients))
		buf_addf(out, "and %s patient%s are visible.",
		    result_count(me->patients, n),
		    me->patients == 1 ? "" : "s");
	else
		buf_addf(out, "and fewer than %u patients are visible.",
		    policy_minimum(&call->ctx));
}

static int
whoami_step(struct tools_call *call)
{
	struct whoami	*me = call->state;
	struct result	*r = &call->result;
	struct json	*j = &r->head;
	bool		 few = policy_too_few(&call->ctx, me->patients);

	whoami_summarize(call);
	whoami_write_user(call, j);
	whoami_write_organizations(me, j);
	json_key(j, "studies");
	json_int(j, me->studies);
	json_key(j, "patients");
	json_int(j, few ? 0 : me->patients);
	if (few)
		result_notef(r, "patients is given as 0: they are fewer than "
		    "%u.", policy_minimum(&call->ctx));
	whoami_write_features(call, j);
	whoami_write_limits(call, j);
	if (me->more)
		result_notef(r, "Only the first %d organizations are listed.",
		    WHOAMI_ORGANIZATIONS_MAX);
	if (call->ctx.narrowed)
		result_note(r, "The login is narrowed to some studies; "
		    "patients counts all.");
	/* Instructions are the same for all: clients ask before a sign-in. */
	if (policy_self_only(call) && call->profile.active)
		result_note(r, "You are speaking with a participant about "
		    "their own data.");
	if (buf_error(&me->out) != 0)
		return buf_error(&me->out);
	return call_finish(call, NULL, NULL);
}

const struct tool_ops	whoami_tool = {
	.name = "whoami",
	.about = TOOL_ABOUT_PERSON,
	.state_size = sizeof(struct whoami),
	.start = whoami_start,
	.row = whoami_row,
	.step = whoami_step,
	.clear = whoami_clear
};
