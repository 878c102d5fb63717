/* SPDX-License-Identifier: MIT */
/* The privacy rules: what runs, what is shown, which groups are too small. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "base/buf.h"
#include "tools/call.h"
#include "tools/policy.h"
#include "tools/private.h"

#define SCHEMA \
	"{\"type\":\"object\",\"properties\":{" \
	"\"study_id\":{\"type\":\"integer\"}," \
	"\"patient_id\":{\"type\":\"integer\"}," \
	"\"patient_ids\":{\"type\":\"array\",\"items\":{\"type\":" \
	"\"integer\"}}," \
	"\"by_patient\":{\"type\":\"boolean\"}," \
	"\"name\":{\"type\":\"string\"}," \
	"\"birthdate\":{\"type\":\"string\"}," \
	"\"start\":{\"type\":\"string\"}," \
	"\"end\":{\"type\":\"string\"}," \
	"\"last\":{\"type\":\"string\"}," \
	"\"identifier\":{\"type\":\"string\"}," \
	"\"verbosity\":{\"type\":\"string\",\"enum\":[\"slim\",\"full\"]," \
	"\"default\":\"slim\"}," \
	"\"group_by\":{\"type\":\"string\",\"enum\":[\"patient\",\"week\"]," \
	"\"default\":\"week\"}," \
	"\"include\":{\"type\":\"array\",\"items\":{\"enum\":[\"name\"," \
	"\"birth_date\",\"contact\",\"identifiers\"]}}}," \
	"\"additionalProperties\":false}"

static struct tool_ops		ops = { .name = "toy" };
static struct tool		tool = { .ops = &ops };
static struct tools_call	call;

static int
group_setup(void **state)
{
	(void)state;
	return schema_parse(&tool.schema, SCHEMA);
}

static int
group_teardown(void **state)
{
	(void)state;
	schema_free(&tool.schema);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	memset(&call, 0, sizeof(call));
	call.tool = &tool;
	buf_init(&call.error, 4096);
	result_init(&call.result, 0, 16000);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	args_free(&call.args);
	buf_free(&call.error);
	result_free(&call.result);
	return 0;
}

static void
ask(const char *json)
{
	struct json_object	*o = json_tokener_parse(json);

	args_free(&call.args);
	buf_reset(&call.error);
	assert_int_equal(args_parse(&call.args, &tool.schema, "toy", o,
	    &call.error), 0);
	json_object_put(o);
}

static bool
allows(enum tools_disclosure disclosure, enum tool_about about,
    const char *json)
{
	bool	allowed;

	ask(json);
	call.ctx.disclosure = disclosure;
	ops.about = about;
	allowed = policy_allows(&call);
	assert_true(allowed == (call.error.len == 0));
	if (!allowed)
		assert_memory_equal(buf_string(&call.error), "not_available: ",
		    15);
	return allowed;
}

/* --- What runs --- */

static void
test_all_runs_where_patients_are_identified(void **state)
{
	int	about;

	(void)state;
	for (about = TOOL_ABOUT_PATIENT; about <= TOOL_ABOUT_NOTHING; about++)
		assert_true(allows(TOOLS_IDENTIFIED, (enum tool_about)about,
		    "{\"patient_id\":1,\"verbosity\":\"full\","
		    "\"name\":\"Ada\",\"group_by\":\"patient\"}"));
}

static void
test_pseudonymous_has_no_records_as_stored(void **state)
{
	const enum tools_disclosure	d = TOOLS_PSEUDONYMOUS;

	(void)state;
	assert_true(allows(d, TOOL_ABOUT_PATIENT, "{\"patient_id\":1}"));
	assert_true(allows(d, TOOL_ABOUT_PATIENT, "{\"identifier\":\"x\"}"));
	assert_true(allows(d, TOOL_ABOUT_EITHER,
	    "{\"group_by\":\"patient\"}"));
	assert_false(allows(d, TOOL_ABOUT_PATIENT, "{\"name\":\"Ada\"}"));
	assert_false(allows(d, TOOL_ABOUT_PATIENT,
	    "{\"verbosity\":\"full\"}"));
	/* There the name is of something else. */
	assert_true(allows(d, TOOL_ABOUT_NOTHING, "{\"name\":\"glucose\"}"));
}

