/* SPDX-License-Identifier: MIT */
/*
 * search_patients.  Runs in the worker.  What is searched for is a client's;
 * it goes to the statement as it is, which compares it with nothing but
 * position() and =.  Names and identifiers found are free text of people.
 */
#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "tools/call.h"
#include "tools/cell.h"
#include "tools/moment.h"
#include "tools/people.h"
#include "tools/search.h"
#include "tools/text.h"

/* Nobody alive was born outside these years. */
#define SEARCH_YEAR_MIN		1000
#define SEARCH_YEAR_MAX		9000

static const struct people_column	search_columns[] = {
	{ "patient_id", COL_PATIENT_SEARCH_PATIENT_ID, PEOPLE_INTEGER, 0 },
	{ "given_name", COL_PATIENT_SEARCH_GIVEN_NAME, PEOPLE_TEXT,
	    POLICY_NAME },
	{ "family_name", COL_PATIENT_SEARCH_FAMILY_NAME, PEOPLE_TEXT,
	    POLICY_NAME },
	{ "birth_date", COL_PATIENT_SEARCH_BIRTH_DATE, PEOPLE_PLAIN,
	    POLICY_BIRTH_DATE },
	{ "age", COL_PATIENT_SEARCH_AGE, PEOPLE_AGE, 0 },
	{ "studies", COL_PATIENT_SEARCH_STUDIES, PEOPLE_PLAIN, 0 },
	{ "email", COL_PATIENT_SEARCH_EMAIL, PEOPLE_TEXT, POLICY_CONTACT },
	{ "phone", COL_PATIENT_SEARCH_PHONE, PEOPLE_TEXT, POLICY_CONTACT },
	{ "identifiers", COL_PATIENT_SEARCH_IDENTIFIERS, PEOPLE_TEXT,
	    POLICY_IDENTIFIERS }
};

struct search {
	bool			 in_study;
	int64_t			 study_id;
	bool			 named;		/* by any of the names */
	const char		*identifier;	/* NULL: not asked */
	bool			 has_first, has_last;
	int64_t			 first_day, last_day;	/* of birth */
	struct people		 people;
	struct cursor_position	 last;
	/* What the statement says of all that was found. */
	bool			 study_known, team;
	int64_t			 total, elsewhere, namesakes;
};

/* --- The question. -------------------------------------------------------- */

/* NULL for what is not given, and for what is only blanks and commas. */
static const char *
search_text(const struct tools_call *call, const char *name)
{
	const char	*s = args_string(&call->args, name);

	if (s == NULL || s[strspn(s, " \t\r\n,")] == '\0')
		return NULL;
	return s;
}

/* "1984-07-11", or with a prefix a bound.  False: the error is set. */
static bool
search_birthdate(struct tools_call *call, const char *s)
{
	static const char	*prefixes[] = { "eq", "ge", "gt", "le", "lt" };
	struct search		*q = call->state;
	struct buf		 clean;
	char			 day[16];
	const char		*at = s + strspn(s, " ");
	size_t			 len, i = 0;
	int64_t			 days, year;
	int			 month, date;

	while (i < 5 && strncmp(at, prefixes[i], 2) != 0)
		i++;
	if (i < 5)
		at += 2 + strspn(at + 2, " ");
	len = strcspn(at, " ");
	if (len < sizeof(day) && at[len + strspn(at + len, " ")] == '\0') {
		memcpy(day, at, len);
		day[len] = '\0';
		if (moment_parse_day(day, &days)) {
			moment_civil(days, &year, &month, &date);
			if (year >= SEARCH_YEAR_MIN && year <= SEARCH_YEAR_MAX)
				goto found;
		}
	}
	buf_init(&clean, 1024);
	text_clean(&clean, s, strlen(s), 40);
	errors_set(&call->error, ERRORS_BAD_ARGUMENT, "birthdate \"%s\" is "
	    "not a date. Use 1984-07-11, or one bound such as ge1984-07-11 "
	    "(le, gt, lt).", buf_string(&clean));
	buf_free(&clean);
	return false;
found:
	q->has_first = i != 3 && i != 4;
	q->has_last = i != 1 && i != 2;
	q->first_day = i == 2 ? days + 1 : days;
	q->last_day = i == 4 ? days - 1 : days;
	return true;
}

