/* SPDX-License-Identifier: MIT */
/*
 * Reading of inputSchemas.  Runs in the worker at its start; the texts are
 * this program's own, so that a fault in one is found by the unit tests.
 */
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/err.h"
#include "tools/schema.h"

static const char *const	schema_types[] = {
	[SCHEMA_STRING] = "string",
	[SCHEMA_INTEGER] = "integer",
	[SCHEMA_NUMBER] = "number",
	[SCHEMA_BOOLEAN] = "boolean",
	[SCHEMA_LIST] = "array"
};

typedef int	schema_keyword_fn(struct schema_property *p,
		    struct json_object *value);

static int
schema_copy(char **to, struct json_object *value)
{
	if (!json_object_is_type(value, json_type_string))
		return ERR_FORMAT;
	free(*to);
	*to = strdup(json_object_get_string(value));
	return *to == NULL ? ERR_MEMORY : 0;
}

static int
schema_type(enum schema_type *type, struct json_object *value)
{
	const char	*name = json_object_get_string(value);
	size_t		 i;

	for (i = 0; i < sizeof(schema_types) / sizeof(schema_types[0]); i++) {
		if (name != NULL && strcmp(name, schema_types[i]) == 0) {
			*type = (enum schema_type)i;
			return 0;
		}
	}
	return ERR_UNSUPPORTED;
}

static int
schema_set_type(struct schema_property *p, struct json_object *value)
{
	return schema_type(&p->type, value);
}

static int
schema_set_description(struct schema_property *p, struct json_object *value)
{
	return schema_copy(&p->description, value);
}

static int
schema_set_minimum(struct schema_property *p, struct json_object *value)
{
	p->has_minimum = true;
	p->minimum = json_object_get_double(value);
	return 0;
}

static int
schema_set_maximum(struct schema_property *p, struct json_object *value)
{
	p->has_maximum = true;
	p->maximum = json_object_get_double(value);
	return 0;
}

static int
schema_set_above(struct schema_property *p, struct json_object *value)
{
	p->exclusive_minimum = true;
	return schema_set_minimum(p, value);
}

static int
schema_set_below(struct schema_property *p, struct json_object *value)
{
	p->exclusive_maximum = true;
	return schema_set_maximum(p, value);
}

static int
schema_set_min_length(struct schema_property *p, struct json_object *value)
{
	p->min_length = json_object_get_int64(value);
	return 0;
}

static int
schema_set_max_length(struct schema_property *p, struct json_object *value)
{
	p->max_length = json_object_get_int64(value);
	return 0;
}

static int
schema_set_max_items(struct schema_property *p, struct json_object *value)
{
	p->max_items = json_object_get_int64(value);
	return 0;
}

static int
schema_set_pattern(struct schema_property *p, struct json_object *value)
{
	if (p->has_pattern || regcomp(&p->pattern,
	    json_object_get_string(value), REG_EXTENDED | REG_NOSUB) != 0)
		return ERR_FORMAT;
	p->has_pattern = true;
	return 0;
}

static int
schema_set_default(struct schema_property *p, struct json_object *value)
{
	p->has_default = true;
	if (json_object_is_type(value, json_type_string))
		return schema_copy(&p->default_string, value);
	if (json_object_is_type(value, json_type_boolean))
		p->default_integer = json_object_get_boolean(value);
	else if (json_object_is_type(value, json_type_int))
		p->default_integer = json_object_get_int64(value);
	else
		return ERR_UNSUPPORTED;
	return 0;
}

static int
schema_set_choices(struct schema_property *p, struct json_object *value)
{
	size_t	i, n = json_object_array_length(value);
	int	error;

	if (n > SCHEMA_CHOICES_MAX || p->nchoices > 0)
		return ERR_UNSUPPORTED;
	for (i = 0; i < n; i++) {
		if ((error = schema_copy(&p->choices[i],
		    json_object_array_get_idx(value, i))) != 0)
			return error;
		p->nchoices = i + 1;
	}
	return 0;
}

static int
schema_set_items(struct schema_property *p, struct json_object *value)
{
	struct json_object_iterator	it, end;
	int				error = 0;

	it = json_object_iter_begin(value);
	end = json_object_iter_end(value);
	for (; !json_object_iter_equal(&it, &end) && error == 0;
	    json_object_iter_next(&it)) {
		const char		*key = json_object_iter_peek_name(&it);
		struct json_object	*v = json_object_iter_peek_value(&it);

		if (strcmp(key, "enum") == 0)
			error = schema_set_choices(p, v);
		else if (strcmp(key, "type") == 0)
			error = schema_type(&p->item, v);
		else if (strcmp(key, "minimum") == 0)
			error = schema_set_minimum(p, v);
		else if (strcmp(key, "maximum") == 0)
			error = schema_set_maximum(p, v);
		else
			error = ERR_UNSUPPORTED;
	}
	if (error == 0 && p->item != SCHEMA_STRING &&
	    p->item != SCHEMA_INTEGER && p->item != SCHEMA_NUMBER)
		error = ERR_UNSUPPORTED;
	return error;
}

