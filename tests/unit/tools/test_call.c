/* SPDX-License-Identifier: MIT */
/*
 * The life of a call, with a tool and a database that the test plays: it
 * takes the queries and says when rows come and how it ends.
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
#include "tools/call.h"
#include "tools/private.h"

#define NOW	INT64_C(1787322005)	/* 2026-08-21T14:20:05Z */

/* --- The database. -------------------------------------------------------- */

struct db {
	int		 submit_error;
	size_t		 nqueries;
	enum db_statement statements[DB_QUERIES_MAX];
	char		 params[DB_QUERIES_MAX][4][64];
	db_row_fn	*row;
	db_done_fn	*done;
	void		*arg;
};

struct db_row {
	const char	*cells[8];
};

static struct db	db;

int
db_submit(struct db *d, const struct db_query *queries, size_t n,
    db_done_fn *done, void *arg)
{
	size_t	i;
	int	k;

	if (d->submit_error != 0)
		return d->submit_error;
	assert_null(d->done);
	d->nqueries = n;
	d->row = queries[0].row;
	for (i = 0; i < n; i++) {
		d->statements[i] = queries[i].statement;
		for (k = 0; k < queries[i].nparams && k < 4; k++)
			snprintf(d->params[i][k], sizeof(d->params[i][k]),
			    "%s", queries[i].params[k] != NULL ?
			    queries[i].params[k] : "NULL");
	}
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
db_bool(const struct db_row *row, int column, bool *value)
{
	*value = strcmp(row->cells[column], "t") == 0;
	return 0;
}

/* The rows of the person's profile, as the last query. */
static void
give_profile(const char *active, const char *practitioner,
    const char *patient, const char *email)
{
	struct db_row	row = { { NULL } };

	row.cells[COL_PERSON_PROFILE_ACTIVE] = active;
	row.cells[COL_PERSON_PROFILE_PRACTITIONER] = practitioner;
	row.cells[COL_PERSON_PROFILE_PATIENT] = patient;
	row.cells[COL_PERSON_PROFILE_EMAIL] = email;
	assert_int_equal(db.row(db.arg, db.nqueries - 1, &row), 0);
}

static int
give_row(const char *cell)
{
	struct db_row	row = { { cell } };

	return db.row(db.arg, 0, &row);
}

static void
end(int err)
{
	db_done_fn	*done = db.done;

	assert_non_null(done);
	db.done = NULL;
	done(db.arg, err, err == 0 ? DB_ERROR_NONE : DB_ERROR_INTERNAL);
}

/* --- The tool. ------------------------------------------------------------ */

struct toy {
	struct cursor_position	 last;
	char			*memory;
};

static struct {
	int	start_error, row_error, step_error;
	bool	silent;			/* step says nothing */
	bool	twice;			/* step submits once more */
	bool	refuse;			/* start refuses */
	int	cleared;
} play;

static int
toy_submit(struct tools_call *call)
{
	struct db_params	p;
	struct db_query		q = { .statement = DB_STUDY_COUNT };
	int			error;

	call_params(call, &p, PARS_STUDY_COUNT);
	assert_int_equal(db_params_done(&p), 0);
	q.params = p.values;
	q.nparams = p.n;
	error = call_submit(call, &q, 1);
	db_params_free(&p);
	return error;
}

static int
toy_start(struct tools_call *call)
{
	struct toy	*toy = call->state;

	toy->memory = strdup("x");
	if (play.refuse) {
		errors_set_no_study(&call->error, 5);
		return 0;
	}
	return play.start_error != 0 ? play.start_error : toy_submit(call);
}

static int
toy_row(struct tools_call *call, size_t query, const struct db_row *row)
{
	struct toy	*toy = call->state;
	struct json	*j;

	assert_int_equal(query, 0);
	if (play.row_error != 0)
		return play.row_error;
	if ((j = result_row_begin(&call->result)) == NULL)
		return 0;
	json_string(j, db_text(row, 0, NULL));
	if (result_row_end(&call->result)) {
		toy->last.set = toy->last.untimed = true;
		toy->last.id = atoi(db_text(row, 0, NULL));
	}
	return 0;
}

static int
toy_step(struct tools_call *call)
{
	struct toy		*toy = call->state;
	struct result_list	 list = { .total = 9, .member = "rows" };

	if (play.step_error != 0 || play.silent)
		return play.step_error;
	if (play.twice && call->phase == 1)
		return toy_submit(call);
	buf_addf(&call->result.summary, "after %lld",
	    (long long)call->position.id);
	return call_finish(call, &list, &toy->last);
}

static void
toy_clear(void *state)
{
	struct toy	*toy = state;

	free(toy->memory);
	play.cleared++;
}

static const struct tool_ops	toy_ops = {
	.name = "toy", .state_size = sizeof(struct toy), .start = toy_start,
	.row = toy_row, .step = toy_step, .clear = toy_clear
};

/* --- The worker. ---------------------------------------------------------- */

static struct tool		 tool = { .ops = &toy_ops, .number = 3 };
static struct tools_context	 ctx;
static struct tools_call	*call;
static int			 answers;
static int			 seal_error;

static int64_t
now_s(void *arg)
{
	(void)arg;
	return NOW;
}

/* Hexadecimal: enough to come back as it went. */
static int
seal(void *arg, const void *plain, size_t len, struct buf *out)
{
	const unsigned char	*p = plain;

	(void)arg;
	for (; len > 0; len--)
		buf_addf(out, "%02x", *p++);
	return seal_error;
}

static int
open_seal(void *arg, const char *text, size_t len, struct buf *out)
{
	unsigned int	byte;

	(void)arg;
	for (; len > 1; len -= 2, text += 2) {
		if (sscanf(text, "%2x", &byte) != 1)
			return ERR_FORMAT;
		buf_addc(out, (char)byte);
	}
	return 0;
}

static void
done(void *arg, const struct tools_result *result)
{
	(void)result;
	assert_ptr_equal(arg, &ctx);
	answers++;
}

static int
setup(void **state)
{
	(void)state;
	memset(&play, 0, sizeof(play));
	memset(&db, 0, sizeof(db));
	memset(&ctx, 0, sizeof(ctx));
	ctx.db = &db;
	ctx.person = 10001;
	ctx.statement_timeout_s = 20;
	ctx.now_s = now_s;
	ctx.seal = seal;
	ctx.open = open_seal;
	answers = seal_error = 0;
	call = NULL;
	return schema_parse(&tool.schema, "{\"type\":\"object\","
	    "\"properties\":{\"study_id\":{\"type\":\"integer\"},"
	    "\"limit\":{\"type\":\"integer\",\"maximum\":500,\"default\":2},"
	    "\"cursor\":{\"type\":\"string\"}},"
	    "\"additionalProperties\":false}");
}

static int
teardown(void **state)
{
	(void)state;
	tools_call_free(call);
	schema_free(&tool.schema);
	return 0;
}

static int
start(const char *json)
{
	struct json_object	*o = NULL;
	int			 r;

	tools_call_free(call);
	if (json != NULL)
		o = json_tokener_parse(json);
	r = tools_call_start(&call, &tool, o, &ctx, done, &ctx);
	/* borrowed only */
	json_object_put(o);
	return r;
}

static void
check_error(const char *text)
{
	const struct tools_result	*result = tools_call_result(call);

	assert_non_null(result);
	assert_true(result->is_error);
	assert_int_equal(result->structured.len, 0);
	assert_int_equal(strncmp(buf_string(&result->text), text,
	    strlen(text)), 0);
}

static const char *
structured(void)
{
	const struct tools_result	*result = tools_call_result(call);

	assert_non_null(result);
	if (result->is_error)
		fail_msg("%s", buf_string(&result->text));
	return buf_string(&result->structured);
}

static void
test_answer(void **state)
{
	(void)state;
	assert_int_equal(start(NULL), 0);
	assert_null(tools_call_result(call));
	assert_int_equal(answers, 0);
	/* the person's profile goes with the first submission */
	assert_int_equal(db.nqueries, 2);
	assert_int_equal(db.statements[0], DB_STUDY_COUNT);
	assert_int_equal(db.statements[1], DB_PERSON_PROFILE);
	assert_string_equal(db.params[0][0], "10001");
	assert_string_equal(db.params[0][1], "NULL");
	assert_string_equal(db.params[1][0], "10001");
	give_row("7");
	give_profile("t", "t", "f", "a@example.com");
	end(0);
	assert_int_equal(answers, 1);
	assert_string_equal(structured(), "{\"summary\":\"after 0\","
	    "\"total\":9,\"returned\":1,\"truncated\":false,\"rows\":[\"7\"],"
	    "\"as_of\":\"2026-08-21T14:20:05Z\"}");
}

static void
test_claims(void **state)
{
	const int64_t	studies[] = { 30001, 30002 };

	(void)state;
	ctx.narrowed = true;
	assert_int_equal(start(NULL), 0);
	assert_string_equal(db.params[0][1], "{}");
	end(ERR_CLOSED);
	ctx.studies = studies;
	ctx.nstudies = 2;
	assert_int_equal(start(NULL), 0);
	assert_string_equal(db.params[0][1], "{30001,30002}");
	end(ERR_CLOSED);
}

static void
test_pages(void **state)
{
	char	*cursor, again[256];

	(void)state;
	assert_int_equal(start("{\"study_id\":5}"), 0);
	give_row("7");
	give_row("8");
	give_row("9");
	give_profile("t", "f", "t", "a@example.com");
	end(0);
	assert_non_null(strstr(structured(), "\"returned\":2,"
	    "\"truncated\":true,\"next_cursor\":\""));
	cursor = strstr(structured(), "next_cursor\":\"") + 14;
	snprintf(again, sizeof(again), "{\"cursor\":\"%.*s\"}",
	    (int)strcspn(cursor, "\""), cursor);
	assert_int_equal(start(again), 0);
	assert_int_equal(args_integer(&call->args, "study_id"), 5);
	give_profile("t", "f", "t", "a@example.com");
	end(0);
	assert_non_null(strstr(structured(), "after 8"));
	/* of another tool */
	tool.number = 4;
	assert_int_equal(start(again), 1);
	tool.number = 3;
	check_error("bad_cursor: ");
	assert_int_equal(start("{\"cursor\":\"zz\"}"), 1);
	check_error("bad_cursor: ");
	assert_int_equal(start("{\"cursor\":\"\"}"), 0);
	end(ERR_CLOSED);
}

static void
test_seal_fails(void **state)
{
	(void)state;
	assert_int_equal(start(NULL), 0);
	give_row("7");
	give_row("8");
	give_row("9");
	give_profile("t", "t", "f", "a@example.com");
	seal_error = ERR_CRYPTO;
	end(0);
	check_error("internal: ");
}

static void
test_bad_arguments(void **state)
{
	(void)state;
	assert_int_equal(start("{\"limit\":501}"), 1);
	check_error("bad_argument: limit 501 ");
	play.refuse = true;
	assert_int_equal(start(NULL), 1);
	check_error("not_found: no study 5 ");
	assert_int_equal(answers, 0);
	tools_call_free(call);
	call = NULL;
	/* also when nothing was begun */
	assert_int_equal(play.cleared, 2);
}

static void
test_profiles(void **state)
{
	(void)state;
	assert_int_equal(start(NULL), 0);
	give_profile("t", "f", "f", "su\xe2\x80\xae@example.com");
	end(0);
	check_error("no_profile: you are signed in as su@example.com, who has "
	    "neither");
	assert_int_equal(start(NULL), 0);
	give_profile("f", "t", "f", "a@example.com");
	end(0);
	check_error("no_profile: you are signed in as a@example.com, whose "
	    "account");
	assert_int_equal(start(NULL), 0);
	end(0);
	check_error("no_profile: you are signed in as user 10001, ");
	assert_int_equal(answers, 3);
}

static void
test_faults(void **state)
{
	(void)state;
	assert_int_equal(start(NULL), 0);
	end(ERR_TIMEOUT);
	check_error("too_slow: the database did not finish in 20 s.");
	assert_int_equal(start(NULL), 0);
	end(ERR_CLOSED);
	check_error("unavailable: ");
	ctx.request_id = "R1";
	assert_int_equal(start(NULL), 0);
	end(ERR_UNSUPPORTED);
	check_error("internal: ");
	assert_non_null(strstr(buf_string(&tools_call_result(call)->text),
	    "(request R1)"));
	db.submit_error = ERR_CLOSED;
	assert_int_equal(start(NULL), 1);
	check_error("unavailable: ");
	db.submit_error = 0;
	play.start_error = ERR_MEMORY;
	assert_int_equal(start(NULL), 1);
	check_error("internal: ");
	play.start_error = 0;
	play.step_error = ERR_LIMIT;
	assert_int_equal(start(NULL), 0);
	give_profile("t", "t", "f", "a@example.com");
	end(0);
	check_error("internal: ");
	play.step_error = 0;
	play.silent = true;
	assert_int_equal(start(NULL), 0);
	give_profile("t", "t", "f", "a@example.com");
	end(0);
	check_error("internal: ");
}

static void
test_twice(void **state)
{
	(void)state;
	play.twice = true;
	assert_int_equal(start(NULL), 0);
	give_profile("t", "t", "f", "a@example.com");
	end(0);
	assert_int_equal(answers, 0);
	assert_null(tools_call_result(call));
	/* nobody asks twice who it is */
	assert_int_equal(db.nqueries, 1);
	give_row("1");
	end(0);
	assert_int_equal(answers, 1);
	assert_non_null(strstr(structured(), "\"returned\":1"));
}

/* Given up under way: the rows stop, the memory goes at the end. */
static void
test_given_up(void **state)
{
	(void)state;
	assert_int_equal(start(NULL), 0);
	tools_call_free(call);
	call = NULL;
	assert_int_equal(play.cleared, 0);
	assert_true(give_row("1") < 0);
	end(ERR_STATE);
	assert_int_equal(play.cleared, 1);
	assert_int_equal(answers, 0);
	tools_call_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test_setup_teardown(test_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_claims, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_seal_fails, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_bad_arguments, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_profiles, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_faults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_twice, setup, teardown),
		cmocka_unit_test_setup_teardown(test_given_up, setup,
		    teardown)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
