/* SPDX-License-Identifier: MIT */
/*
 * The floor: the statements of a call over libpq and nothing else, in one
 * pipeline, the rows looked at by nobody.
 *
 *	floor CONNINFO CALLS
 *
 * CALLS, by run: "call COUNT" before so many statements, each "statement
 * BYTES PARAMETERS" and, on the next line, its text; then for each parameter
 * "value BYTES" and its text on the next line, or "null".  Each line "INDEX
 * COUNT" read runs that call so many times and prints what each took, in
 * nanoseconds.
 */
#include <err.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <libpq-fe.h>

#define CALLS_MAX	256
#define STATEMENTS_MAX	16

struct statement {
	char		  name[16];
	int		  nparams;
	char		**params;
};

struct call {
	int			count;
	struct statement	statements[STATEMENTS_MAX];
};

static struct call	calls[CALLS_MAX];
static size_t		ncalls;
static PGconn		*conn;

static int64_t
now_ns(void)
{
	struct timespec	ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static char *
read_text(FILE *f, size_t len)
{
	char	*text = calloc(1, len + 1);

	if (text == NULL || getc(f) != '\n' ||
	    fread(text, 1, len, f) != len)
		errx(1, "calls: a text is cut");
	return text;
}

static void
read_statement(FILE *f, struct statement *s, int number)
{
	size_t		 len;
	char		*sql;
	PGresult	*result;
	int		 i;

	if (fscanf(f, " statement %zu %d", &len, &s->nparams) != 2)
		errx(1, "calls: no statement");
	sql = read_text(f, len);
	snprintf(s->name, sizeof(s->name), "s%zu_%d", ncalls, number);
	result = PQprepare(conn, s->name, sql, 0, NULL);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		errx(1, "%s", PQresultErrorMessage(result));
	PQclear(result);
	free(sql);
	s->params = calloc((size_t)s->nparams + 1, sizeof(char *));
	if (s->params == NULL)
		err(1, "calls");
	for (i = 0; i < s->nparams; i++)
		if (fscanf(f, " value %zu", &len) == 1)
			s->params[i] = read_text(f, len);
		else if (fscanf(f, "null") != 0)
			errx(1, "calls: neither value nor null");
}

static void
read_calls(const char *path)
{
	FILE	*f = fopen(path, "re");
	int	 i;

	if (f == NULL)
		err(1, "%s", path);
	while (ncalls < CALLS_MAX &&
	    fscanf(f, " call %d", &calls[ncalls].count) == 1) {
		if (calls[ncalls].count > STATEMENTS_MAX)
			errx(1, "calls: too many statements");
		for (i = 0; i < calls[ncalls].count; i++)
			read_statement(f, &calls[ncalls].statements[i], i);
		ncalls++;
	}
	fclose(f);
}

static void
run(const struct call *c)
{
	PGresult	*result;
	int		 i, ended = 0;

	for (i = 0; i < c->count; i++)
		if (PQsendQueryPrepared(conn, c->statements[i].name,
		    c->statements[i].nparams,
		    (const char *const *)c->statements[i].params, NULL, NULL,
		    0) != 1)
			errx(1, "%s", PQerrorMessage(conn));
	if (PQpipelineSync(conn) != 1)
		errx(1, "%s", PQerrorMessage(conn));
	/* A NULL ends each statement. */
	while (!ended) {
		if ((result = PQgetResult(conn)) == NULL)
			continue;
		ended = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
		if (!ended && PQresultStatus(result) != PGRES_TUPLES_OK)
			errx(1, "%s", PQresultErrorMessage(result));
		PQclear(result);
	}
}

int
main(int argc, char *argv[])
{
	int64_t	begun;
	size_t	index;
	int	count;

	if (argc != 3)
		errx(1, "usage: floor CONNINFO CALLS");
	conn = PQconnectdb(argv[1]);
	if (PQstatus(conn) != CONNECTION_OK)
		errx(1, "%s", PQerrorMessage(conn));
	read_calls(argv[2]);
	if (PQenterPipelineMode(conn) != 1)
		errx(1, "%s", PQerrorMessage(conn));
	printf("%d\n", PQbackendPID(conn));
	fflush(stdout);
	while (scanf("%zu %d", &index, &count) == 2) {
		if (index >= ncalls)
			errx(1, "no call %zu", index);
		while (count-- > 0) {
			begun = now_ns();
			run(&calls[index]);
			printf("%" PRId64 "\n", now_ns() - begun);
		}
		fflush(stdout);
	}
	PQfinish(conn);
	return 0;
}
