/* SPDX-License-Identifier: MIT */
/*
 * The detail of a FHIR record, by its type.  Runs in the worker.  The records
 * are what other systems sent.
 */
#include <string.h>

#include "base/json.h"
#include "compat/compat.h"
#include "tools/fhir.h"
#include "tools/text.h"

/* Pieces of one record's detail, and bytes of one. */
#define DETAIL_PIECES_MAX	12
#define DETAIL_BYTES		4096
#define DETAIL_NAME_SIZE	40

struct detail {
	struct buf	*out;
	const char	*shown;
	const char	*label;
	unsigned int	 pieces;
};

typedef void	detail_fn(struct omh_piece p, struct buf *out);

struct detail_row {
	const char	*type;	/* NULL: every type that has no rows */
	const char	*path;	/* members; arrays between are gone through */
	detail_fn	*show;	/* NULL: path is the base of a choice */
	const char	*label;	/* before it, or "" */
};

/* --- Kinds of members. ---------------------------------------------------- */

static void
detail_quantity(struct omh_piece p, struct buf *out)
{
	(void)fhir_quantity(p, out);
}

static void
detail_number(struct omh_piece p, struct buf *out)
{
	if (p.len < DETAIL_NAME_SIZE && json_is_number(p.text, p.len))
		buf_add(out, p.text, p.len);
	else
		fhir_string(p, out);
}

static void
detail_attachment(struct omh_piece p, struct buf *out)
{
	size_t	before = out->len;

	if (p.text[0] != '{')
		return;
	fhir_string(omh_member(p, "title"), out);
	if (out->len > before)
		buf_addc(out, ' ');
	buf_addc(out, '(');
	before = out->len;
	fhir_string(omh_member(p, "contentType"), out);
	if (out->len == before)
		buf_adds(out, "file");
	buf_addc(out, ')');
}

/* Dosage.text is the whole of it; else what the parts say. */
static void
detail_dosage(struct omh_piece p, struct buf *out)
{
	struct omh_piece	none = { NULL, 0 }, rate;
	size_t			before = out->len;

	fhir_string(omh_member(p, "text"), out);
	if (out->len == before)
		fhir_string(omh_member(p, "patientInstruction"), out);
	if (out->len > before)
		return;
	rate = omh_next(omh_member(p, "doseAndRate"), none);
	if (rate.text == NULL)
		rate = p;
	if (omh_member(rate, "doseQuantity").text != NULL)
		fhir_quantity(omh_member(rate, "doseQuantity"), out);
	if (out->len > before)
		buf_addc(out, ' ');
	fhir_concept(omh_member(omh_member(p, "timing"), "code"), out);
	if (out->len > before && out->data[out->len - 1] != ' ')
		buf_addc(out, ' ');
	fhir_concept(omh_member(p, "route"), out);
	while (out->len > before && out->data[out->len - 1] == ' ')
		buf_truncate(out, out->len - 1);
}

/* "hives, swelling (severe)" */
static void
detail_reaction(struct omh_piece p, struct buf *out)
{
	struct omh_piece	list = omh_member(p, "manifestation");
	struct omh_piece	one = { NULL, 0 };
	size_t			before = out->len, start;

	while ((one = omh_next(list, one)).text != NULL &&
	    out->len - before < TEXT_CELL_MAX) {
		start = out->len;
		if (start > before)
			buf_adds(out, ", ");
		fhir_concept(one, out);
		if (out->len == start + 2 && start > before)
			buf_truncate(out, start);
	}
	if (out->len == before)
		fhir_string(omh_member(p, "description"), out);
	start = out->len;
	if (start == before)
		return;
	buf_adds(out, " (");
	fhir_string(omh_member(p, "severity"), out);
	if (out->len == start + 2)
		buf_truncate(out, start);
	else
		buf_addc(out, ')');
}

