-- SPDX-License-Identifier: MIT
-- Purpose: how many studies the person may see.
-- Parameters:
--   $1 person  bigint    core_jheuser.id
--   $2 claims  bigint[]  studies the login allows; NULL: not narrowed
-- Columns:
--   total  bigint  number of studies
-- Example: 10001, NULL
\ir ../rbac/rules.psql

PREPARE study_count (bigint, bigint[]) AS
SELECT count(*) AS total
FROM public.core_study s
WHERE :study_mine;
