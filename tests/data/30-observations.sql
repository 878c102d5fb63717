-- SPDX-License-Identifier: MIT
--
-- Observations in quantity: 15 types, every form of effective_time_frame,
-- ids from 61001, measured from 2026-05-01 on.
--
-- A row is described in `gen` (patient, type, instant, form of its time,
-- measure) and rendered by one INSERT.  Rows with bulk set are as bulk_create
-- leaves them: NULL effective_* columns and one last_updated for the batch.
-- The others carry columns consistent with their JSON.
--
-- Forms: 0 date_time Z; 1 date_time with offset; 2 date_time without offset
-- (UTC); 3 date_time with a fraction and offset; 4 start and end; 5 start and
-- duration; 6 end and duration; 7 date and part of day; 8 none.

\set ON_ERROR_STOP 1
SET timezone = 'UTC';
SET client_min_messages = warning;
BEGIN;

CREATE FUNCTION pg_temp.unit(value numeric, unit text) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT jsonb_build_object('value', value, 'unit', unit)
$$;

-- The instant at an offset of so many minutes; NULL: without offset, 0: Z.
CREATE FUNCTION pg_temp.iso(t timestamptz, off int, fraction text DEFAULT '')
RETURNS text LANGUAGE sql STABLE AS $$
	SELECT to_char((t AT TIME ZONE 'UTC') + coalesce(off, 0) *
	    interval '1 min', 'YYYY-MM-DD"T"HH24:MI:SS') || fraction ||
	    CASE WHEN off IS NULL THEN '' WHEN off = 0 THEN 'Z'
	    ELSE to_char(sign(off) * (abs(off) / 60), 'SG00') || ':' ||
	    to_char(abs(off) % 60, 'FM00') END
$$;

CREATE FUNCTION pg_temp.frame(form int, t timestamptz, minutes int, off int)
RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT CASE
	WHEN form = 8 THEN '{}'::jsonb
	ELSE jsonb_build_object('effective_time_frame', CASE
	WHEN form = 0 THEN jsonb_build_object('date_time', pg_temp.iso(t, 0))
	WHEN form = 1 THEN jsonb_build_object('date_time', pg_temp.iso(t, off))
	WHEN form = 2 THEN jsonb_build_object('date_time',
	    pg_temp.iso(t, NULL))
	WHEN form = 3 THEN jsonb_build_object('date_time',
	    pg_temp.iso(t, off, '.250'))
	ELSE jsonb_build_object('time_interval', CASE form
	WHEN 4 THEN jsonb_build_object(
	    'start_date_time', pg_temp.iso(t, off),
	    'end_date_time', pg_temp.iso(t + minutes * interval '1 min', off))
	WHEN 5 THEN jsonb_build_object(
	    'start_date_time', pg_temp.iso(t, off),
	    'duration', CASE WHEN minutes % 1440 = 0
		THEN pg_temp.unit(minutes / 1440, 'd')
		ELSE pg_temp.unit(minutes, 'min') END)
	WHEN 6 THEN jsonb_build_object(
	    'end_date_time', pg_temp.iso(t + minutes * interval '1 min', off),
	    'duration', CASE WHEN minutes % 60 = 0
		THEN pg_temp.unit(minutes / 60, 'h')
		ELSE pg_temp.unit(minutes * 60, 'sec') END)
	ELSE jsonb_build_object('date', to_char(t, 'YYYY-MM-DD'),
	    'part_of_day', (ARRAY['night', 'morning', 'afternoon',
	    'evening'])[1 + extract(hour FROM t)::int / 6])
	END) END) END
$$;

CREATE TEMP TABLE gen (
	seq bigint GENERATED ALWAYS AS IDENTITY,
	patient bigint, concept bigint, k int, t timestamptz, form int,
	minutes int DEFAULT 0, measure jsonb, source bigint, bulk boolean
) ON COMMIT DROP;

CREATE TEMP TABLE who (grp text, patient bigint) ON COMMIT DROP;
INSERT INTO who
SELECT 'lake', n FROM generate_series(40004, 40015) n UNION ALL
SELECT 'med', n FROM generate_series(40016, 40022) n UNION ALL
SELECT 'sleep', n FROM generate_series(40023, 40029) n UNION ALL
SELECT 'cardio', n FROM generate_series(40030, 40036) n UNION ALL
SELECT 'well', n FROM generate_series(40037, 40042) n UNION ALL
VALUES ('lake', 40001), ('lake', 40043), ('lake', 40045), ('lake', 40049),
    ('med', 40002), ('med', 40044), ('med', 40051), ('sleep', 40003),
    ('sleep', 40049), ('cardio', 40001), ('cardio', 40050), ('odd', 40046),
    ('odd', 40047);

