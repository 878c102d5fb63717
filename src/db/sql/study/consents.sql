-- SPDX-License-Identifier: MIT
-- Purpose: a page of the patients of a study by what they answered to its
--     requests, and what the page is taken from: the first eight columns are
--     the same in all rows; without any patient there is one row, with
--     patient_id NULL.  No row if the person may not see the study.
--     A request without an answer is pending.  Only the types wanted count.
-- Parameters:
--   $1 person   bigint    core_jheuser.id
--   $2 claims   bigint[]  studies the login allows; NULL: not narrowed
--   $3 study    bigint    core_study.id
--   $4 types    text[]    "namespace:name" of codes, any version
--   $5 others   text[]    further names of codes, lower case, hyphens for blanks
--   $6 patient  bigint    only this patient; NULL: all
--   $7 status   text      exceptions, consented, refused, pending; else all
--   $8 timezone text      of the days
--   $9 after    bigint    patients with a greater id; NULL: from the first
--   $10 limit   integer   rows wanted
-- Columns:
--   team          boolean   false: the person only takes part
--   patients      bigint    patients the person may list
--   types         bigint    requested types that are wanted
--   complete      bigint    patients who consent to all of them
--   refusing      bigint    patients who refused one at least
--   waiting       bigint    patients who have not answered one at least
--   total         bigint    patients of that status
--   missed        text[]    of others: the study requests nothing of this name
--   patient_id    bigint
--   consented     bigint    types
--   refused       bigint
--   pending       bigint
--   refused_ids   bigint[]  core_codeableconcept.id
--   pending_ids   bigint[]
--   last_change   date      of the latest answer
-- Example: 10001, NULL, 30001, NULL, NULL, NULL, 'exceptions', 'UTC', NULL, 50
\ir ../rbac/rules.psql

PREPARE study_consents (bigint, bigint[], bigint, text[], text[], bigint, text,
	text, bigint, integer) AS
WITH requested AS MATERIALIZED (
	SELECT c.id,
		lower(split_part(c.coding_code, ':', 1) || ':' ||
			split_part(c.coding_code, ':', 2)) AS name,
		ARRAY [lower(c.coding_code),
			translate(lower(c.text), ' _', '--'),
			lower(split_part(c.coding_code, ':', 2))] AS names,
		row_number() OVER (ORDER BY split_part(c.coding_code, ':', 2),
			c.coding_code, c.id) AS place
	FROM public.core_study s
	JOIN public.core_studyscoperequest q ON q.study_id = s.id
	JOIN public.core_codeableconcept c ON c.id = q.scope_code_id
	WHERE s.id = $3 AND :study_mine
),
wanted AS MATERIALIZED (
	SELECT r.id, r.place
	FROM requested r
	WHERE ($4 IS NULL AND $5 IS NULL)
	OR coalesce(r.name = ANY ($4), false)
	OR coalesce(r.names || r.name && $5, false)
),
answers AS MATERIALIZED (
	SELECT sp.patient_id,
		count(*) FILTER (WHERE k.consented) AS consented,
		count(*) FILTER (WHERE NOT k.consented) AS refused,
		count(w.id) - count(k.id) AS pending,
		array_agg(w.id ORDER BY w.place) FILTER (WHERE NOT k.consented)
			AS refused_ids,
		array_agg(w.id ORDER BY w.place) FILTER (WHERE w.id IS NOT NULL
			AND k.id IS NULL) AS pending_ids,
		max(k.consented_time) FILTER (WHERE k.consented_time
			BETWEEN timestamptz '0001-01-02 00:00Z'
			AND timestamptz '9999-12-30 00:00Z') AS changed
	FROM public.core_study s
	JOIN public.core_studypatient sp ON sp.study_id = s.id
	LEFT JOIN wanted w ON true
	LEFT JOIN public.core_studypatientscopeconsent k
		ON k.study_patient_id = sp.id AND k.scope_code_id = w.id
	WHERE s.id = $3 AND :roster_listed
	AND ($6 IS NULL OR sp.patient_id = $6)
	GROUP BY sp.patient_id
),
judged AS MATERIALIZED (
	SELECT a.*, CASE $7
		WHEN 'exceptions' THEN a.refused > 0 OR a.pending > 0
		WHEN 'consented' THEN a.refused = 0 AND a.pending = 0
		WHEN 'refused' THEN a.refused > 0
		WHEN 'pending' THEN a.pending > 0
		ELSE true END AS fits
	FROM answers a
	WHERE ($4 IS NULL AND $5 IS NULL) OR EXISTS (SELECT FROM wanted)
),
page AS MATERIALIZED (
	SELECT j.*
	FROM judged j
	WHERE j.fits AND ($9 IS NULL OR j.patient_id > $9)
	ORDER BY j.patient_id
	LIMIT $10
)
SELECT :study_as_team AS team,
	h.patients,
	(SELECT count(*) FROM wanted) AS types,
	h.complete, h.refusing, h.waiting, h.total,
	ARRAY (
		SELECT n.name
		FROM unnest($5) WITH ORDINALITY n (name, place)
		WHERE NOT EXISTS (
			SELECT FROM requested r
			WHERE n.name = ANY (r.names || r.name))
		ORDER BY n.place) AS missed,
	g.patient_id, g.consented, g.refused, g.pending,
	g.refused_ids, g.pending_ids,
	(g.changed AT TIME ZONE $8)::date AS last_change
FROM public.core_study s
CROSS JOIN (
	SELECT (SELECT count(*) FROM answers) AS patients,
		count(*) FILTER (WHERE j.refused = 0 AND j.pending = 0)
			AS complete,
		count(*) FILTER (WHERE j.refused > 0) AS refusing,
		count(*) FILTER (WHERE j.pending > 0) AS waiting,
		count(*) FILTER (WHERE j.fits) AS total
	FROM judged j) h
LEFT JOIN page g ON true
WHERE s.id = $3 AND :study_mine
ORDER BY g.patient_id;