/* "Systolic blood pressure 124 mmHg" */
static void
detail_component(struct omh_piece p, struct buf *out)
{
	struct fhir_value	v;

	fhir_value_init(&v, true);
	fhir_choice(p, "value", &v);
	if (v.kind != FHIR_NONE) {
		fhir_concept(omh_member(p, "code"), out);
		buf_addc(out, ' ');
		fhir_value_show(&v, out);
	}
	fhir_value_free(&v);
}

static void
detail_reference_range(struct omh_piece p, struct buf *out)
{
	struct omh_piece	low = omh_member(p, "low");
	struct omh_piece	high = omh_member(p, "high");
	size_t			before = out->len;

	fhir_string(omh_member(p, "text"), out);
	if (out->len > before)
		return;
	if (low.text != NULL)
		fhir_quantity(low, out);
	buf_adds(out, " to ");
	if (high.text != NULL)
		fhir_quantity(high, out);
	if (out->len == before + 4)
		buf_truncate(out, before);
}

/* A concept, or a code as it is. */
static void
detail_concept(struct omh_piece p, struct buf *out)
{
	if (p.text[0] == '"')
		fhir_string(p, out);
	else
		fhir_concept(p, out);
}

/* --- Blood pressure. ------------------------------------------------------ */

/* The number of the component with a code, of LOINC; with its unit. */
static bool
detail_find_component(struct omh_piece body, const char *code,
    struct fhir_value *v)
{
	struct omh_piece	list = omh_member(body, "component");
	struct omh_piece	one = { NULL, 0 }, coding;
	char			quoted[DETAIL_NAME_SIZE];

	strlcpy(quoted, "\"", sizeof(quoted));
	strlcat(quoted, code, sizeof(quoted));
	strlcat(quoted, "\"", sizeof(quoted));
	while ((one = omh_next(list, one)).text != NULL) {
		memset(&coding, 0, sizeof(coding));
		while ((coding = omh_next(omh_member(omh_member(one, "code"),
		    "coding"), coding)).text != NULL) {
			struct omh_piece	c = omh_member(coding, "code");

			if (c.len != strlen(quoted) ||
			    memcmp(c.text, quoted, c.len) != 0)
				continue;
			fhir_choice(one, "value", v);
			return v->kind == FHIR_NUMBER;
		}
	}
	return false;
}

/* "124/78" with its unit, of two components. */
static bool
detail_pressure(struct omh_piece body, struct fhir_value *v)
{
	struct fhir_value	diastolic;
	bool			both;

	fhir_value_init(&diastolic, v->words);
	both = detail_find_component(body, "8480-6", v) &&
	    detail_find_component(body, "8462-4", &diastolic);
	if (both) {
		buf_addf(&v->text, "/%s", buf_string(&diastolic.text));
		v->kind = FHIR_CODED;
	}
	fhir_value_free(&diastolic);
	return both;
}

/* --- Which members of which type. ----------------------------------------- */

