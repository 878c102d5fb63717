-- SPDX-License-Identifier: MIT
-- Purpose: how many studies study_list has on all its pages.
-- Parameters:
--   $1 person        bigint    core_jheuser.id
--   $2 claims        bigint[]  studies the login allows; NULL: not narrowed
--   $3 query         text      part of the name or description; NULL: all
--   $4 organization  bigint    only of this organization; NULL: of any
-- Columns:
--   total  bigint  number of studies
-- Example: 10016, NULL, 'blue', NULL
\ir ../rbac/rules.psql

PREPARE study_list_total (bigint, bigint[], text, bigint) AS
SELECT count(*) AS total
FROM public.core_study s
WHERE :study_mine
AND ($3 IS NULL
	OR position(lower($3) IN lower(s.name)) > 0
	OR position(lower($3) IN lower(s.description)) > 0)
AND ($4 IS NULL OR s.organization_id = $4);
