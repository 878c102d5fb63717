/* SPDX-License-Identifier: MIT */
/*
 * The resources.  Runs in the worker.  URIs are a client's.  Names and
 * comments of tables come from the database's catalogue: its administrator's
 * text, cleaned like any other.
 */
#include <json-c/json.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "db/db.h"
#include "db/param.h"
#include "omh/schema.h"
#include "tools/complete.h"
#include "tools/guide.h"
#include "tools/resources.h"
#include "tools/text.h"

#define RESOURCE_PREFIX		"schema://jupyterhealth/"
#define RESOURCE_MAX		(256 * 1024)
#define RESOURCE_RULES		"permission_model"
#define RESOURCE_GUIDE		"jhe://guide"
#define RESOURCE_JSON		"application/json"
#define RESOURCE_SCHEMA		"application/schema+json"
#define RESOURCE_MARKDOWN	"text/markdown"
/* What is offered was readable at the start, if this exchange has it. */
#define RESOURCE_NOTE_ABSENT	"not_available: this exchange's database, " \
				"of an older generation, has no such table."

/* Table, title, description. */
#define RESOURCE(name, title, about)					\
	{ RESOURCE_PREFIX name, name, title, about, RESOURCE_JSON }
/* Of a data type: name, display text. */
#define BODY(name, title)						\
	{ OMH_SCHEMA_PREFIX name, name, title,				\
	    "The JSON Schema of its body.", RESOURCE_SCHEMA }

static const struct mcp_resource	resource_offer[] = {
	{ RESOURCE_GUIDE, "guide", "Guide", "Which tool for which question, "
	    "data types with measures and units, limits, conventions.",
	    RESOURCE_MARKDOWN },
	RESOURCE("core_study", "Studies",
	    "Studies, each of one organization."),
	RESOURCE("core_patient", "Patients",
	    "People whose data are collected."),
	RESOURCE("core_observation", "Observations",
	    "Measurements of patients as Open mHealth or IEEE 1752 JSON."),
	RESOURCE("core_organization", "Organizations",
	    "Organizations, as a tree."),
	RESOURCE("core_jheuser", "Users",
	    "Accounts of practitioners and patients."),
	RESOURCE("core_practitioner", "Practitioners",
	    "The practitioner profile of a user."),
	RESOURCE("core_practitionerorganization", "Memberships",
	    "Which practitioner belongs to which organization."),
	RESOURCE("core_patientorganization", "Patients of organizations",
	    "Which patient belongs to which organization."),
	RESOURCE("core_patientidentifier", "Patient identifiers",
	    "Identifiers of patients in other systems."),
	RESOURCE("core_studypatient", "Enrolments",
	    "Which patient is enrolled in which study."),
	RESOURCE("core_studyscoperequest", "Requested data types",
	    "The data types that a study asks for."),
	RESOURCE("core_studypatientscopeconsent", "Consents",
	    "What an enrolled patient answered, by data type."),
	RESOURCE("core_studydatasource", "Data sources of studies",
	    "The data sources that a study uses."),
	RESOURCE("core_codeableconcept", "Codes",
	    "Codes of data types."),
	RESOURCE("core_datasource", "Data sources",
	    "Devices and applications that data come from."),
	RESOURCE("core_fhirsource", "Sources of clinical records",
	    "Where a patient's clinical records and surveys come from."),
	RESOURCE("core_fhirauxresource", "Clinical records",
	    "Clinical records and survey answers as FHIR JSON."),
	RESOURCE(RESOURCE_RULES, "Who may see what",
	    "The rules by which rows are shown to the signed-in person."),
	BODY("blood-glucose", "Blood glucose"),
	BODY("blood-pressure", "Blood pressure"),
	BODY("body-temperature", "Body temperature"),
	BODY("body-weight", "Body weight"),
	BODY("forced-expiratory-volume-1-second",
	    "Forced expiratory volume 1 second"),
	BODY("forced-vital-capacity", "Forced vital capacity"),
	BODY("heart-rate", "Heart Rate"),
	BODY("oxygen-saturation", "Oxygen saturation"),
	BODY("physical-activity", "Physical activity"),
	BODY("respiratory-rate", "Respiratory rate"),
	BODY("rr-interval", "RR Interval"),
	BODY("sleep-duration", "Sleep duration"),
	BODY("sleep-episode", "Sleep episode"),
	BODY("sleep-stage-summary", "Sleep stage summary"),
	BODY("step-count", "Step count"),
};

#define RESOURCES	(sizeof(resource_offer) / sizeof(resource_offer[0]))

