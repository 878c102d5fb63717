-- SPDX-License-Identifier: MIT
-- Purpose: the data sources (devices, apps) linked to a study.
-- Parameters:
--   $1 person  bigint    core_jheuser.id
--   $2 claims  bigint[]  studies the login allows; NULL: not narrowed
--   $3 study   bigint    core_study.id
-- Columns:
--   data_source_id  bigint
--   name            text  NULL if it has none
--   type            text  code
-- Example: 10001, NULL, 30001
\ir ../rbac/rules.psql

PREPARE study_sources (bigint, bigint[], bigint) AS
SELECT d.id AS data_source_id,
	d.name::text AS name,
	d.type::text AS type
FROM public.core_study s
CROSS JOIN public.core_datasource d
WHERE s.id = $3 AND :study_mine
-- Once: only the newer generations keep a link from being there twice.
AND EXISTS (
	SELECT FROM public.core_studydatasource l
	WHERE l.study_id = s.id AND l.data_source_id = d.id)
ORDER BY d.id;
