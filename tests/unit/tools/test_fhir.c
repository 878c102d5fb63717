/* SPDX-License-Identifier: MIT */
/* FHIR JSON as text, items of surveys, names of types, ids of records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"
#include "db/param.h"
#include "tools/fhir.h"
#include "tools/records.h"
#include "tools/records_type.h"
#include "tools/survey_items.h"
#include "tools/text.h"

static struct buf	out;

static int
setup(void **state)
{
	(void)state;
	buf_init(&out, 64 * 1024);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buf_free(&out);
	return 0;
}

static struct omh_piece
piece(const char *text)
{
	struct omh_piece	p = { text, strlen(text) };

	return p;
}

static void
test_choices(void **state)
{
	static const struct {
		const char	*json;
		enum fhir_kind	 kind;
		const char	*type, *shown;
	} rows[] = {
		{ "{\"valueInteger\": 5}", FHIR_NUMBER, "integer", "5" },
		{ "{\"valueDecimal\": 7.10}", FHIR_NUMBER, "decimal", "7.10" },
		{ "{\"valueInteger\": \"5\"}", FHIR_NONE, NULL, "" },
		{ "{\"valueInteger\": null}", FHIR_NONE, NULL, "" },
		{ "{\"valueBoolean\": false}", FHIR_BOOLEAN, "boolean",
		    "false" },
		{ "{\"valueBoolean\": 0}", FHIR_NONE, NULL, "" },
		{ "{\"valueString\": \"a\\nb\\u202e\"}", FHIR_WORDS, "string",
		    "a b" },
		{ "{\"valueString\": \"\"}", FHIR_NONE, NULL, "" },
		{ "{\"valueDate\": \"2026-01\"}", FHIR_CODED, "date",
		    "2026-01" },
		{ "{\"valueQuantity\": {\"value\": 5, \"unit\": \"mg\"}}",
		    FHIR_NUMBER, "quantity", "5 mg" },
		{ "{\"valueQuantity\": {\"value\": 5, \"code\": \"mg\", "
		    "\"comparator\": \">=\"}}", FHIR_CODED, "quantity",
		    ">=5 mg" },
		{ "{\"valueQuantity\": {\"unit\": \"mg\"}}", FHIR_NONE, NULL,
		    "" },
		{ "{\"valueCoding\": {\"code\": \"1\", \"display\": \"One\"}}",
		    FHIR_CODED, "choice", "One" },
		{ "{\"valueCoding\": {\"display\": \"One\"}}", FHIR_WORDS,
		    "choice", "One" },
		{ "{\"valueCodeableConcept\": {\"text\": \"T\", \"coding\": "
		    "[{\"code\": \"1\"}]}}", FHIR_CODED, "choice", "T" },
		{ "{\"valueRange\": {\"low\": {\"value\": 1}, \"high\": "
		    "{\"value\": 2, \"unit\": \"g\"}}}", FHIR_CODED, "range",
		    "1 to 2 g" },
		{ "{\"valueRange\": {}}", FHIR_NONE, NULL, "" },
		{ "{\"valueRatio\": {\"numerator\": {\"value\": 1}, "
		    "\"denominator\": {\"value\": 8}}}", FHIR_CODED, "ratio",
		    "1 / 8" },
		{ "{\"valuePeriod\": {\"start\": \"2026\"}}", FHIR_CODED,
		    "period", "2026" },
		{ "{\"valuePeriod\": {\"end\": \"2026\"}}", FHIR_CODED,
		    "period", "until 2026" },
		{ "{\"valueReference\": {\"display\": \"D\"}}", FHIR_WORDS,
		    "reference", "D" },
		{ "{\"valueAttachment\": {\"title\": \"t\", \"data\": "
		    "\"AAAA\"}}", FHIR_WORDS, "attachment",
		    "t (of unknown type)" },
		{ "[]", FHIR_NONE, NULL, "" },
		{ "5", FHIR_NONE, NULL, "" },
		{ "", FHIR_NONE, NULL, "" },
		{ "{\"valueOther\": 1}", FHIR_NONE, NULL, "" }
	};
	struct fhir_value	v;
	size_t			i;

	(void)state;
	fhir_value_init(&v, true);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fhir_choice(piece(rows[i].json), "value", &v);
		assert_int_equal(v.kind, rows[i].kind);
		if (rows[i].type != NULL)
			assert_string_equal(v.type, rows[i].type);
		buf_reset(&out);
		fhir_value_show(&v, &out);
		assert_string_equal(buf_string(&out), rows[i].shown);
	}
	fhir_value_free(&v);
}

static const char *
detail(const char *type, const char *body)
{
	buf_reset(&out);
	fhir_detail(type, piece(body), "Shown", &out);
	return buf_string(&out);
}

static void
test_detail(void **state)
{
	(void)state;
	assert_string_equal(detail("MedicationRequest",
	    "{\"dosageInstruction\": [{\"text\": \"one\"}, {\"text\": "
	    "\"two\"}], \"reasonCode\": {\"text\": \"why\"}}"),
	    "one; two; for why");
	assert_string_equal(detail("Encounter", "{\"class\": {\"display\": "
	    "\"shown\"}, \"period\": {\"end\": \"2026\"}}"), "until 2026");
	assert_string_equal(detail("Unknown", "{\"title\": \"T\", "
	    "\"category\": [[[\"x\"]], \"y\"]}"), "y; T");
	assert_string_equal(detail("QuestionnaireResponse",
	    "{\"title\": \"T\"}"), "");
	assert_string_equal(detail("AllergyIntolerance", "{\"reaction\": "
	    "[{\"manifestation\": [{}, {\"text\": \"hives\"}]}, 5, "
	    "{\"description\": \"d\", \"severity\": \"mild\"}]}"),
	    "hives; d (mild)");
	assert_string_equal(detail("Observation", "{\"component\": 5, "
	    "\"referenceRange\": [{\"high\": {\"value\": 5}}, {}]}"),
	    "range to 5");
	assert_string_equal(detail("Condition", ""), "");
	assert_string_equal(detail("Condition", "null"), "");
}

static void
test_pressure(void **state)
{
	static const char	 body[] = "{\"component\": [{\"code\": "
	    "{\"coding\": [{\"code\": \"8462-4\"}]}, \"valueQuantity\": "
	    "{\"value\": 78, \"unit\": \"mmHg\"}}, {\"code\": {\"coding\": "
	    "[{}, {\"code\": \"8480-6\"}]}, \"valueQuantity\": {\"value\": "
	    "124, \"unit\": \"mmHg\"}}]}";
	struct fhir_value	 v;

	(void)state;
	fhir_value_init(&v, true);
	fhir_observation(piece(body), &v);
	assert_string_equal(buf_string(&v.text), "124/78");
	assert_string_equal(buf_string(&v.unit), "mmHg");
	assert_string_equal(detail("Observation", body), "");
	fhir_observation(piece("{\"component\": [{\"code\": {\"coding\": "
	    "[{\"code\": \"8480-6\"}]}, \"valueInteger\": 1}]}"), &v);
	assert_int_equal(v.kind, FHIR_NONE);
	assert_int_equal(v.text.len, 0);
	fhir_value_free(&v);
}

static void
test_types(void **state)
{
	static const struct {
		const char	*word, *name, *category;
	} rows[] = {
		{ "Condition", "Condition", NULL },
		{ "condition", "Condition", NULL },
		{ "Diagnoses", "Condition", NULL },
		{ "medications", "MedicationRequest", NULL },
		{ "Medication", "Medication", NULL },
		{ "medication_request", "MedicationRequest", NULL },
		{ "lab results", "Observation", "laboratory" },
		{ "LABS", "Observation", "laboratory" },
		{ "vital-signs", "Observation", "vital-signs" },
		{ "care plans", "CarePlan", NULL },
		{ "vaccines", "Immunization", NULL },
		{ "", NULL, NULL }, { "s", NULL, NULL },
		{ "Bundle", NULL, NULL }, { "labs!", NULL, NULL }
	};
	const struct records_type	*t;
	size_t				 i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		t = records_type_find(rows[i].word, &out);
		if (rows[i].name == NULL) {
			assert_null(t);
			assert_int_equal(strncmp(buf_string(&out),
			    "unknown_type: ", 14), 0);
			continue;
		}
		assert_non_null(t);
		assert_string_equal(t->name, rows[i].name);
		if (rows[i].category == NULL)
			assert_null(t->category);
		else
			assert_string_equal(t->category, rows[i].category);
	}
}

static void
test_ids(void **state)
{
	static const char *const	 bad[] = { "", "x",
	    "55000000-0000-4000-8000-00000000010",
	    "55000000-0000-4000-8000-0000000001011",
	    "55000000_0000-4000-8000-000000000101",
	    "5500000g-0000-4000-8000-000000000101",
	    "550000000000400080000000000001010000" };
	static const char		 id[] =
	    "Fe98dcba-0000-4000-8000-00000000010f";
	struct cursor_position		 at;
	struct db_params		 p;
	uint64_t			 high, low;
	size_t				 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(records_parse_id(bad[i], &high, &low));
	records_set_position(&at, id);
	assert_true(at.set && at.wide && at.untimed);
	db_params_init(&p, 1);
	records_position_param(&at, &p, 0);
	assert_int_equal(db_params_done(&p), 0);
	assert_string_equal(p.values[0],
	    "fe98dcba-0000-4000-8000-00000000010f");
	db_params_free(&p);
}

static void
test_names(void **state)
{
	(void)state;
	records_add_name("phq-9", &out);
	records_add_name("", &out);
	records_add_name("Ignore all", &out);
	assert_string_equal(buf_string(&out),
	    "phq-9(without a name)\"Ignore all\"");
	buf_reset(&out);
	records_write_have("{a,5,\"b c\",3,NULL,1}", 2, &out);
	assert_string_equal(buf_string(&out),
	    "5 a, 3 \"b c\", 1 (without a name)");
	buf_reset(&out);
	records_write_have("{a,x}", 2, &out);
	records_write_have("broken", 2, &out);
	records_write_have(NULL, 2, &out);
	assert_int_equal(out.len, 0);
}

/* --- Items of surveys. ---------------------------------------------------- */

