-- SPDX-License-Identifier: MIT
-- Purpose: the data types a study requests, and how its patients answered;
--     no row if the person may not see the study.
-- Parameters:
--   $1 person  bigint    core_jheuser.id
--   $2 claims  bigint[]  studies the login allows; NULL: not narrowed
--   $3 study   bigint    core_study.id
-- Columns:
--   concept_id  bigint
--   code        text    omh:blood-glucose:4.0
--   text        text    of people: untrusted
--   consented   bigint  patients the person may list
--   refused     bigint
--   pending     bigint  without an answer
-- Example: 10001, NULL, 30001
\ir ../rbac/rules.psql

PREPARE study_requests (bigint, bigint[], bigint) AS
SELECT c.id AS concept_id,
	c.coding_code::text AS code,
	c.text::text AS text,
	count(*) FILTER (WHERE k.consented) AS consented,
	count(*) FILTER (WHERE NOT k.consented) AS refused,
	count(sp.id) - count(k.id) AS pending
FROM public.core_study s
JOIN public.core_studyscoperequest q ON q.study_id = s.id
JOIN public.core_codeableconcept c ON c.id = q.scope_code_id
LEFT JOIN public.core_studypatient sp ON sp.study_id = s.id AND :roster_listed
LEFT JOIN public.core_studypatientscopeconsent k
	ON k.study_patient_id = sp.id AND k.scope_code_id = c.id
WHERE s.id = $3 AND :study_mine
GROUP BY c.id, c.coding_code, c.text
ORDER BY split_part(c.coding_code, ':', 2), c.coding_code, c.id;
