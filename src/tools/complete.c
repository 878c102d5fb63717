/* SPDX-License-Identifier: MIT */
/*
 * What may be meant by what somebody has typed.  Runs in the worker.  The
 * typed text is a client's, names of studies and patients are anybody's.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "db/db.h"
#include "db/param.h"
#include "omh/types.h"
#include "tools/complete.h"
#include "tools/resources.h"
#include "tools/text.h"
#include "tools/tools.h"

/* Bytes of what is typed that can make a difference. */
#define COMPLETE_TYPED_MAX	256
/* Characters of a name behind an id. */
#define COMPLETE_NAME_MAX	60
/* Characters of a name that must be typed before one is offered. */
#define COMPLETE_NAME_MIN	2
#define COMPLETE_TEXT_MAX	(64 * 1024)

struct complete {
	int			 kind;
	complete_done_fn	*done;
	void			*arg;
	bool			 detached;
	struct complete_values	 values;
};

void
complete_values_init(struct complete_values *v)
{
	memset(v, 0, sizeof(*v));
	buf_init(&v->text, COMPLETE_TEXT_MAX);
}

void
complete_values_free(struct complete_values *v)
{
	buf_free(&v->text);
}

/* One more value, if there is room for it. */
static void
complete_add(struct complete_values *v, const char *value)
{
	v->total++;
	if (v->n == MCP_COMPLETIONS_MAX)
		return;
	v->at[v->n++] = v->text.len;
	buf_add(&v->text, value, strlen(value) + 1);
}

int
complete_values_get(const struct complete_values *v, const char **values,
    struct mcp_completion *completion)
{
	size_t	i;

	if (buf_error(&v->text) != 0)
		return buf_error(&v->text);
	for (i = 0; i < v->n; i++)
		values[i] = v->text.data + v->at[i];
	completion->values = values;
	completion->n = v->n;
	completion->total = v->total;
	return 0;
}

/* --- Our own tables. ------------------------------------------------------ */

/* '-', '_' and ' ' are the same, and any case. */
static int
complete_fold(char c)
{
	return c == '_' || c == ' ' ? '-' : tolower((unsigned char)c);
}

/* Where in name the typed text stands: 0 at its start; -1 nowhere. */
static int
complete_place(const char *name, const char *typed)
{
	size_t	i, k, n = strlen(name), len = strlen(typed);

	for (i = 0; i + len <= n; i++) {
		for (k = 0; k < len; k++)
			if (complete_fold(name[i + k]) !=
			    complete_fold(typed[k]))
				break;
		if (k == len)
			return (int)i;
	}
	return -1;
}

/* Names that begin so first, then those that have it elsewhere. */
static void
complete_names(struct complete_values *v, const char *const *names, size_t n,
    const char *typed)
{
	size_t	i;

	for (i = 0; i < n; i++)
		if (complete_place(names[i], typed) == 0)
			complete_add(v, names[i]);
	for (i = 0; i < n; i++)
		if (complete_place(names[i], typed) > 0)
			complete_add(v, names[i]);
}

static void
complete_types(struct complete_values *v, const char *typed)
{
	const struct omh_type	*t;
	size_t			 i;

	for (i = 0; i < OMH_TYPES; i++) {
		t = omh_type_at(i);
		if (complete_place(t->name, typed) >= 0 ||
		    complete_place(t->text, typed) >= 0 ||
		    (t->other_names != NULL &&
		    complete_place(t->other_names, typed) >= 0))
			complete_add(v, t->name);
	}
}

static void
complete_zones(struct complete_values *v, const char *typed)
{
	size_t	n = 0;

	while (complete_timezones[n] != NULL)
		n++;
	complete_names(v, complete_timezones, n, typed);
}

static void
complete_periods(struct complete_values *v, const char *typed)
{
	static const char *const	periods[] = {
		"7d", "14d", "30d", "90d", "4w", "12w", "3mo", "6mo", "1y"
	};

	complete_names(v, periods, sizeof(periods) / sizeof(periods[0]),
	    typed);
}

static void
complete_tables(struct complete_values *v, const char *typed)
{
	const struct mcp_resource	*r;
	const char			*name;
	size_t				 i, n;

	r = resources_offer(&n);
	for (i = 0; i < n; i++) {
		name = resource_table(r[i].uri);
		if (name != NULL && complete_place(name, typed) >= 0)
			complete_add(v, name);
	}
}

static const struct {
	enum complete_kind	 kind;
	void			(*find)(struct complete_values *v,
				    const char *typed);
} complete_tables_of[] = {
	{ COMPLETE_DATA_TYPE, complete_types },
	{ COMPLETE_TIMEZONE, complete_zones },
	{ COMPLETE_PERIOD, complete_periods },
	{ COMPLETE_TABLE, complete_tables }
};

bool
complete_known(struct complete_values *v, int kind, const char *value)
{
	size_t	i, n = sizeof(complete_tables_of) /
	    sizeof(complete_tables_of[0]);

	for (i = 0; i < n; i++)
		if ((int)complete_tables_of[i].kind == kind)
			complete_tables_of[i].find(v, value);
	return kind != COMPLETE_STUDY && kind != COMPLETE_PATIENT;
}

/* --- Studies and patients. ------------------------------------------------ */

static void
complete_destroy(struct complete *c)
{
	complete_values_free(&c->values);
	free(c);
}

void
complete_free(struct complete *c)
{
	if (c == NULL)
		return;
	/* Free at once if the db is done with it, else when it is. */
	if (c->detached)
		complete_destroy(c);
	else
		c->detached = true;
}

