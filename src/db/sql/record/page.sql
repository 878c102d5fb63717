-- SPDX-License-Identifier: MIT
-- Purpose: one page of a patient's FHIR records of one type, newest first, and
--     what the page is taken from.  The first eight columns are the same in all
--     rows; without any record there is one row, with id NULL.
--     A date of a year, month or day is all of that span: it is in a window
--     that has any of it, and comes where it begins.
-- Parameters:
--   $1 person  bigint  core_jheuser.id
--   $2 claims  bigint[]  studies the login allows; they do not narrow this
--   $3 patient  bigint  core_patient.id
--   $4 type  text  resource_type
--   $5 category  text  only with this code among the categories, or without any
--   $6 strict  boolean  but not those without any
--   $7 code  text  a code, or part of a display with a code; of any display or
--       text if words
--   $8 status  text  one of these, by commas
--   $9 first_day  date  from the beginning of this day
--   $10 last_day  date  to the end of this day
--   $11 start_at  timestamptz  from this instant, instead of first_day
--   $12 end_at  timestamptz  before this instant, instead of last_day
--   $13 zone  text  of the days, and of dates without a time
--   $14 ids  uuid[]  only these records
--   $15 after  uuid  the record to go on after; NULL: from the beginning
--   $16 rows_max  integer  rows wanted
--   $17 stored  boolean  all of the body
--   $18 stored_max  integer  bytes of a body that is given
--   $19 words  boolean  code looks at free text, too
-- Columns:
--   readable  boolean  false: unknown or not for this person; nothing is told
--   total  bigint  records that fit all
--   held  bigint  of these, kept back by the consent gate and not in total
--   undated  bigint  fit all but the window, for they have no date
--   lower_us  bigint  resolved window, microseconds since 1970
--   upper_us  bigint  as lower_us, exclusive
--   found  boolean  the record to go on after is there
--   have  text[]  if total is 0: the patient's types, two elements each: name
--       and number
--   id  uuid  NULL: there are no rows
--   date  text  as written, if it is a year, month or day
--   at_us  bigint  if it is an instant: microseconds since 1970
--   at_offset  integer  its offset in the zone, seconds east
--   code  text  of the first coding
--   display  text  of the first coding
--   words  text  what was written instead
--   status  text
--   status_words  boolean  status is text without a code
--   body  text  JSON, or its members that are not large; if stored, all but
--       attached data, or {"_omitted_bytes", "keys"}
--   omitted  boolean  if stored: the body is left out for its size
--   later  boolean  if stored: the rows before this one fill a page, so that
--       the body is not sent
-- Example: 10001, NULL, 40004, 'Condition', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'UTC', NULL, NULL, 21, false, 36000, true
\ir ../rbac/rules.psql

PREPARE record_page (bigint, bigint[], bigint, text, text, boolean, text,
    text, date, date, timestamptz, timestamptz, text, uuid[], uuid, integer,
    boolean, integer, boolean) AS