/* Else letter by letter tells it. */
static void
test_what_is_never_shown_is_not_searched_by(void **state)
{
	const enum tools_disclosure	d = TOOLS_IDENTIFIED;

	(void)state;
	call.ctx.identity = TOOLS_IDENTITY_NEVER;
	assert_false(allows(d, TOOL_ABOUT_PATIENT, "{\"name\":\"A\"}"));
	assert_false(allows(d, TOOL_ABOUT_PATIENT,
	    "{\"birthdate\":\"1970\"}"));
	assert_true(allows(d, TOOL_ABOUT_PATIENT, "{\"identifier\":\"x\"}"));
	assert_true(allows(d, TOOL_ABOUT_NOTHING, "{\"name\":\"glucose\"}"));
	call.ctx.identity = TOOLS_IDENTITY_ALWAYS;
	assert_true(allows(d, TOOL_ABOUT_PATIENT, "{\"name\":\"A\"}"));
}

static bool
windows(enum tools_disclosure disclosure, const char *json)
{
	bool	allowed;

	ask(json);
	call.ctx.disclosure = disclosure;
	ops.about = TOOL_ABOUT_STUDY;
	allowed = policy_allows(&call);
	if (!allowed)
		assert_memory_equal(buf_string(&call.error), "bad_argument: ",
		    14);
	return allowed;
}

static void
test_aggregate_has_whole_days(void **state)
{
	static const char	*const instants[] = {
		"{\"start\":\"2026-02-28T14:00:00Z\"}",
		"{\"end\":\"2026-02-28T14:00:00+01:00\"}",
		"{\"last\":\"24h\"}"
	};
	size_t			 i;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_false(windows(TOOLS_AGGREGATE, instants[i]));
		assert_true(windows(TOOLS_PSEUDONYMOUS, instants[i]));
	}
	assert_true(windows(TOOLS_AGGREGATE, "{\"last\":\"14d\"}"));
	assert_true(windows(TOOLS_AGGREGATE,
	    "{\"start\":\"2026-02-28\",\"end\":\"2026-03-01\"}"));
}

static void
test_aggregate_has_no_single_patients(void **state)
{
	const enum tools_disclosure	d = TOOLS_AGGREGATE;

	(void)state;
	assert_false(allows(d, TOOL_ABOUT_PATIENT, "{\"patient_id\":1}"));
	assert_false(allows(d, TOOL_ABOUT_PATIENT, "{}"));
	assert_false(allows(d, TOOL_ABOUT_EITHER, "{\"patient_id\":1}"));
	assert_false(allows(d, TOOL_ABOUT_EITHER,
	    "{\"study_id\":1,\"patient_ids\":[1,2]}"));
	assert_false(allows(d, TOOL_ABOUT_EITHER,
	    "{\"study_id\":1,\"group_by\":\"patient\"}"));
	assert_false(allows(d, TOOL_ABOUT_STUDY,
	    "{\"study_id\":1,\"patient_id\":1}"));
	assert_false(allows(d, TOOL_ABOUT_STUDY, "{\"by_patient\":true}"));
	assert_true(allows(d, TOOL_ABOUT_STUDY, "{\"by_patient\":false}"));
	assert_true(allows(d, TOOL_ABOUT_EITHER, "{\"study_id\":1}"));
	assert_true(allows(d, TOOL_ABOUT_PERSON, "{}"));
}

static void
test_tools_about_patients_are_not_offered_in_aggregate(void **state)
{
	int	about;

	(void)state;
	call.ctx.disclosure = TOOLS_AGGREGATE;
	assert_false(policy_offers(&call.ctx, TOOL_ABOUT_PATIENT));
	for (about = TOOL_ABOUT_EITHER; about <= TOOL_ABOUT_NOTHING; about++)
		assert_true(policy_offers(&call.ctx, (enum tool_about)about));
	call.ctx.disclosure = TOOLS_PSEUDONYMOUS;
	assert_true(policy_offers(&call.ctx, TOOL_ABOUT_PATIENT));
}