static void
search_params_day(struct db_params *p, int index, bool has, int64_t day)
{
	char	text[MOMENT_TEXT_SIZE];

	if (!has)
		return;
	moment_format_day(day, text);
	db_params_text(p, index, text, strlen(text));
}

static void
search_params_text(struct db_params *p, int index, const char *s)
{
	if (s != NULL)
		db_params_text(p, index, s, strlen(s));
}

static void
search_params(const struct tools_call *call, struct db_params *p)
{
	const struct search	*q = call->state;

	call_params(call, p, PARS_PATIENT_SEARCH);
	people_params(call, p, PAR_PATIENT_SEARCH_NOW, q->people.fields);
	search_params_text(p, PAR_PATIENT_SEARCH_NAME,
	    search_text(call, "name"));
	search_params_text(p, PAR_PATIENT_SEARCH_FAMILY,
	    search_text(call, "family"));
	search_params_text(p, PAR_PATIENT_SEARCH_GIVEN,
	    search_text(call, "given"));
	search_params_day(p, PAR_PATIENT_SEARCH_BORN_FIRST, q->has_first,
	    q->first_day);
	search_params_day(p, PAR_PATIENT_SEARCH_BORN_LAST, q->has_last,
	    q->last_day);
	search_params_text(p, PAR_PATIENT_SEARCH_IDENTIFIER, q->identifier);
	if (q->in_study)
		db_params_int(p, PAR_PATIENT_SEARCH_STUDY, q->study_id);
	if (call->position.set)
		db_params_int(p, PAR_PATIENT_SEARCH_AFTER, call->position.id);
	/* One more than the page: so that truncated is a fact. */
	db_params_int(p, PAR_PATIENT_SEARCH_LIMIT,
	    (int64_t)call_limit(call) + 1);
}

static int
search_start(struct tools_call *call)
{
	struct search		*q = call->state;
	const char		*born = search_text(call, "birthdate");
	struct db_params	 p;
	struct db_query		 query = { .statement = DB_PATIENT_SEARCH };
	int			 error;

	q->in_study = args_has(&call->args, "study_id");
	q->study_id = args_integer(&call->args, "study_id");
	q->named = search_text(call, "name") != NULL ||
	    search_text(call, "family") != NULL ||
	    search_text(call, "given") != NULL;
	q->identifier = search_text(call, "identifier");
	if (!q->named && born == NULL && q->identifier == NULL) {
		errors_set(&call->error, ERRORS_BAD_ARGUMENT, "give at least "
		    "one of name, family, given, birthdate, identifier. "
		    "list_study_patients lists all of a study.");
		return 0;
	}
	if (born != NULL && !search_birthdate(call, born))
		return 0;
	q->people.columns = search_columns;
	q->people.ncolumns = sizeof(search_columns) /
	    sizeof(search_columns[0]);
	q->people.fields = policy_fields(call, POLICY_NAME |
	    POLICY_BIRTH_DATE);
	search_params(call, &p);
	if ((error = db_params_done(&p)) == 0) {
		query.params = p.values;
		query.nparams = p.n;
		error = call_submit(call, &query, 1);
	}
	db_params_free(&p);
	return error;
}

/* --- Rows. ---------------------------------------------------------------- */

