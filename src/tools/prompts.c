/* SPDX-License-Identifier: MIT */
/*
 * The table of prompts and their messages.  Runs in the worker.  Values are
 * what a person typed or picked: only numbers, names of known form, and
 * cleaned words get into a message.
 */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "omh/types.h"
#include "tools/complete.h"
#include "tools/prompts.h"
#include "tools/text.h"

/* Characters of a value that is words. */
#define PROMPT_WORDS_MAX	80
#define PROMPT_DIGITS_MAX	18
#define PROMPT_ZONE_MAX		64

#define STUDY(name, title) \
	{ name, title, "A study's id, from list_studies.", true, \
	    COMPLETE_STUDY }
#define PATIENT(name) \
	{ name, "Patient", "A patient's id, from search_patients.", true, \
	    COMPLETE_PATIENT }
#define DATA_TYPE(required) \
	{ "data_type", "Data type", "A short name such as blood-glucose.", \
	    required, COMPLETE_DATA_TYPE }

static const struct mcp_argument	prompt_study[] = {
	STUDY("study_id", "Study")
};
static const struct mcp_argument	prompt_patient[] = {
	PATIENT("patient_id"),
	{ "period", "Period", "How far back, such as 14d, 12w or 6mo; "
	    "30d if it is not given.", false, COMPLETE_PERIOD }
};
static const struct mcp_argument	prompt_glucose[] = {
	PATIENT("patient_id"),
	{ "timezone", "Time zone", "Where the patient lives, such as "
	    "America/Los_Angeles.", true, COMPLETE_TIMEZONE }
};
static const struct mcp_argument	prompt_quality[] = {
	STUDY("study_id", "Study"), DATA_TYPE(false)
};
static const struct mcp_argument	prompt_groups[] = {
	STUDY("study_a", "First study"), STUDY("study_b", "Second study"),
	DATA_TYPE(true)
};

#define PROMPT(name, title, about, arguments) \
	{ name, title, about, arguments, \
	    sizeof(arguments) / sizeof(arguments[0]) }

static const struct mcp_prompt	prompt_offer[] = {
	PROMPT("study_overview", "Overview of a study",
	    "What a study is for, what it holds, what needs attention.",
	    prompt_study),
	PROMPT("recruitment_status", "Recruitment and consent",
	    "Consent, activity, and whom to follow up.", prompt_study),
	PROMPT("patient_summary", "Summary of a patient",
	    "What was measured of a patient lately, and what is missing.",
	    prompt_patient),
	PROMPT("cgm_report", "Glucose report",
	    "Two weeks of continuous glucose of a patient.", prompt_glucose),
	PROMPT("data_quality_check", "Check of data quality",
	    "Problems in the data of a study, by patients affected.",
	    prompt_quality),
	PROMPT("compare_groups", "Comparison of two studies",
	    "One data type in two studies.", prompt_groups)
};

#define PROMPTS	(sizeof(prompt_offer) / sizeof(prompt_offer[0]))

/*
 * {name} is the argument's value, {name=x} x if it was not given; what is in
 * [] stands there only if the values in it are given.
 */
static const char *const	prompt_messages[PROMPTS] = {
	"Describe study {study_id} for its team. Call get_study_metadata, "
	"then get_data_coverage with group_by=data_type and last=30d. One "
	"paragraph on purpose and enrolment, a table of data types with "
	"patients, days and completeness, and the three things that most "
	"need attention. Numbers only from the tools.",

	"Report consent and activity of study {study_id}: "
	"get_study_consents, then list_study_patients with inactive_days=7. "
	"Give totals, first consents by month (say that this stands in for "
	"enrolment), and the patients to follow up, by id. Ask before adding "
	"names.",

	"Summarise patient {patient_id} for the last {period=30d}: "
	"summarize_patient_observations, then get_observation_statistics for "
	"each type with data. State the window and time zone; put what is "
	"missing beside what is measured; no diagnosis.",

	"Glucose report of patient {patient_id}: get_observation_statistics "
	"for blood-glucose, last=14d, timezone {timezone}; then "
	"bucket=hour_of_day and bucket=day. Lead with sufficiency; then mean, "
	"GMI, CV, shares in ranges; then day pattern. If not sufficient, say "
	"so first.",

	"Check the data of study {study_id}: get_data_coverage for quality "
	"and completeness, then get_observation_statistics with detail=full, "
	"which gives extremes, for each numeric type.[ Only for {data_type}.] "
	"List problems by number of patients affected, with one example id "
	"each, and how sure you are.",

	"Compare {data_type} of the two studies {study_a} and {study_b} by "
	"mean of patient means with sd and number of patients; name "
	"differences in coverage before differences in values; do not claim "
	"significance."
};

const struct mcp_prompt *
prompts_offer(size_t *n)
{
	*n = PROMPTS;
	return prompt_offer;
}

