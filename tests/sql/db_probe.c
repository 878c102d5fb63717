/* SPDX-License-Identifier: MIT */
/*
 * Check-only: the database layer by itself, driven by a test over stdin.
 * Every line in is answered by one or more JSON lines.
 *
 *	db_probe CONNINFO [connect_ms [statement_ms]]
 *	db_probe --table [VARIANTS]	the statements, one JSON line each, as a
 *					database with "layout":VARIANTS has them
 *
 *	add NAME<tab>VALUE…	a query for the next go; \N is NULL
 *	stop N			the row callback refuses row N (0 is the first)
 *	go			submit: {"query":0,"row":[…]} …, {"done":…}
 *	wait MS			poll while idle, at most so long: {"alive":…}
 *	again N			as go, N times over, without the rows
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "db/db.h"
#include "db/statement.h"

#define PARAMS_MAX	32

struct query {
	char	*line;			/* what names and values point into */
	char	*values[PARAMS_MAX];
};

struct probe {
	struct db	*db;
	struct query	 kept[DB_QUERIES_MAX + 1];
	struct db_query	 queries[DB_QUERIES_MAX + 1];
	size_t		 n;
	long		 stop_at;
	long		 rows;
	bool		 silent;
	bool		 done;
};

static void
say(struct buf *b)
{
	buf_addc(b, '\n');
	if (buf_error(b) != 0 ||
	    fwrite(b->data, 1, b->len, stdout) != b->len)
		exit(1);
	fflush(stdout);
	buf_free(b);
}

static void
say_begin(struct buf *b, struct json *j)
{
	buf_init(b, 16 * 1024 * 1024);
	json_init(j, b);
	json_object_begin(j);
}

static void
say_number(const char *key, int64_t value)
{
	struct buf	b;
	struct json	j;

	say_begin(&b, &j);
	json_key(&j, key);
	json_int(&j, value);
	json_object_end(&j);
	say(&b);
}

/* Appended to out as src/db/layout.c does it; variants is "01100" or so. */
static void
add_text(struct buf *out, const char *text, const char *variants)
{
	size_t	rule;

	for (; *text != '\0'; text++) {
		if (*text != DB_LAYOUT_MARK) {
			buf_addc(out, *text);
			continue;
		}
		rule = (size_t)(*++text - 'A');
		buf_adds(out, db_layout_table[rule].variants[
		    variants[rule] - '0'].text);
	}
}

static void
dump_table(const char *variants)
{
	const struct db_statement_row	*st;
	struct buf			 b, text;
	struct json			 j;
	int				 i, k;

	if (strlen(variants) != DB_LAYOUTS ||
	    strspn(variants, "01") != DB_LAYOUTS)
		exit(2);
	buf_init(&text, 1024 * 1024);
	for (i = 0; i < DB_STATEMENTS; i++) {
		st = &db_statement_table[i];
		say_begin(&b, &j);
		json_key(&j, "name");
		json_string(&j, st->name);
		json_key(&j, "text");
		buf_reset(&text);
		add_text(&text, st->text, variants);
		json_string(&j, buf_string(&text));
		json_key(&j, "columns");
		json_int(&j, st->ncolumns);
		json_key(&j, "types");
		json_array_begin(&j);
		for (k = 0; k < st->nparams; k++)
			json_int(&j, st->types[k]);
		json_array_end(&j);
		json_object_end(&j);
		say(&b);
	}
	buf_free(&text);
}

static void
say_failure(int error, const struct db_failure *f)
{
	struct buf	b;
	struct json	j;

	say_begin(&b, &j);
	json_key(&j, "connected");
	json_boolean(&j, false);
	json_key(&j, "error");
	json_int(&j, error);
	json_key(&j, "code");
	json_int(&j, f->code);
	json_key(&j, "text");
	json_string(&j, db_failure_text(f->code));
	json_key(&j, "retry");
	json_boolean(&j, f->retry);
	json_key(&j, "sqlstate");
	json_string(&j, f->sqlstate);
	json_key(&j, "host");
	json_string(&j, f->host);
	json_key(&j, "database");
	json_string(&j, f->database);
	json_key(&j, "object");
	json_string(&j, f->object);
	json_object_end(&j);
	say(&b);
}

static void
say_connected(const struct db *db)
{
	struct buf	b;
	struct json	j;
	char		layout[DB_LAYOUTS + 1] = "";
	int		i;

	for (i = 0; i < DB_LAYOUTS; i++)
		layout[i] = (char)('0' + db_variant(db, (enum db_layout)i));
	say_begin(&b, &j);
	json_key(&j, "connected");
	json_boolean(&j, true);
	json_key(&j, "generation");
	json_string(&j, db_generation(db));
	json_key(&j, "layout");
	json_string(&j, layout);
	json_key(&j, "fd");
	json_int(&j, db_fd(db));
	json_key(&j, "version");
	json_int(&j, db_server_version(db));
	json_key(&j, "pid");
	json_int(&j, db_backend_pid(db));
	json_key(&j, "superuser");
	json_boolean(&j, db_login_is_superuser(db));
	json_object_end(&j);
	say(&b);
}

