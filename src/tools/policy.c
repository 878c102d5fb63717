/* SPDX-License-Identifier: MIT */
/*
 * The privacy rules of all tools.  Runs in the worker.  The arguments are a
 * client's, checked against the schema.
 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "tools/call.h"
#include "tools/moment.h"
#include "tools/policy.h"
#include "tools/private.h"

static const struct policy_include {
	const char	*name;
	unsigned int	 field;
} policy_includes[] = {
	{ "name", POLICY_NAME },
	{ "birth_date", POLICY_BIRTH_DATE },
	{ "contact", POLICY_CONTACT },
	{ "identifiers", POLICY_IDENTIFIERS }
};

#define POLICY_INCLUDES		(sizeof(policy_includes) / \
				    sizeof(policy_includes[0]))

/* --- Whether a call runs at all. ------------------------------------------ */

bool
policy_offers(const struct tools_context *ctx, enum tool_about about)
{
	return ctx->disclosure != TOOLS_AGGREGATE ||
	    about != TOOL_ABOUT_PATIENT;
}

/* The argument that asks for single patients, or NULL. */
static const char *
policy_asks_patients(const struct args *a)
{
	static const char *const	names[] = { "patient_id", "patient_ids",
	    "observation_ids", "resource_ids" };
	const char			*group = args_string(a, "group_by");
	size_t				 i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (args_has(a, names[i]))
			return names[i];
	}
	if (group != NULL && strcmp(group, "patient") == 0)
		return "group_by=patient";
	if (args_boolean(a, "by_patient"))
		return "by_patient";
	return NULL;
}

/* The argument that looks for a person by what identifies them, or NULL. */
static const char *
policy_asks_identity(const struct args *a)
{
	static const char *const	names[] = { "name", "family", "given",
	    "birthdate" };
	size_t				 i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (args_has(a, names[i]))
			return names[i];
	}
	return NULL;
}

/* The argument with a bound of time finer than a day, or NULL. */
static const char *
policy_asks_instants(const struct args *a)
{
	static const char *const	names[] = { "start", "end" };
	const char			*last = args_string(a, "last"), *s;
	int64_t				 value;
	size_t				 i;
	bool				 zoned;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		s = args_string(a, names[i]);
		if (s != NULL && !moment_parse_day(s, &value) &&
		    moment_parse_instant(s, &value, &zoned))
			return names[i];
	}
	return last != NULL && strchr(last, 'h') != NULL ? "last" : NULL;
}

/* Two calls whose bounds are moments apart would tell who lies between. */
static bool
policy_allows_window(struct tools_call *call)
{
	const char	*name = policy_asks_instants(&call->args);

	if (name == NULL)
		return true;
	errors_set(&call->error, ERRORS_BAD_ARGUMENT, "this server gives "
	    "aggregates only, of whole days. Send %s.",
	    strcmp(name, "last") == 0 ? "last in days, such as last=14d" :
	    "start and end as days, such as 2026-02-28");
	return false;
}

static bool
policy_allows_aggregate(struct tools_call *call)
{
	const char	*what;

	if (call->tool->ops->about == TOOL_ABOUT_PATIENT) {
		errors_set(&call->error, ERRORS_NOT_AVAILABLE, "this server "
		    "gives aggregates only, nothing of single patients. For a "
		    "study: get_observation_statistics, get_data_coverage.");
		return false;
	}
	if ((what = policy_asks_patients(&call->args)) == NULL)
		return policy_allows_window(call);
	if (strcmp(what, "group_by=patient") == 0)
		errors_set(&call->error, ERRORS_NOT_AVAILABLE, "this server "
		    "gives aggregates only, so group_by=patient is refused. "
		    "Send another group_by, such as %s.",
		    strcmp(call->tool->ops->name, "get_data_coverage") == 0 ?
		    "data_type or week" : "age_band");
	else
		errors_set(&call->error, ERRORS_NOT_AVAILABLE, "this server "
		    "gives aggregates only, so %s is refused. Ask by "
		    "study_id.", what);
	return false;
}

/*
 * What is not shown is not searched by either: letter by letter, whether
 * somebody is found tells it.
 */
static bool
policy_allows_search(struct tools_call *call)
{
	const char	*what;

	if (call->tool->ops->about != TOOL_ABOUT_PATIENT ||
	    (what = policy_asks_identity(&call->args)) == NULL)
		return true;
	errors_set(&call->error, ERRORS_NOT_AVAILABLE, "this server "
	    "withholds what could identify people, so a search by %s "
	    "is refused. Send identifier, or see list_study_patients.", what);
	return false;
}

