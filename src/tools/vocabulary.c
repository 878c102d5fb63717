/* SPDX-License-Identifier: MIT */
/*
 * get_omh_schema.  Runs in the worker.  The name is a client's; everything
 * that is answered is of our own tables, so that no query is made.
 */
#include <string.h>

#include "omh/schema.h"
#include "omh/types.h"
#include "tools/call.h"
#include "tools/text.h"
#include "tools/vocabulary.h"

/* Characters of an unknown name that are said back. */
#define VOCABULARY_SHOWN	80

/* "a, b" of what is not in the list yet. */
static void
vocabulary_join(struct buf *list, const char *one)
{
	const char	*at = buf_string(list);
	size_t		 len = strlen(one), n;

	while (*at != '\0') {
		n = strcspn(at, ",");
		if (n == len && strncmp(at, one, len) == 0)
			return;
		at += n + strspn(at + n, ", ");
	}
	buf_addf(list, "%s%s", list->len > 0 ? ", " : "", one);
}

/* Measures that are numbers, and the units they have. */
static void
vocabulary_measures(struct json *j, const struct omh_type *t)
{
	const struct omh_measure	*m;
	struct buf			 names, units;
	size_t				 i;

	buf_init(&names, TOOLS_RESULT_MAX);
	buf_init(&units, TOOLS_RESULT_MAX);
	for (i = 0; i < t->nmeasures; i++) {
		m = &t->measures[i];
		if (m->kind != OMH_NUMBER)
			continue;
		vocabulary_join(&names, m->name);
		if (m->unit != NULL)
			vocabulary_join(&units, m->unit);
	}
	json_string(j, buf_string(&names));
	json_string(j, buf_string(&units));
	buf_free(&names);
	buf_free(&units);
}

static void
vocabulary_row(struct json *j, const struct omh_type *t)
{
	json_array_begin(j);
	json_string(j, t->name);
	json_stringf(j, "%s:%s:%s", t->space, t->name, t->version);
	vocabulary_measures(j, t);
	json_string(j, omh_analysis_name(t->analysed_as));
	if (t->other_names != NULL)
		json_string(j, t->other_names);
	else
		json_null(j);
	json_array_end(j);
}

static int
vocabulary_list(struct tools_call *call)
{
	static const char *const	columns[] = { "data_type", "code",
	    "measures", "unit", "analysed_as", "other_names" };
	struct json			*j = &call->result.head;
	size_t				 i;

	buf_addf(&call->result.summary, "%d data types are known; %s and "
	    "others with data are listed by get_study_metadata and "
	    "summarize_patient_observations.", OMH_TYPES,
	    omh_type_at(0)->name);
	json_key(j, "columns");
	json_array_begin(j);
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		json_string(j, columns[i]);
	json_array_end(j);
	json_key(j, "rows");
	json_array_begin(j);
	for (i = 0; i < OMH_TYPES; i++)
		vocabulary_row(j, omh_type_at(i));
	json_array_end(j);
	return call_finish(call, NULL, NULL);
}

static int
vocabulary_one(struct tools_call *call, const struct omh_type *t)
{
	struct json	*j = &call->result.head;

	buf_addf(&call->result.summary, "%s: the JSON Schema of its body, "
	    "%s:%s:%s. Stored rows may differ from it.", t->text, t->space,
	    t->name, t->version);
	json_key(j, "name");
	json_string(j, t->name);
	json_key(j, "schema");
	omh_schema_write(j, t);
	return call_finish(call, NULL, NULL);
}

static int
vocabulary_unknown(struct tools_call *call, const char *name)
{
	const struct omh_type	*near = omh_type_nearest(name, strlen(name));
	struct buf		 shown;

	buf_init(&shown, ERRORS_TEXT_MAX);
	text_clean(&shown, name, strlen(name), VOCABULARY_SHOWN);
	errors_set(&call->error, ERRORS_UNKNOWN_TYPE, "\"%s\" is not a data "
	    "type that has a schema here.%s%s%s get_omh_schema without a name "
	    "lists all.", buf_string(&shown), near != NULL ? " Nearest: " : "",
	    near != NULL ? near->name : "", near != NULL ? "." : "");
	buf_free(&shown);
	return 0;
}

static int
vocabulary_start(struct tools_call *call)
{
	const char		*name = args_string(&call->args, "name");
	const struct omh_type	*t;

	if (name == NULL || *name == '\0')
		return vocabulary_list(call);
	t = omh_type_find(name, strlen(name));
	return t == NULL ? vocabulary_unknown(call, name) :
	    vocabulary_one(call, t);
}

const struct tool_ops	vocabulary_tool = {
	.name = "get_omh_schema",
	.about = TOOL_ABOUT_NOTHING,
	.start = vocabulary_start
};