static int
on_row(void *arg, size_t index, const struct db_row *row)
{
	struct probe	*p = arg;
	struct buf	 b;
	struct json	 j;
	const char	*text;
	size_t		 len;
	int		 i;

	if (p->rows++ == p->stop_at)
		return ERR_LIMIT;
	if (p->silent)
		return 0;
	say_begin(&b, &j);
	json_key(&j, "query");
	json_int(&j, (int64_t)index);
	json_key(&j, "row");
	json_array_begin(&j);
	for (i = 0; i < db_columns(row); i++) {
		if ((text = db_text(row, i, &len)) == NULL)
			json_null(&j);
		else
			json_stringn(&j, text, len);
	}
	json_array_end(&j);
	json_object_end(&j);
	say(&b);
	return 0;
}

static void
on_done(void *arg, int err, enum db_error error)
{
	struct probe	*p = arg;
	struct buf	 b;
	struct json	 j;

	p->done = true;
	if (p->silent && err == 0)
		return;
	say_begin(&b, &j);
	json_key(&j, "done");
	json_int(&j, err);
	json_key(&j, "error");
	json_int(&j, error);
	json_key(&j, "alive");
	json_boolean(&j, db_alive(p->db));
	json_object_end(&j);
	say(&b);
}

/* Poll until done() or, when idle, for at most so long. */
static void
turn(struct probe *p, int64_t wait_ms)
{
	struct pollfd	pfd;
	int64_t		due_ms = clock_monotonic_ms() + wait_ms;
	int64_t		left;

	while (db_alive(p->db) && !(p->done && wait_ms == 0)) {
		left = wait_ms == 0 ? -1 : due_ms - clock_monotonic_ms();
		if (wait_ms != 0 && left <= 0)
			break;
		pfd.fd = db_fd(p->db);
		pfd.events = db_want(p->db);
		if (poll(&pfd, 1, (int)left) > 0)
			(void)db_dispatch(p->db, pfd.revents);
	}
}

static int
statement_find(const char *name)
{
	int	i;

	for (i = 0; i < DB_STATEMENTS; i++) {
		if (strcmp(db_statement_table[i].name, name) == 0)
			return i;
	}
	return -1;
}

static void
add(struct probe *p, char *line)
{
	struct query	*kept = &p->kept[p->n];
	struct db_query	*q = &p->queries[p->n];
	char		*word;

	if (p->n > DB_QUERIES_MAX || (kept->line = strdup(line)) == NULL)
		exit(1);
	line = kept->line;
	word = strsep(&line, "\t");
	q->statement = (enum db_statement)statement_find(word);
	q->params = (const char *const *)kept->values;
	q->nparams = 0;
	q->row = on_row;
	while ((word = strsep(&line, "\t")) != NULL) {
		if (q->nparams == PARAMS_MAX)
			exit(1);
		kept->values[q->nparams++] =
		    strcmp(word, "\\N") == 0 ? NULL : word;
	}
	p->n++;
}

static void
clear(struct probe *p)
{
	size_t	i;

	for (i = 0; i < p->n; i++)
		free(p->kept[i].line);
	p->n = 0;
}

static void
go(struct probe *p, int times)
{
	int	error;

	for (; times > 0; times--) {
		p->done = false;
		p->rows = 0;
		error = db_submit(p->db, p->queries, p->n, on_done, p);
		if (error != 0) {
			say_number("refused", error);
			break;
		}
		turn(p, 0);
	}
	p->stop_at = -1;
}

static void
command(struct probe *p, char *line)
{
	if (strncmp(line, "add ", 4) == 0)
		add(p, line + 4);
	else if (strncmp(line, "stop ", 5) == 0)
		p->stop_at = atol(line + 5);
	else if (strcmp(line, "go") == 0) {
		go(p, 1);
		clear(p);
	} else if (strncmp(line, "again ", 6) == 0) {
		p->silent = true;
		go(p, atoi(line + 6));
		say_number("again", p->rows);
		p->silent = false;
		clear(p);
	} else if (strncmp(line, "wait ", 5) == 0) {
		turn(p, atoi(line + 5));
		say_number("alive", db_alive(p->db));
	} else
		exit(2);
}

int
main(int argc, char **argv)
{
	struct db_options	 o = {
		.connect_timeout_ms = 10000,
		.statement_timeout_ms = 20000,
	};
	struct db_failure	 failure;
	struct probe		 p;
	char			 newest[DB_LAYOUTS + 1] = "";
	char			*line = NULL;
	size_t			 size = 0;
	ssize_t			 len;
	int			 error;

	log_init("db_probe", getenv("DB_PROBE_DEBUG") != NULL ?
	    LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING);
	if (argc > 1 && strcmp(argv[1], "--table") == 0) {
		memset(newest, '0', DB_LAYOUTS);
		dump_table(argc > 2 ? argv[2] : newest);
		return 0;
	}
	if (argc < 2)
		return 2;
	o.conninfo = argv[1];
	if (argc > 2)
		o.connect_timeout_ms = atoi(argv[2]);
	if (argc > 3)
		o.statement_timeout_ms = atoi(argv[3]);
	memset(&p, 0, sizeof(p));
	p.stop_at = -1;
	if ((error = db_connect(&p.db, &o, &failure)) != 0) {
		say_failure(error, &failure);
		return 1;
	}
	say_connected(p.db);
	while ((len = getline(&line, &size, stdin)) > 0) {
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		command(&p, line);
	}
	clear(&p);
	db_close(p.db);
	free(line);
	return 0;
}