/*
 * What is of one study or one patient is not listed, only read: a list would
 * put the ids of hundreds of patients before whoever opens a menu.
 */
static const struct mcp_template	resource_templates[] = {
	{ "jhe://study/{study_id}", "study", "A study",
	    "What get_study_metadata answers.", RESOURCE_JSON,
	    { .name = "study_id", .completes = COMPLETE_STUDY } },
	{ "jhe://patient/{patient_id}/summary", "patient", "A patient's data",
	    "What summarize_patient_observations answers.", RESOURCE_JSON,
	    { .name = "patient_id", .completes = COMPLETE_PATIENT } },
	{ OMH_SCHEMA_PREFIX "{name}", "body", "Body of a data type",
	    "The JSON Schema of the body of a data type.", RESOURCE_SCHEMA,
	    { .name = "name", .completes = COMPLETE_DATA_TYPE } },
	{ RESOURCE_PREFIX "{table}", "table", "Table of the exchange",
	    "Columns and relationships of a table.", RESOURCE_JSON,
	    { .name = "table", .completes = COMPLETE_TABLE } },
};

#define TEMPLATES	(sizeof(resource_templates) / \
			    sizeof(resource_templates[0]))
_Static_assert(TEMPLATES <= RESOURCE_TEMPLATES_MAX, "room for all");

/* The templates whose resources are answers of a tool. */
static const struct {
	const char	*prefix, *suffix;
	const char	*tool, *argument;
} resource_tools[] = {
	{ "jhe://study/", "", "get_study_metadata", "study_id" },
	{ "jhe://patient/", "/summary", "summarize_patient_observations",
	    "patient_id" },
};

#define RESOURCE_TOOLS	(sizeof(resource_tools) / sizeof(resource_tools[0]))

/* As src/db/sql/rbac decides it; jhe-mcp-tools(7) has the same in full. */
static const char *const	resource_rules[] = {
	"A person sees the studies of the organizations that they belong to "
	"as a practitioner.",
	"Membership of an organization is not inherited from its parent.",
	"The role (manager, member, viewer) does not change what can be "
	"read.",
	"A patient's data can be read by practitioners who share an "
	"organization with the patient.",
	"The roster of a study lists all its enrolled patients; one who "
	"shares no organization with the person is listed, but has no "
	"readable data.",
	"With a study, observations are those of enrolled patients, of data "
	"types that the study requested.",
	"A patient sees their own data and the studies they are enrolled in.",
	"Who is both sees both.",
	"A superuser sees nothing by that; an inactive user sees nothing.",
	"Where the sign-in names the permitted studies, other studies and "
	"their rosters are hidden.",
	"Unknown and forbidden are answered alike.",
};

struct resource_read {
	const struct mcp_resource	*resource;
	resource_done_fn		*done;
	void				*arg;
	bool				 detached;
	size_t				 rows;
	struct buf			 out, clean, refers;
	struct json			 json, refers_json;
};

const struct mcp_resource *
resources_offer(size_t *n)
{
	*n = RESOURCES;
	return resource_offer;
}

/* The tool of a template, or NULL. */
static const char *
resource_template_tool(const struct mcp_template *t)
{
	size_t	i;

	for (i = 0; i < RESOURCE_TOOLS; i++)
		if (strncmp(t->uri, resource_tools[i].prefix,
		    strlen(resource_tools[i].prefix)) == 0)
			return resource_tools[i].tool;
	return NULL;
}

size_t
resources_templates(struct mcp_template *out, resource_has_tool_fn *has_tool,
    const void *arg)
{
	const char	*tool;
	size_t		 i, n = 0;

	for (i = 0; i < TEMPLATES; i++) {
		tool = resource_template_tool(&resource_templates[i]);
		if (tool == NULL || has_tool(arg, tool))
			out[n++] = resource_templates[i];
	}
	return n;
}

static void
resource_free(struct resource_read *r)
{
	buf_free(&r->out);
	buf_free(&r->clean);
	buf_free(&r->refers);
	free(r);
}

/* A member with text of the catalogue; nothing if it is NULL. */
static void
resource_text(struct resource_read *r, struct json *j, const char *key,
    const struct db_row *row, int column)
{
	const char	*text;
	size_t		 len;

	text = db_text(row, column, &len);
	if (text == NULL)
		return;
	buf_reset(&r->clean);
	text_clean(&r->clean, text, len, TEXT_FULL_MAX);
	json_key(j, key);
	json_stringn(j, buf_string(&r->clean), r->clean.len);
}