static int
search_row(struct tools_call *call, size_t query, const struct db_row *row)
{
	struct search	*q = call->state;
	struct json	*j;
	bool		 free_text, capped;

	(void)query;
	q->study_known = cell_get_boolean(row, COL_PATIENT_SEARCH_STUDY_KNOWN);
	q->team = cell_get_boolean(row, COL_PATIENT_SEARCH_TEAM);
	q->total = cell_get_integer(row, COL_PATIENT_SEARCH_TOTAL, 0);
	q->elsewhere = cell_get_integer(row, COL_PATIENT_SEARCH_ELSEWHERE, 0);
	q->namesakes = cell_get_integer(row, COL_PATIENT_SEARCH_NAMESAKES, 0);
	if (db_is_null(row, COL_PATIENT_SEARCH_PATIENT_ID) ||
	    (j = result_row_begin(&call->result)) == NULL)
		return 0;
	people_write(&q->people, call, j, row, &free_text, &capped);
	if (!result_row_end(&call->result))
		return 0;
	q->people.free_text |= free_text;
	q->people.capped |= capped;
	q->last.set = true;
	q->last.untimed = true;
	return db_int(row, COL_PATIENT_SEARCH_PATIENT_ID, &q->last.id);
}

/* --- The answer. ---------------------------------------------------------- */

/* Nobody was found: what might help. */
static void
search_advise(const struct search *q, struct buf *out)
{
	if (q->elsewhere > 0)
		buf_addf(out, " %" PRId64 " of your other patients fit%s: "
		    "leave study_id out.", q->elsewhere,
		    q->elsewhere == 1 ? "s" : "");
	else if (q->identifier != NULL)
		buf_adds(out, " An identifier must fit exactly, as value or "
		    "system|value.");
	else if (q->named)
		buf_adds(out, " Try fewer or the first letters of one word, "
		    "or list_study_patients.");
	else
		buf_adds(out, " A range of birth dates has ge, le, gt or lt "
		    "in front.");
}

static void
search_summarize(struct tools_call *call)
{
	const struct search	*q = call->state;
	struct result		*r = &call->result;
	struct buf		*out = &r->summary;
	char			 n[RESULT_COUNT_SIZE];

	if ((int64_t)r->nrows < q->total)
		buf_addf(out, "%zu of ", r->nrows);
	buf_addf(out, "%s patient%s", result_count(q->total, n),
	    q->total == 1 ? "" : "s");
	if (q->in_study)
		buf_addf(out, " of study %" PRId64, q->study_id);
	buf_addc(out, '.');
	if (q->total == 0)
		search_advise(q, out);
	else if ((int64_t)r->nrows < q->total)
		buf_adds(out, " More letters, birthdate or study_id make them "
		    "fewer.");
}

static int
search_step(struct tools_call *call)
{
	struct search		*q = call->state;
	const char		*names[PEOPLE_COLUMNS_MAX];
	struct result_list	 list = { .total = q->total, .member = "rows",
				    .columns = names };

	if (!q->study_known) {
		errors_set_no_study(&call->error, q->study_id);
		return 0;
	}
	search_summarize(call);
	list.ncolumns = people_names(&q->people, names);
	if (q->in_study && !q->team)
		result_note(&call->result, "You take part in this study: only "
		    "you are found; the others are for its team.");
	if (q->namesakes > 0)
		result_notef(&call->result, "%" PRId64 " of them have both "
		    "names in common with another: tell them apart by birth "
		    "date or study, or ask.", q->namesakes);
	if (q->identifier != NULL && strchr(q->identifier, '|') != NULL &&
	    db_variant(call->ctx.db, DB_LAYOUT_PATIENT_IDENTIFIED) != 0)
		result_note(&call->result, "not_available: the systems of "
		    "identifiers, in this exchange of an older generation. "
		    "Search the value alone.");
	people_write_notes(&q->people, call);
	return call_finish(call, &list, &q->last);
}

const struct tool_ops	search_tool = {
	.name = "search_patients",
	.about = TOOL_ABOUT_PATIENT,
	.state_size = sizeof(struct search),
	.start = search_start,
	.row = search_row,
	.step = search_step
};
