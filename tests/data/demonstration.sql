-- SPDX-License-Identifier: MIT
--
-- A demonstration, beside the test data and not part of it (`up
-- --demonstration` loads it): what a researcher asks about.  Nobody here
-- exists.  All of it is deterministic relative to the minute it is loaded.
--
-- demo@example.com (10901, password Jhe1234!) is manager of 20901 and sees
-- 30901 CGM & Wearables Demo	20 patients 40901 to 40920: glucose every 15
--				minutes for 14 days, eight wearable records a
--				day for 66 to 180 days, clinical records
-- 30902 Home Blood Pressure	7 patients 40921 to 40927: blood pressure for
--				150 days, weight for 12 weeks in kg or lb,
--				weekly symptom scores
-- 30903 CGM Comparison		6 patients 40928 to 40933: glucose for 14 days
-- 30904 Sensor Pilot		3 patients 40934 to 40936: as in 30901, for 40
--				days, and what goes wrong with data
--
-- Out of the ordinary in 30901: 40904 sent nothing for 10 days, 40909 for 19
-- days, 40920 never; 40903, 40907, 40911, 40915 and 40919 wore the sensor on 9
-- of 14 days; 40918 has values under 54; 40916 has one value over 240 on 12
-- days.  In 30904: 40934 and 40935 have duplicates, 40935 a day in mmol/L,
-- 40936 undated and unreadable rows and one in the future.

\set ON_ERROR_STOP 1
SET timezone = 'UTC';
SET client_min_messages = warning;
BEGIN;