static void
resource_flag(struct resource_read *r, const char *key,
    const struct db_row *row, int column)
{
	bool	value;

	if (db_bool(row, column, &value) != 0)
		return;
	json_key(&r->json, key);
	json_boolean(&r->json, value);
}

static void
resource_begin_columns(struct resource_read *r)
{
	json_key(&r->json, "columns");
	json_array_begin(&r->json);
}

static int
resource_row(void *arg, size_t index, const struct db_row *row)
{
	struct resource_read	*r = arg;

	(void)index;
	if (r->rows++ == 0) {
		resource_text(r, &r->json, "comment", row,
		    COL_SCHEMA_COLUMNS_TABLE_COMMENT);
		resource_begin_columns(r);
	}
	json_object_begin(&r->json);
	resource_text(r, &r->json, "name", row, COL_SCHEMA_COLUMNS_NAME);
	resource_text(r, &r->json, "type", row, COL_SCHEMA_COLUMNS_TYPE);
	resource_flag(r, "nullable", row, COL_SCHEMA_COLUMNS_NULLABLE);
	resource_flag(r, "primary_key", row, COL_SCHEMA_COLUMNS_PRIMARY_KEY);
	resource_text(r, &r->json, "description", row,
	    COL_SCHEMA_COLUMNS_COMMENT);
	json_object_end(&r->json);
	if (!db_is_null(row, COL_SCHEMA_COLUMNS_REFERS_TO)) {
		json_object_begin(&r->refers_json);
		resource_text(r, &r->refers_json, "column", row,
		    COL_SCHEMA_COLUMNS_NAME);
		resource_text(r, &r->refers_json, "refers_to", row,
		    COL_SCHEMA_COLUMNS_REFERS_TO);
		json_object_end(&r->refers_json);
	}
	return 0;
}

static void
resource_begin(struct json *j, const struct mcp_resource *resource)
{
	json_object_begin(j);
	json_key(j, "table");
	json_string(j, resource->name);
	json_key(j, "description");
	json_string(j, resource->description);
}

static void
resource_finish(void *arg, int error, enum db_error db_error)
{
	struct resource_read	*r = arg;

	(void)db_error;
	if (r->detached) {
		resource_free(r);
		return;
	}
	if (r->rows == 0)
		resource_begin_columns(r);
	json_array_end(&r->json);
	json_array_end(&r->refers_json);
	json_key(&r->json, "relationships");
	json_raw(&r->json, buf_string(&r->refers), r->refers.len);
	if (r->rows == 0) {
		json_key(&r->json, "note");
		json_string(&r->json, RESOURCE_NOTE_ABSENT);
	}
	json_object_end(&r->json);
	if (error == 0)
		error = buf_error(&r->out) != 0 ? buf_error(&r->out) :
		    buf_error(&r->refers);
	/* The db is done with it: from here on it is the caller's to free. */
	r->detached = true;
	r->done(r->arg, error, buf_string(&r->out), r->out.len);
}

static const struct mcp_resource *
resource_find(const char *uri)
{
	size_t	i;

	for (i = 0; i < RESOURCES; i++)
		if (strcmp(resource_offer[i].uri, uri) == 0)
			return &resource_offer[i];
	return NULL;
}

static int
resource_submit(struct resource_read *r, struct db *db)
{
	const char	*params[PARS_SCHEMA_COLUMNS];
	struct db_query	 query = {
		.statement = DB_SCHEMA_COLUMNS,
		.params = params, .nparams = PARS_SCHEMA_COLUMNS,
		.row = resource_row,
	};

	params[PAR_SCHEMA_COLUMNS_TABLE] = r->resource->name;
	return db_submit(db, &query, 1, resource_finish, r);
}

int
resource_read_start(struct resource_read **out, const char *uri,
    struct db *db, resource_done_fn *done, void *arg)
{
	const struct mcp_resource	*resource = resource_find(uri);
	struct resource_read		*r;
	int				 error;

	if (resource == NULL)
		return ERR_NOT_FOUND;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return ERR_MEMORY;
	r->resource = resource;
	r->done = done;
	r->arg = arg;
	buf_init(&r->out, RESOURCE_MAX);
	buf_init(&r->clean, RESOURCE_MAX);
	buf_init(&r->refers, RESOURCE_MAX);
	json_init(&r->json, &r->out);
	json_init(&r->refers_json, &r->refers);
	resource_begin(&r->json, resource);
	json_array_begin(&r->refers_json);
	error = resource_submit(r, db);
	if (error != 0) {
		resource_free(r);
		return error;
	}
	*out = r;
	return 0;
}

