-- SPDX-License-Identifier: MIT
-- Purpose: one study: what it is, whose, how many are enrolled; no row if the
--     person may not see it.
-- Parameters:
--   $1 person  bigint    core_jheuser.id
--   $2 claims  bigint[]  studies the login allows; NULL: not narrowed
--   $3 study   bigint    core_study.id
-- Columns:
--   name               text     may be empty
--   description        text     may be empty
--   organization_id    bigint
--   organization_name  text
--   organization_type  text     code
--   team               boolean  false: the person only takes part
--   patients           bigint   enrolments the person may list
--   unreadable         bigint   of these, whose data the person may not read
-- Example: 10001, NULL, 30001
\ir ../rbac/rules.psql

PREPARE study_head (bigint, bigint[], bigint) AS
SELECT s.name::text AS name,
	s.description AS description,
	s.organization_id AS organization_id,
	g.name::text AS organization_name,
	g.type::text AS organization_type,
	:study_as_team AS team,
	(
		SELECT count(*)
		FROM public.core_studypatient sp
		WHERE sp.study_id = s.id AND :roster_listed) AS patients,
	(
		SELECT count(*)
		FROM public.core_studypatient sp
		JOIN public.core_patient p ON p.id = sp.patient_id
		WHERE sp.study_id = s.id AND :roster_listed
		AND NOT :patient_readable) AS unreadable
FROM public.core_study s
JOIN public.core_organization g ON g.id = s.organization_id
WHERE s.id = $3 AND :study_mine;