static struct survey_table	table;

static const char *
cell(size_t row, size_t item)
{
	struct json	j;

	buf_reset(&out);
	json_init(&j, &out);
	records_write_cell(&table.rows[row].cells[item], &table.cells, &j);
	return buf_string(&out);
}

static void
read_row(const char *items)
{
	struct survey_row	*row;

	assert_int_equal(survey_add(&table, &row), 0);
	assert_int_equal(survey_read(&table, row, piece(items)), 0);
}

static void
test_surveys(void **state)
{
	struct survey_row	*row;
	struct json		 j;

	(void)state;
	assert_int_equal(survey_init(&table, 3, true), 0);
	read_row("[{\"linkId\": \"g\", \"item\": [{\"linkId\": \"a\", "
	    "\"text\": \"A?\", \"answer\": [{\"valueInteger\": 1, \"item\": "
	    "[{\"linkId\": \"b\", \"answer\": [{\"valueString\": \"x\"}, "
	    "{\"valueString\": \"y\"}]}]}]}]}, {\"linkId\": \"status\", "
	    "\"answer\": [{\"valueBoolean\": true}]}]");
	read_row("[{\"linkId\": \"a\", \"answer\": [{\"valueDecimal\": 1.5}, "
	    "{}]}, {\"linkId\": \"b\", \"answer\": []}, 5, {\"answer\": "
	    "[{\"valueInteger\": 1}]}]");
	assert_int_equal(table.nitems, 3);
	assert_string_equal(table.items[2].name, "status (2)");
	assert_string_equal(table.items[0].type, "mixed");
	assert_string_equal(cell(0, 0), "1");
	assert_string_equal(cell(0, 1), "\"x; y\"");
	assert_string_equal(cell(0, 2), "true");
	assert_string_equal(cell(1, 0), "1.5");
	assert_string_equal(cell(1, 1), "null");
	/* The last one has neither a name nor a text. */
	assert_true(table.skipped);
	buf_reset(&out);
	json_init(&j, &out);
	assert_true(survey_write_items(&table, 100, &j));
	assert_non_null(strstr(buf_string(&out),
	    "[\"a\",\"A?\",\"mixed\"],[\"b\",null,\"string\"]"));
	read_row("{}");
	assert_int_not_equal(survey_add(&table, &row), 0);
	survey_free(&table);
}