-- Glucose: every 15 minutes; even patients in bulk, every fifth in mmol/L.
INSERT INTO gen (patient, concept, k, t, form, measure, source, bulk)
SELECT patient, 50001, k, timestamptz '2026-05-01Z' + k * interval '15 min',
    CASE WHEN k % 10 < 6 THEN 0 WHEN k % 10 < 8 THEN 1 WHEN k % 10 = 8
	THEN 2 ELSE 3 END,
    jsonb_build_object('blood_glucose', CASE WHEN patient % 5 = 0
	THEN pg_temp.unit(round((70 + (k * 37 + patient) % 130) / 18.016, 1),
	    'mmol/L')
	ELSE pg_temp.unit(70 + (k * 37 + patient) % 130, 'mg/dL') END) ||
    CASE WHEN k % 8 = 0 THEN '{"temporal_relationship_to_meal": "fasting",
	"specimen_source": "interstitial fluid"}'::jsonb ELSE '{}' END,
    70001, patient % 2 = 0
FROM who, generate_series(0, 399) k WHERE grp = 'lake';

-- Heart rate: everybody, hourly.
INSERT INTO gen (patient, concept, k, t, form, minutes, measure, source, bulk)
SELECT DISTINCT ON (patient, k) patient, 50004, k,
    timestamptz '2026-05-02 00:05Z' + k * interval '1 h',
    CASE WHEN k % 9 = 0 THEN 4 WHEN k % 11 = 0 THEN 2 ELSE k % 2 END, 5,
    jsonb_build_object('heart_rate', pg_temp.unit(
	55 + (k * 13 + patient) % 60 + CASE k % 4 WHEN 0 THEN 0.5 ELSE 0 END,
	'beats/min')) ||
    CASE WHEN k % 9 = 0 THEN '{"descriptive_statistic": "average"}'::jsonb
	ELSE '{}' END,
    CASE WHEN patient % 2 = 0 THEN 70004 ELSE 70002 END, k % 3 = 0
FROM who, generate_series(0, 99) k;

-- Blood pressure: twice a day; 30004 does not request it of its patients.
INSERT INTO gen (patient, concept, k, t, form, measure, source, bulk)
SELECT patient, 50002, k, timestamptz '2026-05-01 07:00Z' +
    k * interval '12 h', k % 4,
    jsonb_build_object(
	'systolic_blood_pressure',
	    pg_temp.unit(105 + (k * 7 + patient) % 50, 'mmHg'),
	'diastolic_blood_pressure',
	    pg_temp.unit(62 + (k * 5 + patient) % 35, 'mmHg'),
	'body_posture', (ARRAY['sitting', 'lying down', 'standing'])
	    [1 + k % 3]),
    70002, k % 4 = 1
FROM who, generate_series(0, 119) k WHERE grp IN ('med', 'cardio')
    AND patient NOT IN (40001, 40050);

-- Temperature in C, F or K by patient, by part of day at times.
INSERT INTO gen (patient, concept, k, t, form, measure, source, bulk)
SELECT patient, 50003, k, timestamptz '2026-05-01 08:00Z' +
    k * interval '30 h', CASE WHEN k % 5 = 0 THEN 7 ELSE 1 END,
    jsonb_build_object('body_temperature', CASE patient % 3
	WHEN 0 THEN pg_temp.unit(36.2 + (k % 20) * 0.1, 'C')
	WHEN 1 THEN pg_temp.unit(97.2 + (k % 20) * 0.2, 'F')
	ELSE pg_temp.unit(309.35 + (k % 20) * 0.1, 'K') END,
	'measurement_location', 'oral'),
    NULL, k % 2 = 0
FROM who, generate_series(0, 29) k WHERE grp = 'well';

INSERT INTO gen (patient, concept, k, t, form, measure, source, bulk)
SELECT patient, 50005, k, timestamptz '2026-05-01 03:00Z' +
    k * interval '1 day', k % 3,
    jsonb_build_object('oxygen_saturation',
	pg_temp.unit(91 + (k + patient) % 9, '%')), 70004, k % 2 = 0
FROM who, generate_series(0, 59) k WHERE grp = 'sleep'
UNION ALL
SELECT patient, 50006, k, timestamptz '2026-05-01 03:10Z' +
    k * interval '1 day', k % 4,
    jsonb_build_object('respiratory_rate',
	pg_temp.unit(11 + (k * 3 + patient) % 9, 'breaths/min')), 70004,
    k % 2 = 1
