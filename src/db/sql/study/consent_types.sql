-- SPDX-License-Identifier: MIT
-- Purpose: the data types a study requests, which of them are wanted, and how
--     its patients, or one of them, answered; no row if the person may not see
--     the study.
-- Parameters:
--   $1 person  bigint    core_jheuser.id
--   $2 claims  bigint[]  studies the login allows; NULL: not narrowed
--   $3 study   bigint    core_study.id
--   $4 types   text[]    "namespace:name" of codes, any version
--   $5 others  text[]    further names of codes, lower case, hyphens for blanks
--   $6 patient bigint    only of this patient; NULL: of all
-- Columns:
--   concept_id  bigint
--   code        text     omh:blood-glucose:4.0
--   text        text     of people: untrusted
--   consented   bigint   patients the person may list
--   refused     bigint
--   pending     bigint   without an answer
--   wanted      boolean  among the types and others, or these are NULL
-- Example: 10001, NULL, 30001, '{omh:blood-glucose}', '{body-weight}', NULL
\ir ../rbac/rules.psql

PREPARE study_consent_types (bigint, bigint[], bigint, text[], text[], bigint)
AS
SELECT c.id AS concept_id,
	c.coding_code::text AS code,
	c.text::text AS text,
	count(*) FILTER (WHERE k.consented) AS consented,
	count(*) FILTER (WHERE NOT k.consented) AS refused,
	count(sp.id) - count(k.id) AS pending,
	($4 IS NULL AND $5 IS NULL)
	OR coalesce(lower(split_part(c.coding_code, ':', 1) || ':' ||
		split_part(c.coding_code, ':', 2)) = ANY ($4), false)
	OR coalesce(ARRAY [lower(c.coding_code),
		translate(lower(c.text), ' _', '--'),
		lower(split_part(c.coding_code, ':', 2)),
		lower(split_part(c.coding_code, ':', 1) || ':' ||
		split_part(c.coding_code, ':', 2))] && $5, false) AS wanted
FROM public.core_study s
JOIN public.core_studyscoperequest q ON q.study_id = s.id
JOIN public.core_codeableconcept c ON c.id = q.scope_code_id
LEFT JOIN public.core_studypatient sp ON sp.study_id = s.id AND :roster_listed
	AND ($6 IS NULL OR sp.patient_id = $6)
LEFT JOIN public.core_studypatientscopeconsent k
	ON k.study_patient_id = sp.id AND k.scope_code_id = c.id
WHERE s.id = $3 AND :study_mine
GROUP BY c.id, c.coding_code, c.text
ORDER BY split_part(c.coding_code, ':', 2), c.coding_code, c.id;
