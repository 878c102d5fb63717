-- SPDX-License-Identifier: MIT
-- Purpose: studies that may be meant by the first characters somebody typed:
--     of the id, of id and name, or of any part of the name.
-- Parameters:
--   $1 person  bigint    core_jheuser.id
--   $2 claims  bigint[]  studies the login allows; NULL: not narrowed
--   $3 typed   text      may be empty: then all
--   $4 limit   integer   rows wanted
-- Columns:
--   study_id  bigint
--   name      text    may be empty
--   total     bigint  rows there are without the limit; the same in each
-- Example: 10016, NULL, 'blue', 100
\ir ../rbac/rules.psql

PREPARE study_complete (bigint, bigint[], text, integer) AS
SELECT s.id AS study_id,
	s.name::text AS name,
	count(*) OVER () AS total
FROM public.core_study s
WHERE :study_mine
AND (starts_with(lower(s.id || ' ' || s.name), lower($3))
	OR position(lower($3) IN lower(s.name)) > 0)
ORDER BY s.id
LIMIT $4;
