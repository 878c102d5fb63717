/* SPDX-License-Identifier: MIT */
/*
 * get_observation_statistics with a database that the test plays: what is
 * asked of it, and what becomes of its rows.
 */
#include <json-c/json.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "tools/private.h"
#include "tools/statistics.h"
#include "tools/tools.h"

#define NOW		INT64_C(1787322005)	/* 2026-08-21T14:20:05Z */
#define CELL_SIZE	512
#define COL(name)	COL_OBSERVATION_STATISTICS_ ## name
#define PAR(name)	PAR_OBSERVATION_STATISTICS_ ## name

/* --- The database. -------------------------------------------------------- */

struct db {
	size_t			 nqueries;
	enum db_statement	 statements[DB_QUERIES_MAX];
	char	 params[PARS_OBSERVATION_STATISTICS][CELL_SIZE];
	db_row_fn		*row;
	db_done_fn		*done;
	void			*arg;
	int			 variant;
};

struct db_row {
	const char	*cells[COLS_OBSERVATION_STATISTICS];
};

static struct db	db;
/* Of the latest query of the tool. */
static size_t		db_query;

int
db_submit(struct db *d, const struct db_query *queries, size_t n,
    db_done_fn *done, void *arg)
{
	const struct db_query	*q;
	size_t			 i;
	int			 k;

	d->nqueries = n;
	for (i = 0; i < n; i++) {
		q = &queries[i];
		d->statements[i] = q->statement;
		if (q->statement != DB_OBSERVATION_STATISTICS &&
		    q->statement != DB_RECORD_STATISTICS)
			continue;
		db_query = i;
		assert_int_equal(q->nparams, PARS_OBSERVATION_STATISTICS);
		for (k = 0; k < q->nparams; k++)
			snprintf(d->params[k], CELL_SIZE, "%s",
			    q->params[k] != NULL ? q->params[k] : "NULL");
	}
	d->row = queries[0].row;
	d->done = done;
	d->arg = arg;
	return 0;
}

const char *
db_text(const struct db_row *row, int column, size_t *len)
{
	const char	*text = row->cells[column];

	if (len != NULL)
		*len = text != NULL ? strlen(text) : 0;
	return text;
}

bool
db_is_null(const struct db_row *row, int column)
{
	return row->cells[column] == NULL;
}

int
db_int(const struct db_row *row, int column, int64_t *value)
{
	if (row->cells[column] == NULL)
		return ERR_NOT_FOUND;
	*value = strtoll(row->cells[column], NULL, 10);
	return 0;
}

int
db_double(const struct db_row *row, int column, double *value)
{
	if (row->cells[column] == NULL)
		return ERR_NOT_FOUND;
	*value = strtod(row->cells[column], NULL);
	return 0;
}

int
db_bool(const struct db_row *row, int column, bool *value)
{
	if (row->cells[column] == NULL)
		return ERR_NOT_FOUND;
	*value = strcmp(row->cells[column], "t") == 0;
	return 0;
}

int
db_variant(const struct db *d, enum db_layout rule)
{
	(void)rule;
	return d->variant;
}

int
db_columns(const struct db_row *row)
{
	(void)row;
	return COLS_OBSERVATION_STATISTICS;
}

/* --- A call. -------------------------------------------------------------- */

static struct tools		*tools;
static struct tools_context	 ctx;
static struct tools_call	*call;
static char			 text[8192], json[16384];

static int64_t
now(void *arg)
{
	(void)arg;
	return NOW;
}

static int
seal(void *arg, const void *plain, size_t len, struct buf *out)
{
	(void)arg;
	(void)plain;
	buf_addf(out, "cursor%zu", len);
	return buf_error(out);
}

static void
keep(const struct tools_result *r)
{
	snprintf(text, sizeof(text), "%s", buf_string(&r->text));
	snprintf(json, sizeof(json), "%s", buf_string(&r->structured));
}

static void
done(void *arg, const struct tools_result *r)
{
	(void)arg;
	keep(r);
}