FROM who, generate_series(0, 59) k WHERE grp = 'sleep';

-- RR intervals: all in bulk, some without any time.
INSERT INTO gen (patient, concept, k, t, form, measure, source, bulk)
SELECT patient, 50007, k, timestamptz '2026-05-03 12:00Z' +
    k * interval '1 s', CASE WHEN k % 50 = 0 THEN 8 ELSE 3 END,
    jsonb_build_object('rr_interval',
	pg_temp.unit(650 + (k * 31 + patient) % 400, 'ms')), 70002, true
FROM who, generate_series(0, 199) k WHERE grp = 'cardio';

-- Weight: kg, or lb, at times g or oz.
INSERT INTO gen (patient, concept, k, t, form, measure, source, bulk)
SELECT patient, 50008, k, timestamptz '2026-01-05 06:30Z' +
    k * interval '7 days', CASE WHEN k % 10 = 9 THEN 8 ELSE k % 3 END,
    jsonb_build_object('body_weight', CASE
	WHEN patient % 4 = 0 THEN pg_temp.unit(150.5 + k * 0.2, 'lb')
	WHEN k = 7 THEN pg_temp.unit(71300 + k, 'g')
	WHEN k = 8 THEN pg_temp.unit(2511.5, 'oz')
	ELSE pg_temp.unit(70.1 + k * 0.1, 'kg') END),
    CASE WHEN k % 2 = 0 THEN NULL ELSE 70003 END, k % 5 = 0
FROM who, generate_series(0, 29) k
WHERE grp IN ('lake', 'well') AND patient NOT IN (40001, 40045);

INSERT INTO gen (patient, concept, k, t, form, measure, source, bulk)
SELECT patient, 50009 + v, k, timestamptz '2026-05-04 10:00Z' +
    k * interval '7 days', k % 2,
    jsonb_build_object(CASE v WHEN 0 THEN 'forced_vital_capacity'
	ELSE 'forced_expiratory_volume_1_second' END,
	pg_temp.unit(3.9 - v * 0.8 + (k % 5) * 0.05, 'L'),
	'measurement_quality', (ARRAY['acceptable', 'usable', 'rejected'])
	    [1 + k % 3]), 70002, k % 2 = 0
FROM who, generate_series(0, 7) k, generate_series(0, 1) v
WHERE grp = 'sleep';

INSERT INTO gen (patient, concept, k, t, form, minutes, measure, source, bulk)
SELECT patient, 50011, k, timestamptz '2026-05-01 17:00Z' +
    k * interval '1 day', CASE WHEN k % 6 = 5 THEN 8 ELSE 4 + k % 3 END,
    30 + k % 3 * 15,
    jsonb_build_object('activity_name', (ARRAY['Walking', 'Running',
	'Swimming', 'Cycling'])[1 + k % 4],
	'reported_activity_intensity', (ARRAY['light', 'moderate',
	'vigorous'])[1 + k % 3]) ||
    CASE WHEN k % 4 = 3 THEN '{}' ELSE jsonb_build_object(
	'distance', CASE WHEN k % 2 = 0 THEN pg_temp.unit(2.5 + k % 7, 'km')
	    ELSE pg_temp.unit(1.5 + k % 5, 'mi') END,
	'kcal_burned', pg_temp.unit(120 + k * 3, 'kcal'),
	'met_value', 3.5 + k % 4) END,
    70004, k % 2 = 0
FROM who, generate_series(0, 59) k WHERE grp = 'well';

-- Steps: a day, hour by hour at times.
INSERT INTO gen (patient, concept, k, t, form, minutes, measure, source, bulk)
SELECT patient, 50012, k, timestamptz '2026-04-01 00:00Z' +
    k * interval '1 day', CASE WHEN k % 3 = 2 THEN 6 ELSE 4 + k % 3 END,
    CASE WHEN k % 3 = 2 THEN 60 ELSE 1440 END,
    jsonb_build_object('step_count',
	pg_temp.unit(2000 + (k * 719 + patient) % 11000, 'steps')),
    70004, patient % 2 = 1
FROM who, generate_series(0, 89) k WHERE grp IN ('lake', 'well')
    AND patient NOT IN (40001, 40045);

