-- SPDX-License-Identifier: MIT
-- Purpose: ages of all patients of a study whom the person may list; no row if
--     the person may not see the study.
--     A birth date in the future is no birth date.
-- Parameters:
--   $1 person    bigint       core_jheuser.id
--   $2 claims    bigint[]     studies the login allows; NULL: not narrowed
--   $3 study     bigint       core_study.id
--   $4 now       timestamptz  when the ages are taken
--   $5 timezone  text         of the day
--   $6 cap       integer      greater ages are given as this; NULL: no cap
-- Columns:
--   team    boolean  false: the person only takes part
--   total   bigint   patients
--   known   bigint   of these with an age
--   min     integer
--   median  float8
--   max     integer
-- Example: 10001, NULL, 30001, '2026-08-21T00:00:00Z', 'UTC', NULL
\ir ../rbac/rules.psql

PREPARE patient_ages (bigint, bigint[], bigint, timestamptz, text, integer) AS
SELECT :study_as_team AS team,
	count(sp.id) AS total,
	count(y.age) AS known,
	min(y.age) AS min,
	percentile_cont(0.5) WITHIN GROUP (ORDER BY y.age) AS median,
	max(y.age) AS max
FROM public.core_study s
LEFT JOIN public.core_studypatient sp ON sp.study_id = s.id AND :roster_listed
LEFT JOIN public.core_patient p ON p.id = sp.patient_id
CROSS JOIN LATERAL (
	SELECT CASE WHEN isfinite(p.birth_date)
		AND p.birth_date <= ($4 AT TIME ZONE $5)::date
	THEN least(date_part('year', age(($4 AT TIME ZONE $5)::date::timestamp,
		p.birth_date::timestamp))::integer, $6) END AS age) y
WHERE s.id = $3 AND :study_mine
GROUP BY s.id;