/* True if it waits for the database. */
static bool
begin(const char *arguments)
{
	struct json_object	*object = json_tokener_parse(arguments);
	int			 started;

	assert_non_null(object);
	memset(&db, 0, sizeof(db));
	text[0] = json[0] = '\0';
	started = tools_call_start(&call, tools_find(tools,
	    "get_observation_statistics"), object, &ctx, done, NULL);
	json_object_put(object);
	assert_in_range(started, 0, 1);
	if (started == 1)
		keep(tools_call_result(call));
	return started == 0;
}

static void
give_head(struct db_row *row)
{
	memset(row, 0, sizeof(*row));
	row->cells[COL(FOUND)] = "t";
	row->cells[COL(TEAM)] = "t";
	row->cells[COL(SUBJECTS)] = "1";
	row->cells[COL(FIRST_US)] = "1786060800000000";
	row->cells[COL(LAST_US)] = "1787270400000000";
}

static void
give(const struct db_row *row)
{
	assert_int_equal(db.row(db.arg, db_query, row), 0);
}

static void
end(void)
{
	struct db_row	profile;

	memset(&profile, 0, sizeof(profile));
	profile.cells[COL_PERSON_PROFILE_ACTIVE] = "t";
	profile.cells[COL_PERSON_PROFILE_PRACTITIONER] = "t";
	profile.cells[COL_PERSON_PROFILE_PATIENT] = "f";
	assert_int_equal(db.row(db.arg, db.nqueries - 1, &profile), 0);
	db.done(db.arg, 0, DB_ERROR_NONE);
}

static void
finish(void)
{
	end();
	tools_call_free(call);
	call = NULL;
}

static int
setup(void **state)
{
	(void)state;
	memset(&ctx, 0, sizeof(ctx));
	ctx.db = &db;
	ctx.person = 10001;
	ctx.now_s = now;
	ctx.seal = seal;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	tools_call_free(call);
	call = NULL;
	return 0;
}

static void
param(int index, const char *want)
{
	assert_string_equal(db.params[index], want);
}

static void
holds(const char *part)
{
	if (strstr(json, part) == NULL)
		fail_msg("%s is not in %s", part, json);
}

/* --- What is asked. ------------------------------------------------------- */

static void
test_parameters(void **state)
{
	(void)state;
	assert_true(begin("{\"patient_id\":40006,\"data_type\":\"cgm\","
	    "\"unit\":\"mmol/L\",\"last\":\"14d\",\"bucket\":\"day\"}"));
	assert_int_equal(db.statements[0], DB_OBSERVATION_STATISTICS);
	param(PAR(STUDY), "NULL");
	param(PAR(PATIENTS), "{40006}");
	param(PAR(TYPES), "{\"omh:blood-glucose\"}");
	param(PAR(PATHS), "{\"{\\\"blood_glucose\\\"}\"}");
	param(PAR(UNITS), "{\"{\\\"mg/dL\\\",\\\"mmol/L\\\"}\"}");
	param(PAR(SUMMED), "{\"t\"}");
	param(PAR(ANALYSIS), "reading");
	param(PAR(BUCKET), "day");
	param(PAR(GROUPING), "none");
	param(PAR(FRACTIONS), "{\"0.5\"}");
	param(PAR(SORT), "key");
	param(PAR(SKIP), "0");
	param(PAR(ROWS_MAX), "101");
	param(PAR(TODAY), "2026-08-21");
	param(PAR(ALONE), "f");
	/* 70 mg/dL is within, whatever the unit: the cut is a little lower. */
	assert_non_null(strstr(db.params[PAR(CUTS)], "\"3.884960"));
	finish();
}

