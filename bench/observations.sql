-- SPDX-License-Identifier: MIT
--
-- Observations in great quantity, in a study of their own that manager_maya
-- sees beside hers.  For benches and for tests of plans; psql variables:
--
--	observations	how many, in all (200000)
--	patients	of how many patients; the last one has a tenth
--
-- Half are glucose, a quarter heart rate; steps, blood pressure, sleep,
-- weight, oxygen and temperature make the rest.  Readings are five minutes
-- apart and end at one moment.  They lie in the table as they arrived, so that
-- those of one patient are scattered over all of it.  Rows of even patients
-- are as bulk_create leaves them: without effective_* columns.

\set ON_ERROR_STOP 1
\if :{?observations}
\else
	\set observations 200000
\endif
\if :{?patients}
\else
	\set patients 100
\endif
SET timezone = 'UTC';
SET client_min_messages = warning;
-- Foreign keys would be checked row by row at the end, out of memory.
SET session_replication_role = replica;
BEGIN;

INSERT INTO core_organization (id, name, type, part_of_id, last_updated)
VALUES (29001, 'Bench', 'edu', 0, '2026-01-01Z');
INSERT INTO core_study (id, name, description, organization_id, icon_url,
    last_updated)
VALUES (39001, 'Bench', 'Many readings', 29001, NULL, '2026-01-01Z');
INSERT INTO core_practitionerorganization (practitioner_id, organization_id,
    role)
SELECT id, 29001, 'manager' FROM core_practitioner WHERE jhe_user_id = 10001;
INSERT INTO core_studyscoperequest (study_id, scope_code_id, scope_actions)
SELECT 39001, code, 'rs' FROM unnest('{50001,50002,50003,50004,50005,50008,
    50012,50013}'::bigint[]) code;
INSERT INTO core_patient (id, jhe_user_id, name_family, name_given,
    birth_date, telecom_phone, last_updated)
SELECT 200000 + n, NULL, 'Bench', 'Patient ' || n, date '1950-01-01' + n * 97,
    NULL, '2026-01-01Z'
FROM generate_series(1, :patients) n;
INSERT INTO core_patientorganization (patient_id, organization_id)
SELECT 200000 + n, 29001 FROM generate_series(1, :patients) n;
INSERT INTO core_studypatient (study_id, patient_id)
SELECT 39001, 200000 + n FROM generate_series(1, :patients) n;
INSERT INTO core_studypatientscopeconsent (study_patient_id, scope_code_id,
    scope_actions, consented, consented_time)
SELECT sp.id, r.scope_code_id, 'rs', true, '2026-01-01Z'
FROM core_studypatient sp
JOIN core_studyscoperequest r ON r.study_id = sp.study_id
WHERE sp.study_id = 39001;

CREATE FUNCTION pg_temp.unit(value numeric, unit text) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT jsonb_build_object('value', value, 'unit', unit)
$$;

CREATE FUNCTION pg_temp.measure(code bigint, n bigint) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE code
	WHEN 50001 THEN jsonb_build_object('blood_glucose',
	    pg_temp.unit(70 + n * 37 % 170, 'mg/dL'),
	    'specimen_source', 'interstitial fluid')
	WHEN 50004 THEN jsonb_build_object('heart_rate',
	    pg_temp.unit(52 + n * 13 % 70, 'beats/min'))
	WHEN 50012 THEN jsonb_build_object('step_count',
	    pg_temp.unit(n * 71 % 600, 'steps'))
	WHEN 50002 THEN jsonb_build_object(
	    'systolic_blood_pressure', pg_temp.unit(105 + n * 7 % 50, 'mmHg'),
	    'diastolic_blood_pressure', pg_temp.unit(62 + n * 5 % 35, 'mmHg'),
	    'body_posture', 'sitting')
	WHEN 50013 THEN jsonb_build_object('sleep_stage_summary',
	    jsonb_build_object(
		'total_sleep_time', pg_temp.unit(400 + n % 90, 'min'),
		'light_sleep_duration', pg_temp.unit(210 + n % 60, 'min'),
		'deep_sleep_duration', pg_temp.unit(80 + n % 30, 'min'),
		'rem_sleep_duration', pg_temp.unit(1.5, 'h')),
	    'is_main_sleep', true)
	WHEN 50008 THEN jsonb_build_object('body_weight',
	    pg_temp.unit(55 + n % 400 * 0.1, 'kg'))
	WHEN 50005 THEN jsonb_build_object('oxygen_saturation',
	    pg_temp.unit(91 + n % 9, '%'))
	ELSE jsonb_build_object('body_temperature',
	    pg_temp.unit(36.2 + n % 20 * 0.1, 'C'))
	END
