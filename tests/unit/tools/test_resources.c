/* SPDX-License-Identifier: MIT */
/* What resources there are, and those that need no database. */
#include <json-c/json.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "db/db.h"
#include "omh/types.h"
#include "tools/resources.h"

/* No table is read here. */
int
db_submit(struct db *d, const struct db_query *queries, size_t n,
    db_done_fn *done, void *arg)
{
	(void)d;
	(void)queries;
	(void)n;
	(void)done;
	(void)arg;
	return ERR_CLOSED;
}

const char *
db_text(const struct db_row *row, int column, size_t *len)
{
	(void)row;
	(void)column;
	(void)len;
	return NULL;
}

bool
db_is_null(const struct db_row *row, int column)
{
	(void)row;
	(void)column;
	return true;
}

int
db_bool(const struct db_row *row, int column, bool *value)
{
	(void)row;
	(void)column;
	(void)value;
	return ERR_NOT_FOUND;
}

int
db_int(const struct db_row *row, int column, int64_t *value)
{
	(void)row;
	(void)column;
	(void)value;
	return ERR_NOT_FOUND;
}

/* Each data type has its resource, by the name the table has. */
static void
test_types(void **state)
{
	const struct mcp_resource	*r;
	char				 uri[128];
	size_t				 i, k, n;

	(void)state;
	r = resources_offer(&n);
	for (i = 0; i < OMH_TYPES; i++) {
		snprintf(uri, sizeof(uri), "omh://schema/%s",
		    omh_type_at(i)->name);
		for (k = 0; k < n && strcmp(r[k].uri, uri) != 0; k++)
			continue;
		assert_true(k < n);
		assert_string_equal(r[k].title, omh_type_at(i)->text);
	}
	for (i = 0, k = 0; k < n; k++)
		i += strncmp(r[k].uri, "omh://", 6) == 0;
	assert_int_equal(i, OMH_TYPES);
}

/* Whatever is listed can be read, as what it says it is. */
static void
test_offer(void **state)
{
	const struct mcp_resource	*r;
	struct buf			 text;
	size_t				 i, n;

	(void)state;
	r = resources_offer(&n);
	for (i = 0; i < n; i++) {
		assert_string_equal(resource_mime_type(r[i].uri),
		    r[i].mime_type);
		if (resource_kind(r[i].uri) == RESOURCE_TABLE) {
			assert_string_equal(resource_table(r[i].uri),
			    r[i].name);
			continue;
		}
		assert_int_equal(resource_kind(r[i].uri), RESOURCE_WORDS);
		buf_init(&text, 1024 * 1024);
		assert_int_equal(resource_write(r[i].uri, &text), 0);
		assert_true(text.len > 500);
		buf_free(&text);
	}
}

/* wanted: "tool {arguments}", or NULL. */
static void
tool_is(const char *uri, const char *wanted)
{
	struct json_object	*arguments = NULL;
	const char		*tool;
	char			 found[256];

	assert_int_equal(resource_kind(uri), RESOURCE_ANSWER);
	tool = resource_tool(uri, &arguments);
	if (wanted == NULL)
		assert_null(tool);
	else {
		assert_non_null(tool);
		snprintf(found, sizeof(found), "%s %s", tool,
		    json_object_to_json_string_ext(arguments,
		    JSON_C_TO_STRING_PLAIN));
		assert_string_equal(found, wanted);
	}
	json_object_put(arguments);
}

static void
test_tools(void **state)
{
	static const char *const	none[] = {
		"jhe://study/", "jhe://study/x", "jhe://study/-5",
		"jhe://study/5x", "jhe://study/%35", "jhe://study/5/6",
		"jhe://study/99999999999999999999",
		"jhe://study/9999999999999999999", "jhe://patient/5",
		"jhe://patient//summary", "jhe://patient/5/summary/",
		"jhe://patient/x/summary", "jhe://patient/5/x/summary"
	};
	size_t				i;

	(void)state;
	tool_is("jhe://study/30006", "get_study_metadata {\"study_id\":30006}");
	tool_is("jhe://study/30006%20CGM%20%26%20Wearables",
	    "get_study_metadata {\"study_id\":30006}");
	tool_is("jhe://study/30006 CGM", "get_study_metadata "
	    "{\"study_id\":30006}");
	tool_is("jhe://study/0", "get_study_metadata {\"study_id\":0}");
	tool_is("jhe://patient/40006/summary", "summarize_patient_observations"
	    " {\"patient_id\":40006}");
	tool_is("jhe://patient/40006%20May/summary",
	    "summarize_patient_observations {\"patient_id\":40006}");
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		tool_is(none[i], NULL);
}

static void
test_kinds(void **state)
{
	static const char *const	none[] = {
		"", "x", "jhe://", "jhe://guide/", "jhe://studies",
		"omh://schema/", "omh://schema/none",
		"schema://jupyterhealth/", "schema://jupyterhealth/auth_user"
	};
	struct buf			text;
	size_t				i;

	(void)state;
	buf_init(&text, 1024 * 1024);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(resource_kind(none[i]), RESOURCE_NONE);
		assert_int_equal(resource_write(none[i], &text),
		    ERR_NOT_FOUND);
	}
	/* Any name and version of a type is its schema. */
	assert_int_equal(resource_write("omh://schema/omh:heart-rate:1.0",
	    &text), 0);
	assert_non_null(strstr(buf_string(&text),
	    "\"$id\":\"omh://schema/heart-rate\""));
	buf_free(&text);
}

/* Only the one that is named; NULL: any. */
static bool
has_tool(const void *only, const char *tool)
{
	return only == NULL || strcmp(only, tool) == 0;
}

/* A template each, and none of its variables unknown to completion. */
static void
test_templates(void **state)
{
	struct mcp_template	 t[RESOURCE_TEMPLATES_MAX];
	char			 mark[64];
	size_t			 i, n;

	(void)state;
	n = resources_templates(t, has_tool, "get_study_metadata");
	assert_int_equal(n, 3);
	assert_string_equal(t[0].uri, "jhe://study/{study_id}");
	assert_string_equal(t[1].uri, "omh://schema/{name}");
	n = resources_templates(t, has_tool, NULL);
	assert_int_equal(n, 4);
	for (i = 0; i < n; i++) {
		snprintf(mark, sizeof(mark), "{%s}", t[i].variable.name);
		assert_non_null(strstr(t[i].uri, mark));
		assert_true(t[i].variable.completes > 0);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_types), cmocka_unit_test(test_offer),
		cmocka_unit_test(test_tools), cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_templates)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
