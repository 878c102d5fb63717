/* SPDX-License-Identifier: MIT */
/*
 * The arguments of a call.  Runs in the worker.  The object is a client's:
 * names and values may be anything that JSON can hold.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "base/buf.h"
#include "base/err.h"
#include "tools/args.h"
#include "tools/args_value.h"
#include "tools/errors.h"
#include "tools/text.h"

/* Longer names are not compared with ours. */
#define ARGS_NAME_MAX	40
/* More edits than this are another word. */
#define ARGS_EDITS_MAX	3

/* Other names that models and other servers use. */
static const struct {
	const char	*alias;
	const char	*name;
} args_aliases[] = {
	{ "studyId",	"study_id" },
	{ "patientId",	"patient_id" },
	{ "birth_date",	"birthdate" },
	{ "data_types",	"data_type" },
	{ "type",	"data_type" },
	{ "from",	"start" },
	{ "since",	"start" },
	{ "to",		"end" },
	{ "until",	"end" }
};

static int
args_find(const struct schema *s, const char *name)
{
	size_t	i;
	int	index = schema_find(s, name);

	for (i = 0; index < 0 &&
	    i < sizeof(args_aliases) / sizeof(args_aliases[0]); i++) {
		if (strcmp(name, args_aliases[i].alias) == 0)
			index = schema_find(s, args_aliases[i].name);
	}
	return index;
}

/* Letters to insert, drop or replace to make b of a. */
static unsigned int
args_edits(const char *a, size_t alen, const char *b, size_t blen)
{
	unsigned int	row[ARGS_NAME_MAX + 1], before, above;
	size_t		i, k;

	for (k = 0; k <= blen; k++)
		row[k] = (unsigned int)k;
	for (i = 1; i <= alen; i++) {
		before = row[0];
		row[0] = (unsigned int)i;
		for (k = 1; k <= blen; k++) {
			above = row[k];
			if (a[i - 1] != b[k - 1])
				before++;
			if (above + 1 < before)
				before = above + 1;
			if (row[k - 1] + 1 < before)
				before = row[k - 1] + 1;
			row[k] = before;
			before = above;
		}
	}
	return row[blen];
}

/* How far a name is from ours; a beginning of it is near. */
static unsigned int
args_distance(const char *given, const char *name)
{
	size_t	glen = strlen(given), nlen = strlen(name);

	if (glen > ARGS_NAME_MAX || nlen > ARGS_NAME_MAX)
		return ARGS_EDITS_MAX + 1;
	if (glen >= 3 && nlen >= 3 &&
	    strncmp(given, name, glen < nlen ? glen : nlen) == 0)
		return 1;
	return args_edits(given, glen, name, nlen);
}

static const char *
args_nearest(const struct schema *s, const char *given)
{
	const char	*nearest = NULL;
	unsigned int	 least = ARGS_EDITS_MAX + 1, d;
	size_t		 i;

	for (i = 0; i < s->nproperties; i++) {
		d = args_distance(given, s->properties[i].name);
		if (d < least) {
			least = d;
			nearest = s->properties[i].name;
		}
	}
	return nearest;
}

static int
args_refuse_name(const struct schema *s, const char *tool, const char *given,
    struct buf *error)
{
	const char	*nearest = args_nearest(s, given);
	struct buf	 quoted, names;
	size_t		 i;

	buf_init(&quoted, 512);
	buf_init(&names, 1024);
	text_clean(&quoted, given, strlen(given), ARGS_NAME_MAX);
	for (i = 0; i < s->nproperties; i++)
		buf_addf(&names, "%s%s", i > 0 ? ", " : "",
		    s->properties[i].name);
	if (nearest != NULL)
		errors_set(error, ERRORS_BAD_ARGUMENT, "\"%s\" is not an "
		    "argument of %s; did you mean %s?", buf_string(&quoted),
		    tool, nearest);
	else
		errors_set(error, ERRORS_BAD_ARGUMENT, "\"%s\" is not an "
		    "argument of %s; it takes %s.", buf_string(&quoted), tool,
		    s->nproperties > 0 ? buf_string(&names) : "none");
	buf_free(&quoted);
	buf_free(&names);
	return ERR_FORMAT;
}

/* The first page may be asked for by number; others go by cursor. */
static int
args_page(struct json_object *value, struct buf *error)
{
	const char	*text = json_object_get_string(value);

	if (text != NULL && (strcmp(text, "1") == 0 ||
	    strcmp(text, "1.0") == 0))
		return 0;
	errors_set(error, ERRORS_BAD_ARGUMENT, "page can only be 1. For the "
	    "next page send cursor with the next_cursor of the answer before.");
	return ERR_FORMAT;
}