$$;

CREATE FUNCTION pg_temp.iso(t timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT to_char(t, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;

-- Made again at the end, in a tenth of the time.
SET maintenance_work_mem = '512MB';
CREATE TEMP TABLE kept ON COMMIT DROP AS
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS text
FROM pg_index
WHERE indrelid = 'core_observation'::regclass AND NOT indisprimary;
SELECT 'DROP INDEX ' || name FROM kept \gexec

SELECT :observations / :patients AS each \gset
-- Ten kinds of patients, whose readings the others repeat: to make each
-- reading anew would take six times as long.
CREATE TEMP TABLE reading ON COMMIT DROP AS
SELECT k, kind, code, t, lasts, jsonb_build_object(
    'header', jsonb_build_object(
	'uuid', md5(kind || ':' || k)::uuid,
	'schema_id', jsonb_build_object('namespace', 'omh',
	    'name', 'bench', 'version', '1.0'),
	'source_creation_date_time', pg_temp.iso(t), 'modality', 'sensed'),
    'body', pg_temp.measure(code, k * 3 + kind) || jsonb_build_object(
	'effective_time_frame', CASE WHEN code IN (50012, 50013)
	THEN jsonb_build_object('time_interval', jsonb_build_object(
	    'start_date_time', pg_temp.iso(t),
	    'end_date_time', pg_temp.iso(t + lasts)))
	ELSE jsonb_build_object('date_time', pg_temp.iso(t)) END)) AS omh_data
FROM generate_series(0, :each - 1) k
CROSS JOIN generate_series(0, 9) kind
CROSS JOIN LATERAL (SELECT
    ('{50001,50004,50001,50012,50001,50004,50001,50002,50001,50004,50001,50013,
    50001,50004,50001,50012,50001,50004,50001,0}'::bigint[])[1 + k % 20]
	AS often,
    ('{50008,50005,50003,50005}'::bigint[])[1 + k / 20 % 4] AS seldom,
    timestamptz '2026-08-21 14:00Z' - (:each - 1 - k) * interval '5 min' AS t
) x
CROSS JOIN LATERAL (SELECT CASE often WHEN 0 THEN seldom ELSE often END AS code,
    CASE often WHEN 50013 THEN interval '7 h' ELSE interval '5 min' END
	AS lasts
) y;
CREATE INDEX ON reading (k, kind);
ANALYZE reading;

-- In the order of arrival: no plan but this one keeps it.
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off;
INSERT INTO core_observation (subject_patient_id, codeable_concept_id,
    data_source_id, omh_data, status, last_updated, ow_key,
    effective_date_time, effective_period_start, effective_period_end)
SELECT 200000 + patient, code, CASE WHEN code IN (50001, 50002) THEN 70001
	ELSE 70004 END,
    omh_data, 'final', t + interval '1 h', 'ow:' || patient || ':' || r.k,
    CASE WHEN patient % 2 = 1 AND code NOT IN (50012, 50013) THEN t END,
    CASE WHEN patient % 2 = 1 AND code IN (50012, 50013) THEN t END,
    CASE WHEN patient % 2 = 1 AND code IN (50012, 50013) THEN t + lasts END
FROM generate_series(0, :each - 1) arrival
CROSS JOIN generate_series(1, :patients) patient
JOIN reading r ON r.k = arrival AND r.kind = patient % 10
WHERE patient < :patients OR r.k % 10 = 0;

SELECT text FROM kept \gexec
COMMIT;

SET session_replication_role = origin;
VACUUM ANALYZE core_observation;
ANALYZE;
