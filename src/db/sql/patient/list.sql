-- SPDX-License-Identifier: MIT
-- Purpose: patients of a study whom the person may list, by id, a page of them;
--     identifying fields only as far as asked for.
-- Parameters:
--   $1 person       bigint       core_jheuser.id
--   $2 claims       bigint[]     studies the login allows; NULL: not narrowed
--   $3 study        bigint       core_study.id
--   $4 now          timestamptz  when the ages are taken
--   $5 timezone     text         of the day
--   $6 cap          integer      greater ages are given as this; NULL: no cap
--   $7 names        boolean      give names
--   $8 birth_dates  boolean      give birth dates
--   $9 contacts     boolean      give e-mail addresses and phone numbers
--   $10 identifiers boolean      give identifiers
--   $11 after       bigint       patients with a greater id; NULL: from the first
--   $12 limit       integer      rows wanted
-- Columns:
--   patient_id   bigint
--   age          integer  NULL: unknown
--   given_name   text
--   family_name  text
--   birth_date   date
--   email        text     of the patient's user
--   phone        text
--   identifiers  text     system|value, system|value
-- Example: 10001, NULL, 30001, '2026-08-21T00:00:00Z', 'UTC', NULL, true, true, true, true, NULL, 50
\ir ../rbac/rules.psql

PREPARE patient_list (bigint, bigint[], bigint, timestamptz, text, integer,
	boolean, boolean, boolean, boolean, bigint, integer) AS
SELECT p.id AS patient_id,
	CASE WHEN isfinite(p.birth_date)
		AND p.birth_date <= ($4 AT TIME ZONE $5)::date
	THEN least(date_part('year', age(($4 AT TIME ZONE $5)::date::timestamp,
		p.birth_date::timestamp))::integer, $6) END AS age,
	CASE WHEN $7 THEN p.name_given::text END AS given_name,
	CASE WHEN $7 THEN p.name_family::text END AS family_name,
	CASE WHEN $8 THEN p.birth_date END AS birth_date,
	CASE WHEN $9 THEN u.email::text END AS email,
	CASE WHEN $9 THEN p.telecom_phone::text END AS phone,
	CASE WHEN $10 THEN :patient_identifiers END AS identifiers
FROM public.core_study s
JOIN public.core_studypatient sp ON sp.study_id = s.id
JOIN public.core_patient p ON p.id = sp.patient_id
LEFT JOIN public.core_jheuser u ON $9 AND u.id = p.jhe_user_id
WHERE s.id = $3 AND :roster_listed
AND ($11 IS NULL OR p.id > $11)
ORDER BY p.id
LIMIT $12;
