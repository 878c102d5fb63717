/* SPDX-License-Identifier: MIT */
/* Types of FHIR records.  Runs in the worker.  The names are a client's. */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "compat/compat.h"
#include "db/param.h"
#include "tools/errors.h"
#include "tools/records_type.h"
#include "tools/text.h"

#define TYPE_WORD_SIZE	64
/* Characters of an argument that are repeated in an error. */
#define TYPE_ECHO	40

static const struct records_type	type_table[] = {
	{ "Condition", "condition", "conditions", "conditions", NULL, 0 },
	{ "MedicationRequest", "medication request", "medication requests",
	    "medications", NULL, 0 },
	{ "MedicationDispense", "medication dispense",
	    "medication dispenses", "medications", NULL, 0 },
	{ "MedicationStatement", "medication statement",
	    "medication statements", "medications", NULL, 0 },
	{ "MedicationAdministration", "medication administration",
	    "medication administrations", "medications", NULL, 0 },
	{ "Medication", "medication record", "medication records",
	    "medications", NULL, 0 },
	{ "Encounter", "encounter", "encounters", "kinds of encounter",
	    NULL, 0 },
	{ "Observation", "result", "results", "kinds of result", NULL, 0 },
	{ "Procedure", "procedure", "procedures", "procedures", NULL, 0 },
	{ "Immunization", "immunization", "immunizations", "vaccines",
	    NULL, 0 },
	{ "AllergyIntolerance", "allergy", "allergies", "allergies",
	    NULL, 0 },
	{ "DiagnosticReport", "report", "reports", "kinds of report",
	    NULL, 0 },
	{ "DocumentReference", "document", "documents", "kinds of document",
	    NULL, 0 },
	{ "QuestionnaireResponse", "survey response", "survey responses",
	    "questionnaires", NULL, 0 },
	{ "ServiceRequest", "order", "orders", "kinds of order", NULL, 0 },
	{ "CarePlan", "care plan", "care plans", "kinds of care plan",
	    NULL, 0 },
	{ "CareTeam", "care team", "care teams", "kinds of care team",
	    NULL, 0 },
	{ "Goal", "goal", "goals", "goals", NULL, 0 },
	{ "Coverage", "coverage", "coverages", "kinds of coverage",
	    NULL, 0 },
	{ "Device", "device record", "device records", "kinds of device",
	    NULL, 0 },
	{ "FamilyMemberHistory", "family history", "family histories",
	    "kinds of family history", NULL, 0 },
	{ "Group", "group", "groups", "kinds of group", NULL, 0 },
	{ "Location", "location", "locations", "kinds of location",
	    NULL, 0 },
	{ "Organization", "organization record", "organization records",
	    "kinds of organization", NULL, 0 },
	{ "Patient", "patient record", "patient records",
	    "kinds of patient record", NULL, 0 },
	{ "Practitioner", "practitioner record", "practitioner records",
	    "kinds of practitioner record", NULL, 0 },
	{ "PractitionerRole", "practitioner role", "practitioner roles",
	    "roles", NULL, 0 },
	{ "Provenance", "provenance record", "provenance records",
	    "activities", NULL, 0 },
	{ "RelatedPerson", "related person", "related persons",
	    "relationships", NULL, 0 }
};

static const struct records_type	type_labs = { "Observation",
    "laboratory result", "laboratory results", "laboratory tests",
    "laboratory", false };
static const struct records_type	type_vitals = { "Observation",
    "vital sign", "vital signs", "vital signs", "vital-signs", true };

