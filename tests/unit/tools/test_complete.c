/* SPDX-License-Identifier: MIT */
/* Completion, with a database that the test plays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "db/db.h"
#include "tools/complete.h"
#include "tools/tools.h"

/* --- The database. -------------------------------------------------------- */

struct db {
	int		 submit_error;
	enum db_statement statement;
	char		 params[8][64];
	db_row_fn	*row;
	db_done_fn	*done;
	void		*arg;
};

struct db_row {
	const char	*cells[4];
};

static struct db	db;

int
db_submit(struct db *d, const struct db_query *queries, size_t n,
    db_done_fn *done, void *arg)
{
	int	k;

	assert_int_equal(n, 1);
	if (d->submit_error != 0)
		return d->submit_error;
	d->statement = queries[0].statement;
	for (k = 0; k < queries[0].nparams; k++)
		snprintf(d->params[k], sizeof(d->params[k]), "%s",
		    queries[0].params[k] != NULL ? queries[0].params[k] :
		    "NULL");
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
db_bool(const struct db_row *row, int column, bool *value)
{
	*value = strcmp(row->cells[column], "t") == 0;
	return 0;
}

int
db_int(const struct db_row *row, int column, int64_t *value)
{
	if (row->cells[column] == NULL)
		return ERR_NOT_FOUND;
	*value = strtoll(row->cells[column], NULL, 10);
	return 0;
}

/* --- What is found. ------------------------------------------------------- */

static struct {
	int		 times;
	int		 error;
	size_t		 n, total;
	char		 values[MCP_COMPLETIONS_MAX][128];
	struct complete	*complete;
} got;

static void
keep(const struct mcp_completion *c)
{
	size_t	i;

	got.n = c->n;
	got.total = c->total;
	for (i = 0; i < c->n; i++)
		snprintf(got.values[i], sizeof(got.values[i]), "%s",
		    c->values[i]);
}

static void
done(void *arg, int error, const struct mcp_completion *completion)
{
	assert_ptr_equal(arg, &got);
	got.times++;
	got.error = error;
	keep(completion);
	/* As the worker does it. */
	complete_free(got.complete);
	got.complete = NULL;
}

static int
setup(void **state)
{
	(void)state;
	memset(&db, 0, sizeof(db));
	memset(&got, 0, sizeof(got));
	return 0;
}

static struct tools_context	ctx = { .db = &db, .person = 10016 };

static int
start(int kind, const char *value)
{
	return complete_start(&got.complete, kind, value, &ctx, done, &got);
}

static bool
known(int kind, const char *value)
{
	const char		*values[MCP_COMPLETIONS_MAX];
	struct mcp_completion	 completion;
	struct complete_values	 v;
	bool			 is;

	complete_values_init(&v);
	is = complete_known(&v, kind, value);
	assert_int_equal(complete_values_get(&v, values, &completion), 0);
	keep(&completion);
	complete_values_free(&v);
	return is;
}

static void
test_known(void **state)
{
	(void)state;
	assert_true(known(COMPLETE_DATA_TYPE, ""));
	assert_int_equal(got.n, 15);
	assert_true(known(COMPLETE_DATA_TYPE, "Blood g"));
	assert_int_equal(got.n, 1);
	assert_string_equal(got.values[0], "blood-glucose");
	known(COMPLETE_DATA_TYPE, "cgm");
	assert_string_equal(got.values[0], "blood-glucose");
	known(COMPLETE_DATA_TYPE, "sleep_");
	assert_int_equal(got.n, 3);
	assert_true(known(COMPLETE_TIMEZONE, "europe/ber"));
	assert_int_equal(got.n, 1);
	assert_string_equal(got.values[0], "Europe/Berlin");
	/* What begins so comes first. */
	known(COMPLETE_TIMEZONE, "a");
	assert_string_equal(got.values[0], "Africa/Abidjan");
	assert_int_equal(got.n, MCP_COMPLETIONS_MAX);
	assert_true(got.total > got.n);
	known(COMPLETE_TIMEZONE, "");
	assert_string_equal(got.values[0], "UTC");
	assert_string_equal(got.values[1], "recorded");
	known(COMPLETE_PERIOD, "14");
	assert_int_equal(got.n, 1);
	known(COMPLETE_TABLE, "permission");
	assert_string_equal(got.values[0], "permission_model");
	known(COMPLETE_TABLE, "no such");
	assert_int_equal(got.n, 0);
	assert_false(known(COMPLETE_STUDY, ""));
	assert_false(known(COMPLETE_PATIENT, "a"));
}

static void
give(const char *a, const char *b, const char *c, const char *d)
{
	struct db_row	row = { { a, b, c, d } };

	assert_int_equal(db.row(db.arg, 0, &row), 0);
}

static void
test_studies(void **state)
{
	(void)state;
	assert_int_equal(start(COMPLETE_STUDY, " Blue"), 0);
	assert_int_equal(db.statement, DB_STUDY_COMPLETE);
	assert_string_equal(db.params[PAR_STUDY_COMPLETE_PERSON], "10016");
	assert_string_equal(db.params[PAR_STUDY_COMPLETE_CLAIMS], "NULL");
	assert_string_equal(db.params[PAR_STUDY_COMPLETE_TYPED], "Blue");
	assert_string_equal(db.params[PAR_STUDY_COMPLETE_LIMIT], "100");
	give("30001", "Blue\nLake", "102", NULL);
	give("30002", "", "102", NULL);
	db.done(db.arg, 0, DB_ERROR_NONE);
	assert_int_equal(got.times, 1);
	assert_int_equal(got.n, 2);
	assert_int_equal(got.total, 102);
	assert_string_equal(got.values[0], "30001 Blue Lake");
	assert_string_equal(got.values[1], "30002");
}

static void
test_patients(void **state)
{
	(void)state;
	/* Nothing by less than two characters. */
	assert_int_equal(start(COMPLETE_PATIENT, ""), 1);
	assert_int_equal(start(COMPLETE_PATIENT, "n"), 1);
	assert_int_equal(start(COMPLETE_PATIENT, "4"), 1);
	assert_int_equal(start(COMPLETE_PATIENT, "\xc3\xa9"), 1);
	assert_int_equal(start(COMPLETE_PATIENT, "ng"), 0);
	assert_int_equal(db.statement, DB_PATIENT_COMPLETE);
	assert_string_equal(db.params[PAR_PATIENT_COMPLETE_TYPED], "ng");
	assert_string_equal(db.params[PAR_PATIENT_COMPLETE_NAMES], "t");
	assert_string_equal(db.params[PAR_PATIENT_COMPLETE_LIMIT], "20");
	give("40006", "May", "Nguyen", "1");
	db.done(db.arg, 0, DB_ERROR_NONE);
	assert_string_equal(got.values[0], "40006 May Nguyen");
	/* Digits are no name: no name comes back. */
	assert_int_equal(start(COMPLETE_PATIENT, "40"), 0);
	assert_string_equal(db.params[PAR_PATIENT_COMPLETE_NAMES], "f");
	give("40006", NULL, NULL, "1");
	db.done(db.arg, 0, DB_ERROR_NONE);
	assert_string_equal(got.values[0], "40006");
	assert_int_equal(start(COMPLETE_PATIENT, "40006 Ma"), 0);
	assert_string_equal(db.params[PAR_PATIENT_COMPLETE_NAMES], "t");
	db.done(db.arg, ERR_TIMEOUT, DB_ERROR_TIMEOUT);
	assert_int_equal(got.error, ERR_TIMEOUT);
	assert_int_equal(got.n, 0);
}

/* What is started with "ng" and with "40" under a policy: 1 is nothing. */
static void
policy_is(enum tools_disclosure disclosure, enum tools_identity identity,
    int name, int digits, const char *names)
{
	ctx.disclosure = disclosure;
	ctx.identity = identity;
	assert_int_equal(start(COMPLETE_PATIENT, "ng"), name);
	if (name == 0)
		db.done(db.arg, 0, DB_ERROR_NONE);
	assert_int_equal(start(COMPLETE_PATIENT, "40"), digits);
	if (digits == 0) {
		assert_string_equal(db.params[PAR_PATIENT_COMPLETE_NAMES],
		    names);
		db.done(db.arg, 0, DB_ERROR_NONE);
	}
	ctx.disclosure = TOOLS_IDENTIFIED;
	ctx.identity = TOOLS_IDENTITY_ON_REQUEST;
}

static void
test_policy(void **state)
{
	(void)state;
	policy_is(TOOLS_IDENTIFIED, TOOLS_IDENTITY_ON_REQUEST, 0, 0, "f");
	policy_is(TOOLS_IDENTIFIED, TOOLS_IDENTITY_ALWAYS, 0, 0, "t");
	policy_is(TOOLS_IDENTIFIED, TOOLS_IDENTITY_NEVER, 1, 0, "f");
	policy_is(TOOLS_PSEUDONYMOUS, TOOLS_IDENTITY_ALWAYS, 1, 0, "f");
	policy_is(TOOLS_AGGREGATE, TOOLS_IDENTITY_ALWAYS, 1, 1, "");
}

static void
test_given_up(void **state)
{
	struct db_row	row = { { "1", "x", "1", NULL } };

	(void)state;
	assert_int_equal(start(COMPLETE_STUDY, ""), 0);
	complete_free(got.complete);
	assert_int_not_equal(db.row(db.arg, 0, &row), 0);
	db.done(db.arg, ERR_STATE, DB_ERROR_STOPPED);
	assert_int_equal(got.times, 0);
	complete_free(NULL);
	db.submit_error = ERR_CLOSED;
	assert_int_equal(start(COMPLETE_STUDY, ""), ERR_CLOSED);
	assert_null(got.complete);
	db.submit_error = 0;
}

static void
test_long(void **state)
{
	char	text[1024];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(start(COMPLETE_STUDY, text), 1);
	assert_true(known(COMPLETE_TIMEZONE, text));
	assert_int_equal(got.n, 0);
}

int
main(void)
{
#define TEST(name)	cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest	tests[] = {
		TEST(test_known), TEST(test_studies), TEST(test_patients),
		TEST(test_policy), TEST(test_given_up), TEST(test_long)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