/* --- What is shown --- */

static void
test_fields_are_those_asked_for(void **state)
{
	const unsigned int	all = POLICY_NAME | POLICY_BIRTH_DATE |
				    POLICY_CONTACT | POLICY_IDENTIFIERS;

	(void)state;
	ask("{}");
	assert_int_equal(policy_fields(&call, 0), 0);
	assert_int_equal(policy_fields(&call, POLICY_NAME), POLICY_NAME);
	ask("{\"include\":[\"birth_date\",\"identifiers\"]}");
	assert_int_equal(policy_fields(&call, 0), POLICY_BIRTH_DATE |
	    POLICY_IDENTIFIERS);
	call.ctx.identity = TOOLS_IDENTITY_ALWAYS;
	assert_int_equal(policy_fields(&call, POLICY_NAME), all);
	call.ctx.identity = TOOLS_IDENTITY_NEVER;
	assert_int_equal(policy_fields(&call, POLICY_NAME), 0);
	call.ctx.identity = TOOLS_IDENTITY_ALWAYS;
	call.ctx.disclosure = TOOLS_PSEUDONYMOUS;
	assert_int_equal(policy_fields(&call, POLICY_NAME), 0);
}

static void
test_ages_are_capped_but_for_always(void **state)
{
	(void)state;
	assert_int_equal(policy_age_cap(&call.ctx), 90);
	call.ctx.identity = TOOLS_IDENTITY_NEVER;
	assert_int_equal(policy_age_cap(&call.ctx), 90);
	call.ctx.identity = TOOLS_IDENTITY_ALWAYS;
	assert_int_equal(policy_age_cap(&call.ctx), 0);
	call.ctx.disclosure = TOOLS_PSEUDONYMOUS;
	assert_int_equal(policy_age_cap(&call.ctx), 90);
}

static void
test_text_and_single_patients(void **state)
{
	static const struct {
		enum tools_disclosure	disclosure;
		bool			text, single;
	} rows[] = {
		{ TOOLS_IDENTIFIED, true, true },
		{ TOOLS_PSEUDONYMOUS, false, true },
		{ TOOLS_AGGREGATE, false, false }
	};
	size_t	i;

	(void)state;
	for (i = 0; i < 3; i++) {
		call.ctx.disclosure = rows[i].disclosure;
		assert_true(policy_free_text(&call.ctx) == rows[i].text);
		assert_true(policy_single_patients(&call.ctx) ==
		    rows[i].single);
	}
}

/* --- Small groups --- */

#define GROUPS_MAX	12

typedef size_t suppress_fn(const struct tools_context *,
    struct policy_group *, size_t);

/* Groups of so many patients; want: '#' those that are hidden. */
static void
suppress_by(suppress_fn *fn, const int *patients, size_t n, const char *want,
    size_t total)
{
	struct policy_group	g[GROUPS_MAX];
	char			got[GROUPS_MAX + 1];
	size_t			i;

	for (i = 0; i < n; i++)
		g[i] = (struct policy_group){ patients[i], false, 0 };
	assert_int_equal(fn(&call.ctx, g, n), total);
	for (i = 0; i < n; i++)
		got[i] = g[i].suppressed ? '#' : '.';
	got[n] = '\0';
	assert_string_equal(got, want);
}

static void
suppress(const int *patients, size_t n, const char *want, size_t total)
{
	suppress_by(policy_suppress_disjoint, patients, n, want, total);
}

static void
test_without_minimum_nothing_is_hidden(void **state)
{
	(void)state;
	assert_int_equal(policy_minimum(&call.ctx), 0);
	suppress((const int[]){ 1, 2, 30 }, 3, "...", 0);
	assert_false(policy_too_few(&call.ctx, 1));
}