static const struct {
	const char		*keyword;
	schema_keyword_fn	*set;
} schema_keywords[] = {
	{ "type",		schema_set_type },
	{ "description",	schema_set_description },
	{ "minimum",		schema_set_minimum },
	{ "maximum",		schema_set_maximum },
	{ "exclusiveMinimum",	schema_set_above },
	{ "exclusiveMaximum",	schema_set_below },
	{ "minLength",		schema_set_min_length },
	{ "maxLength",		schema_set_max_length },
	{ "maxItems",		schema_set_max_items },
	{ "pattern",		schema_set_pattern },
	{ "default",		schema_set_default },
	{ "enum",		schema_set_choices },
	{ "items",		schema_set_items }
};

static int
schema_keyword(struct schema_property *p, const char *keyword,
    struct json_object *value)
{
	size_t	i;

	for (i = 0; i < sizeof(schema_keywords) / sizeof(schema_keywords[0]);
	    i++) {
		if (strcmp(keyword, schema_keywords[i].keyword) == 0)
			return schema_keywords[i].set(p, value);
	}
	return ERR_UNSUPPORTED;
}

static int
schema_add(struct schema *s, const char *name, struct json_object *value)
{
	struct json_object_iterator	 it, end;
	struct schema_property		*p;
	int				 error = 0;

	if (s->nproperties == SCHEMA_PROPERTIES_MAX ||
	    !json_object_is_type(value, json_type_object))
		return ERR_UNSUPPORTED;
	p = &s->properties[s->nproperties++];
	p->min_length = p->max_length = p->max_items = -1;
	if ((p->name = strdup(name)) == NULL ||
	    (p->description = strdup("")) == NULL)
		return ERR_MEMORY;
	it = json_object_iter_begin(value);
	end = json_object_iter_end(value);
	for (; !json_object_iter_equal(&it, &end) && error == 0;
	    json_object_iter_next(&it))
		error = schema_keyword(p, json_object_iter_peek_name(&it),
		    json_object_iter_peek_value(&it));
	return error;
}

static int
schema_require(struct schema *s, struct json_object *required)
{
	size_t	i, n = json_object_array_length(required);
	int	index;

	for (i = 0; i < n; i++) {
		index = schema_find(s, json_object_get_string(
		    json_object_array_get_idx(required, i)));
		if (index < 0)
			return ERR_FORMAT;
		s->properties[index].required = true;
	}
	return 0;
}

int
schema_parse(struct schema *s, const char *text)
{
	struct json_object_iterator	 it, end;
	struct json_object		*tree, *properties, *value;
	int				 error = ERR_FORMAT;

	memset(s, 0, sizeof(*s));
	tree = json_tokener_parse(text);
	if (!json_object_object_get_ex(tree, "properties", &properties) ||
	    !json_object_object_get_ex(tree, "additionalProperties", &value) ||
	    json_object_get_boolean(value))
		goto out;
	error = 0;
	it = json_object_iter_begin(properties);
	end = json_object_iter_end(properties);
	for (; !json_object_iter_equal(&it, &end) && error == 0;
	    json_object_iter_next(&it))
		error = schema_add(s, json_object_iter_peek_name(&it),
		    json_object_iter_peek_value(&it));
	if (error == 0 && json_object_object_get_ex(tree, "required", &value))
		error = schema_require(s, value);
out:
	json_object_put(tree);
	if (error != 0)
		schema_free(s);
	return error;
}

void
schema_free(struct schema *s)
{
	struct schema_property	*p;
	size_t			 i, k;

	for (i = 0; i < s->nproperties; i++) {
		p = &s->properties[i];
		free(p->name);
		free(p->description);
		free(p->default_string);
		for (k = 0; k < SCHEMA_CHOICES_MAX; k++)
			free(p->choices[k]);
		if (p->has_pattern)
			regfree(&p->pattern);
	}
	memset(s, 0, sizeof(*s));
}

int
schema_find(const struct schema *s, const char *name)
{
	size_t	i;

	for (i = 0; i < s->nproperties; i++) {
		if (strcmp(s->properties[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

bool
schema_is_texts(const struct schema_property *p)
{
	return p->type == SCHEMA_LIST && p->item == SCHEMA_STRING &&
	    p->nchoices == 0;
}

int
schema_choice(const struct schema_property *p, const char *value)
{
	size_t	i;

	for (i = 0; i < p->nchoices; i++) {
		if (strcmp(p->choices[i], value) == 0)
			return (int)i;
	}
	return -1;
}
