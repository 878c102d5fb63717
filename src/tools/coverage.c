/* SPDX-License-Identifier: MIT */
/*
 * get_data_coverage: the question.  Runs in the worker; one pipeline a call.
 * Arguments are a client's.
 */
#include <string.h>

#include "base/err.h"
#include "tools/coverage.h"
#include "tools/inventory.h"
#include "tools/type_params.h"

#define COVERAGE_MISSED_MAX	(256 * 1024)
/* Rows that are read of groups that are not patients: all there are. */
#define COVERAGE_GROUPS_MAX	2000

static const char *const	coverage_names[] = {
	[COVERAGE_PATIENT] = "patient",
	[COVERAGE_TYPE] = "data_type",
	[COVERAGE_SOURCE] = "data_source",
	[COVERAGE_WEEK] = "week",
	[COVERAGE_MONTH] = "month"
};

/* 0, or ERR_FORMAT with the answer in call->error. */
static int
coverage_parse(struct coverage *c, struct tools_call *call)
{
	const char	*by = args_string(&call->args, "group_by");
	int		 error;

	c->of_study = args_has(&call->args, "study_id");
	c->of_patient = args_has(&call->args, "patient_id");
	c->study_id = args_integer(&call->args, "study_id");
	c->patient_id = args_integer(&call->args, "patient_id");
	if (!c->of_study && !c->of_patient) {
		errors_set(&call->error, ERRORS_BAD_ARGUMENT, "give study_id "
		    "or patient_id. search_patients and list_studies find "
		    "ids.");
		return ERR_FORMAT;
	}
	while (by != NULL && c->by < COVERAGE_MONTH &&
	    strcmp(by, coverage_names[c->by]) != 0)
		c->by++;
	/* By time they stay in its order, unless another is asked for. */
	c->sort = args_string(&call->args, "sort");
	if (c->by >= COVERAGE_WEEK && !args_has(&call->args, "sort"))
		c->sort = "key";
	c->asked_expected = args_has(&call->args, "expected_per_day");
	c->expected = args_number(&call->args, "expected_per_day");
	if ((error = windowed_parse(&c->w, call)) != 0)
		return error;
	c->window_given = !window_is_open(&c->w.window);
	if (!c->window_given && !c->of_patient)
		windowed_set_last(&c->w, COVERAGE_STUDY_DAYS);
	return data_types_parse(&c->asked, &call->args, &call->error);
}

static void
coverage_set_text(struct db_params *p, int index, const char *text)
{
	db_params_text(p, index, text, strlen(text));
}

/*
 * Patients are paged by the database; of other groups all are read, because
 * it takes all to tell which are too small.
 */
static void
coverage_params_page(const struct coverage *c, const struct tools_call *call,
    struct db_params *p)
{
	coverage_set_text(p, PAR_OBSERVATION_COVERAGE_SORT, c->sort);
	if (c->by != COVERAGE_PATIENT) {
		db_params_int(p, PAR_OBSERVATION_COVERAGE_ROWS_MAX,
		    COVERAGE_GROUPS_MAX);
		return;
	}
	db_params_int(p, PAR_OBSERVATION_COVERAGE_ROWS_MAX,
	    (int64_t)call->result.max_rows + 1);
	if (!call->position.set)
		return;
	db_params_int(p, PAR_OBSERVATION_COVERAGE_AFTER_VALUE,
	    call->position.time_us);
	db_params_int(p, PAR_OBSERVATION_COVERAGE_AFTER_KEY,
	    call->position.id);
}

