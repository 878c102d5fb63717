-- SPDX-License-Identifier: MIT
-- Purpose: FHIR records of a patient or of a study's patients, counted in
--     groups, and what they are taken from.  The first thirteen columns are the
--     same in all rows; without any record there is one row, with place NULL.
--     A study has the records of those enrolled, of whatever type: the
--     exchange asks for no type of record when it shows them.
--     Dates and windows: as in page.sql.
-- Parameters:
--   $1 person  bigint  core_jheuser.id
--   $2 claims  bigint[]  studies the login allows
--   $3 patient  bigint  core_patient.id; NULL: a study's
--   $4 study  bigint  core_study.id; NULL: a patient's
--   $5 type  text  resource_type; NULL: all
--   $6 category  text  only with this code among the categories, or without any
--   $7 strict  boolean  but not those without any
--   $8 group_by  text  resource_type, code, status or month
--   $9 first_day  date  from the beginning of this day
--   $10 last_day  date  to the end of this day
--   $11 start_at  timestamptz  from this instant, instead of first_day
--   $12 end_at  timestamptz  before this instant, instead of last_day
--   $13 zone  text  of the days, and of dates without a time
--   $14 skip  integer  groups to leave out, in their order
--   $15 rows_max  integer  groups wanted
--   $16 words  boolean  free text tells groups apart and is given
-- Columns:
--   found  boolean  false: unknown or not for this person; nothing is told
--   team  boolean  false: the person only takes part in the study
--   unreadable  bigint  enrolled patients whose data the person may not read
--   total  bigint  groups
--   records  bigint  in all groups
--   patients  bigint  who have any of them
--   held  bigint  records kept back by the consent gate
--   undated  bigint  in no window, for they have no date
--   hidden  bigint  records with free text that was not looked at
--   lower_us  bigint  resolved window, microseconds since 1970
--   upper_us  bigint  as lower_us, exclusive
--   counts  bigint[]  in the first row: patients of all groups in their order
--   have  text[]  if there are no groups: the types there are, two elements
--       each: name and number
--   place  bigint  of the group, from 1; NULL: there are no rows
--   type  text  if not grouped by month or status of all types
--   code  text  if grouped by code
--   display  text  the most frequent with the code
--   words  text  the most frequent that was written instead
--   status  text  if grouped by status
--   month  text  YYYY-MM as written, if grouped by month; NULL: no month
--   resources  bigint
--   persons  bigint  patients who have any of them
--   first  text  the earliest date, as written, to the day
--   last  text  the latest
-- Example: 10001, NULL, NULL, 30001, NULL, NULL, NULL, 'code', NULL, NULL, NULL, NULL, 'UTC', 0, 31, true
\ir ../rbac/rules.psql

PREPARE record_summary (bigint, bigint[], bigint, bigint, text, text, boolean,
    text, date, date, timestamptz, timestamptz, text, integer, integer,
    boolean) AS