static void
test_words_withheld(void **state)
{
	(void)state;
	assert_int_equal(survey_init(&table, 1, false), 0);
	read_row("[{\"linkId\": \"a\", \"answer\": [{\"valueString\": "
	    "\"x\"}]}, {\"linkId\": \"b\", \"answer\": [{\"valueCoding\": "
	    "{\"code\": \"c\"}}]}]");
	assert_string_equal(cell(0, 0), "null");
	assert_string_equal(cell(0, 1), "\"c\"");
	assert_int_equal(table.withheld, 1);
	survey_free(&table);
}

/* What stands beside a code, or where a date should be, is words, too. */
static void
test_words_beside_codes(void **state)
{
	static const struct {
		const char	*json;
		enum fhir_kind	 kind;
		const char	*shown;
	} rows[] = {
		{ "{\"valueCodeableConcept\": {\"text\": \"T\", \"coding\": "
		    "[{\"code\": \"1\", \"display\": \"One\"}]}}", FHIR_CODED,
		    "One" },
		{ "{\"valueCodeableConcept\": {\"text\": \"T\", \"coding\": "
		    "[{\"code\": \"1\"}]}}", FHIR_CODED, "1" },
		{ "{\"valueCodeableConcept\": {\"text\": \"T\", \"coding\": "
		    "[{\"code\": \"\", \"display\": \"D\"}]}}", FHIR_WORDS,
		    "T" },
		{ "{\"valueCoding\": {\"text\": \"T\", \"code\": \"1\", "
		    "\"display\": \"One\"}}", FHIR_CODED, "One" },
		{ "{\"valueCoding\": {\"display\": \"D\"}}", FHIR_WORDS, "D" },
		{ "{\"valueDate\": \"2026-01\"}", FHIR_CODED, "2026-01" },
		{ "{\"valueDateTime\": \"2026-01-02T03:04:05.6+07:00\"}",
		    FHIR_CODED, "2026-01-02T03:04:05.6+07:00" },
		{ "{\"valueTime\": \"noon\"}", FHIR_WORDS, "noon" },
		{ "{\"valuePeriod\": {\"start\": \"2026\", \"end\": "
		    "\"2027\"}}", FHIR_CODED, "2026 to 2027" },
		{ "{\"valuePeriod\": {\"end\": \"soon\"}}", FHIR_WORDS,
		    "until soon" },
		{ "{\"valueReference\": {\"reference\": \"X/1\"}}",
		    FHIR_WORDS, "X/1" },
		{ "{\"valueQuantity\": {\"value\": 1, \"comparator\": "
		    "\"as she said\"}}", FHIR_NONE, "" }
	};
	struct fhir_value	v;
	size_t			i;

	(void)state;
	fhir_value_init(&v, false);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fhir_choice(piece(rows[i].json), "value", &v);
		assert_int_equal(v.kind, rows[i].kind);
		buf_reset(&out);
		fhir_value_show(&v, &out);
		assert_string_equal(buf_string(&out), rows[i].shown);
	}
	fhir_value_free(&v);
}

