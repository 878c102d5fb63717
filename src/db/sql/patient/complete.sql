-- SPDX-License-Identifier: MIT
-- Purpose: patients that may be meant by the first characters somebody typed:
--     of the id, or, if names may be looked at, of id and name or of a word of
--     the name.  The name is there only where it was part of what was typed.
-- Parameters:
--   $1 person  bigint    core_jheuser.id
--   $2 claims  bigint[]  studies the login allows; NULL: not narrowed
--   $3 typed   text      not empty
--   $4 names   boolean   names may be looked at and given
--   $5 limit   integer   rows wanted
-- Columns:
--   patient_id   bigint
--   given_name   text    NULL if unknown or not to be given
--   family_name  text    NULL if unknown or not to be given
--   total        bigint  rows there are without the limit; the same in each
-- Example: 10016, NULL, 'am', true, 20
\ir ../rbac/rules.psql

PREPARE patient_complete (bigint, bigint[], text, boolean, integer) AS
SELECT p.id AS patient_id,
	CASE WHEN $4 THEN p.name_given::text END AS given_name,
	CASE WHEN $4 THEN p.name_family::text END AS family_name,
	count(*) OVER () AS total
FROM public.core_patient p
WHERE :patient_readable
AND CASE
	WHEN $4 THEN
		starts_with(lower(concat_ws(' ', p.id, p.name_given,
		    p.name_family)), lower($3))
		OR position(' ' || lower($3) IN lower(' ' || concat_ws(' ',
		    p.name_given, p.name_family))) > 0
	ELSE starts_with(p.id::text, $3)
	END
ORDER BY p.id
LIMIT $5;