/* Letters only, lower case, without the s of a plural. */
static const struct {
	const char	*word;
	const char	*name;		/* of type_table */
	const struct records_type *part;	/* instead */
} type_words[] = {
	{ "lab",		NULL,			&type_labs },
	{ "labresult",		NULL,			&type_labs },
	{ "labtest",		NULL,			&type_labs },
	{ "laboratory",		NULL,			&type_labs },
	{ "laboratorytest",	NULL,			&type_labs },
	{ "vital",		NULL,			&type_vitals },
	{ "vitalsign",		NULL,			&type_vitals },
	{ "diagnosi",		"Condition",		NULL },
	{ "diagnose",		"Condition",		NULL },
	{ "disease",		"Condition",		NULL },
	{ "problem",		"Condition",		NULL },
	{ "drug",		"MedicationRequest",	NULL },
	{ "medication",		"MedicationRequest",	NULL },
	{ "medicine",		"MedicationRequest",	NULL },
	{ "med",		"MedicationRequest",	NULL },
	{ "prescription",	"MedicationRequest",	NULL },
	{ "dispense",		"MedicationDispense",	NULL },
	{ "visit",		"Encounter",		NULL },
	{ "admission",		"Encounter",		NULL },
	{ "hospitalization",	"Encounter",		NULL },
	{ "surgery",		"Procedure",		NULL },
	{ "surgerie",		"Procedure",		NULL },
	{ "operation",		"Procedure",		NULL },
	{ "vaccine",		"Immunization",		NULL },
	{ "vaccination",	"Immunization",		NULL },
	{ "immunisation",	"Immunization",		NULL },
	{ "intolerance",	"AllergyIntolerance",	NULL },
	{ "diagnosticreport",	"DiagnosticReport",	NULL },
	{ "note",		"DocumentReference",	NULL },
	{ "survey",		"QuestionnaireResponse", NULL },
	{ "questionnaire",	"QuestionnaireResponse", NULL },
	{ "insurance",		"Coverage",		NULL }
};

#define TYPES	(sizeof(type_table) / sizeof(type_table[0]))
#define WORDS	(sizeof(type_words) / sizeof(type_words[0]))

/* "Lab results" as type_words has it: "labresult". */
static void
type_reduce(const char *text, char word[TYPE_WORD_SIZE])
{
	size_t	n = 0;

	for (; *text != '\0' && n + 1 < TYPE_WORD_SIZE; text++) {
		if (isalpha((unsigned char)*text))
			word[n++] = (char)tolower((unsigned char)*text);
		else if (strchr(" -_", *text) == NULL)
			word[n++] = '?';
	}
	if (n > 3 && word[n - 1] == 's')
		n--;
	word[n] = '\0';
}

static bool
type_is(const char *word, const char *name)
{
	char	other[TYPE_WORD_SIZE];

	type_reduce(name, other);
	return strcmp(word, other) == 0;
}

const struct records_type *
records_type_named(const char *name)
{
	size_t	i;

	for (i = 0; i < TYPES; i++) {
		if (strcmp(type_table[i].name, name) == 0)
			return &type_table[i];
	}
	return NULL;
}

static void
type_set_unknown(const char *text, struct buf *error)
{
	struct buf	clean;

	buf_init(&clean, 4 * TYPE_ECHO + 16);
	text_clean(&clean, text, strlen(text), TYPE_ECHO);
	errors_set(error, ERRORS_UNKNOWN_TYPE, "\"%s\" is not a type of "
	    "clinical record. Known: Condition, MedicationRequest, "
	    "MedicationDispense, Encounter, Observation, Procedure, "
	    "Immunization, AllergyIntolerance, DiagnosticReport, "
	    "DocumentReference, QuestionnaireResponse and other FHIR types; "
	    "or labs, vitals, conditions, medications, visits.",
	    buf_string(&clean));
	buf_free(&clean);
}

const struct records_type *
records_type_find(const char *text, struct buf *error)
{
	const struct records_type	*t;
	char				 word[TYPE_WORD_SIZE];
	size_t				 i;

	/* FHIR's own name, as it is written, means nothing else. */
	if ((t = records_type_named(text)) != NULL)
		return t;
	type_reduce(text, word);
	for (i = 0; i < WORDS; i++) {
		if (strcmp(word, type_words[i].word) == 0)
			return type_words[i].part != NULL ?
			    type_words[i].part :
			    records_type_named(type_words[i].name);
	}
	for (i = 0; i < TYPES; i++) {
		t = &type_table[i];
		if (type_is(word, t->name) || type_is(word, t->one) ||
		    type_is(word, t->many))
			return t;
	}
	/* Of several types the first ones are meant. */
	for (i = 0; i < TYPES && strlen(word) > 3; i++) {
		if (type_is(word, type_table[i].coded))
			return &type_table[i];
	}
	type_set_unknown(text, error);
	return NULL;
}

void
records_type_params(const struct records_type *type, struct db_params *p,
    int first)
{
	if (type == NULL)
		return;
	db_params_text(p, first, type->name, strlen(type->name));
	if (type->category != NULL)
		db_params_text(p, first + 1, type->category,
		    strlen(type->category));
	db_params_bool(p, first + 2, type->strict);
}