static int
coverage_start(struct tools_call *call)
{
	struct coverage		*c = call->state;
	struct db_params	 p;
	char			 now[MOMENT_TEXT_SIZE];

	buf_init(&c->missed, COVERAGE_MISSED_MAX);
	if (coverage_parse(c, call) != 0)
		return 0;
	call_params(call, &p, PARS_OBSERVATION_COVERAGE);
	if (c->of_study)
		db_params_int(&p, PAR_OBSERVATION_COVERAGE_STUDY,
		    c->study_id);
	if (c->of_patient)
		db_params_int(&p, PAR_OBSERVATION_COVERAGE_PATIENT,
		    c->patient_id);
	data_types_params(&c->asked, &p, PAR_OBSERVATION_COVERAGE_TYPES,
	    PAR_OBSERVATION_COVERAGE_OTHERS);
	window_db_params(&c->w.window, &p,
	    PAR_OBSERVATION_COVERAGE_FIRST_DAY);
	moment_format_sql(call->base_s * MOMENT_US_PER_S, now);
	coverage_set_text(&p, PAR_OBSERVATION_COVERAGE_NOW, now);
	coverage_set_text(&p, PAR_OBSERVATION_COVERAGE_BY,
	    coverage_names[c->by]);
	type_params_nights(&p, PAR_OBSERVATION_COVERAGE_NIGHTS);
	type_params_daily(&p, PAR_OBSERVATION_COVERAGE_DAILY);
	if (c->asked_expected)
		db_params_double(&p, PAR_OBSERVATION_COVERAGE_EXPECTED,
		    c->expected);
	type_params_measures(&p, PAR_OBSERVATION_COVERAGE_MEASURES);
	coverage_params_page(c, call, &p);
	return windowed_submit(&c->w, call, DB_OBSERVATION_COVERAGE, &p);
}

static int
coverage_row(struct tools_call *call, size_t query, const struct db_row *row)
{
	struct coverage	*c = call->state;

	return windowed_is_zone(&c->w, query) ? 0 :
	    coverage_read_row(c, row);
}

static void
coverage_failed(struct tools_call *call, enum db_error error)
{
	struct coverage	*c = call->state;

	windowed_failed(&c->w, call, error);
}

/* Weeks of centuries help nobody. */
static bool
coverage_check_buckets(const struct coverage *c, struct tools_call *call)
{
	char	count[RESULT_COUNT_SIZE];

	if (c->by < COVERAGE_WEEK || c->groups <= COVERAGE_BUCKETS_MAX)
		return true;
	errors_set(&call->error, ERRORS_TOO_BROAD, "%s rows of this window "
	    "are %s groups or more. %s", c->by == COVERAGE_WEEK ? "weekly" :
	    "monthly", result_count(c->groups, count),
	    c->by == COVERAGE_WEEK ? "Use group_by=month or a shorter window." :
	    "Use a shorter window.");
	return false;
}

/* False: there is no answer but call->error. */
static bool
coverage_check(const struct coverage *c, struct tools_call *call)
{
	if (!c->found && c->of_study)
		errors_set_no_study(&call->error, c->study_id);
	else if (!c->found || (c->of_patient && c->patients == 0))
		errors_set_no_patient(&call->error, c->patient_id);
	else if (windowed_check(&c->w, call) && holdings_check(&c->have,
	    &c->missed, c->of_study ? "Requested by this study" :
	    "With data for this patient", call) &&
	    coverage_check_buckets(c, call)) {
		if (c->of_patient || !policy_too_few(&call->ctx, c->patients))
			return true;
		errors_set(&call->error, ERRORS_NOT_AVAILABLE, "study %lld "
		    "has fewer than %u patients whose data you may see: too "
		    "few to describe here.", (long long)c->study_id,
		    policy_minimum(&call->ctx));
	}
	return false;
}

static int
coverage_step(struct tools_call *call)
{
	struct coverage	*c = call->state;

	if (!c->seen)
		return ERR_STATE;
	return coverage_check(c, call) ? coverage_write(c, call) : 0;
}

static void
coverage_clear_state(void *state)
{
	coverage_clear(state);
}

const struct tool_ops	coverage_tool = {
	.name = "get_data_coverage",
	.about = TOOL_ABOUT_EITHER,
	.state_size = sizeof(struct coverage),
	.start = coverage_start,
	.row = coverage_row,
	.step = coverage_step,
	.failed = coverage_failed,
	.clear = coverage_clear_state
};