void
resource_read_free(struct resource_read *r)
{
	if (r == NULL)
		return;
	/* Free at once if the db is done with it, else when it is. */
	if (r->detached)
		resource_free(r);
	else
		r->detached = true;
}

/* --- Those that need no database of their own. ---------------------------- */

const char *
resource_table(const char *uri)
{
	const struct mcp_resource	*r = resource_find(uri);

	return r != NULL && strncmp(uri, RESOURCE_PREFIX,
	    strlen(RESOURCE_PREFIX)) == 0 ? r->name : NULL;
}

/* The data type of omh://schema/{name}, or NULL. */
static const struct omh_type *
resource_type(const char *uri)
{
	size_t	n = strlen(OMH_SCHEMA_PREFIX);

	if (strncmp(uri, OMH_SCHEMA_PREFIX, n) != 0)
		return NULL;
	return omh_type_find(uri + n, strlen(uri + n));
}

/*
 * The id after the prefix.  What completion offers has a name behind the id,
 * and clients escape it or do not.
 */
static bool
resource_id(const char *s, size_t len, int64_t *id)
{
	char	digits[20];
	size_t	n = strspn(s, "0123456789");

	if (n == 0 || n > len || n >= sizeof(digits) ||
	    (n < len && strchr("% +", s[n]) == NULL))
		return false;
	memcpy(digits, s, n);
	digits[n] = '\0';
	errno = 0;
	*id = strtoll(digits, NULL, 10);
	return errno == 0;
}

const char *
resource_tool(const char *uri, struct json_object **arguments)
{
	size_t		before, after, len = strlen(uri), i;
	int64_t		id;

	for (i = 0; i < RESOURCE_TOOLS; i++) {
		before = strlen(resource_tools[i].prefix);
		after = strlen(resource_tools[i].suffix);
		if (len <= before || len - before <= after ||
		    strncmp(uri, resource_tools[i].prefix, before) != 0 ||
		    strcmp(uri + len - after, resource_tools[i].suffix) != 0)
			continue;
		if (!resource_id(uri + before, len - before - after, &id))
			return NULL;
		*arguments = json_object_new_object();
		if (*arguments == NULL || json_object_object_add(*arguments,
		    resource_tools[i].argument, json_object_new_int64(id)) != 0)
			return NULL;
		return resource_tools[i].tool;
	}
	return NULL;
}

enum resource_kind
resource_kind(const char *uri)
{
	const char	*table = resource_table(uri);
	size_t		 i;

	if (table != NULL)
		return strcmp(table, RESOURCE_RULES) == 0 ? RESOURCE_WORDS :
		    RESOURCE_TABLE;
	if (strcmp(uri, RESOURCE_GUIDE) == 0 || resource_type(uri) != NULL)
		return RESOURCE_WORDS;
	for (i = 0; i < RESOURCE_TOOLS; i++)
		if (strncmp(uri, resource_tools[i].prefix,
		    strlen(resource_tools[i].prefix)) == 0)
			return RESOURCE_ANSWER;
	return RESOURCE_NONE;
}

const char *
resource_mime_type(const char *uri)
{
	if (strcmp(uri, RESOURCE_GUIDE) == 0)
		return RESOURCE_MARKDOWN;
	return resource_type(uri) != NULL ? RESOURCE_SCHEMA : RESOURCE_JSON;
}

static void
resource_permission_model(const struct mcp_resource *resource,
    struct buf *out)
{
	struct json	j;
	size_t		i, n;

	n = sizeof(resource_rules) / sizeof(resource_rules[0]);
	json_init(&j, out);
	resource_begin(&j, resource);
	json_key(&j, "rules");
	json_array_begin(&j);
	for (i = 0; i < n; i++)
		json_string(&j, resource_rules[i]);
	json_array_end(&j);
	json_object_end(&j);
}

int
resource_write(const char *uri, struct buf *out)
{
	const struct mcp_resource	*resource = resource_find(uri);
	const struct omh_type		*type = resource_type(uri);
	struct json			 j;

	if (resource_kind(uri) != RESOURCE_WORDS)
		return ERR_NOT_FOUND;
	json_init(&j, out);
	if (type != NULL)
		omh_schema_write(&j, type);
	else if (resource == NULL)
		return ERR_NOT_FOUND;
	else if (strcmp(uri, RESOURCE_GUIDE) == 0)
		guide_write(out);
	else
		resource_permission_model(resource, out);
	return buf_error(out);
}