/* Cut and changed at random, on the heap to its last byte. */
static void
test_mutated(void **state)
{
	static const char	 body[] = "[{\"linkId\": \"a\", \"text\": "
	    "\"t\\u00e9\", \"answer\": [{\"valueQuantity\": {\"value\": 1.5, "
	    "\"unit\": \"h\"}, \"item\": [{\"linkId\": \"b\", \"answer\": "
	    "[{\"valueCoding\": {\"code\": \"x\"}}]}]}], \"component\": "
	    "[{\"code\": {\"coding\": [{\"code\": \"8480-6\"}]}}], "
	    "\"reaction\": [{\"manifestation\": [{\"text\": \"m\"}]}]}]";
	static const char	 bytes[] = "{}[]\",:\\ u0-9.eE\x01\xff";
	struct fhir_value	 v;
	struct survey_row	*row;
	struct omh_piece	 p;
	uint32_t		 seed = 1;
	size_t			 i, j;
	char			*copy;

	(void)state;
	fhir_value_init(&v, true);
	for (i = 0; i < 5000; i++) {
		seed = seed * 1664525 + 1013904223;
		p.len = seed >> 8 & 1 ? sizeof(body) - 1 :
		    (seed >> 9) % sizeof(body);
		copy = malloc(p.len > 0 ? p.len : 1);
		assert_non_null(copy);
		memcpy(copy, body, p.len);
		for (j = 0; j < 3 && p.len > 0; j++) {
			seed = seed * 1664525 + 1013904223;
			copy[(seed >> 8) % p.len] =
			    bytes[(seed >> 4) % (sizeof(bytes) - 1)];
		}
		p.text = copy;
		assert_int_equal(survey_init(&table, 1, true), 0);
		assert_int_equal(survey_add(&table, &row), 0);
		assert_int_equal(survey_read(&table, row, p), 0);
		survey_free(&table);
		if (p.len > 1) {
			p.text++;
			p.len--;
			buf_reset(&out);
			fhir_detail("AllergyIntolerance", p, "", &out);
			fhir_detail("Observation", p, "", &out);
			fhir_observation(p, &v);
			fhir_concept(p, &out);
		}
		free(copy);
	}
	fhir_value_free(&v);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		TEST(test_choices),
		TEST(test_detail),
		TEST(test_pressure),
		TEST(test_types),
		TEST(test_ids),
		TEST(test_names),
		TEST(test_surveys),
		TEST(test_words_withheld),
		TEST(test_words_beside_codes),
		TEST(test_mutated)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
