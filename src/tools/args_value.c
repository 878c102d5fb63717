/* SPDX-License-Identifier: MIT */
/*
 * Values of arguments.  Runs in the worker.  They are a client's, so they
 * may be of any type and size; what is quoted in an error is cleaned and
 * cut.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "base/utf8.h"
#include "compat/compat.h"
#include "tools/args_value.h"
#include "tools/errors.h"
#include "tools/text.h"

/* Integers that a double holds without doubt: up to 2^53. */
#define ARGS_EXACT_MAX	9007199254740992.0
/* Characters of a client's text in an error. */
#define ARGS_QUOTE_MAX	60
/* Names of data types, which may come as an array. */
static const char *const	args_comma_lists[] = { "data_type" };

struct args_reader {
	const struct schema_property	*p;
	struct args_value		*v;
	struct buf			*error;
};

typedef int	args_read_fn(struct args_reader *r, struct json_object *value);

static int
args_refuse(struct args_reader *r, const char *what)
{
	errors_set(r->error, ERRORS_BAD_ARGUMENT, "%s %s. %s", r->p->name,
	    what, r->p->description);
	return ERR_FORMAT;
}

/* bad_argument: <name> "<text>" <what>. <description> */
static int
args_refuse_text(struct args_reader *r, const char *text, size_t len,
    const char *what)
{
	struct buf	quoted;

	buf_init(&quoted, ARGS_QUOTE_MAX * 8);
	text_clean(&quoted, text, len, ARGS_QUOTE_MAX);
	errors_set(r->error, ERRORS_BAD_ARGUMENT, "%s \"%s\" %s. %s",
	    r->p->name, buf_string(&quoted), what, r->p->description);
	buf_free(&quoted);
	return ERR_FORMAT;
}

static void
args_add_range(struct buf *out, const struct schema_property *p)
{
	const char	*above = p->exclusive_minimum ? "more than" :
			    "at least";
	const char	*below = p->exclusive_maximum ? "less than" :
			    "at most";

	if (p->has_minimum && p->has_maximum && !p->exclusive_minimum &&
	    !p->exclusive_maximum)
		buf_addf(out, "%g to %g", p->minimum, p->maximum);
	else {
		if (p->has_minimum)
			buf_addf(out, "%s %g", above, p->minimum);
		if (p->has_maximum)
			buf_addf(out, "%s%s %g", p->has_minimum ? " and " : "",
			    below, p->maximum);
	}
}

static int
args_check_range(struct args_reader *r, double value)
{
	const struct schema_property	*p = r->p;
	struct buf			 range;

	if (!(p->has_minimum && (value < p->minimum ||
	    (p->exclusive_minimum && value <= p->minimum))) &&
	    !(p->has_maximum && (value > p->maximum ||
	    (p->exclusive_maximum && value >= p->maximum))))
		return 0;
	buf_init(&range, 128);
	args_add_range(&range, p);
	errors_set(r->error, ERRORS_BAD_ARGUMENT,
	    "%s %.15g is out of range: it is %s. %s", p->name, value,
	    buf_string(&range), p->description);
	buf_free(&range);
	return ERR_FORMAT;
}

/* An integer in any of its forms; ERR_FORMAT without a text if it is none. */
static int
args_to_integer(struct json_object *value, int64_t *integer)
{
	double	d;

	switch (json_object_get_type(value)) {
	case json_type_int:
		if (json_object_get_int64(value) == INT64_MAX &&
		    json_object_get_uint64(value) > INT64_MAX)
			return ERR_FORMAT;
		*integer = json_object_get_int64(value);
		return 0;
	case json_type_double:
		d = json_object_get_double(value);
		if (!isfinite(d) || d != floor(d) || fabs(d) > ARGS_EXACT_MAX)
			return ERR_FORMAT;
		*integer = (int64_t)d;
		return 0;
	case json_type_string:
		if (num_parse(json_object_get_string(value),
		    (size_t)json_object_get_string_len(value), INT64_MIN,
		    INT64_MAX, integer) != 0)
			return ERR_FORMAT;
		return 0;
	default:
		return ERR_FORMAT;
	}
}