/* The number that a value begins with. */
static bool
prompt_add_id(struct buf *text, const char *value)
{
	size_t	n;

	value += strspn(value, " \t");
	n = strspn(value, "0123456789");
	if (n == 0 || n > PROMPT_DIGITS_MAX ||
	    isalnum((unsigned char)value[n]) || value[n] == '_')
		return false;
	buf_add(text, value, n);
	return true;
}

/* "14d", as argument last of the tools. */
static bool
prompt_add_period(struct buf *text, const char *value)
{
	static const char *const	units[] = { "h", "d", "w", "mo", "y" };
	size_t				n, i;

	n = strspn(value, "0123456789");
	if (n == 0 || n > 4)
		return false;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(value + n, units[i]) == 0) {
			buf_adds(text, value);
			return true;
		}
	return false;
}

static bool
prompt_add_zone(struct buf *text, const char *value)
{
	static const char	allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_+-/";
	size_t			n = strspn(value, allowed);

	if (n == 0 || n > PROMPT_ZONE_MAX || value[n] != '\0')
		return false;
	buf_adds(text, value);
	return true;
}

static bool
prompt_add_type(struct buf *text, const char *value)
{
	const struct omh_type	*type = omh_type_find(value, strlen(value));
	size_t			 before = text->len;

	if (type != NULL)
		buf_adds(text, type->name);
	else
		text_clean(text, value, strlen(value), PROMPT_WORDS_MAX);
	return text->len > before;
}

static const struct {
	enum complete_kind	 kind;
	bool			(*add)(struct buf *text, const char *value);
	const char		*fault;
} prompt_kinds[] = {
	{ COMPLETE_STUDY, prompt_add_id, "must begin with an id" },
	{ COMPLETE_PATIENT, prompt_add_id, "must begin with an id" },
	{ COMPLETE_PERIOD, prompt_add_period, "must be a span such as 24h, "
	    "14d, 12w, 6mo or 1y" },
	{ COMPLETE_TIMEZONE, prompt_add_zone, "must be a time zone such as "
	    "America/Los_Angeles" },
	{ COMPLETE_DATA_TYPE, prompt_add_type, "must be a data type such as "
	    "blood-glucose" }
};

/* Append a value that was given; ERR_FORMAT with the fault in text. */
static int
prompt_add_value(struct buf *text, const struct mcp_argument *a,
    const char *value)
{
	size_t	i, n = sizeof(prompt_kinds) / sizeof(prompt_kinds[0]);

	for (i = 0; i < n; i++) {
		if ((int)prompt_kinds[i].kind != a->completes)
			continue;
		if (prompt_kinds[i].add(text, value))
			return 0;
		buf_reset(text);
		buf_addf(text, "Invalid params: %s %s", a->name,
		    prompt_kinds[i].fault);
		return ERR_FORMAT;
	}
	return ERR_STATE;
}

/* The number of the argument that {name} or {name=x} at s means. */
static size_t
prompt_argument(const struct mcp_prompt *p, const char *s)
{
	size_t	i, n = strcspn(s + 1, "=}");

	for (i = 0; i < p->narguments; i++)
		if (strlen(p->arguments[i].name) == n &&
		    strncmp(p->arguments[i].name, s + 1, n) == 0)
			break;
	return i;
}

/* {name} or {name=x} at s. */
static int
prompt_add_mark(struct buf *text, const struct mcp_prompt *p,
    const char *const *values, const char *s)
{
	size_t		 i = prompt_argument(p, s);
	const char	*other;

	if (i == p->narguments)
		return ERR_STATE;
	if (values[i] != NULL)
		return prompt_add_value(text, &p->arguments[i], values[i]);
	other = s + strcspn(s, "=}");
	if (*other == '=')
		buf_add(text, other + 1, strcspn(other + 1, "}"));
	return 0;
}

/* Whether the mark in [..{name}..] at s has a value. */
static bool
prompt_has_value(const struct mcp_prompt *p, const char *const *values,
    const char *s)
{
	size_t	i = prompt_argument(p, strchr(s, '{'));

	return i < p->narguments && values[i] != NULL;
}

int
prompts_write(size_t i, const char *const *values, struct buf *text)
{
	const struct mcp_prompt	*p = &prompt_offer[i];
	const char		*s = prompt_messages[i];
	size_t			 n;
	int			 error = 0;

	while (*s != '\0' && error == 0) {
		if (*s == '[' && !prompt_has_value(p, values, s))
			s = strchr(s, ']') + 1;
		else if (*s == '[' || *s == ']')
			s++;
		else if (*s == '{') {
			error = prompt_add_mark(text, p, values, s);
			s = strchr(s, '}') + 1;
		} else {
			n = strcspn(s, "[]{");
			buf_add(text, s, n);
			s += n;
		}
	}
	return error != 0 ? error : buf_error(text);
}