WITH reader AS MATERIALIZED (
	SELECT true AS readable
	FROM public.core_patient p
	WHERE p.id = $3 AND :patient_readable
),
bounds AS MATERIALIZED (
	SELECT coalesce($11, $9::timestamp AT TIME ZONE $13) AS lower,
	    coalesce($12, ($10 + 1)::timestamp AT TIME ZONE $13) AS upper
),
mine AS MATERIALIZED (
	SELECT f.id, :record_open AS open, h.*,
	    coalesce(h.r_at, h.r_first AT TIME ZONE $13) AS starts,
	    coalesce(h.r_at + interval '1 microsecond',
		h.r_after AT TIME ZONE $13) AS ends
	FROM :fhir_records f
	CROSS JOIN LATERAL :record_head h
	WHERE f.patient_id = $3 AND f.resource_type = $4
	AND EXISTS (SELECT FROM reader)
	AND ($14 IS NULL OR f.id = ANY ($14))
	AND ($5 IS NULL OR CASE WHEN f.body ? 'category'
	    THEN jsonb_path_exists(f.body, '$.category.coding.code ? (@ == $c)',
		jsonb_build_object('c', $5), true)
	    ELSE NOT $6 END)
	AND ($7 IS NULL OR coalesce(lower(h.r_code) = lower($7), false)
	    OR $19 AND coalesce(strpos(lower(h.r_text), lower($7)), 0) > 0
	    OR EXISTS (
		SELECT FROM jsonb_path_query(h.r_concept, '$.coding[*]', '{}',
		    true) c
		WHERE lower(c ->> 'code') = lower($7)
		OR ($19 OR c ->> 'code' IS NOT NULL)
		AND strpos(lower(c ->> 'display'), lower($7)) > 0)
	    OR ($19 OR h.r_code IS NOT NULL)
	    AND coalesce(strpos(lower(h.r_display), lower($7)), 0) > 0)
	AND ($8 IS NULL OR ($19 OR NOT h.r_status_words) AND coalesce(lower(h.r_status) = ANY (
	    string_to_array(translate(lower($8), ' ', ''), ',')), false))
),
judged AS MATERIALIZED (
	SELECT m.id, m.open, m.starts,
	    (b.lower IS NULL OR coalesce(m.ends > b.lower, false))
	    AND (b.upper IS NULL OR coalesce(m.starts < b.upper, false))
		AS inside
	FROM mine m, bounds b
),
counted AS MATERIALIZED (
	SELECT count(*) FILTER (WHERE j.open AND j.inside) AS total,
	    count(*) FILTER (WHERE NOT j.open AND j.inside) AS held,
	    count(*) FILTER (WHERE j.open AND j.starts IS NULL) AS undated
	FROM judged j
),
after AS MATERIALIZED (
	SELECT j.id, j.starts FROM judged j WHERE j.id = $15
),
page AS MATERIALIZED (
	SELECT g.id, row_number() OVER (
	    ORDER BY g.starts DESC NULLS LAST, g.id DESC) AS place
	FROM (
		SELECT j.id, j.starts
		FROM judged j
		LEFT JOIN after a ON true
		WHERE j.open AND j.inside
		AND CASE WHEN $15 IS NULL THEN true
		WHEN a.id IS NULL THEN false
		WHEN j.starts IS NULL
		THEN a.starts IS NOT NULL OR j.id < a.id
		WHEN a.starts IS NULL THEN false
		ELSE (j.starts, j.id) < (a.starts, a.id) END
		ORDER BY j.starts DESC NULLS LAST, j.id DESC
		LIMIT $16
	) g
)
SELECT EXISTS (SELECT FROM reader) AS readable,
    k.total, k.held, k.undated,
    (extract(epoch FROM b.lower) * 1000000)::bigint AS lower_us,
    (extract(epoch FROM b.upper) * 1000000)::bigint AS upper_us,
    $15 IS NULL OR EXISTS (SELECT FROM after) AS found,
    CASE WHEN k.total = 0 THEN (
	SELECT array_agg(e.element ORDER BY t.number DESC, t.type, e.place)
	FROM (
		SELECT left(f.resource_type, 200) AS type, count(*) AS number
		FROM :fhir_records f
		WHERE f.patient_id = $3 AND EXISTS (SELECT FROM reader)
		AND :record_open
		GROUP BY 1
		ORDER BY 2 DESC, 1
		LIMIT 20
	) t
	CROSS JOIN LATERAL (VALUES (1, t.type), (2, t.number::text))
	    e (place, element)
    ) END AS have,
    r.id,
    CASE WHEN r.r_at IS NULL THEN r.r_date END AS date,
    (extract(epoch FROM r.r_at) * 1000000)::bigint AS at_us,
    extract(epoch FROM r.r_at AT TIME ZONE $13 -
	r.r_at AT TIME ZONE 'UTC')::integer AS at_offset,
    left(r.r_code, 1000) AS code, left(r.r_display, 1000) AS display,
    left(r.r_text, 1000) AS words, left(r.r_status, 1000) AS status,
    r.r_status_words AS status_words,
    CASE WHEN $17 AND r.before > 40000 THEN NULL
    WHEN $17 THEN
	CASE WHEN octet_length(r.given::text) <= $18 THEN r.given::text
	ELSE json_build_object('resourceType', $4, 'id', r.id,
	    '_omitted_bytes', octet_length(r.given::text), 'keys', (
	    SELECT json_agg(left(e.key, 80))
	    FROM (SELECT jsonb_object_keys(r.given) AS key LIMIT 50) e))::text
	END
    WHEN octet_length(r.body::text) <= 16384 THEN r.body::text
    WHEN jsonb_typeof(r.body) = 'object' THEN (
	SELECT jsonb_object_agg(e.key, e.value)::text
	FROM jsonb_each(r.body) e
	WHERE octet_length(e.key) + octet_length(e.value::text) <= 2048)
    END AS body,
    $17 AND octet_length(r.given::text) > $18 AS omitted,
    $17 AND r.before > 40000 AS later
FROM counted k
CROSS JOIN bounds b
LEFT JOIN (
	SELECT q.*, CASE WHEN $17 THEN coalesce(sum(least(
	    octet_length(q.given::text), $18)) OVER (ORDER BY q.place
	    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
	    END AS before
	FROM (
		SELECT g.place, f.*
		FROM page g
		CROSS JOIN LATERAL (
			SELECT m.*, f.body,
			    -- Without files, and without what the exchange
			    -- adds: the patient's name.
			    CASE WHEN $17 THEN jsonb_build_object(
				'resourceType', f.resource_type) ||
			    CASE WHEN jsonb_typeof(f.body) = 'object' THEN
				(SELECT coalesce(jsonb_object_agg(e.key,
				    CASE WHEN e.key IN ('content',
					'presentedForm', 'photo')
				    AND jsonb_typeof(e.value) = 'array' THEN (
					SELECT jsonb_agg(CASE
					    jsonb_typeof(a -> 'attachment')
					    WHEN 'object' THEN a - 'data' #-
						'{attachment,data}'
					    ELSE a - 'data' - 'attachment'
					    END)
					FROM jsonb_array_elements(e.value) a
					WHERE jsonb_typeof(a) = 'object')
				    WHEN e.key = 'extension'
				    AND jsonb_typeof(e.value) = 'array' THEN (
					SELECT jsonb_agg(a)
					FROM jsonb_array_elements(e.value) a
					WHERE coalesce(a ->> 'url', '') NOT LIKE
					    '%/patient-full-name')
				    ELSE e.value END), '{}')
				FROM jsonb_each(f.body) e)
			    ELSE jsonb_build_object('body', f.body) END ||
			    jsonb_build_object('id', f.id) END AS given
			FROM mine m
			JOIN :fhir_records f ON f.id = m.id
			WHERE m.id = g.id
			LIMIT 1
		) f
	) q
) r ON true
ORDER BY r.place;