static int
args_read_integer(struct args_reader *r, struct json_object *value)
{
	if (args_to_integer(value, &r->v->integer) != 0)
		return args_refuse(r, "is not a whole number");
	return args_check_range(r, (double)r->v->integer);
}

/* A decimal number; strtod() would take more than that. */
static double
args_to_number(const char *text, size_t len)
{
	double	 d;
	char	*end;

	if (len == 0 || strspn(text, "0123456789+-.eE") != len)
		return NAN;
	d = strtod(text, &end);
	return *end == '\0' ? d : NAN;
}

/* A number in any of its forms; NaN if it is none. */
static double
args_to_double(struct json_object *value)
{
	if (json_object_is_type(value, json_type_double) ||
	    json_object_is_type(value, json_type_int))
		return json_object_get_double(value);
	if (json_object_is_type(value, json_type_string))
		return args_to_number(json_object_get_string(value),
		    (size_t)json_object_get_string_len(value));
	return NAN;
}

static int
args_read_number(struct args_reader *r, struct json_object *value)
{
	double	d = args_to_double(value);

	if (!isfinite(d))
		return args_refuse(r, "is not a number");
	r->v->number = d;
	return args_check_range(r, d);
}

static int
args_read_boolean(struct args_reader *r, struct json_object *value)
{
	const char	*text;

	if (json_object_is_type(value, json_type_boolean)) {
		r->v->integer = json_object_get_boolean(value);
		return 0;
	}
	text = json_object_get_string(value);
	if (json_object_is_type(value, json_type_string)) {
		r->v->integer = strcasecmp(text, "true") == 0;
		if (r->v->integer || strcasecmp(text, "false") == 0)
			return 0;
	}
	return args_refuse(r, "is neither true nor false");
}

static int
args_read_choice(struct args_reader *r, const char *text, size_t len,
    int64_t *index)
{
	struct buf	what;
	size_t		i;
	int		choice = schema_choice(r->p, text), error;

	if (choice >= 0 && strlen(text) == len) {
		*index = choice;
		return 0;
	}
	buf_init(&what, 1024);
	buf_adds(&what, "is not known here; possible: ");
	for (i = 0; i < r->p->nchoices; i++)
		buf_addf(&what, "%s%s", i > 0 ? ", " : "", r->p->choices[i]);
	error = args_refuse_text(r, text, len, buf_string(&what));
	buf_free(&what);
	return error;
}

static int
args_check_text(struct args_reader *r, const char *text, size_t len)
{
	size_t	n = text_characters(text, len);

	if (memchr(text, '\0', len) != NULL || !utf8_valid(text, len))
		return args_refuse(r, "has a character that no text has");
	if (r->p->min_length >= 0 && n < (size_t)r->p->min_length) {
		errors_set(r->error, ERRORS_BAD_ARGUMENT, "%s is too short: it "
		    "has at least %" PRId64 " characters. %s", r->p->name,
		    r->p->min_length, r->p->description);
		return ERR_FORMAT;
	}
	if (r->p->max_length >= 0 && n > (size_t)r->p->max_length) {
		errors_set(r->error, ERRORS_BAD_ARGUMENT, "%s is too long: it "
		    "has at most %" PRId64 " characters. %s", r->p->name,
		    r->p->max_length, r->p->description);
		return ERR_FORMAT;
	}
	if (r->p->has_pattern &&
	    regexec(&r->p->pattern, text, 0, NULL, 0) != 0)
		return args_refuse_text(r, text, len, "is not understood");
	return 0;
}