/* A record as it is names people in many places. */
static bool
policy_allows_stored(struct tools_call *call)
{
	const char	*verbosity = args_string(&call->args, "verbosity");

	if (verbosity == NULL || strcmp(verbosity, "full") != 0)
		return true;
	errors_set(&call->error, ERRORS_NOT_AVAILABLE, "verbosity=full is not "
	    "given here: records as they are stored name people. Leave it "
	    "out.");
	return false;
}

bool
policy_allows(struct tools_call *call)
{
	const char	*verbosity = args_string(&call->args, "verbosity");

	if (call->tool->ops->about == TOOL_ABOUT_NOTHING ||
	    call->tool->ops->about == TOOL_ABOUT_PERSON)
		return true;
	if (call->ctx.disclosure == TOOLS_IDENTIFIED)
		return call->ctx.identity != TOOLS_IDENTITY_NEVER ||
		    (policy_allows_stored(call) && policy_allows_search(call));
	if (call->ctx.disclosure == TOOLS_AGGREGATE &&
	    !policy_allows_aggregate(call))
		return false;
	if (verbosity != NULL && strcmp(verbosity, "full") == 0) {
		errors_set(&call->error, ERRORS_NOT_AVAILABLE, "this server "
		    "withholds what could identify people, so records as "
		    "stored are refused. Leave verbosity out.");
		return false;
	}
	return policy_allows_search(call);
}

/* --- What a result may hold. ---------------------------------------------- */

unsigned int
policy_fields(const struct tools_call *call, unsigned int by_default)
{
	const struct tools_context	*ctx = &call->ctx;
	unsigned int			 fields = by_default;
	size_t				 i;

	if (ctx->disclosure != TOOLS_IDENTIFIED ||
	    ctx->identity == TOOLS_IDENTITY_NEVER)
		return 0;
	/* As the first server had it: an e-mail address beside each age. */
	if (ctx->identity == TOOLS_IDENTITY_ALWAYS)
		fields |= POLICY_CONTACT;
	for (i = 0; i < POLICY_INCLUDES; i++) {
		if (args_list_has(&call->args, "include",
		    policy_includes[i].name))
			fields |= policy_includes[i].field;
	}
	return fields;
}

unsigned int
policy_age_cap(const struct tools_context *ctx)
{
	return ctx->identity == TOOLS_IDENTITY_ALWAYS &&
	    ctx->disclosure == TOOLS_IDENTIFIED ? 0 : POLICY_AGE_CAP;
}

void
policy_note_fields(struct tools_call *call, bool ages)
{
	const struct tools_context	*ctx = &call->ctx;

	if (args_has(&call->args, "include") &&
	    (ctx->disclosure != TOOLS_IDENTIFIED ||
	    ctx->identity == TOOLS_IDENTITY_NEVER))
		result_note(&call->result, "This server gives no names, birth "
		    "dates, contacts or identifiers.");
	if (ages)
		result_notef(&call->result, "Ages over %d are given as %d.",
		    POLICY_AGE_CAP - 1, POLICY_AGE_CAP);
}

bool
policy_single_patients(const struct tools_context *ctx)
{
	return ctx->disclosure != TOOLS_AGGREGATE;
}

bool
policy_free_text(const struct tools_context *ctx)
{
	return ctx->disclosure == TOOLS_IDENTIFIED;
}

/* --- Small groups. -------------------------------------------------------- */

unsigned int
policy_minimum(const struct tools_context *ctx)
{
	if (ctx->disclosure == TOOLS_AGGREGATE &&
	    ctx->minimum_cell < POLICY_SMALL)
		return POLICY_SMALL;
	return ctx->minimum_cell;
}

bool
policy_too_few(const struct tools_context *ctx, int64_t patients)
{
	return patients > 0 && patients < (int64_t)policy_minimum(ctx);
}

bool
policy_too_near(const struct tools_context *ctx, int64_t patients,
    int64_t total)
{
	return policy_too_few(ctx, patients) ||
	    policy_too_few(ctx, total - patients);
}

void
policy_withheld(struct tools_call *call, const char *what, int64_t n,
    int64_t patients)
{
	if (policy_too_few(&call->ctx, patients))
		result_note(&call->result, POLICY_NOTE_FEW);
	else
		result_withheld(&call->result, what, n);
}

