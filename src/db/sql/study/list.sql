-- SPDX-License-Identifier: MIT
-- Purpose: studies the person may see, by id, a page of them.
--     The number of patients is the team's to know: NULL for a participant.
-- Parameters:
--   $1 person        bigint    core_jheuser.id
--   $2 claims        bigint[]  studies the login allows; NULL: not narrowed
--   $3 query         text      part of the name or description; NULL: all
--   $4 organization  bigint    only of this organization; NULL: of any
--   $5 after         bigint    studies with a greater id; NULL: from the first
--   $6 limit         integer   rows wanted
-- Columns:
--   study_id           bigint
--   name               text    may be empty
--   description        text    may be empty
--   organization_id    bigint
--   organization_name  text
--   patients           bigint  enrolled
-- Example: 10016, NULL, 'blue', NULL, NULL, 50
\ir ../rbac/rules.psql

PREPARE study_list (bigint, bigint[], text, bigint, bigint, integer) AS
SELECT s.id AS study_id,
	s.name::text AS name,
	s.description AS description,
	s.organization_id AS organization_id,
	g.name::text AS organization_name,
	CASE WHEN :study_as_team THEN (
		SELECT count(*)
		FROM public.core_studypatient sp
		WHERE sp.study_id = s.id)
	END AS patients
FROM public.core_study s
JOIN public.core_organization g ON g.id = s.organization_id
WHERE :study_mine
AND ($3 IS NULL
	OR position(lower($3) IN lower(s.name)) > 0
	OR position(lower($3) IN lower(s.description)) > 0)
AND ($4 IS NULL OR s.organization_id = $4)
AND ($5 IS NULL OR s.id > $5)
ORDER BY s.id
LIMIT $6;
