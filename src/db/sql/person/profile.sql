-- SPDX-License-Identifier: MIT
-- Purpose: who the person is to the exchange; one row, none if unknown.
--     Without any profile nothing is visible, and a tool can say why.
-- Parameters:
--   $1 person  bigint  core_jheuser.id
-- Columns:
--   active         boolean  may be served at all
--   practitioner   boolean  has a practitioner row (user_type alone is nothing)
--   patient        boolean  has a patient row
--   organizations  bigint   memberships as a practitioner, 0 if not active
--   email          text     own address
--   first_name     text     often empty
--   last_name      text     often empty
-- Example: 10007
\ir ../rbac/rules.psql

PREPARE person_profile (bigint) AS
SELECT u.is_active AS active,
	EXISTS (
		SELECT FROM public.core_practitioner pr
		WHERE pr.jhe_user_id = u.id) AS practitioner,
	EXISTS (
		SELECT FROM public.core_patient p
		WHERE p.jhe_user_id = u.id) AS patient,
	cardinality(:my_organizations)::bigint AS organizations,
	u.email::text AS email,
	u.first_name::text AS first_name,
	u.last_name::text AS last_name
FROM public.core_jheuser u
WHERE u.id = $1;