/* The smallest group of a part that is shown and not empty; n: none. */
static size_t
policy_smallest(const struct policy_group *groups, size_t n,
    unsigned int part)
{
	size_t	i, found = n;

	for (i = 0; i < n; i++) {
		if (groups[i].part != part || groups[i].suppressed ||
		    groups[i].patients <= 0)
			continue;
		if (found == n || groups[i].patients < groups[found].patients)
			found = i;
	}
	return found;
}

/*
 * How many patients hidden groups have for certain: groups that may overlap
 * can all be of the same ones.
 */
static int64_t
policy_add(int64_t hidden, int64_t patients, bool disjoint)
{
	if (disjoint)
		return hidden + patients;
	return patients > hidden ? patients : hidden;
}

/* One part; its groups under the minimum are marked. */
static void
policy_complement(const struct tools_context *ctx,
    struct policy_group *groups, size_t n, unsigned int part, bool disjoint)
{
	int64_t	minimum = (int64_t)policy_minimum(ctx), hidden = 0;
	size_t	i, count = 0;

	for (i = 0; i < n; i++) {
		if (groups[i].part == part && groups[i].suppressed) {
			hidden = policy_add(hidden, groups[i].patients,
			    disjoint);
			count++;
		}
	}
	while (count == 1 || (count > 0 && hidden < minimum)) {
		if ((i = policy_smallest(groups, n, part)) == n)
			return;
		groups[i].suppressed = true;
		hidden = policy_add(hidden, groups[i].patients, disjoint);
		count++;
	}
}

static size_t
policy_hide(const struct tools_context *ctx, struct policy_group *groups,
    size_t n, bool disjoint)
{
	size_t	i, k, count = 0;

	for (i = 0; i < n; i++)
		groups[i].suppressed = policy_too_few(ctx, groups[i].patients);
	for (i = 0; i < n; i++) {
		for (k = 0; k < i && groups[k].part != groups[i].part; k++)
			continue;
		if (k == i)
			policy_complement(ctx, groups, n, groups[i].part,
			    disjoint);
	}
	for (i = 0; i < n; i++)
		count += groups[i].suppressed;
	return count;
}

size_t
policy_suppress(const struct tools_context *ctx, struct policy_group *groups,
    size_t n)
{
	return policy_hide(ctx, groups, n, false);
}

size_t
policy_suppress_disjoint(const struct tools_context *ctx,
    struct policy_group *groups, size_t n)
{
	return policy_hide(ctx, groups, n, true);
}

int64_t
policy_total(const struct policy_group *groups, size_t n, int64_t total,
    bool disjoint)
{
	int64_t	shown = 0;
	size_t	i;
	bool	any = false;

	for (i = 0; i < n; i++) {
		if (groups[i].suppressed)
			any = true;
		else if (disjoint)
			shown += groups[i].patients;
		else if (groups[i].patients > shown)
			shown = groups[i].patients;
	}
	return any ? shown : total;
}

void
policy_write_total(struct buf *out, const struct policy_group *groups,
    size_t n, int64_t total, bool disjoint)
{
	char	text[RESULT_COUNT_SIZE];
	size_t	i;

	for (i = 0; i < n && !groups[i].suppressed; i++)
		continue;
	total = policy_total(groups, n, total, disjoint);
	buf_addf(out, "%s%s patient%s", i < n ? "more than " : "",
	    result_count(total, text), total == 1 ? "" : "s");
}

void
policy_note_groups(struct tools_call *call, const struct policy_group *groups,
    size_t n)
{
	bool	small = false, held = false;
	size_t	i;

	for (i = 0; i < n; i++) {
		held |= groups[i].suppressed;
		small |= groups[i].patients > 0 &&
		    groups[i].patients < POLICY_SMALL;
	}
	if (held)
		result_notef(&call->result, "Groups of fewer than %u patients "
		    "are held back, and with a single one the next smallest.",
		    policy_minimum(&call->ctx));
	else if (small)
		result_notef(&call->result, "A group has fewer than %d "
		    "patients: do not publish it.", POLICY_SMALL);
}

/* --- Patients who ask. ---------------------------------------------------- */

bool
policy_self_only(const struct tools_call *call)
{
	return call->profile.patient && !call->profile.practitioner;
}

bool
policy_cohort(struct tools_call *call, int64_t study_id, bool team)
{
	if (team)
		return true;
	errors_set(&call->error, ERRORS_NOT_AVAILABLE, "you take part in study "
	    "%" PRId64 "; numbers of its patients are for its team. Ask with "
	    "your own patient_id; list_study_patients shows it.", study_id);
	return false;
}