static int
args_take(struct args *a, const char *tool, const char *name,
    struct json_object *value, struct buf *error)
{
	const struct schema	*s = a->schema;
	int			 i = args_find(s, name);

	if (i < 0 && strcmp(name, "page") == 0 &&
	    schema_find(s, "cursor") >= 0)
		return json_object_is_type(value, json_type_null) ? 0 :
		    args_page(value, error);
	if (i < 0)
		return args_refuse_name(s, tool, name, error);
	if (json_object_is_type(value, json_type_null))
		return 0;
	if (a->values[i].present) {
		errors_set(error, ERRORS_BAD_ARGUMENT, "%s is given twice, by "
		    "two names. Send it once.", s->properties[i].name);
		return ERR_FORMAT;
	}
	return args_value_read(&a->values[i], &s->properties[i], value, error);
}

int
args_parse(struct args *a, const struct schema *schema, const char *tool,
    struct json_object *object, struct buf *error)
{
	struct json_object_iterator	it, end;
	size_t				i;
	int				result = 0;

	memset(a, 0, sizeof(*a));
	a->schema = schema;
	if (object != NULL && !json_object_is_type(object, json_type_object)) {
		errors_set(error, ERRORS_BAD_ARGUMENT,
		    "the arguments of %s are not an object.", tool);
		return ERR_FORMAT;
	}
	if (object != NULL) {
		it = json_object_iter_begin(object);
		end = json_object_iter_end(object);
		for (; !json_object_iter_equal(&it, &end) && result == 0;
		    json_object_iter_next(&it))
			result = args_take(a, tool,
			    json_object_iter_peek_name(&it),
			    json_object_iter_peek_value(&it), error);
	}
	for (i = 0; i < schema->nproperties && result == 0; i++) {
		if (!schema->properties[i].required || a->values[i].present)
			continue;
		errors_set(error, ERRORS_BAD_ARGUMENT, "%s is missing. %s",
		    schema->properties[i].name,
		    schema->properties[i].description);
		result = ERR_FORMAT;
	}
	return result;
}

void
args_free(struct args *a)
{
	size_t	i;

	for (i = 0; i < SCHEMA_PROPERTIES_MAX; i++)
		args_value_clear(&a->values[i]);
	a->schema = NULL;
}

static const struct args_value *
args_get(const struct args *a, const char *name,
    const struct schema_property **property)
{
	int	i = schema_find(a->schema, name);

	if (i < 0)
		return NULL;
	*property = &a->schema->properties[i];
	return &a->values[i];
}

bool
args_has(const struct args *a, const char *name)
{
	const struct schema_property	*p;
	const struct args_value		*v = args_get(a, name, &p);

	return v != NULL && v->present;
}

int64_t
args_integer(const struct args *a, const char *name)
{
	const struct schema_property	*p;
	const struct args_value		*v = args_get(a, name, &p);

	if (v == NULL)
		return 0;
	return v->present ? v->integer : p->default_integer;
}

double
args_number(const struct args *a, const char *name)
{
	const struct schema_property	*p;
	const struct args_value		*v = args_get(a, name, &p);

	return v != NULL && v->present ? v->number : NAN;
}

bool
args_boolean(const struct args *a, const char *name)
{
	return args_integer(a, name) != 0;
}

const char *
args_string(const struct args *a, const char *name)
{
	const struct schema_property	*p;
	const struct args_value		*v = args_get(a, name, &p);

	if (v == NULL)
		return NULL;
	return v->present ? v->string : p->default_string;
}

bool
args_list_has(const struct args *a, const char *name, const char *choice)
{
	const struct schema_property	*p;
	const struct args_value		*v = args_get(a, name, &p);
	size_t				 i;
	int				 index;

	if (v == NULL || (index = schema_choice(p, choice)) < 0)
		return false;
	for (i = 0; i < v->nitems; i++) {
		if (v->items[i] == index)
			return true;
	}
	return false;
}

const int64_t *
args_list(const struct args *a, const char *name, size_t *n)
{
	const struct schema_property	*p;
	const struct args_value		*v = args_get(a, name, &p);

	*n = v != NULL ? v->nitems : 0;
	return v != NULL ? v->items : NULL;
}

size_t
args_list_numbers(const struct args *a, const char *name, double *values,
    size_t max)
{
	const struct schema_property	*p;
	const struct args_value		*v = args_get(a, name, &p);
	size_t				 i;

	if (v == NULL || p->item != SCHEMA_NUMBER)
		return 0;
	for (i = 0; i < v->nitems && i < max; i++)
		memcpy(&values[i], &v->items[i], sizeof(values[i]));
	return v->nitems;
}