static void
test_measures(void **state)
{
	(void)state;
	assert_true(begin("{\"study_id\":30001,"
	    "\"data_type\":\"sleep-episode\",\"timezone\":\"Asia/Tokyo\"}"));
	assert_int_equal(db.statements[0], DB_TIME_ZONE);
	assert_int_equal(db.statements[1], DB_OBSERVATION_STATISTICS);
	param(PAR(STUDY), "30001");
	param(PAR(PATIENTS), "NULL");
	param(PAR(ZONE), "Asia/Tokyo");
	param(PAR(ANALYSIS), "night");
	param(PAR(OPTIONAL), "t");
	/* Shares are averaged, and so is nothing else. */
	param(PAR(SUMMED), "{\"t\",\"t\",\"t\",\"t\",\"f\",\"t\"}");
	param(PAR(CUTS), "NULL");
	finish();
	assert_true(begin("{\"patient_id\":1,\"data_type\":\"bp\"}"));
	param(PAR(JOINT),
	    "{\"120\",\"80\",\"130\",\"140\",\"90\"}");
	param(PAR(OPTIONAL), "f");
	param(PAR(ALONE), "t");
	finish();
	assert_true(begin("{\"patient_id\":1,\"data_type\":\"steps\","
	    "\"bucket\":\"hour_of_day\"}"));
	param(PAR(ANALYSIS), "reading");
	finish();
}

static void
test_survey(void **state)
{
	(void)state;
	assert_true(begin("{\"patient_id\":1,\"data_type\":"
	    "\"survey:Weekly/Mood/item-1\"}"));
	assert_int_equal(db.statements[0], DB_RECORD_STATISTICS);
	param(PAR(TYPES), "{\"weekly/mood\",\"item-1\"}");
	finish();
	assert_false(begin("{\"patient_id\":1,\"data_type\":\"survey:/x\"}"));
	assert_non_null(strstr(text, "unknown_type: "));
}

/* Refused before anything is asked. */
static void
test_refused(void **state)
{
	static const struct {
		const char	*arguments, *text;
	} cases[] = {
		{ "{\"data_type\":\"cgm\"}", "bad_argument: give study_id" },
		{ "{\"data_type\":\"cgm\",\"patient_id\":1,\"study_id\":1}",
		    "bad_argument: study_id, patient_id and patient_ids" },
		{ "{\"data_type\":\"sleep\",\"patient_id\":1}",
		    "bad_argument: data_type is one type" },
		{ "{\"data_type\":\"cgm\",\"patient_id\":1,\"unit\":\"kg\"}",
		    "unknown_unit: blood-glucose cannot be given in kg. "
		    "Possible: mg/dL, mmol/L." },
		{ "{\"data_type\":\"bp\",\"patient_id\":1,"
		    "\"measure\":\"pulse\"}",
		    "unknown_measure: blood-pressure has only systolic, "
		    "diastolic." },
		{ "{\"data_type\":\"cgm\",\"patient_id\":1,"
		    "\"ranges\":[2,1]}", "bad_argument: ranges are cut" },
		{ "{\"data_type\":\"physical-activity\","
		    "\"patient_id\":1,"
		    "\"ranges\":[1]}", "bad_argument: ranges need one" },
		{ "{\"data_type\":\"cgm\",\"patient_id\":1,\"last\":\"2y\","
		    "\"bucket\":\"hour\"}", "too_broad: hourly buckets of "
		    "2 years are 17,520 groups. Use bucket=day or a shorter "
		    "window." },
		{ "{\"data_type\":\"cgm\",\"patient_id\":1,\"last\":\"8y\","
		    "\"bucket\":\"day\"}", "too_broad: daily buckets of 8 "
		    "years are 2,922 groups. Use bucket=week" },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_false(begin(cases[i].arguments));
		if (strncmp(text, cases[i].text, strlen(cases[i].text)) != 0)
			fail_msg("%s", text);
		tools_call_free(call);
		call = NULL;
	}
}

/* --- What is answered. ---------------------------------------------------- */