/* "30006 CGM & Wearables Demo", or the id alone. */
static int
complete_add_row(struct complete *c, const struct db_row *row, int id_column,
    const int *names, size_t nnames, int total_column)
{
	struct buf	value;
	const char	*text;
	size_t		 i, len;
	int64_t		 id, total;
	int		 error;

	if ((error = db_int(row, id_column, &id)) != 0 ||
	    (error = db_int(row, total_column, &total)) != 0)
		return error;
	buf_init(&value, COMPLETE_TEXT_MAX);
	buf_addf(&value, "%" PRId64, id);
	for (i = 0; i < nnames; i++) {
		text = db_text(row, names[i], &len);
		if (text == NULL || len == 0)
			continue;
		buf_addc(&value, ' ');
		text_clean(&value, text, len, COMPLETE_NAME_MAX);
	}
	error = buf_error(&value);
	if (error == 0)
		complete_add(&c->values, buf_string(&value));
	c->values.total = total < 0 ? 0 : (size_t)total;
	buf_free(&value);
	return error;
}

static int
complete_row(void *arg, size_t index, const struct db_row *row)
{
	static const int	study[] = { COL_STUDY_COMPLETE_NAME };
	static const int	patient[] = { COL_PATIENT_COMPLETE_GIVEN_NAME,
	    COL_PATIENT_COMPLETE_FAMILY_NAME };
	struct complete		*c = arg;

	(void)index;
	if (c->detached)
		return ERR_STATE;
	if (c->kind == COMPLETE_STUDY)
		return complete_add_row(c, row, COL_STUDY_COMPLETE_STUDY_ID,
		    study, 1, COL_STUDY_COMPLETE_TOTAL);
	return complete_add_row(c, row, COL_PATIENT_COMPLETE_PATIENT_ID,
	    patient, 2, COL_PATIENT_COMPLETE_TOTAL);
}

static void
complete_finish(void *arg, int error, enum db_error db_error)
{
	const char		*values[MCP_COMPLETIONS_MAX];
	struct mcp_completion	 completion = { 0 };
	struct complete		*c = arg;

	(void)db_error;
	if (c->detached) {
		complete_destroy(c);
		return;
	}
	if (error == 0)
		error = complete_values_get(&c->values, values, &completion);
	/* The db is done with it: from here on it is the caller's to free. */
	c->detached = true;
	c->done(c->arg, error, &completion);
}

/* Whether what is typed has enough of a name that names may be given. */
static bool
complete_has_name(const char *typed)
{
	typed += strspn(typed, "0123456789");
	typed += strspn(typed, " ");
	return text_characters(typed, strlen(typed)) >= COMPLETE_NAME_MIN;
}

static void
complete_params(struct db_params *p, int n, const struct tools_context *ctx)
{
	db_params_init(p, n);
	db_params_int(p, 0, ctx->person);
	if (ctx->narrowed)
		db_params_ints(p, 1, ctx->studies, ctx->nstudies);
}

static int
complete_submit(struct complete *c, struct db_params *p,
    enum db_statement statement, struct db *db)
{
	struct db_query	query = {
		.statement = statement, .row = complete_row
	};
	int		error;

	if ((error = db_params_done(p)) == 0) {
		query.params = p->values;
		query.nparams = p->n;
		error = db_submit(db, &query, 1, complete_finish, c);
	}
	db_params_free(p);
	return error;
}

static int
complete_studies(struct complete *c, const char *typed,
    const struct tools_context *ctx)
{
	struct db_params	p;

	complete_params(&p, PARS_STUDY_COMPLETE, ctx);
	db_params_text(&p, PAR_STUDY_COMPLETE_TYPED, typed, strlen(typed));
	db_params_int(&p, PAR_STUDY_COMPLETE_LIMIT, MCP_COMPLETIONS_MAX);
	return complete_submit(c, &p, DB_STUDY_COMPLETE, ctx->db);
}

/* 1: there is nothing to offer. */
static int
complete_patients(struct complete *c, const char *typed,
    const struct tools_context *ctx)
{
	bool			allowed, names;
	struct db_params	p;

	allowed = ctx->disclosure == TOOLS_IDENTIFIED &&
	    ctx->identity != TOOLS_IDENTITY_NEVER;
	names = allowed && (complete_has_name(typed) ||
	    ctx->identity == TOOLS_IDENTITY_ALWAYS);
	if (ctx->disclosure == TOOLS_AGGREGATE ||
	    (!names && !isdigit((unsigned char)typed[0])) ||
	    strlen(typed) < COMPLETE_NAME_MIN)
		return 1;
	complete_params(&p, PARS_PATIENT_COMPLETE, ctx);
	db_params_text(&p, PAR_PATIENT_COMPLETE_TYPED, typed, strlen(typed));
	db_params_bool(&p, PAR_PATIENT_COMPLETE_NAMES, names);
	db_params_int(&p, PAR_PATIENT_COMPLETE_LIMIT, COMPLETE_PATIENTS_MAX);
	return complete_submit(c, &p, DB_PATIENT_COMPLETE, ctx->db);
}

int
complete_start(struct complete **out, int kind, const char *value,
    const struct tools_context *ctx, complete_done_fn *done, void *arg)
{
	struct complete	*c;
	int		 r;

	*out = NULL;
	value += strspn(value, " ");
	if (strlen(value) > COMPLETE_TYPED_MAX)
		return 1;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return ERR_MEMORY;
	c->kind = kind;
	c->done = done;
	c->arg = arg;
	complete_values_init(&c->values);
	r = kind == COMPLETE_STUDY ? complete_studies(c, value, ctx) :
	    complete_patients(c, value, ctx);
	if (r == 0)
		*out = c;
	else
		complete_destroy(c);
	return r;
}