/* ["a","b"] where "a,b" is meant. */
static int
args_join(struct args_reader *r, struct json_object *array, struct buf *out)
{
	struct json_object	*item;
	size_t			 i, n = json_object_array_length(array);

	for (i = 0; i < n; i++) {
		item = json_object_array_get_idx(array, i);
		if (!json_object_is_type(item, json_type_string))
			return args_refuse(r, "is not text");
		if (i > 0)
			buf_addc(out, ',');
		buf_add(out, json_object_get_string(item),
		    (size_t)json_object_get_string_len(item));
	}
	return buf_error(out);
}

static bool
args_is_comma_list(const struct schema_property *p)
{
	size_t	i;

	for (i = 0; i < sizeof(args_comma_lists) / sizeof(args_comma_lists[0]);
	    i++) {
		if (strcmp(p->name, args_comma_lists[i]) == 0)
			return true;
	}
	return false;
}

static int
args_read_string(struct args_reader *r, struct json_object *value)
{
	struct buf	text;
	int		error;

	buf_init(&text, SIZE_MAX / 2);
	if (json_object_is_type(value, json_type_array) &&
	    args_is_comma_list(r->p)) {
		if ((error = args_join(r, value, &text)) != 0)
			goto out;
	} else if (json_object_is_type(value, json_type_string)) {
		buf_add(&text, json_object_get_string(value),
		    (size_t)json_object_get_string_len(value));
		if ((error = buf_error(&text)) != 0)
			goto out;
	} else {
		error = args_refuse(r, "is not text");
		goto out;
	}
	if (r->p->nchoices > 0)
		error = args_read_choice(r, buf_string(&text), text.len,
		    &r->v->integer);
	else
		error = args_check_text(r, buf_string(&text), text.len);
	if (error == 0 && (r->v->string = strdup(buf_string(&text))) == NULL)
		error = ERR_MEMORY;
out:
	buf_free(&text);
	return error;
}

/* A list of free text is one text with commas; elements have none. */
static int
args_add_text(struct args_reader *r, const char *text, size_t len)
{
	const char	*before = r->v->string != NULL ? r->v->string : "";
	struct buf	 joined;
	int		 error;

	if (len == 0 || memchr(text, ',', len) != NULL)
		return args_refuse_text(r, text, len, "is not understood");
	if ((error = args_check_text(r, text, len)) != 0)
		return error;
	if (r->p->max_items >= 0 && r->v->nitems >= (size_t)r->p->max_items)
		return args_refuse(r, "has too many elements");
	buf_init(&joined, SIZE_MAX / 2);
	buf_addf(&joined, "%s%s%s", before, *before != '\0' ? "," : "", text);
	error = buf_error(&joined);
	free(r->v->string);
	r->v->string = error == 0 ? strdup(buf_string(&joined)) : NULL;
	buf_free(&joined);
	if (error != 0 || r->v->string == NULL)
		return ERR_MEMORY;
	r->v->nitems++;
	return 0;
}

/* An element of a list as the list keeps it: numbers as their bits. */
static int
args_read_item(struct args_reader *r, struct json_object *item, int64_t *value)
{
	double	d;

	if (r->p->item == SCHEMA_INTEGER) {
		if (args_to_integer(item, value) != 0)
			return args_refuse(r, "has an element that is not a "
			    "whole number");
		return args_check_range(r, (double)*value);
	}
	if (r->p->item == SCHEMA_NUMBER) {
		if (!isfinite(d = args_to_double(item)))
			return args_refuse(r, "has an element that is not a "
			    "number");
		memcpy(value, &d, sizeof(d));
		return args_check_range(r, d);
	}
	if (!json_object_is_type(item, json_type_string))
		return args_refuse(r, "has an element that is not text");
	return args_read_choice(r, json_object_get_string(item),
	    (size_t)json_object_get_string_len(item), value);
}

