-- SPDX-License-Identifier: MIT
-- Purpose: one patient; no row if the person may not read their data.
--     Organizations are those shared with the person, or all of one's own.
-- Parameters:
--   $1 person       bigint       core_jheuser.id
--   $2 claims       bigint[]     does not matter here
--   $3 patient      bigint       core_patient.id
--   $4 now          timestamptz  when the age is taken
--   $5 timezone     text         of the day
--   $6 cap          integer      a greater age is given as this; NULL: no cap
--   $7 names        boolean      give names
--   $8 birth_dates  boolean      give the birth date
--   $9 contacts     boolean      give e-mail address and phone number
--   $10 identifiers boolean      give identifiers
-- Columns:
--   patient_id     bigint
--   age            integer  NULL: unknown
--   organizations  text     names
--   given_name     text
--   family_name    text
--   birth_date     date
--   email          text     of the patient's user
--   phone          text
--   identifiers    text     system|value, system|value
-- Example: 10001, NULL, 40001, '2026-08-21T00:00:00Z', 'UTC', NULL, true, true, true, true
\ir ../rbac/rules.psql

PREPARE patient_one (bigint, bigint[], bigint, timestamptz, text, integer,
	boolean, boolean, boolean, boolean) AS
SELECT p.id AS patient_id,
	CASE WHEN isfinite(p.birth_date)
		AND p.birth_date <= ($4 AT TIME ZONE $5)::date
	THEN least(date_part('year', age(($4 AT TIME ZONE $5)::date::timestamp,
		p.birth_date::timestamp))::integer, $6) END AS age,
	(
		SELECT string_agg(g.name, ', ' ORDER BY g.id)
		FROM public.core_patientorganization l
		JOIN public.core_organization g ON g.id = l.organization_id
		WHERE l.patient_id = p.id
		AND (coalesce(p.id = :my_patient, false)
			OR l.organization_id = ANY (:my_organizations))
	) AS organizations,
	CASE WHEN $7 THEN p.name_given::text END AS given_name,
	CASE WHEN $7 THEN p.name_family::text END AS family_name,
	CASE WHEN $8 THEN p.birth_date END AS birth_date,
	CASE WHEN $9 THEN u.email::text END AS email,
	CASE WHEN $9 THEN p.telecom_phone::text END AS phone,
	CASE WHEN $10 THEN :patient_identifiers END AS identifiers
FROM public.core_patient p
LEFT JOIN public.core_jheuser u ON $9 AND u.id = p.jhe_user_id
WHERE p.id = $3 AND :patient_readable;
