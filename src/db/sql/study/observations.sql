-- SPDX-License-Identifier: MIT
-- Purpose: what a study has of each data type it requests: of the patients
--     whose data the person may read.
-- Parameters:
--   $1 person    bigint    core_jheuser.id
--   $2 claims    bigint[]  studies the login allows; NULL: not narrowed
--   $3 study     bigint    core_study.id
--   $4 timezone  text      of the days
-- Columns:
--   concept_id    bigint
--   patients      bigint  with at least one observation
--   observations  bigint
--   withheld      bigint  further ones that the consent gate holds back
--   withheld_patients  bigint  of whom
--   first         date    by the time of measurement; NULL: none is dated
--   last          date
-- Example: 10001, NULL, 30001, 'UTC'
\ir ../rbac/rules.psql

PREPARE study_observations (bigint, bigint[], bigint, text) AS
WITH readable AS MATERIALIZED (
	SELECT p.id
	FROM public.core_study s
	JOIN public.core_studypatient sp ON sp.study_id = s.id
	JOIN public.core_patient p ON p.id = sp.patient_id
	WHERE s.id = $3 AND :roster_listed AND :patient_readable)
SELECT x.concept_id,
	count(DISTINCT x.patient_id) FILTER (WHERE x.open) AS patients,
	count(*) FILTER (WHERE x.open) AS observations,
	count(*) FILTER (WHERE NOT x.open) AS withheld,
	count(DISTINCT x.patient_id) FILTER (WHERE NOT x.open)
		AS withheld_patients,
	-- What no calendar has, in any zone, is not dated.
	(min(x.at) FILTER (WHERE x.open AND x.at
		BETWEEN timestamptz '0001-01-02 00:00Z'
		AND timestamptz '9999-12-30 00:00Z')
		AT TIME ZONE $4)::date AS first,
	(max(x.at) FILTER (WHERE x.open AND x.at
		BETWEEN timestamptz '0001-01-02 00:00Z'
		AND timestamptz '9999-12-30 00:00Z')
		AT TIME ZONE $4)::date AS last
FROM (
	SELECT o.codeable_concept_id AS concept_id,
		o.subject_patient_id AS patient_id,
		:observation_open_in_study AS open,
		:observation_time AS at
	FROM public.core_study s
	JOIN public.core_observation o
		ON o.subject_patient_id IN (SELECT readable.id FROM readable)
	WHERE s.id = $3 AND :observation_requested
	-- Keeps the time from being worked out once for each aggregate.
	OFFSET 0) x
GROUP BY x.concept_id;