static const struct detail_row	detail_rows[] = {
	{ "Condition", "onset", NULL, "onset" },
	{ "Condition", "abatement", NULL, "until" },
	{ "Condition", "severity", detail_concept, "" },
	{ "Condition", "bodySite", detail_concept, "" },
	{ "Condition", "verificationStatus", detail_concept, "" },
	{ "Condition", "category", detail_concept, "" },
	{ "MedicationRequest", "dosageInstruction", detail_dosage, "" },
	{ "MedicationRequest", "reasonCode", detail_concept, "for" },
	{ "MedicationRequest", "reason", detail_concept, "for" },
	{ "MedicationDispense", "dosageInstruction", detail_dosage, "" },
	{ "MedicationDispense", "quantity", detail_quantity, "quantity" },
	{ "MedicationDispense", "daysSupply", detail_quantity, "supply" },
	{ "MedicationStatement", "dosage", detail_dosage, "" },
	{ "MedicationStatement", "reasonCode", detail_concept, "for" },
	{ "MedicationStatement", "reason", detail_concept, "for" },
	{ "MedicationAdministration", "dosage", detail_dosage, "" },
	{ "Medication", "form", detail_concept, "" },
	{ "Medication", "doseForm", detail_concept, "" },
	{ "Encounter", "class", detail_concept, "" },
	{ "Encounter", "reasonCode", detail_concept, "for" },
	{ "Encounter", "reason.value", detail_concept, "for" },
	{ "Encounter", "location.location", detail_concept, "at" },
	{ "Encounter", "period.end", detail_concept, "until" },
	{ "Encounter", "actualPeriod.end", detail_concept, "until" },
	{ "Encounter", "hospitalization.dischargeDisposition",
	    detail_concept, "discharge" },
	{ "Encounter", "admission.dischargeDisposition", detail_concept,
	    "discharge" },
	{ "Observation", "interpretation", detail_concept, "" },
	{ "Observation", "component", detail_component, "" },
	{ "Observation", "referenceRange", detail_reference_range, "range" },
	{ "Observation", "dataAbsentReason", detail_concept, "no value:" },
	{ "Procedure", "bodySite", detail_concept, "" },
	{ "Procedure", "outcome", detail_concept, "outcome" },
	{ "Procedure", "reasonCode", detail_concept, "for" },
	{ "Procedure", "reason", detail_concept, "for" },
	{ "Procedure", "performedPeriod.end", detail_concept, "until" },
	{ "Procedure", "occurrencePeriod.end", detail_concept, "until" },
	{ "Immunization", "protocolApplied.doseNumberPositiveInt",
	    detail_number, "dose" },
	{ "Immunization", "protocolApplied.doseNumberString", detail_number,
	    "dose" },
	{ "Immunization", "protocolApplied.doseNumber", detail_number,
	    "dose" },
	{ "Immunization", "doseQuantity", detail_quantity, "" },
	{ "Immunization", "route", detail_concept, "" },
	{ "Immunization", "site", detail_concept, "" },
	{ "Immunization", "statusReason", detail_concept, "because" },
	{ "Immunization", "occurrenceString", detail_concept, "" },
	{ "AllergyIntolerance", "reaction", detail_reaction, "" },
	{ "AllergyIntolerance", "criticality", detail_concept,
	    "criticality" },
	{ "AllergyIntolerance", "type", detail_concept, "" },
	{ "AllergyIntolerance", "category", detail_concept, "" },
	{ "AllergyIntolerance", "onset", NULL, "onset" },
	{ "DiagnosticReport", "category", detail_concept, "" },
	{ "DiagnosticReport", "conclusion", detail_concept, "" },
	{ "DiagnosticReport", "conclusionCode", detail_concept, "" },
	{ "DiagnosticReport", "presentedForm", detail_attachment, "" },
	{ "DocumentReference", "description", detail_concept, "" },
	{ "DocumentReference", "category", detail_concept, "" },
	{ "DocumentReference", "content.attachment", detail_attachment, "" },
	{ "ServiceRequest", "category", detail_concept, "" },
	{ "ServiceRequest", "priority", detail_concept, "" },
	{ "ServiceRequest", "reasonCode", detail_concept, "for" },
	{ "ServiceRequest", "reason", detail_concept, "for" },
	{ "CarePlan", "title", detail_concept, "" },
	{ "CarePlan", "description", detail_concept, "" },
	{ "CarePlan", "period.end", detail_concept, "until" },
	{ "Goal", "achievementStatus", detail_concept, "" },
	{ "Goal", "target.dueDate", detail_concept, "due" },
	{ "Coverage", "payor", detail_concept, "" },
	{ "Coverage", "insurer", detail_concept, "" },
	{ "Coverage", "period.end", detail_concept, "until" },
	{ "Device", "displayName", detail_concept, "" },
	{ "Device", "deviceName.name", detail_concept, "" },
	{ "Device", "manufacturer", detail_concept, "" },
	/* Of people only what does not name them. */
	{ "Patient", "gender", detail_concept, "" },
	{ "RelatedPerson", "gender", detail_concept, "" },
	{ "Practitioner", "gender", detail_concept, "" },
	{ "QuestionnaireResponse", "", detail_concept, "" },
	{ NULL, "category", detail_concept, "" },
	{ NULL, "title", detail_concept, "" },
	{ NULL, "name", detail_concept, "" },
	{ NULL, "description", detail_concept, "" }
};