static void
test_aggregate_has_at_least_five(void **state)
{
	(void)state;
	call.ctx.disclosure = TOOLS_AGGREGATE;
	assert_int_equal(policy_minimum(&call.ctx), 5);
	call.ctx.minimum_cell = 3;
	assert_int_equal(policy_minimum(&call.ctx), 5);
	call.ctx.minimum_cell = 11;
	assert_int_equal(policy_minimum(&call.ctx), 11);
	assert_true(policy_too_few(&call.ctx, 10));
	assert_false(policy_too_few(&call.ctx, 11));
	assert_false(policy_too_few(&call.ctx, 0));
}

static void
test_what_is_hidden_cannot_be_told_by_difference(void **state)
{
	(void)state;
	call.ctx.disclosure = TOOLS_AGGREGATE;
	suppress((const int[]){ 9, 8, 7 }, 3, "...", 0);
	/* A lone one takes the next smallest along. */
	suppress((const int[]){ 9, 4, 7, 8 }, 4, ".##.", 2);
	/* Two that are together too few, too. */
	suppress((const int[]){ 9, 1, 1, 8 }, 4, ".###", 3);
	suppress((const int[]){ 9, 4, 3, 8 }, 4, ".##.", 2);
	/* Nobody is nobody's secret. */
	suppress((const int[]){ 9, 0, 4, 6 }, 4, "..##", 2);
	suppress((const int[]){ 4, 0 }, 2, "#.", 1);
	suppress((const int[]){ 2, 2 }, 2, "##", 2);
	suppress(NULL, 0, "", 0);
}

/* Five groups of one may be the same one: then five is not hidden. */
static void
test_groups_that_overlap_do_not_add_up(void **state)
{
	suppress_fn	*may = policy_suppress;

	(void)state;
	call.ctx.disclosure = TOOLS_AGGREGATE;
	suppress_by(may, (const int[]){ 1, 1, 1, 1, 1, 9 }, 6, "######", 6);
	suppress_by(may, (const int[]){ 1, 1, 1, 1, 1, 9, 7, 8 }, 8,
	    "#####.#.", 6);
	suppress_by(may, (const int[]){ 4, 3, 9, 8 }, 4, "##.#", 3);
	suppress_by(may, (const int[]){ 9, 8, 7 }, 3, "...", 0);
	suppress((const int[]){ 1, 1, 1, 1, 1, 9, 7, 8 }, 8, "#####...", 5);
}

/* A number that is nearly all of them tells who is left. */
static void
test_what_is_left_of_a_total(void **state)
{
	(void)state;
	assert_false(policy_too_near(&call.ctx, 13, 14));
	call.ctx.disclosure = TOOLS_AGGREGATE;
	assert_true(policy_too_near(&call.ctx, 13, 14));
	assert_true(policy_too_near(&call.ctx, 1, 14));
	assert_false(policy_too_near(&call.ctx, 14, 14));
	assert_false(policy_too_near(&call.ctx, 9, 14));
	policy_withheld(&call, "consent", 100, 9);
	assert_int_equal(call.result.nnotes, 0);
	policy_withheld(&call, "consent", 100, 4);
	assert_non_null(strstr(buf_string(&call.result.notes),
	    POLICY_NOTE_FEW));
}

/* Whatever the groups: hidden ones are none, or two and enough, or all. */
static void
test_every_small_table(void **state)
{
	struct policy_group	g[4] = { { 0, false, 0 } };
	int			code, n, i, left;
	int64_t			hidden, shown;
	size_t			count;

	(void)state;
	call.ctx.disclosure = TOOLS_AGGREGATE;
	for (code = 0; code < 7 * 7 * 7 * 7; code++) {
		for (i = 0, left = code; i < 4; i++, left /= 7)
			g[i].patients = left % 7;
		count = policy_suppress_disjoint(&call.ctx, g, 4);
		hidden = shown = 0;
		for (i = n = 0; i < 4; i++) {
			if (g[i].suppressed)
				hidden += g[i].patients;
			else
				shown += g[i].patients;
			n += g[i].suppressed;
			assert_false(!g[i].suppressed && g[i].patients > 0 &&
			    g[i].patients < 5);
		}
		assert_int_equal(count, n);
		assert_true(n == 0 || shown == 0 || (n > 1 && hidden >= 5));
	}
}