static int
args_add_item(struct args_reader *r, struct json_object *item)
{
	int64_t	*items, value = 0;
	size_t	 i;
	int	 error;

	if (schema_is_texts(r->p) &&
	    json_object_is_type(item, json_type_string))
		return args_add_text(r, json_object_get_string(item),
		    (size_t)json_object_get_string_len(item));
	if ((error = args_read_item(r, item, &value)) != 0)
		return error;
	for (i = 0; i < r->v->nitems; i++) {
		if (r->v->items[i] == value)
			return 0;
	}
	if ((r->p->max_items >= 0 && r->v->nitems >= (size_t)r->p->max_items) ||
	    r->v->nitems == ARGS_ITEMS_MAX)
		return args_refuse(r, "has too many elements");
	items = recallocarray(r->v->items, r->v->nitems, r->v->nitems + 1,
	    sizeof(*items));
	if (items == NULL)
		return ERR_MEMORY;
	r->v->items = items;
	items[r->v->nitems++] = value;
	return 0;
}

/* "a, b": one text where a list is meant. */
static int
args_split(struct args_reader *r, const char *text)
{
	struct json_object	*item;
	size_t			 n;
	int			 error = 0;

	while (error == 0 && *text != '\0') {
		text += strspn(text, ", ");
		n = strcspn(text, ", ");
		if (n == 0)
			break;
		item = json_object_new_string_len(text, (int)n);
		error = item == NULL ? ERR_MEMORY : args_add_item(r, item);
		json_object_put(item);
		text += n;
	}
	return error;
}

static int
args_read_list(struct args_reader *r, struct json_object *value)
{
	size_t	i, n;
	int	error = 0;

	if (json_object_is_type(value, json_type_string))
		return args_split(r, json_object_get_string(value));
	if (!json_object_is_type(value, json_type_array))
		return args_add_item(r, value);
	n = json_object_array_length(value);
	for (i = 0; i < n && error == 0; i++)
		error = args_add_item(r, json_object_array_get_idx(value, i));
	return error;
}

static args_read_fn *const	args_readers[] = {
	[SCHEMA_STRING] = args_read_string,
	[SCHEMA_INTEGER] = args_read_integer,
	[SCHEMA_NUMBER] = args_read_number,
	[SCHEMA_BOOLEAN] = args_read_boolean,
	[SCHEMA_LIST] = args_read_list
};

int
args_value_read(struct args_value *v, const struct schema_property *p,
    struct json_object *value, struct buf *error)
{
	struct args_reader	reader = { p, v, error };
	int			result;

	result = args_readers[p->type](&reader, value);
	/* An empty list asks for nothing, as if it were not there. */
	v->present = result == 0 && (p->type != SCHEMA_LIST || v->nitems > 0);
	return result;
}

void
args_value_clear(struct args_value *v)
{
	if (v->string != NULL)
		freezero(v->string, strlen(v->string));
	free(v->items);
	memset(v, 0, sizeof(*v));
}

static bool
args_list_equal(const struct args_value *a, const struct args_value *b)
{
	size_t	i, k;

	if (a->nitems != b->nitems)
		return false;
	for (i = 0; i < a->nitems; i++) {
		for (k = 0; k < b->nitems && b->items[k] != a->items[i]; k++)
			continue;
		if (k == b->nitems)
			return false;
	}
	return true;
}

/* Given, and the same as the default. */
static bool
args_value_default(const struct schema_property *p, const struct args_value *v)
{
	if (!p->has_default)
		return false;
	if (p->type == SCHEMA_STRING)
		return p->default_string != NULL &&
		    strcmp(v->string, p->default_string) == 0;
	return v->integer == p->default_integer;
}

bool
args_value_equal(const struct schema_property *p, const struct args_value *a,
    const struct args_value *b)
{
	if (!a->present && !b->present)
		return true;
	if (!a->present || !b->present)
		return args_value_default(p, a->present ? a : b);
	switch (p->type) {
	case SCHEMA_STRING:
		return strcmp(a->string, b->string) == 0;
	case SCHEMA_NUMBER:
		return a->number == b->number;
	case SCHEMA_LIST:
		return schema_is_texts(p) ? strcmp(a->string, b->string) == 0 :
		    args_list_equal(a, b);
	default:
		return a->integer == b->integer;
	}
}
