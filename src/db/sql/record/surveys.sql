-- SPDX-License-Identifier: MIT
-- Purpose: one page of a patient's responses to one questionnaire, oldest
--     first, and what the page is taken from.  The first thirteen columns are
--     the same in all rows; without any response there is one row, with id
--     NULL.  Which questionnaire: of those whose names have the text asked
--     for, that of the record to go on after, else the one of that very name,
--     else the one with most responses.
--     Dates and windows: as in page.sql.
-- Parameters:
--   $1 person  bigint  core_jheuser.id
--   $2 claims  bigint[]  studies the login allows; they do not narrow this
--   $3 patient  bigint  core_patient.id
--   $4 name  text  part of a name or of its URL, in any case of letters,
--       blanks and underscores as hyphens; NULL: any
--   $5 first_day  date  from the beginning of this day
--   $6 last_day  date  to the end of this day
--   $7 start_at  timestamptz  from this instant, instead of first_day
--   $8 end_at  timestamptz  before this instant, instead of last_day
--   $9 zone  text  of the days, and of dates without a time
--   $10 after  uuid  the record to go on after; NULL: from the beginning
--   $11 rows_max  integer  rows wanted
-- Columns:
--   readable  boolean  false: unknown or not for this person; nothing is told
--   total  bigint  responses that fit all
--   held  bigint  responses of any name in the window kept back by the consent
--       gate
--   undated  bigint  of the questionnaire, in no window for want of a date
--   lower_us  bigint  resolved window, microseconds since 1970
--   upper_us  bigint  as lower_us, exclusive
--   found  boolean  the record to go on after is there
--   any_named  boolean  there is a questionnaire with the name
--   named  boolean  the questionnaire has a name
--   questionnaire  text  its name
--   first  text  date of its first response in the window, to the day
--   last  text  and of the last
--   have  text[]  questionnaires there are whatever the name and window, three
--       elements each: name, responses, 1 if its name has the text asked for
--   id  uuid  NULL: there are no rows
--   date  text  as written, if it is a year, month or day
--   at_us  bigint  if it is an instant: microseconds since 1970
--   at_offset  integer  its offset in the zone, seconds east
--   status  text
--   items  text  JSON of the items; NULL: none
--   omitted  boolean  the items are left out for their size
-- Example: 10001, NULL, 40004, 'weekly', NULL, NULL, NULL, NULL, 'UTC', NULL, 51
\ir ../rbac/rules.psql

PREPARE record_surveys (bigint, bigint[], bigint, text, date, date,
    timestamptz, timestamptz, text, uuid, integer) AS