static void
test_glucose(void **state)
{
	struct db_row	r;

	(void)state;
	assert_true(begin("{\"patient_id\":40006,\"data_type\":\"cgm\","
	    "\"last\":\"14d\"}"));
	give_head(&r);
	r.cells[COL(LOWER_US)] = "1786112405000000";
	r.cells[COL(UPPER_US)] = "1787322005000000";
	r.cells[COL(SPACING)] = "{900,900,900}";
	r.cells[COL(KIND)] = "between";
	r.cells[COL(MEASURE)] = "1";
	r.cells[COL(STATISTIC)] = "";
	r.cells[COL(SOURCE)] = "0";
	r.cells[COL(PATIENTS)] = "1";
	r.cells[COL(N)] = "1345";
	r.cells[COL(MEAN)] = "113.66";
	r.cells[COL(POINTS)] = "{113.66,113.66}";
	give(&r);
	r.cells[COL(KIND)] = "group";
	r.cells[COL(TOTAL)] = "1";
	r.cells[COL(SD)] = "19.55";
	r.cells[COL(LOW)] = "80";
	r.cells[COL(HIGH)] = "177";
	r.cells[COL(POINTS)] = "{92,100,108,120,156}";
	r.cells[COL(BINS)] = "{0,0,1345,0,0,0,0,0,0,0,0,0,0}";
	give(&r);
	finish();
	holds("{\"summary\":\"1,345 readings in 14 days: mean 113.7 mg/dL, "
	    "100.0 % in 70-180.\"");
	holds("\"window\":{\"start\":\"2026-08-07T14:20:05Z\"");
	holds("\"ranges\":{\"columns\":[\"<54\",\"54 to <70\",\"70 to <181\","
	    "\"181 to <251\",\">=251\"],\"rows\":[[0,0,100,0,0]]}");
	holds("\"derived\":{\"gmi_pct\":6,\"cv_pct\":17.2,"
	    "\"active_pct\":100,\"sufficient\":true}");
	holds("\"rows\":[[1345,113.7,19.6,80,92,100,108,120,156,177]]");
	holds("\"Shares are of readings, each counting the same.\"");
}

static void
give_hour(struct db_row *r, const char *place, const char *bucket,
    const char *shift)
{
	r->cells[COL(KIND)] = "group";
	r->cells[COL(PLACE)] = place;
	r->cells[COL(TOTAL)] = "3";
	r->cells[COL(MEASURE)] = "1";
	r->cells[COL(BUCKET)] = bucket;
	r->cells[COL(SHIFT)] = shift;
	r->cells[COL(N)] = "2";
	r->cells[COL(MEAN)] = "60.25";
	r->cells[COL(SD)] = "0.5";
	r->cells[COL(LOW)] = "60";
	r->cells[COL(HIGH)] = "60.5";
	r->cells[COL(POINTS)] = "{60.25}";
	give(r);
}

/* The hour that comes twice; a page of two; and where the next begins. */
static void
test_hours(void **state)
{
	struct db_row	r;

	(void)state;
	assert_true(begin("{\"patient_id\":1,\"data_type\":\"heart-rate\","
	    "\"bucket\":\"hour\",\"limit\":2,"
	    "\"timezone\":\"America/Los_Angeles\"}"));
	param(PAR(ROWS_MAX), "3");
	give_head(&r);
	give_hour(&r, "1", "1762045200", "-25200");
	give_hour(&r, "2", "1762045200", "-28800");
	give_hour(&r, "3", "1762048800", "-28800");
	finish();
	holds("\"2025-11-02T01:00-07:00\",2,60.2,0.5,60,60.2,60.5]");
	holds("\"2025-11-02T01:00-08:00\",2");
	assert_null(strstr(json, "02:00"));
	holds("\"total\":3,\"returned\":2,\"truncated\":true,"
	    "\"next_cursor\":\"cursor");
}

