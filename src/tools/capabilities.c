/* SPDX-License-Identifier: MIT */
/*
 * get_server_capabilities: what this server and its exchange offer, whoever
 * asks.  Runs in the worker; nothing in the answer is of a person.
 */
#include "base/err.h"
#include "omh/types.h"
#include "tools/call.h"
#include "tools/whoami.h"

/* Types that the exchange takes from health records. */
static const char *const	capabilities_records[] = {
	"AllergyIntolerance", "CarePlan", "Condition", "DiagnosticReport",
	"DocumentReference", "Encounter", "Goal", "Immunization",
	"MedicationDispense", "MedicationRequest", "Observation", "Procedure",
	"ServiceRequest"
};

static const char *const	capabilities_surveys[] = {
	"QuestionnaireResponse"
};

/* A kind of data and the tools for it. */
static void
capabilities_kind(struct json *j, const char *name, const char *tools,
    const char *const *types, size_t n)
{
	size_t	i;

	json_key(j, name);
	json_object_begin(j);
	json_key(j, "tools");
	json_string(j, tools);
	if (n > 0) {
		json_key(j, "types");
		json_array_begin(j);
		for (i = 0; i < n; i++)
			json_string(j, types[i]);
		json_array_end(j);
	}
	json_object_end(j);
}

static void
capabilities_resources(struct json *j, bool records)
{
	json_key(j, "resources");
	json_object_begin(j);
	capabilities_kind(j, "device_data", "summarize_patient_observations, "
	    "get_data_coverage, get_observation_statistics, "
	    "get_patient_observations", NULL, 0);
	if (records) {
		capabilities_kind(j, "clinical_records",
		    "summarize_fhir_resources, get_fhir_resources",
		    capabilities_records, sizeof(capabilities_records) /
		    sizeof(capabilities_records[0]));
		capabilities_kind(j, "surveys", "get_patient_survey_responses, "
		    "get_observation_statistics", capabilities_surveys,
		    sizeof(capabilities_surveys) /
		    sizeof(capabilities_surveys[0]));
	}
	json_object_end(j);
}

static void
capabilities_types(struct json *j)
{
	size_t	i;

	json_key(j, "data_types");
	json_array_begin(j);
	for (i = 0; i < OMH_TYPES; i++)
		json_string(j, omh_type_at(i)->name);
	json_array_end(j);
}

static void
capabilities_limits(const struct tools_call *call, struct json *j)
{
	json_key(j, "limits");
	json_object_begin(j);
	json_key(j, "max_rows");
	json_int(j, TOOLS_ROWS_MAX);
	json_key(j, "max_characters");
	json_int(j, TOOLS_CHARACTERS);
	json_key(j, "max_characters_large");
	json_int(j, TOOLS_CHARACTERS_LARGE);
	json_key(j, "statement_seconds");
	json_int(j, call->ctx.statement_timeout_s);
	json_key(j, "minimum_cell");
	json_int(j, policy_minimum(&call->ctx));
	json_object_end(j);
}

static int
capabilities_start(struct tools_call *call)
{
	struct result	*r = &call->result;
	bool		 records;

	records = db_variant(call->ctx.db, DB_LAYOUT_FHIR_RECORDS) == 0;
	buf_addf(&r->summary, "%d data types%s.", OMH_TYPES, records ?
	    ", clinical records and surveys" : "; no clinical records and no "
	    "surveys: this exchange's database is of an older generation");
	json_key(&r->head, "available");
	json_boolean(&r->head, true);
	if (call->ctx.database != NULL) {
		json_key(&r->head, "generation");
		json_string(&r->head, call->ctx.database);
	}
	capabilities_resources(&r->head, records);
	capabilities_types(&r->head);
	capabilities_limits(call, &r->head);
	/* Nothing to ask the database: the call is over when it begins. */
	return call_finish(call, NULL, NULL);
}

const struct tool_ops	capabilities_tool = {
	.name = "get_server_capabilities",
	.about = TOOL_ABOUT_NOTHING,
	.start = capabilities_start
};