WITH reader AS MATERIALIZED (
	SELECT true AS readable
	FROM public.core_patient p
	WHERE p.id = $3 AND :patient_readable
),
bounds AS MATERIALIZED (
	SELECT coalesce($7, $5::timestamp AT TIME ZONE $9) AS lower,
	    coalesce($8, ($6 + 1)::timestamp AT TIME ZONE $9) AS upper
),
asked AS MATERIALIZED (
	SELECT translate(lower(btrim(coalesce(substring(split_part($4, '|', 1)
	    FROM '([^/]+)/*$'), $4))), '_ ', '--') AS name
),
mine AS MATERIALIZED (
	SELECT m.*,
	    $4 IS NULL OR coalesce(strpos(translate(lower(m.r_code), '_ ',
		'--'), (SELECT a.name FROM asked a)) > 0, false) AS named,
	    (b.lower IS NULL OR coalesce(m.ends > b.lower, false))
	    AND (b.upper IS NULL OR coalesce(m.starts < b.upper, false))
		AS inside
	FROM bounds b
	CROSS JOIN (
		SELECT f.id, :record_open AS open, h.r_code, h.r_date, h.r_at,
		    h.r_status,
		    coalesce(h.r_at, h.r_first AT TIME ZONE $9) AS starts,
		    coalesce(h.r_at + interval '1 microsecond',
			h.r_after AT TIME ZONE $9) AS ends
		FROM :fhir_records f
		CROSS JOIN LATERAL :record_head h
		WHERE f.patient_id = $3
		AND f.resource_type = 'QuestionnaireResponse'
		AND EXISTS (SELECT FROM reader)
	) m
),
after AS MATERIALIZED (
	SELECT m.id, m.starts, m.r_code
	FROM mine m
	WHERE m.id = $10 AND m.open
),
names AS MATERIALIZED (
	SELECT m.r_code AS name, bool_or(m.named) AS named,
	    count(*) AS responses,
	    count(*) FILTER (WHERE m.inside) AS inside
	FROM mine m
	WHERE m.open
	GROUP BY m.r_code
),
chosen AS MATERIALIZED (
	SELECT n.name
	FROM names n
	WHERE n.named
	ORDER BY n.name IS NOT DISTINCT FROM (SELECT a.r_code FROM after a)
		AND EXISTS (SELECT FROM after) DESC,
	    coalesce(translate(lower(n.name), '_ ', '--') =
		(SELECT a.name FROM asked a), false) DESC,
	    n.inside DESC, n.responses DESC, n.name
	LIMIT 1
),
judged AS MATERIALIZED (
	SELECT m.*
	FROM mine m
	JOIN chosen c ON c.name IS NOT DISTINCT FROM m.r_code
	WHERE m.open
),
page AS MATERIALIZED (
	SELECT g.*, row_number() OVER (ORDER BY g.starts NULLS LAST, g.id)
	    AS place
	FROM (
		SELECT j.id, j.starts, j.r_date, j.r_at, j.r_status
		FROM judged j
		LEFT JOIN after a ON true
		WHERE j.inside
		AND CASE WHEN $10 IS NULL THEN true
		WHEN a.id IS NULL THEN false
		WHEN j.starts IS NULL
		THEN a.starts IS NOT NULL OR j.id > a.id
		WHEN a.starts IS NULL THEN false
		ELSE (j.starts, j.id) > (a.starts, a.id) END
		ORDER BY j.starts NULLS LAST, j.id
		LIMIT $11
	) g
)
SELECT EXISTS (SELECT FROM reader) AS readable,
    (SELECT count(*) FROM judged j WHERE j.inside) AS total,
    (SELECT count(*) FROM mine m WHERE m.inside AND NOT m.open) AS held,
    (SELECT count(*) FROM judged j WHERE j.starts IS NULL) AS undated,
    (extract(epoch FROM b.lower) * 1000000)::bigint AS lower_us,
    (extract(epoch FROM b.upper) * 1000000)::bigint AS upper_us,
    $10 IS NULL OR EXISTS (SELECT FROM after) AS found,
    EXISTS (SELECT FROM chosen) AS any_named,
    EXISTS (SELECT FROM chosen c WHERE c.name IS NOT NULL) AS named,
    (SELECT left(c.name, 1000) FROM chosen c) AS questionnaire,
    (SELECT min(left(j.r_date, 10) COLLATE "C") FROM judged j WHERE j.inside)
	AS first,
    (SELECT max(left(j.r_date, 10) COLLATE "C") FROM judged j WHERE j.inside)
	AS last,
    (SELECT array_agg(e.element ORDER BY t.responses DESC, t.name, e.place)
	FROM (
		SELECT * FROM names n
		ORDER BY n.responses DESC, n.name LIMIT 20
	) t
	CROSS JOIN LATERAL (VALUES (1, left(t.name, 400)),
	    (2, t.responses::text), (3, t.named::integer::text))
	    e (place, element)
    ) AS have,
    g.id,
    CASE WHEN g.r_at IS NULL THEN g.r_date END AS date,
    (extract(epoch FROM g.r_at) * 1000000)::bigint AS at_us,
    extract(epoch FROM g.r_at AT TIME ZONE $9 -
	g.r_at AT TIME ZONE 'UTC')::integer AS at_offset,
    left(g.r_status, 1000) AS status,
    CASE WHEN octet_length(i.items) <= 65536 THEN i.items END AS items,
    coalesce(octet_length(i.items) > 65536, false) AS omitted
FROM bounds b
LEFT JOIN page g ON true
LEFT JOIN LATERAL (
	SELECT (f.body -> 'item')::text AS items
	FROM :fhir_records f
	WHERE f.id = g.id
	LIMIT 1
) i ON true
ORDER BY g.place;
