-- SPDX-License-Identifier: MIT
-- Purpose: in which months the patients of a study first consented to one of
--     its requests, as far as that consent still stands.
-- Parameters:
--   $1 person   bigint    core_jheuser.id
--   $2 claims   bigint[]  studies the login allows; NULL: not narrowed
--   $3 study    bigint    core_study.id
--   $4 timezone text      of the months
-- Columns:
--   month     text    2026-02
--   patients  bigint  whom the person may list
-- Example: 10001, NULL, 30001, 'UTC'
\ir ../rbac/rules.psql

PREPARE study_consent_months (bigint, bigint[], bigint, text) AS
SELECT to_char(f.first AT TIME ZONE $4, 'YYYY-MM') AS month,
	count(*) AS patients
FROM (
	SELECT min(k.consented_time) AS first
	FROM public.core_study s
	JOIN public.core_studypatient sp ON sp.study_id = s.id
	JOIN public.core_studyscoperequest q ON q.study_id = s.id
	JOIN public.core_studypatientscopeconsent k
		ON k.study_patient_id = sp.id
		AND k.scope_code_id = q.scope_code_id
	WHERE s.id = $3 AND :roster_listed AND k.consented
	AND k.consented_time BETWEEN timestamptz '0001-01-02 00:00Z'
		AND timestamptz '9999-12-30 00:00Z'
	GROUP BY sp.patient_id) f
GROUP BY 1
ORDER BY 1;
