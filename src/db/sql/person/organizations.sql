-- SPDX-License-Identifier: MIT
-- Purpose: organizations the person belongs to, by id; those of a patient
--     profile too, once each.
-- Parameters:
--   $1 person  bigint  core_jheuser.id
--   $2 limit   bigint  rows wanted
-- Columns:
--   organization_id  bigint
--   name             text
--   type             text
--   role             text  of a practitioner's membership, or patient
-- Example: 10007, 100
\ir ../rbac/rules.psql

PREPARE person_organizations (bigint, bigint) AS
SELECT g.id AS organization_id, g.name::text AS name, g.type::text AS type,
	coalesce((
		SELECT po.role::text
		FROM public.core_practitionerorganization po
		JOIN public.core_practitioner pr ON pr.id = po.practitioner_id
		WHERE po.organization_id = g.id AND pr.jhe_user_id = $1
		LIMIT 1), 'patient') AS role
FROM public.core_organization g
WHERE g.id = ANY (:my_organizations)
OR (:person_active AND g.id IN (
	SELECT l.organization_id
	FROM public.core_patientorganization l
	WHERE l.patient_id = :my_patient))
ORDER BY g.id
LIMIT $2;