/* What is hidden of one measure is no cover for another's. */
static void
test_parts_are_judged_apart(void **state)
{
	struct policy_group	g[] = { { 1, false, 0 }, { 1, false, 3 },
				    { 1, false, 0 }, { 1, false, 3 },
				    { 7, false, 0 }, { 7, false, 3 },
				    { 9, false, 0 }, { 9, false, 5 } };
	static const bool	want[] = { true, true, true, true, true, true,
				    false, false };
	size_t			i;

	(void)state;
	call.ctx.disclosure = TOOLS_AGGREGATE;
	assert_int_equal(policy_suppress(&call.ctx, g, 8), 6);
	for (i = 0; i < 8; i++)
		assert_true(g[i].suppressed == want[i]);
}

static void
test_totals(void **state)
{
	struct policy_group	g[] = { { 10, false, 0 }, { 8, false, 0 },
				    { 3, true, 0 }, { 2, true, 0 } };
	struct buf		out;

	(void)state;
	buf_init(&out, 1024);
	policy_write_total(&out, g, 4, 23, true);
	assert_string_equal(buf_string(&out), "more than 18 patients");
	buf_reset(&out);
	policy_write_total(&out, g, 4, 23, false);
	assert_string_equal(buf_string(&out), "more than 10 patients");
	buf_reset(&out);
	g[2].suppressed = g[3].suppressed = false;
	policy_write_total(&out, g, 4, 1023, true);
	assert_string_equal(buf_string(&out), "1,023 patients");
	assert_int_equal(policy_total(g, 4, 1, true), 1);
	buf_free(&out);
}

static void
test_notes(void **state)
{
	struct policy_group	g[] = { { 10, false, 0 },
				    { 3, false, 0 } };

	(void)state;
	policy_note_groups(&call, g, 1);
	assert_int_equal(call.result.nnotes, 0);
	policy_note_groups(&call, g, 2);
	assert_non_null(strstr(buf_string(&call.result.notes),
	    "fewer than 5 patients: do not publish"));
	call.ctx.disclosure = TOOLS_AGGREGATE;
	g[0].suppressed = g[1].suppressed = true;
	policy_note_groups(&call, g, 2);
	assert_non_null(strstr(buf_string(&call.result.notes), "held back"));
}

static void
test_patients_get_no_numbers_of_others(void **state)
{
	(void)state;
	assert_true(policy_cohort(&call, 30001, true));
	assert_int_equal(call.error.len, 0);
	assert_false(policy_cohort(&call, 30001, false));
	assert_memory_equal(buf_string(&call.error), "not_available: ", 15);
	call.profile.patient = true;
	assert_true(policy_self_only(&call));
	call.profile.practitioner = true;
	assert_false(policy_self_only(&call));
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		TEST(test_all_runs_where_patients_are_identified),
		TEST(test_pseudonymous_has_no_records_as_stored),
		TEST(test_what_is_never_shown_is_not_searched_by),
		TEST(test_aggregate_has_whole_days),
		TEST(test_aggregate_has_no_single_patients),
		TEST(test_tools_about_patients_are_not_offered_in_aggregate),
		TEST(test_fields_are_those_asked_for),
		TEST(test_ages_are_capped_but_for_always),
		TEST(test_text_and_single_patients),
		TEST(test_without_minimum_nothing_is_hidden),
		TEST(test_aggregate_has_at_least_five),
		TEST(test_what_is_hidden_cannot_be_told_by_difference),
		TEST(test_groups_that_overlap_do_not_add_up),
		TEST(test_what_is_left_of_a_total),
		TEST(test_every_small_table),
		TEST(test_parts_are_judged_apart),
		TEST(test_totals),
		TEST(test_notes),
		TEST(test_patients_get_no_numbers_of_others),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
