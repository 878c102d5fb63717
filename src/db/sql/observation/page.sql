-- SPDX-License-Identifier: MIT
-- Purpose: one page of a patient's observations, in order of time, and what
--     the page is taken from.  The columns before id are the same in all
--     rows; without any observation there is one row, with id NULL.
-- Parameters:
--   $1 person  bigint  core_jheuser.id
--   $2 claims  bigint[]  studies the login allows; they do not narrow this
--   $3 patient  bigint  core_patient.id
--   $4 types  text[]  "namespace:name" of codes, any version
--   $5 others  text[]  further names of codes, lower case, hyphens for blanks
--   $6 first_day  date  from the beginning of this day
--   $7 last_day  date  to the end of this day
--   $8 start_at  timestamptz  from this instant, instead of first_day
--   $9 end_at  timestamptz  before this instant, instead of last_day
--   $10 zone  text  a known time zone; NULL: the offset stored with each
--   $11 path  text[]  member below body with the value to compare
--   $12 units  text[]  units it may have there; "" for none
--   $13 factors  numeric[]  of units: to the unit of the bounds
--   $14 offsets  numeric[]  of units: added after that
--   $15 above  numeric  only values greater
--   $16 below  numeric  only values less
--   $17 ids  bigint[]  only these observations
--   $18 newest  boolean  newest first, else oldest first
--   $19 after_time  timestamptz  time of the row to go on after
--   $20 after_id  bigint  its id; NULL: from the beginning
--   $21 rows_max  integer  rows wanted
--   $22 stored  boolean  header and body as stored
--   $23 stored_max  integer  bytes of a stored body that is given
-- Columns:
--   readable  boolean  false: unknown or not for this person; nothing is told
--   total  bigint  observations that fit all
--   inside  bigint  the same without above and below
--   undated  bigint  of the types and ids wanted, without a time
--   withheld  bigint  would fit all, but for the consent gate
--   lower_us  bigint  resolved window, microseconds since 1970
--   lower_offset  integer  its offset in the zone, seconds east
--   upper_us  bigint  as lower_us, exclusive
--   upper_offset  integer  as lower_offset
--   missed  text[]  of others: nothing of the patient has this name
--   have  text[]  if total is 0 or missed is not empty: what the patient has,
--       five elements a code: code, text, count, first and last in us
--   id  bigint  core_observation.id
--   start_us  bigint  microseconds since 1970, NULL: no time known
--   start_offset  integer  seconds east of UTC
--   end_us  bigint  end of an interval
--   end_offset  integer  seconds east of UTC
--   code  text  coding_code, NULL if it has no code
--   code_system  text  coding_system
--   code_text  text  display text
--   status  text  as stored
--   source  text  name of the data source, may be NULL
--   updated_us  bigint  last_updated
--   modality  text  of the header, may be NULL
--   body  text  if not stored: JSON of the body, or of its small members
--   stored_header  text  if stored: JSON
--   stored_body  text  if stored: JSON, or {"_omitted_bytes", "keys"}
--   omitted  boolean  if stored: the body is left out for its size
--   later  boolean  if stored: the rows before this one fill a page, so that
--       header and body are not sent
-- Example: 10001, NULL, 40004, '{omh:blood-glucose}', NULL, NULL, NULL, NULL, NULL, 'UTC', NULL, NULL, NULL, NULL, NULL, NULL, NULL, true, NULL, NULL, 11, false, 36000
\ir ../rbac/rules.psql

PREPARE observation_page (bigint, bigint[], bigint, text[], text[], date, date,
    timestamptz, timestamptz, text, text[], text[], numeric[], numeric[],
    numeric, numeric, bigint[], boolean, timestamptz, bigint, integer, boolean,
    integer) AS