CREATE FUNCTION pg_temp.unit(value numeric, unit text) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT jsonb_build_object('value', value, 'unit', unit)
$$;
CREATE FUNCTION pg_temp.iso(t timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;
CREATE FUNCTION pg_temp.interval(t timestamptz, u timestamptz) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('effective_time_frame', jsonb_build_object(
	    'time_interval', jsonb_build_object('start_date_time',
	    pg_temp.iso(t), 'end_date_time', pg_temp.iso(u))))
$$;
-- Looks like noise, is none: -n to n.
CREATE FUNCTION pg_temp.noise(n int, VARIADIC seed bigint[]) RETURNS int
LANGUAGE sql IMMUTABLE AS $$
	SELECT ('x' || left(md5(seed::text), 6))::bit(24)::int % (2 * n + 1) - n
$$;

SELECT date_trunc('minute', now()) AS now,
    date_trunc('day', now()) AS today \gset

INSERT INTO core_organization (id, name, type, part_of_id, last_updated)
VALUES (20901, 'Planetary Research Institute', 'edu', 0, :'now');

INSERT INTO core_jheuser (id, password, is_superuser, first_name, last_name,
    is_staff, is_active, date_joined, email, email_is_verified, identifier,
    user_type)
SELECT 10901, u.password, false, 'Dana', 'Demo', false, true, :'now',
    'demo@example.com', true, '', 'practitioner'
FROM core_jheuser u WHERE u.id = 10001;
INSERT INTO core_practitioner (id, jhe_user_id, identifier, name_family,
    name_given, last_updated, settings)
VALUES (80901, 10901, '', 'Demo', 'Dana', :'now', '{}');
INSERT INTO core_practitionerorganization (practitioner_id, organization_id,
    role)
VALUES (80901, 20901, 'manager');

-- Patients: 26 to 65 years old.
INSERT INTO core_patient (id, jhe_user_id, name_family, name_given,
    birth_date, telecom_phone, last_updated)
SELECT 40900 + i, NULL, (ARRAY['Abara', 'Brandt', 'Castillo', 'Dhar', 'Egede',
    'Fontaine', 'Gallo', 'Haddad', 'Ivanova', 'Jensen', 'Kaya', 'Lindqvist',
    'Mbeki', 'Nguyen', 'Okafor', 'Petrov', 'Quispe', 'Rossi', 'Sato', 'Tanaka',
    'Ueda', 'Varga', 'Weiss', 'Xu', 'Yilmaz', 'Zhang', 'Almeida', 'Bauer',
    'Cohen', 'Duarte', 'Eriksen', 'Farouk', 'Greco', 'Horvat', 'Iqbal',
    'Jovanovic'])[i],
    (ARRAY['Ada', 'Ben', 'Carla', 'Dev', 'Edda', 'Fleur', 'Gino', 'Hala',
    'Irina', 'Jonas', 'Kemal', 'Linnea', 'Musa', 'May', 'Obi', 'Pavel',
    'Rosa', 'Silvio', 'Sora', 'Taro', 'Umi', 'Viktor', 'Wanda', 'Xin', 'Yasin',
    'Zoe', 'Ana', 'Bruno', 'Chaim', 'Dulce', 'Eva', 'Fadi', 'Gaia', 'Hugo',
    'Imran', 'Jana'])[i],
    (:'today'::date - interval '1 year' * (24 + (i - 1) % 20 * 2 + 2) -
	interval '1 day' * (40 + i * 7))::date,
    '+1 555 09' || lpad(i::text, 2, '0'), :'now'
FROM generate_series(1, 36) i;
INSERT INTO core_patientorganization (patient_id, organization_id)
SELECT 40900 + i, 20901 FROM generate_series(1, 36) i;

INSERT INTO core_study (id, name, description, organization_id, last_updated)
VALUES
    (30901, 'CGM & Wearables Demo', 'CGM and wearable ring data.',
	20901, :'now'),
    (30902, 'Home Blood Pressure', 'With weight and symptoms.', 20901, :'now'),
    (30903, 'CGM Comparison', 'A second group.', 20901, :'now'),
    (30904, 'Sensor Pilot', 'Three people try it.', 20901, :'now');
INSERT INTO core_studypatient (id, study_id, patient_id)
SELECT 9000 + i, CASE WHEN i <= 20 THEN 30901 WHEN i <= 27 THEN 30902
    WHEN i <= 33 THEN 30903 ELSE 30904 END, 40900 + i FROM generate_series(1, 36) i;
INSERT INTO core_datasource (id, name, type, last_updated) VALUES
    (70901, 'Dexcom', 'personal_device', :'now'),
    (70902, 'Oura', 'personal_device', :'now'),
    (70903, 'iHealth', 'personal_device', :'now'),
    (70904, 'Smart Scale', 'personal_device', :'now'),
    (70905, 'Health Portal', 'medical_device', :'now');
INSERT INTO core_studydatasource (study_id, data_source_id) VALUES
    (30901, 70901), (30901, 70902), (30902, 70903), (30902, 70904),
    (30903, 70901), (30904, 70901), (30904, 70902);
INSERT INTO core_studyscoperequest (study_id, scope_code_id, scope_actions)
SELECT study, code, 'rs' FROM (VALUES
    (30901, '{50001,50011,50012,50013,50014,50015,50004,50006,50005}'::int[]),
    (30902, '{50002,50008,50016}'), (30903, '{50001}'),
    (30904, '{50001,50011,50012,50013,50014,50015,50004,50006,50005}')) r (study, codes),
    unnest(codes) code;

-- Consents: 40904 refused three, 40909 and 40920 have one to answer.
INSERT INTO core_studypatientscopeconsent (study_patient_id, scope_code_id,
    scope_actions, consented, consented_time)
SELECT sp.id, r.scope_code_id, 'rs', NOT (sp.patient_id = 40904 AND
	r.scope_code_id IN (50001, 50013, 50004)),
    :'today'::timestamptz - interval '180 days' + (sp.id - 9000) *
	interval '4 days' + interval '9 h'
FROM core_studypatient sp
JOIN core_studyscoperequest r ON r.study_id = sp.study_id
WHERE sp.study_id BETWEEN 30901 AND 30904
AND NOT (sp.patient_id = 40909 AND r.scope_code_id = 50005)
AND NOT (sp.patient_id = 40920 AND r.scope_code_id = 50006);

CREATE TEMP TABLE row (
	seq bigint GENERATED ALWAYS AS IDENTITY,
	patient bigint, concept bigint, source bigint, at timestamptz,
	stored timestamptz, modality text DEFAULT 'sensed', body jsonb
) ON COMMIT DROP;

-- When a patient of 30901 stopped sending; 40920 has nothing.
CREATE TEMP TABLE wearer ON COMMIT DROP AS
SELECT i, 40900 + i AS patient, CASE WHEN i > 33 THEN 40 ELSE 60 + i * 6
	END AS days,
    CASE i WHEN 4 THEN :'now'::timestamptz - interval '10 days'
	WHEN 9 THEN :'now'::timestamptz - interval '19 days'
	ELSE :'now'::timestamptz END AS until,
    CASE WHEN i > 33 THEN 0 WHEN i % 4 = 3 THEN 5 ELSE i % 4 END AS missed
FROM generate_series(1, 36) i WHERE i < 20 OR i > 33;

-- Glucose: three meals by the clock of Los Angeles.
INSERT INTO row (patient, concept, source, at, stored, body)
SELECT patient, 50001, 70901, t, t + interval '5 min',
    jsonb_build_object('blood_glucose', CASE
	WHEN i = 35 AND d = 5 THEN pg_temp.unit(round(value / 18.0182, 1),
	    'mmol/L')
	ELSE pg_temp.unit(value, 'mg/dL') END,
    'effective_time_frame', jsonb_build_object('date_time', pg_temp.iso(t)))
FROM (
	SELECT i, patient, t, d, CASE
	    WHEN i = 18 AND d % 3 = 1 AND hour >= 3 AND hour < 3.5
		THEN 50 + d % 4
	    WHEN i = 16 AND hour >= 8 AND hour < 8.25 AND d < 12
		THEN 241 + d % 6
	    ELSE round((92 + i + pg_temp.noise(12, i, k) +
		(42 + i * 2) * (exp(-power(hour - 7.5, 2)) +
		exp(-power(hour - 12.8, 2)) + exp(-power(hour - 19, 2))))
		::numeric) END AS value
	FROM (
		SELECT w.i, w.patient, w.until, w.missed, k,
		    :'now'::timestamptz - k * interval '15 min' AS t,
		    k / 96 AS d
		FROM (SELECT * FROM wearer UNION ALL
		    SELECT i, 40900 + i, 0, :'now'::timestamptz, 0
		    FROM generate_series(28, 33) i) w,
		    generate_series(0, 1344) k
	) w, LATERAL (SELECT extract(epoch FROM
	    (t AT TIME ZONE 'America/Los_Angeles')::time) / 3600.0 AS hour) h
	WHERE t <= until AND (d * 5 + i * 3) % 14 >= missed
) g;

-- A ring: one record a day or night of each of eight types.
INSERT INTO row (patient, concept, source, at, stored, body)
SELECT patient, concept, 70902, slept, woke + interval '20 min',
    CASE concept
    WHEN 50011 THEN jsonb_build_object('activity_name', 'Daily activity',
	'distance', pg_temp.unit(steps * 0.75, 'm'),
	'kcal_burned', pg_temp.unit(180 + steps * 0.04, 'kcal'))
    WHEN 50012 THEN jsonb_build_object('step_count',
	pg_temp.unit(steps, 'steps'), 'descriptive_statistic', 'sum')
    WHEN 50013 THEN jsonb_build_object('sleep_stage_summary',
	jsonb_build_object(
	    'total_sleep_time', pg_temp.unit(asleep, 'min'),
	    'light_sleep_duration', pg_temp.unit(asleep - 84 - deep, 'min'),
	    'deep_sleep_duration', pg_temp.unit(deep, 'min'),
	    'rem_sleep_duration', pg_temp.unit(84, 'min'),
	    'sleep_efficiency_percentage',
	    pg_temp.unit(round(asleep / 4.8, 1), '%')))
    WHEN 50014 THEN jsonb_build_object(
	'total_sleep_time', pg_temp.unit(asleep, 'min'),
	'sleep_maintenance_efficiency_percentage',
	pg_temp.unit(round(asleep / 4.8, 1), '%'), 'is_main_sleep', true)
    WHEN 50015 THEN jsonb_build_object('sleep_duration',
	pg_temp.unit(asleep, 'min'))
    WHEN 50004 THEN jsonb_build_object('heart_rate',
	pg_temp.unit(round(52 + i % 9 + pg_temp.noise(30, i, d, 4) / 10.0,
	1), 'beats/min'), 'descriptive_statistic', 'average')
    WHEN 50006 THEN jsonb_build_object('respiratory_rate',
	pg_temp.unit(round(13 + pg_temp.noise(12, i, d, 6) / 10.0, 1),
	'breaths/min'),
	'descriptive_statistic', 'average')
    ELSE jsonb_build_object('oxygen_saturation',
	pg_temp.unit(round(97 + pg_temp.noise(12, i, d, 5) / 10.0, 1), '%'),
	'descriptive_statistic', 'average') END ||
    CASE WHEN concept IN (50011, 50012) THEN pg_temp.interval(day,
	day + interval '1 day - 1 s')
    ELSE pg_temp.interval(slept, woke) END
FROM (
	SELECT w.i, w.patient, d, w.until,
	    :'today'::timestamptz - d * interval '1 day' AS day,
	    :'today'::timestamptz - d * interval '1 day' - interval '1 h' -
		(i % 5) * interval '10 min' AS slept,
	    :'today'::timestamptz - d * interval '1 day' + interval '7 h' -
		(i % 5) * interval '10 min' AS woke,
	    CASE WHEN extract(isodow FROM :'today'::timestamptz -
		d * interval '1 day') > 5 THEN 6200 ELSE 8400 END +
		pg_temp.noise(2400, i, d, 1) + i * 20 AS steps,
	    396 + pg_temp.noise(70, i, d, 2) AS asleep,
	    72 + pg_temp.noise(20, i, d, 3) AS deep
	FROM wearer w, LATERAL generate_series(0, w.days - 1) d
) n, unnest('{50011,50012,50013,50014,50015,50004,50006,50005}'::bigint[])
    concept
WHERE day <= until;

-- Blood pressure in the morning, one in seven typed in; weight on Mondays.
INSERT INTO row (patient, concept, source, at, stored, modality, body)
SELECT 40900 + i, 50002, 70903, t, t + interval '1 min',
    CASE WHEN d % 7 = 0 THEN 'self-reported' ELSE 'sensed' END,
    jsonb_build_object(
	'systolic_blood_pressure',
	    pg_temp.unit(116 + i % 7 * 3 + pg_temp.noise(9, i, d, 1), 'mmHg'),
	'diastolic_blood_pressure',
	    pg_temp.unit(74 + i % 7 * 2 + pg_temp.noise(6, i, d, 2), 'mmHg'),
	'effective_time_frame',
	jsonb_build_object('date_time', pg_temp.iso(t)))
FROM generate_series(21, 27) i, generate_series(0, 149) d,
    LATERAL (SELECT :'today'::timestamptz - (d + 1) * interval '1 day' +
    interval '7 h 10 min' + d % 20 * interval '1 min' AS t) x;
INSERT INTO row (patient, concept, source, at, stored, body)
SELECT 40900 + i, 50008, 70904, t, t + interval '1 min',
    jsonb_build_object('body_weight', CASE WHEN i % 2 = 0
	THEN pg_temp.unit(round((68 + i % 7 * 4 - w * 0.2) / 0.45359237, 1),
	    'lb')
	ELSE pg_temp.unit(68 + i % 7 * 4 - w * 0.2, 'kg') END,
	'effective_time_frame',
	jsonb_build_object('date_time', pg_temp.iso(t)))
FROM generate_series(21, 27) i, generate_series(0, 11) w, LATERAL (
    SELECT date_trunc('week', :'today'::timestamptz) -
    w * interval '7 days' + interval '6 h 30 min' AS t) x
WHERE t < :'now'::timestamptz;

-- What is wrong with the data.
INSERT INTO row (patient, concept, source, at, stored, body)
SELECT patient, concept, source, at, stored + interval '1 h', body
FROM row WHERE concept = 50001 AND patient IN (40934, 40935)
ORDER BY at DESC, patient LIMIT 14;
INSERT INTO row (patient, concept, source, at, stored, body)
SELECT 40936, 50001, 70901, NULL::timestamptz,
    :'now'::timestamptz - interval '2 h',
    jsonb_build_object('blood_glucose', pg_temp.unit(100 + k, 'mg/dL'))
FROM generate_series(1, 6) k
UNION ALL
SELECT 40936, 50001, 70901, NULL::timestamptz,
    :'now'::timestamptz - interval '2 h',
    jsonb_build_object('blood_glucose', 'high', 'effective_time_frame',
	jsonb_build_object('date_time', pg_temp.iso(:'now'::timestamptz -
	k * interval '7 h 7 min')))
FROM generate_series(1, 3) k
UNION ALL
SELECT 40936, 50001, 70901, NULL::timestamptz,
    :'now'::timestamptz - interval '2 h',
    jsonb_build_object('blood_glucose', pg_temp.unit(110, 'mg/dL'),
	'effective_time_frame', jsonb_build_object('date_time',
	pg_temp.iso(:'now'::timestamptz + interval '40 days')));

-- In bulk: no effective_* columns, as such an import leaves them.
INSERT INTO core_observation (id, subject_patient_id, codeable_concept_id,
    data_source_id, omh_data, status, last_updated)
SELECT 200000 + row_number() OVER (ORDER BY r.at NULLS FIRST, r.seq), patient,
    concept, source, jsonb_build_object('header', jsonb_build_object(
	'uuid', md5('demonstration' || seq)::uuid,
	'schema_id', jsonb_build_object(
	    'namespace', split_part(c.coding_code, ':', 1),
	    'name', split_part(c.coding_code, ':', 2),
	    'version', split_part(c.coding_code, ':', 3)),
	'source_creation_date_time', pg_temp.iso(coalesce(at, stored)),
	'modality', modality), 'body', body), 'final', stored
FROM row r JOIN core_codeableconcept c ON c.id = concept;

INSERT INTO core_fhirsource (id, patient_id, data_source_id, label,
    fhir_base_url, last_updated)
SELECT 90900 + i, 40900 + i, 70905, 'Portal', 'https://example.com/fhir',
    :'now' FROM generate_series(1, 27) i;

CREATE TEMP TABLE record (source bigint, type text, seq int, body jsonb)
ON COMMIT DROP;
-- Weekly scores: 12 weeks, slowly better.
INSERT INTO record
SELECT 90900 + i, 'QuestionnaireResponse', w, jsonb_build_object(
    'status', 'completed',
    'questionnaire', 'Questionnaire/weekly-symptom-severity-vas',
    'authored', to_char(:'today'::date - (w * 7 + 2), 'YYYY-MM-DD'),
    'item', (SELECT jsonb_agg(jsonb_build_object('linkId', name, 'answer',
	jsonb_build_array(jsonb_build_object('valueInteger',
	base + w * 3 + pg_temp.noise(4, i, w, base)))) ORDER BY base DESC)
	FROM (VALUES ('cough-severity', 30), ('dyspnea-severity', 26),
	('fatigue-severity', 22)) s (name, base)))
FROM generate_series(21, 27) i, generate_series(0, 11) w;
-- Medicines: metformin in 14 patients, six others each out of thirty.
INSERT INTO record
SELECT 90900 + i, 'MedicationRequest', m * 10 + n, jsonb_build_object(
    'status', CASE WHEN n = 0 AND m % 8 <> 4 THEN 'active'
	ELSE 'completed' END,
    'intent', 'order', 'authoredOn',
    to_char(:'today'::date - (n * 180 + m * 9 + i), 'YYYY-MM-DD'),
    'medication', jsonb_build_object('concept', jsonb_build_object('coding',
	jsonb_build_array(jsonb_build_object(
	    'system', 'http://www.nlm.nih.gov/research/umls/rxnorm',
	    'code', (860975 + m * 17)::text, 'display', drug.name)),
	'text', drug.name)),
    'dosageInstruction', jsonb_build_array(jsonb_build_object('text',
	(ARRAY['1 tablet twice a day', '1 tablet daily', '1 tablet at night',
	'as needed'])[1 + m % 4])))
FROM generate_series(1, 18) i, generate_series(0, 30) m,
    generate_series(0, 1) n, LATERAL (SELECT CASE m
	WHEN 0 THEN 'metformin 500 MG tablet'
	WHEN 1 THEN 'lisinopril 10 MG tablet'
	WHEN 2 THEN 'atorvastatin 20 MG tablet'
	ELSE 'drug ' || chr(62 + m % 26) || m || ' 10 MG' END
	AS name) drug
WHERE CASE m WHEN 0 THEN i <= 14 ELSE (m * 7 + i * 5) % 30 < 6 END;
INSERT INTO record
SELECT 90900 + i, 'Condition', c, jsonb_build_object(
    'clinicalStatus', jsonb_build_object('coding', jsonb_build_array(
	jsonb_build_object('code', 'active'))),
    'code', jsonb_build_object('coding', jsonb_build_array(
	jsonb_build_object('system', 'http://snomed.info/sct',
	'code', (ARRAY['44054006', '38341003', '55822004'])[c],
	'display', (ARRAY['Type 2 diabetes mellitus', 'Hypertension',
	'Hyperlipidemia'])[c]))),
    'recordedDate', to_char(:'today'::date - 900 - i * 11, 'YYYY-MM-DD'))
FROM generate_series(1, 20) i, generate_series(1, 3) c WHERE i % c = 0;
INSERT INTO record
SELECT 90900 + i, 'Encounter', n, jsonb_build_object('status', 'completed',
    'class', jsonb_build_array(jsonb_build_object('coding',
	jsonb_build_array(jsonb_build_object('code', 'AMB', 'display',
	'ambulatory')))),
    'type', jsonb_build_array(jsonb_build_object('text',
	(ARRAY['Follow-up visit', 'Annual physical', 'Diabetes education'])
	[1 + n % 3])),
    'actualPeriod', jsonb_build_object(
	'start', pg_temp.iso(:'today'::timestamptz - n * interval '45 days' +
	    interval '15 h'),
	'end', pg_temp.iso(:'today'::timestamptz - n * interval '45 days' +
	    interval '15 h 30 min')))
FROM generate_series(1, 20) i, generate_series(1, 8) n;
INSERT INTO record
SELECT 90900 + i, 'Observation', n, jsonb_build_object('status', 'final',
    'category', jsonb_build_array(jsonb_build_object('coding',
	jsonb_build_array(jsonb_build_object('code', 'laboratory')))),
    'code', jsonb_build_object('coding', jsonb_build_array(
	jsonb_build_object('system', 'http://loinc.org', 'code', '4548-4',
	'display', 'Hemoglobin A1c'))),
    'effectiveDateTime', to_char(:'today'::date - n * 91, 'YYYY-MM-DD'),
    'valueQuantity', jsonb_build_object('value', 5.4 + i * 0.1 + n * 0.1,
	'unit', '%'))
FROM generate_series(1, 20) i, generate_series(1, 5) n;

INSERT INTO core_fhirauxresource (id, fhir_source_id, resource_type,
    patient_fhir_id, fhir_resource_id, fhir_data, ref_indexed, last_updated)
SELECT id, source, type, 'demo-' || source, type || '-' || seq,
    body || jsonb_build_object('id', id, 'subject', jsonb_build_object(
	'reference', 'Patient/demo-' || source)), false, :'now'
FROM record, LATERAL (SELECT md5('demonstration' || source || type ||
    seq)::uuid AS id) x;

COMMIT;
ANALYZE;
