-- SPDX-License-Identifier: MIT
--
-- FHIR records that came from elsewhere (core_fhirauxresource): five types,
-- each patient of 20001, 20003 and 20005 has a source and ten records.  The
-- patient is the source's, whatever subject.reference says.

\set ON_ERROR_STOP 1
SET timezone = 'UTC';
SET client_min_messages = warning;
BEGIN;

INSERT INTO core_fhirsource (id, patient_id, data_source_id, label,
    fhir_base_url, last_updated)
SELECT 90000 + row_number() OVER (ORDER BY patient_id, organization_id),
    patient_id, 70005, CASE WHEN patient_id % 2 = 0 THEN '' ELSE 'Portal' END,
    'https://example.com/fhir', '2026-03-01Z'
FROM core_patientorganization WHERE organization_id IN (20001, 20003, 20005);

INSERT INTO core_fhirauxresource (id, fhir_source_id, resource_type,
    patient_fhir_id, fhir_resource_id, fhir_data, ref_indexed, last_updated)
SELECT md5('aux' || s.id || ':' || k)::uuid, s.id, type,
    'up-' || s.patient_id, type || '-' || k,
    jsonb_build_object('id', md5('aux' || s.id || ':' || k)::uuid,
	'subject', jsonb_build_object('reference', 'Patient/up-1'),
	'status', 'completed') ||
    CASE type
    WHEN 'Condition' THEN jsonb_build_object(
	'code', jsonb_build_object('text', 'Condition ' || k,
	    'coding', jsonb_build_array(jsonb_build_object(
	    'system', 'http://snomed.info/sct', 'code', '44054006'))),
	'recordedDate', '2026-02-0' || 1 + k % 9)
    WHEN 'MedicationRequest' THEN jsonb_build_object('intent', 'order',
	'authoredOn', '2026-02')
    WHEN 'Encounter' THEN jsonb_build_object('period',
	jsonb_build_object('start', '2026-02-11T09:00:00-08:00'))
    WHEN 'QuestionnaireResponse' THEN jsonb_build_object(
	'questionnaire', 'Questionnaire/weekly-symptom-severity-vas',
	'authored', '2026-03-0' || 1 + k % 9,
	'item', jsonb_build_array(jsonb_build_object('linkId',
	    'cough-severity', 'answer', jsonb_build_array(
	    jsonb_build_object('valueInteger', k * 10)))))
    ELSE jsonb_build_object('effectiveDateTime', '2026-02-12') END,
    k % 2 = 0, timestamptz '2026-03-02Z' + k * interval '1 h'
FROM core_fhirsource s, generate_series(0, 9) k, LATERAL (SELECT (ARRAY[
    'Condition', 'MedicationRequest', 'Encounter', 'QuestionnaireResponse',
    'Observation'])[1 + k % 5] AS type) x;

COMMIT;
