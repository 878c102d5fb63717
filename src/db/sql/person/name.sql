-- SPDX-License-Identifier: MIT
-- Purpose: what the person is called: as a user, a practitioner or a patient,
--     whichever has a name; no row if unknown or not active.
-- Parameters:
--   $1 person  bigint  core_jheuser.id
-- Columns:
--   name      text     given and family name; NULL: none is stored
-- Example: 10007
\ir ../rbac/rules.psql

PREPARE person_name (bigint) AS
SELECT coalesce(
	nullif(btrim(concat_ws(' ', u.first_name, u.last_name)), ''),
	nullif(btrim(concat_ws(' ', pr.name_given, pr.name_family)), ''),
	nullif(btrim(concat_ws(' ', p.name_given, p.name_family)), ''))
	AS name
FROM public.core_jheuser u
LEFT JOIN public.core_practitioner pr ON pr.jhe_user_id = u.id
LEFT JOIN public.core_patient p ON p.id = :my_patient
WHERE u.id = $1 AND u.is_active
LIMIT 1;