-- Sleep: three types a night, 22:30 at UTC-7, so that days differ by zone.
INSERT INTO gen (patient, concept, k, t, form, minutes, measure, source, bulk)
SELECT patient, concept, k, timestamptz '2026-05-01 05:30Z' +
    k * interval '1 day', 4 + (k + concept::int) % 3, 420 + k % 7 * 15,
    CASE concept
    WHEN 50013 THEN jsonb_build_object('sleep_stage_summary',
	jsonb_build_object(
	    'total_sleep_time', pg_temp.unit(400 + k % 7 * 15, 'min'),
	    'light_sleep_duration', pg_temp.unit(210 + k % 60, 'min'),
	    'deep_sleep_duration', pg_temp.unit(80 + k % 30, 'min'),
	    'rem_sleep_duration', pg_temp.unit(1.5, 'h'),
	    'awake_duration', pg_temp.unit(1200, 'sec'),
	    'sleep_efficiency_percentage', pg_temp.unit(80 + k % 18, '%'),
	    'number_of_awakenings', k % 5),
	'is_main_sleep', k % 13 <> 0)
    WHEN 50014 THEN jsonb_build_object(
	'total_sleep_time', pg_temp.unit(400 + k % 7 * 15, 'min'),
	'latency_to_sleep_onset', pg_temp.unit(12 + k % 9, 'min'),
	'latency_to_arising', pg_temp.unit(300 + k, 'sec'),
	'wake_after_sleep_onset', pg_temp.unit(20 + k % 11, 'min'),
	'number_of_awakenings', k % 5,
	'is_main_sleep', true,
	'sleep_maintenance_efficiency_percentage',
	    pg_temp.unit(82 + k % 15, '%'))
    ELSE jsonb_build_object('sleep_duration', CASE patient % 3
	WHEN 0 THEN pg_temp.unit(6 + k % 3 + 0.25, 'h')
	WHEN 1 THEN pg_temp.unit(400 + k % 7 * 15, 'min')
	ELSE pg_temp.unit(24000 + k * 60, 'sec') END) END,
    70004, k % 3 = 1
FROM who, generate_series(0, 89) k, unnest('{50013,50014,50015}'::bigint[])
    concept
WHERE grp = 'sleep';

INSERT INTO core_observation (id, subject_patient_id, codeable_concept_id,
    data_source_id, omh_data, status, last_updated, ow_key,
    effective_date_time, effective_period_start, effective_period_end)
SELECT 61000 + seq, patient, concept,
    CASE WHEN k % 7 = 6 THEN NULL ELSE source END,
    jsonb_build_object('header', jsonb_build_object(
	'uuid', md5(seq::text)::uuid,
	'schema_id', jsonb_build_object(
	    'namespace', split_part(c.coding_code, ':', 1),
	    'name', split_part(c.coding_code, ':', 2),
	    'version', split_part(c.coding_code, ':', 3)),
	'source_creation_date_time', pg_temp.iso(ended, off),
	'modality', CASE WHEN k % 5 = 4 THEN 'self-reported'
	    ELSE 'sensed' END),
	'body', measure || pg_temp.frame(form, t, minutes, off)),
    CASE WHEN k % 97 = 96 THEN 'amended' WHEN k % 89 = 88
	THEN 'entered-in-error' ELSE 'final' END,
    CASE WHEN bulk THEN timestamptz '2026-09-01Z' + patient % 100 *
	interval '1 min' ELSE ended + interval '1 h' END,
    CASE WHEN bulk THEN 'ow:' || concept || ':' || patient || ':' || k END,
    CASE WHEN NOT bulk AND form <= 3 THEN t + CASE form WHEN 3
	THEN interval '250 ms' ELSE interval '0' END END,
    CASE WHEN NOT bulk THEN CASE WHEN form BETWEEN 4 AND 6 THEN t
	WHEN form = 7 THEN part END END,
    CASE WHEN NOT bulk THEN CASE WHEN form BETWEEN 4 AND 6 THEN ended
	WHEN form = 7 THEN part + interval '6 h' END END
FROM gen
JOIN core_codeableconcept c ON c.id = concept
CROSS JOIN LATERAL (SELECT
    t + minutes * interval '1 min' AS ended,
    date_trunc('day', t) + (extract(hour FROM t)::int / 6) * interval '6 h'
	AS part,
    (ARRAY[-420, 330, 0, 120])[1 + patient % 4] AS off) x
ORDER BY seq;

INSERT INTO core_observationidentifier (observation_id, system, value)
SELECT id, CASE WHEN id % 20 = 0 THEN NULL ELSE 'https://example.com/obs' END,
    'OBS-' || id
FROM core_observation WHERE id % 10 = 0;

COMMIT;