WITH reader AS MATERIALIZED (
	SELECT true AS readable
	FROM public.core_patient p
	WHERE p.id = $3 AND :patient_readable
),
-- Only if there are names to look up; from the patient, never from the code:
-- one code may have most rows of the table.
present AS MATERIALIZED (
	SELECT DISTINCT o.codeable_concept_id AS code
	FROM public.core_observation o
	WHERE o.subject_patient_id = $3
	AND EXISTS (SELECT FROM reader)
	AND cardinality($5) > 0
),
-- A name that nothing of this patient has is not told from one that nobody
-- has.
named AS MATERIALIZED (
	SELECT n.name, c.id
	FROM present h
	JOIN public.core_codeableconcept c ON c.id = h.code
	JOIN unnest($5) n (name)
	ON n.name IN (lower(c.coding_code),
	    translate(lower(c.text), ' _', '--'),
	    lower(split_part(c.coding_code, ':', 2)),
	    lower(split_part(c.coding_code, ':', 1) || ':' ||
		split_part(c.coding_code, ':', 2)))
),
wanted AS MATERIALIZED (
	SELECT ARRAY (
		SELECT c.id
		FROM public.core_codeableconcept c
		WHERE lower(split_part(c.coding_code, ':', 1) || ':' ||
		    split_part(c.coding_code, ':', 2)) = ANY ($4)
		UNION ALL
		SELECT id FROM named) AS codes
),
bounds AS MATERIALIZED (
	SELECT coalesce($8, $6::timestamp AT TIME ZONE $10) AS lower,
	    coalesce($9, ($7 + 1)::timestamp AT TIME ZONE $10) AS upper
),
-- Columns may hold more than a calendar, infinity for one.
valid AS MATERIALIZED (
	SELECT timestamptz '0001-01-01 00:00Z' AS first,
	    timestamptz '9999-12-31 23:59:59.999999Z' AS last
),
-- Every candidate with its time, read once.  A converted value is rounded, so
-- that 98.6 F is 37 C and not a little more.
dated AS MATERIALIZED (
	SELECT o.id,
	    :observation_time AS at,
	    :observation_open AS open,
	    CASE WHEN $10 IS NULL AND ($6 IS NOT NULL OR $7 IS NOT NULL) THEN
		make_interval(secs => :observation_offset) END AS shift,
	    CASE WHEN $11 IS NOT NULL THEN (
		SELECT CASE
		    WHEN $13[v.unit] = 1 AND $14[v.unit] = 0 THEN v.amount
		    WHEN abs(v.amount) < 1e300
		    THEN round(v.amount * $13[v.unit] + $14[v.unit], 12)
		    WHEN v.unit IS NOT NULL THEN v.amount END
		FROM (SELECT CASE
			WHEN jsonb_typeof(m.value) = 'number'
			THEN (m.value #>> '{}')::numeric
			WHEN jsonb_typeof(m.value -> 'value') = 'number'
			THEN (m.value ->> 'value')::numeric END AS amount,
		    array_position($12, coalesce(m.value ->> 'unit', ''))
			AS unit
		    FROM (SELECT :observation_payload -> 'body' #> $11 AS value) m) v
		) END AS amount
	FROM public.core_observation o
	WHERE o.subject_patient_id = $3
	AND EXISTS (SELECT FROM reader)
	AND ($4 IS NULL AND $5 IS NULL OR
	    o.codeable_concept_id = ANY ((SELECT codes FROM wanted)::bigint[]))
	AND ($17 IS NULL OR o.id = ANY ($17))
),
judged AS MATERIALIZED (
	SELECT d.id, d.at, d.open,
	    coalesce(CASE WHEN b.lower IS NOT NULL THEN d.at >= b.lower
	    WHEN $6 IS NOT NULL
	    THEN d.at AT TIME ZONE 'UTC' + d.shift >= $6::timestamp
	    ELSE true END, false) AND
	    coalesce(CASE WHEN b.upper IS NOT NULL THEN d.at < b.upper
	    WHEN $7 IS NOT NULL
	    THEN d.at AT TIME ZONE 'UTC' + d.shift < ($7 + 1)::timestamp
	    ELSE true END, false) AS inside,
	    coalesce($15 IS NULL OR d.amount > $15, false) AND
	    coalesce($16 IS NULL OR d.amount < $16, false) AS fitting
	FROM bounds b, (
		SELECT d.id, d.open, d.shift, d.amount,
		    CASE WHEN d.at BETWEEN v.first AND v.last THEN d.at END
			AS at
		FROM dated d, valid v) d
),
counted AS MATERIALIZED (
	SELECT count(*) FILTER (WHERE j.open AND j.inside AND j.fitting)
		AS total,
	    count(*) FILTER (WHERE j.open AND j.inside) AS inside,
	    count(*) FILTER (WHERE j.open AND j.at IS NULL) AS undated,
	    count(*) FILTER (WHERE NOT j.open AND j.inside AND j.fitting)
		AS withheld
	FROM judged j
),
page AS MATERIALIZED (
	SELECT id, at, row_number() OVER () AS place
	FROM (
	SELECT j.id, j.at
	FROM judged j
	WHERE j.open AND j.inside AND j.fitting
	AND CASE
	WHEN $20 IS NULL THEN true
	WHEN j.at IS NULL THEN $19 IS NOT NULL OR
	    CASE WHEN $18 THEN j.id < $20 ELSE j.id > $20 END
	WHEN $19 IS NULL THEN false
	WHEN $18 THEN (j.at, j.id) < ($19, $20)
	ELSE (j.at, j.id) > ($19, $20) END
	ORDER BY CASE WHEN $18 THEN j.at END DESC NULLS LAST,
	    CASE WHEN NOT $18 THEN j.at END ASC NULLS LAST,
	    CASE WHEN $18 THEN j.id END DESC, j.id
	LIMIT $21) j
),
missing AS MATERIALIZED (
	SELECT ARRAY (
		SELECT n.name
		FROM unnest($5) n (name)
		WHERE NOT EXISTS (SELECT FROM named k WHERE k.name = n.name)
	) AS names
),
-- Instead of rows: saves the next question.
head AS (
	SELECT EXISTS (SELECT FROM reader) AS readable,
	    k.total, k.inside, k.undated, k.withheld,
	    (extract(epoch FROM b.lower) * 1000000)::bigint AS lower_us,
	    extract(epoch FROM b.lower AT TIME ZONE $10 -
		b.lower AT TIME ZONE 'UTC')::integer AS lower_offset,
	    (extract(epoch FROM b.upper) * 1000000)::bigint AS upper_us,
	    extract(epoch FROM b.upper AT TIME ZONE $10 -
		b.upper AT TIME ZONE 'UTC')::integer AS upper_offset,
	    m.names AS missed,
	    CASE WHEN k.total = 0 OR cardinality(m.names) > 0 THEN (
		SELECT array_agg(e.element ORDER BY t.asked DESC, t.number DESC,
		    t.code, e.place)
		FROM (
			SELECT c.coding_code AS code, c.text,
			    count(*) AS number,
			    min(w.at) FILTER (WHERE w.at BETWEEN v.first
				AND v.last) AS first,
			    max(w.at) FILTER (WHERE w.at BETWEEN v.first
				AND v.last) AS last,
			    c.id = ANY ((SELECT codes FROM wanted)::bigint[])
				AS asked
			FROM (
				SELECT o.codeable_concept_id AS code,
				    :observation_time AS at
				FROM public.core_observation o
				WHERE o.subject_patient_id = $3
				AND EXISTS (SELECT FROM reader)
				AND :observation_open
				OFFSET 0
			) w
			JOIN public.core_codeableconcept c ON c.id = w.code
			CROSS JOIN valid v
			GROUP BY c.id
			ORDER BY asked DESC, number DESC, c.id
			LIMIT 20
		) t
		CROSS JOIN LATERAL (VALUES (1, left(t.code, 400)),
		    (2, left(t.text, 400)), (3, t.number::text),
		    (4, (extract(epoch FROM t.first) * 1000000)::bigint::text),
		    (5, (extract(epoch FROM t.last) * 1000000)::bigint::text)
		) e (place, element)
	    ) END AS have
	FROM counted k, bounds b, missing m
)
SELECT h.readable, h.total, h.inside, h.undated, h.withheld,
    h.lower_us, h.lower_offset, h.upper_us, h.upper_offset, h.missed,
    h.have,
    r.id,
    (extract(epoch FROM r.at) * 1000000)::bigint AS start_us,
    CASE WHEN $10 IS NULL THEN r.start_offset ELSE extract(epoch FROM
	r.at AT TIME ZONE $10 - r.at AT TIME ZONE 'UTC')::integer
	END AS start_offset,
    (extract(epoch FROM r.end_at) * 1000000)::bigint AS end_us,
    CASE WHEN $10 IS NULL THEN r.end_offset ELSE extract(epoch FROM
	r.end_at AT TIME ZONE $10 - r.end_at AT TIME ZONE 'UTC')::integer
	END AS end_offset,
    c.coding_code::text AS code, c.coding_system::text AS code_system,
    c.text::text AS code_text,
    left(r.status, 1000) AS status, left(s.name, 1000) AS source,
    (extract(epoch FROM r.updated) * 1000000)::bigint AS updated_us,
    left(r.modality, 1000) AS modality,
    CASE WHEN $22 THEN NULL
    WHEN octet_length(r.body_text) <= 8192 THEN r.body_text
    WHEN jsonb_typeof(r.body) = 'object' THEN (
	SELECT jsonb_object_agg(e.key, e.value)::text
	FROM jsonb_each(r.body) e
	WHERE octet_length(e.key) + octet_length(e.value::text) <= 1024)
    END AS body,
    CASE WHEN NOT $22 OR r.before > $23 OR r.header_text IS NULL THEN NULL
    WHEN octet_length(r.header_text) <= 8192 THEN r.header_text
    ELSE json_build_object('_omitted_bytes',
	octet_length(r.header_text))::text END AS stored_header,
    CASE WHEN NOT $22 OR r.before > $23 OR r.body_text IS NULL THEN NULL
    WHEN octet_length(r.body_text) <= $23 THEN r.body_text
    ELSE json_build_object('_omitted_bytes', octet_length(r.body_text),
	'keys', CASE WHEN jsonb_typeof(r.body) = 'object' THEN (
	    SELECT json_agg(left(e.key, 80))
	    FROM (SELECT jsonb_object_keys(r.body) AS key LIMIT 50) e)
	ELSE '[]' END)::text END AS stored_body,
    $22 AND octet_length(r.body_text) > $23 AS omitted,
    $22 AND r.before > $23 AS later
FROM head h
LEFT JOIN (
	SELECT g.id, g.at, g.place, r.*,
	    CASE WHEN r.ended BETWEEN v.first AND v.last THEN r.ended END
		AS end_at,
	    CASE WHEN r.changed BETWEEN v.first AND v.last THEN r.changed END
		AS updated,
	    CASE WHEN $22 THEN coalesce(sum(least(coalesce(octet_length(
		r.body_text), 0), $23)) OVER (ORDER BY g.place
		ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
		END AS before
	FROM page g
	CROSS JOIN LATERAL (
		SELECT :observation_end AS ended,
		    CASE WHEN $10 IS NULL THEN :observation_offset
			END AS start_offset,
		    CASE WHEN $10 IS NULL THEN :observation_end_offset
			END AS end_offset,
		    o.codeable_concept_id, o.data_source_id, o.status,
		    o.last_updated AS changed,
		    :observation_payload -> 'header' ->> 'modality' AS modality,
		    :observation_payload -> 'body' AS body,
		    (:observation_payload -> 'body')::text AS body_text,
		    CASE WHEN $22 THEN (:observation_payload -> 'header')::text END
			AS header_text
		FROM public.core_observation o
		WHERE o.id = g.id
		LIMIT 1
	) r
	CROSS JOIN valid v
) r ON true
LEFT JOIN public.core_codeableconcept c ON c.id = r.codeable_concept_id
LEFT JOIN public.core_datasource s ON s.id = r.data_source_id
ORDER BY r.place;