#define DETAIL_ROWS	(sizeof(detail_rows) / sizeof(detail_rows[0]))

static void
detail_add(struct detail *d, const struct buf *piece)
{
	if (piece->len == 0 || d->pieces == DETAIL_PIECES_MAX ||
	    strcasecmp(buf_string(piece), d->shown) == 0)
		return;
	if (d->out->len > 0)
		buf_adds(d->out, "; ");
	if (*d->label != '\0')
		buf_addf(d->out, "%s ", d->label);
	buf_add(d->out, buf_string(piece), piece->len);
	d->pieces++;
}

/* The member at the path, of each element where there is an array. */
static void
detail_walk(struct detail *d, struct omh_piece p, const char *path,
    detail_fn *show)
{
	struct omh_piece	one = { NULL, 0 };
	struct buf		piece;
	char			name[DETAIL_NAME_SIZE];
	size_t			len = strcspn(path, ".");

	if (p.text == NULL || p.len == 0)
		return;
	if (p.text[0] == '[') {
		while ((one = omh_next(p, one)).text != NULL &&
		    d->pieces < DETAIL_PIECES_MAX) {
			if (one.text[0] != '[')
				detail_walk(d, one, path, show);
		}
		return;
	}
	if (*path != '\0') {
		if (len >= sizeof(name))
			return;
		memcpy(name, path, len);
		name[len] = '\0';
		path += len;
		detail_walk(d, omh_member(p, name), path + (*path == '.'),
		    show);
		return;
	}
	buf_init(&piece, DETAIL_BYTES);
	show(p, &piece);
	if (buf_error(&piece) == 0)
		detail_add(d, &piece);
	buf_free(&piece);
}

static void
detail_choice(struct detail *d, struct omh_piece body, const char *base)
{
	struct fhir_value	v;
	struct buf		piece;

	fhir_value_init(&v, true);
	buf_init(&piece, DETAIL_BYTES);
	fhir_choice(body, base, &v);
	if (v.kind != FHIR_NONE)
		fhir_value_show(&v, &piece);
	detail_add(d, &piece);
	buf_free(&piece);
	fhir_value_free(&v);
}

static bool
detail_has_rows(const char *type)
{
	size_t	i;

	for (i = 0; i < DETAIL_ROWS; i++) {
		if (detail_rows[i].type != NULL &&
		    strcmp(detail_rows[i].type, type) == 0)
			return true;
	}
	return false;
}

void
fhir_detail(const char *type, struct omh_piece body, const char *shown,
    struct buf *out)
{
	struct buf		 all;
	struct detail		 d = { &all, shown, "", 0 };
	const struct detail_row	*row;
	struct fhir_value	 value;
	bool			 own = detail_has_rows(type), pressure;
	size_t			 i;

	/* Components that are the value need no second mention. */
	fhir_value_init(&value, true);
	pressure = detail_pressure(body, &value);
	fhir_value_free(&value);
	buf_init(&all, DETAIL_PIECES_MAX * (DETAIL_BYTES + 64));
	for (i = 0; i < DETAIL_ROWS; i++) {
		row = &detail_rows[i];
		if (row->type == NULL ? own : strcmp(row->type, type) != 0)
			continue;
		d.label = row->label;
		if (row->show == detail_component && pressure)
			continue;
		if (row->show == NULL)
			detail_choice(&d, body, row->path);
		else if (*row->path != '\0')
			detail_walk(&d, body, row->path, row->show);
	}
	text_clean(out, buf_string(&all), all.len, TEXT_CELL_MAX);
	buf_free(&all);
}

void
fhir_observation(struct omh_piece body, struct fhir_value *v)
{
	fhir_choice(body, "value", v);
	if (v->kind != FHIR_NONE || detail_pressure(body, v))
		return;
	v->kind = FHIR_NONE;
	buf_reset(&v->text);
	buf_reset(&v->unit);
}
