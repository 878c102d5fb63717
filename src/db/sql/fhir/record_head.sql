-- SPDX-License-Identifier: MIT
-- f = :fhir_records: a table of one row, used as CROSS JOIN LATERAL
-- :record_head h: what every type of FHIR record has under other names, in
-- the forms of R4 and of R5.  The body is unpacked once for all of it, and no
-- body makes it fail: what is not there or is of another shape is NULL.
--     r_date text        as written: a year, month, day or instant
--     r_at timestamptz   the instant; NULL if only a year, month or day is said
--     r_first timestamp  the beginning of that year, month or day, on the
--                        clock of wherever it was; NULL for an instant
--     r_after timestamp  the beginning of the next one
--     r_code text        of the first coding; a response's questionnaire
--     r_display text     of the first coding
--     r_text text        how the concept was put by whoever chose it
--     r_concept jsonb    all of it
--     r_status text
--     r_status_words boolean  it is text without a code
-- A medication may stand in the record itself, or be a record of the same
-- patient to which it refers, if the consent gate lets that through.
-- Each OFFSET 0 is there so that what is below is computed once, and not for
-- each use.  A time without an offset is UTC.  Dates: days that exist, years 0001 to
-- 9999; anything else is no date.
(SELECT
	r_date,
	CASE WHEN length(r_date) > 10 THEN (r_date ||
	    CASE WHEN substr(r_date, 17) ~ '[Zz+-]' THEN '' ELSE 'Z' END
	    )::timestamptz END AS r_at,
	CASE WHEN length(r_date) <= 10
	    THEN rpad(r_date, 10, '-01-01')::timestamp END AS r_first,
	CASE WHEN length(r_date) <= 10
	    THEN rpad(r_date, 10, '-01-01')::timestamp + CASE length(r_date)
		WHEN 4 THEN interval '1 year' WHEN 7 THEN interval '1 month'
		ELSE interval '1 day' END END AS r_after,
	coalesce(r_concept #>> '{coding,0,code}', r_concept ->> 'code')
	    AS r_code,
	coalesce(r_concept #>> '{coding,0,display}', r_concept ->> 'display')
	    AS r_display,
	CASE WHEN jsonb_typeof(r_concept -> 'text') = 'string'
	    THEN r_concept ->> 'text'
	    WHEN jsonb_typeof(r_concept) = 'string'
	    THEN r_concept #>> '{}' END AS r_text,
	r_concept,
	r_status,
	r_status_words
FROM (SELECT
	CASE WHEN r_when ~ r_iso AND r_when >= '0001' COLLATE "C"
	    THEN r_when END AS r_date,
	CASE WHEN r_one ? 'concept' THEN r_one -> 'concept'
	    WHEN r_one ? 'reference' THEN coalesce(
		CASE WHEN left(r_one ->> 'reference', 1) = '#' THEN
		    jsonb_path_query_first(r_contained,
			'$[*] ? (@.id == $id).code', jsonb_build_object('id',
			substr(r_one ->> 'reference', 2)), true) END,
		CASE WHEN r_named IS NULL AND r_where ~ r_uuid THEN (
		    SELECT f.body -> 'code'
		    FROM :fhir_records f
		    WHERE f.id = substr(r_where, 12)::uuid
		    AND f.patient_id = r_whose
		    AND f.resource_type = 'Medication'
		    AND :record_open) END,
		jsonb_build_object('text', r_named))
	    ELSE r_one END AS r_concept,
	CASE WHEN jsonb_typeof(r_state) = 'object' THEN coalesce(
		r_state #>> '{coding,0,code}', r_state ->> 'text')
	    WHEN jsonb_typeof(r_state) = 'string'
	    THEN r_state #>> '{}' END AS r_status,
	coalesce(jsonb_typeof(r_state) = 'object'
	    AND r_state #>> '{coding,0,code}' IS NULL
	    AND r_state ->> 'text' IS NOT NULL, false) AS r_status_words
	FROM (SELECT
		CASE WHEN jsonb_typeof(r_said) = 'array' THEN r_said -> 0
		    ELSE r_said END AS r_one,
		r_state, r_when, r_contained, r_whose,
		coalesce(r_said -> 'display', r_said #> '{reference,display}')
		    AS r_named,
		coalesce(r_said #>> '{reference,reference}',
		    r_said ->> 'reference') AS r_where,
		'^Medication/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
		    AS r_uuid,
		'^([0-9]{4}(-(0[1-9]|1[0-2]))?$'
		'|([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])'
		'|(0[469]|11)-(0[1-9]|[12][0-9]|30)'
		'|02-(0[1-9]|1[0-9]|2[0-8]))'
		'|([0-9]{2}(0[48]|[2468][048]|[13579][26])'
		'|([02468][048]|[13579][26])00)-02-29)'
		'([Tt ]([01][0-9]|2[0-3]):[0-5][0-9]'
		'(:[0-5][0-9]([.][0-9]{1,9})?)?'
		'([Zz]|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)?)?$)' AS r_iso
		FROM (SELECT
			coalesce(r_b."recordedDate", r_b."authoredOn",
			    r_b.authored, r_b."effectiveDateTime",
			    r_b."effectivePeriod" ->> 'start',
			    r_b."effectiveInstant", r_b."performedDateTime",
			    r_b."performedPeriod" ->> 'start',
			    r_b."occurrenceDateTime",
			    r_b."occurrencePeriod" ->> 'start',
			    r_b."occurredDateTime",
			    r_b."occurredPeriod" ->> 'start',
			    r_b."onsetDateTime", r_b."onsetPeriod" ->> 'start',
			    r_b."whenHandedOver", r_b."whenPrepared",
			    r_b.date, r_b."actualPeriod" ->> 'start',
			    r_b.period ->> 'start', r_b."startDate",
			    r_b.recorded, r_b.created, r_b.issued,
			    r_b."statusDate") AS r_when,
			coalesce(r_b."clinicalStatus", r_b."lifecycleStatus",
			    r_b.status) AS r_state,
			r_b.contained AS r_contained,
			f.patient_id AS r_whose,
			CASE f.resource_type
			WHEN 'Encounter' THEN coalesce(r_b.type, r_b.class)
			WHEN 'CarePlan' THEN coalesce(r_b.category, r_b.title)
			WHEN 'CareTeam' THEN coalesce(r_b.category, r_b.name)
			WHEN 'Goal' THEN r_b.description
			WHEN 'RelatedPerson' THEN r_b.relationship
			WHEN 'Provenance' THEN r_b.activity
			WHEN 'Patient' THEN NULL
			WHEN 'Practitioner' THEN NULL
			WHEN 'QuestionnaireResponse' THEN
			    jsonb_build_object('code', :record_questionnaire)
			ELSE coalesce(r_b.code,
			    r_b."medicationCodeableConcept", r_b.medication,
			    r_b."medicationReference", r_b."vaccineCode",
			    r_b.type) END
			    AS r_said
			FROM jsonb_to_record(CASE WHEN jsonb_typeof(f.body) =
			    'object' THEN f.body ELSE '{}'::jsonb END) AS r_b (
			    "recordedDate" text, "authoredOn" text,
			    authored text, "effectiveDateTime" text,
			    "effectivePeriod" jsonb, "effectiveInstant" text,
			    "performedDateTime" text, "performedPeriod" jsonb,
			    "occurrenceDateTime" text,
			    "occurrencePeriod" jsonb, "occurredDateTime" text,
			    "occurredPeriod" jsonb, "onsetDateTime" text,
			    "onsetPeriod" jsonb, "whenHandedOver" text,
			    "whenPrepared" text, date text,
			    "actualPeriod" jsonb, period jsonb,
			    "startDate" text, recorded text, created text,
			    issued text, "statusDate" text,
			    "clinicalStatus" jsonb, "lifecycleStatus" jsonb,
			    status jsonb, contained jsonb, type jsonb,
			    class jsonb, category jsonb, title jsonb,
			    name jsonb, description jsonb, relationship jsonb,
			    activity jsonb, "medicationCodeableConcept" jsonb,
			    medication jsonb, "medicationReference" jsonb,
			    "vaccineCode" jsonb, code jsonb)
			OFFSET 0
		) r_picked) r_read
	OFFSET 0) r_shown)