static void
test_other_kinds(void **state)
{
	struct db_row	r;

	(void)state;
	assert_true(begin("{\"study_id\":30001,\"data_type\":\"heart-rate\","
	    "\"group_by\":\"age_band\"}"));
	give_head(&r);
	r.cells[COL(HELD)] = "12";
	r.cells[COL(UNREADABLE)] = "3";
	r.cells[COL(UNREADABLE_SUBJECTS)] = "1";
	r.cells[COL(DUPLICATES)] = "14";
	r.cells[COL(KIND)] = "between";
	r.cells[COL(MEASURE)] = "1";
	r.cells[COL(STATISTIC)] = "average";
	r.cells[COL(SOURCE)] = "0";
	r.cells[COL(PATIENTS)] = "7";
	r.cells[COL(N)] = "70";
	r.cells[COL(MEAN)] = "60.25";
	r.cells[COL(SD)] = "1";
	r.cells[COL(LOW)] = "58";
	r.cells[COL(HIGH)] = "62";
	r.cells[COL(POINTS)] = "{60,60.3}";
	give(&r);
	r.cells[COL(KIND)] = "group";
	r.cells[COL(TOTAL)] = "2";
	r.cells[COL(KEY)] = "18";
	r.cells[COL(POINTS)] = "{60}";
	give(&r);
	r.cells[COL(KEY)] = "90";
	give(&r);
	r.cells[COL(KEY)] = "-1";
	give(&r);
	r.cells[COL(KEY)] = "0";
	give(&r);
	finish();
	holds("[\"heart_rate (average)\",\"18-29\",7,70,60.2,1,58,60,62]");
	holds("\"90+\"");
	holds("\"unknown\"");
	holds("\"<18\"");
	holds("\"between_patients\":{\"columns\":[\"measure\",\"patients\","
	    "\"mean_of_means\",\"sd_of_means\",\"median\",\"min\",\"max\"],"
	    "\"rows\":[[\"heart_rate (average)\",7,60.2,1,60,58,62]]}");
	holds("\"withheld\":{\"consent\":12,\"unreadable\":3,"
	    "\"unreadable_patients\":1}");
	holds("14 stored twice");
}

static void
test_nothing(void **state)
{
	struct db_row	r;

	(void)state;
	assert_true(begin("{\"patient_id\":40006,"
	    "\"data_type\":\"bp\",\"last\":\"14d\"}"));
	give_head(&r);
	r.cells[COL(HAVE)] = "{omh:blood-glucose:4.0,\"Blood glucose\",1345,"
	    "1786060800000000,1787270400000000}";
	give(&r);
	finish();
	holds("\"0 blood-pressure readings of patient 40006 in this window; "
	    "the patient has 1,345 blood-glucose from 2026-08-07 to "
	    "2026-08-21.\"");
	holds("\"total\":0,\"returned\":0,\"truncated\":false");
	assert_true(begin("{\"patient_id\":40006,\"data_type\":\"glucos\"}"));
	give(&r);
	finish();
	assert_string_equal(text, "unknown_type: \"glucos\" is not a data "
	    "type. Nearest: blood-glucose. With data for this patient: "
	    "blood-glucose.");
	assert_true(begin("{\"patient_id\":40006,\"data_type\":\"bp\"}"));
	give_head(&r);
	r.cells[COL(FOUND)] = "f";
	give(&r);
	finish();
	assert_int_equal(strncmp(text, "not_found: no patient 40006", 27), 0);
}

/* A row that the statement cannot give ends the call. */
static void
test_false_rows(void **state)
{
	static const char *const	measures[] = { "0", "2", "-1", "x" };
	struct db_row			r;
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(measures) / sizeof(measures[0]); i++) {
		assert_true(begin("{\"patient_id\":1,\"data_type\":\"cgm\"}"));
		give_head(&r);
		r.cells[COL(KIND)] = "group";
		r.cells[COL(MEASURE)] = measures[i];
		assert_int_equal(db.row(db.arg, db_query, &r), ERR_STATE);
		db.done(db.arg, ERR_STATE, DB_ERROR_STOPPED);
		assert_int_equal(strncmp(text, "internal", 8), 0);
		tools_call_free(call);
		call = NULL;
	}
	assert_true(begin("{\"patient_id\":1,\"data_type\":\"cgm\"}"));
	give_head(&r);
	r.cells[COL(KIND)] = "group";
	r.cells[COL(MEASURE)] = "1";
	r.cells[COL(POINTS)] = "{1,x}";
	assert_int_equal(db.row(db.arg, db_query, &r), ERR_FORMAT);
	db.done(db.arg, ERR_FORMAT, DB_ERROR_STOPPED);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test_setup_teardown(test_parameters, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_measures, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_survey, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_glucose, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hours, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_kinds, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_false_rows, setup,
		    teardown),
	};
	int			failed;

	tools = tools_new();
	if (tools == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	tools_free(tools);
	return failed;
}