WITH people AS MATERIALIZED (
	SELECT p.id, true AS readable, true AS team
	FROM public.core_patient p
	WHERE $4 IS NULL AND p.id = $3 AND :patient_readable
	UNION ALL
	SELECT p.id, :patient_readable, :study_as_team
	FROM public.core_study s
	JOIN public.core_studypatient sp ON sp.study_id = s.id
	JOIN public.core_patient p ON p.id = sp.patient_id
	WHERE s.id = $4 AND $3 IS NULL AND :roster_listed
),
study AS MATERIALIZED (
	SELECT :study_as_team AS team
	FROM public.core_study s
	WHERE s.id = $4 AND :study_mine
),
bounds AS MATERIALIZED (
	SELECT coalesce($11, $9::timestamp AT TIME ZONE $13) AS lower,
	    coalesce($12, ($10 + 1)::timestamp AT TIME ZONE $13) AS upper
),
mine AS MATERIALIZED (
	SELECT m.patient_id, m.open, m.type, m.r_date, m.r_code, m.r_display,
	    m.r_text, m.r_status, m.r_status_words, m.starts IS NOT NULL AS dated,
	    (b.lower IS NULL OR coalesce(m.ends > b.lower, false))
	    AND (b.upper IS NULL OR coalesce(m.starts < b.upper, false))
		AS inside
	FROM bounds b
	CROSS JOIN (
		SELECT f.patient_id, f.resource_type AS type,
		    CASE WHEN $4 IS NULL THEN :record_open
			ELSE :record_open_in_study END AS open,
		    h.*,
		    coalesce(h.r_at, h.r_first AT TIME ZONE $13) AS starts,
		    coalesce(h.r_at + interval '1 microsecond',
			h.r_after AT TIME ZONE $13) AS ends
		FROM people w
		JOIN :fhir_records f ON f.patient_id = w.id
		LEFT JOIN public.core_study s ON s.id = $4
		CROSS JOIN LATERAL :record_head h
		WHERE w.readable
		AND ($5 IS NULL OR f.resource_type = $5)
		AND ($6 IS NULL OR CASE WHEN f.body ? 'category'
		    THEN jsonb_path_exists(f.body,
			'$.category.coding.code ? (@ == $c)',
			jsonb_build_object('c', $6), true)
		    ELSE NOT $7 END)
	) m
),
keyed AS MATERIALIZED (
	SELECT m.patient_id, m.r_date,
	    CASE WHEN $8 IN ('resource_type', 'code') THEN m.type END AS type,
	    CASE $8 WHEN 'code' THEN m.r_code END AS code,
	    CASE WHEN $8 = 'code' AND ($16 OR m.r_code IS NOT NULL)
		THEN m.r_display END AS display,
	    CASE WHEN $8 = 'code' AND $16 THEN m.r_text END AS words,
	    -- Without a code the words are the key, in any case of letters.
	    CASE WHEN $8 = 'code' AND $16 AND m.r_code IS NULL
		THEN lower(left(coalesce(m.r_text, m.r_display), 200)) END
		AS said,
	    CASE WHEN $8 = 'status' AND ($16 OR NOT m.r_status_words)
		THEN m.r_status END AS status,
	    NOT $16 AND CASE $8 WHEN 'status' THEN m.r_status_words
		WHEN 'code' THEN m.r_code IS NULL AND
		    coalesce(m.r_text, m.r_display) IS NOT NULL
		ELSE false END AS hidden,
	    CASE WHEN $8 = 'month' AND length(m.r_date) >= 7
		THEN left(m.r_date, 7) END AS month
	FROM mine m
	WHERE m.open AND m.inside
),
grouped AS MATERIALIZED (
	SELECT g.*, row_number() OVER (ORDER BY
	    CASE WHEN $8 = 'month' THEN g.month END NULLS LAST,
	    g.persons DESC, g.resources DESC, g.type, g.code, g.said,
	    g.status) AS place
	FROM (
		SELECT k.type, k.code, k.said, k.status, k.month,
		    mode() WITHIN GROUP (ORDER BY left(k.display, 400))
			AS display,
		    mode() WITHIN GROUP (ORDER BY left(k.words, 400)) AS words,
		    count(*) AS resources,
		    count(DISTINCT k.patient_id) AS persons,
		    min(left(k.r_date, 10) COLLATE "C") AS first,
		    max(left(k.r_date, 10) COLLATE "C") AS last
		FROM keyed k
		GROUP BY k.type, k.code, k.said, k.status, k.month
	) g
)
SELECT CASE WHEN $4 IS NULL THEN EXISTS (SELECT FROM people)
	ELSE EXISTS (SELECT FROM study) END AS found,
    coalesce((SELECT team FROM study), true) AS team,
    (SELECT count(*) FROM people w WHERE NOT w.readable) AS unreadable,
    (SELECT count(*) FROM grouped) AS total,
    (SELECT count(*) FROM keyed) AS records,
    (SELECT count(DISTINCT k.patient_id) FROM keyed k) AS patients,
    (SELECT count(*) FROM mine m WHERE m.inside AND NOT m.open) AS held,
    (SELECT count(*) FROM mine m WHERE m.open AND NOT m.dated) AS undated,
    (SELECT count(*) FROM keyed k WHERE k.hidden) AS hidden,
    (extract(epoch FROM b.lower) * 1000000)::bigint AS lower_us,
    (extract(epoch FROM b.upper) * 1000000)::bigint AS upper_us,
    CASE WHEN g.place = $14 + 1 THEN (
	SELECT array_agg(c.persons ORDER BY c.place) FROM grouped c
    ) END AS counts,
    CASE WHEN g.place IS NULL THEN (
	SELECT array_agg(e.element ORDER BY t.number DESC, t.type, e.place)
	FROM (
		SELECT left(f.resource_type, 200) AS type, count(*) AS number
		FROM people w
		JOIN :fhir_records f ON f.patient_id = w.id
		LEFT JOIN public.core_study s ON s.id = $4
		WHERE w.readable AND CASE WHEN $4 IS NULL THEN :record_open
		    ELSE :record_open_in_study END
		GROUP BY 1
		ORDER BY 2 DESC, 1
		LIMIT 20
	) t
	CROSS JOIN LATERAL (VALUES (1, t.type), (2, t.number::text))
	    e (place, element)
    ) END AS have,
    g.place, left(g.type, 1000) AS type, left(g.code, 1000) AS code,
    g.display, g.words, left(g.status, 1000) AS status, g.month,
    g.resources, g.persons, g.first, g.last
FROM bounds b
LEFT JOIN (
	SELECT * FROM grouped c WHERE c.place > $14
	ORDER BY c.place LIMIT $15
) g ON true
ORDER BY g.place;
