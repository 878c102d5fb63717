/* SPDX-License-Identifier: MIT */
/*
 * The schema resources.  Runs in the worker.  Names and comments come from
 * the database's catalogue: its administrator's text, cleaned like any other.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "db/db.h"
#include "db/param.h"
#include "tools/resources.h"
#include "tools/text.h"

#define RESOURCE_PREFIX		"schema://jupyterhealth/"
#define RESOURCE_MAX		(256 * 1024)
#define RESOURCE_RULES		"permission_model"
/* What is offered was readable at the start, if this exchange has it. */
#define RESOURCE_NOTE_ABSENT	"not_available: this exchange's database, " \
				"of an older generation, has no such table."

/* Table, title, description. */
#define RESOURCE(name, title, about)					\
	{ RESOURCE_PREFIX name, name, title, about, "application/json" }

static const struct mcp_resource	resource_offer[] = {
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
	RESOURCE(RESOURCE_RULES, "Who may see what",
	    "The rules by which rows are shown to the signed-in person."),
};

#define RESOURCES	(sizeof(resource_offer) / sizeof(resource_offer[0]))

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

int
resource_permission_model(const char *uri, struct buf *out)
{
	const struct mcp_resource	*resource = resource_find(uri);
	struct json			 j;
	size_t				 i, n;

	if (resource == NULL || strcmp(resource->name, RESOURCE_RULES) != 0)
		return ERR_NOT_FOUND;
	n = sizeof(resource_rules) / sizeof(resource_rules[0]);
	json_init(&j, out);
	resource_begin(&j, resource);
	json_key(&j, "rules");
	json_array_begin(&j);
	for (i = 0; i < n; i++)
		json_string(&j, resource_rules[i]);
	json_array_end(&j);
	json_object_end(&j);
	return buf_error(out);
}
