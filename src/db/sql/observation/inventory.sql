-- SPDX-License-Identifier: MIT
-- Purpose: what observations a patient has, one row a data type (all versions
--     of a code together).  The first columns are the same in all rows;
--     without any observation there is one row, with kind NULL.
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
--   $11 nights  text[]  "namespace:name" of what belongs to the day it ends on
--   $12 timed  boolean  false: only counts, so that without a window no time
--       is looked at
-- Columns:
--   readable  boolean  false: unknown or not for this person; nothing is told
--   missed  text[]  of others: nothing of the patient has this name
--   lower_us  bigint  resolved window, microseconds since 1970
--   lower_offset  integer  its offset in the zone, seconds east
--   upper_us  bigint  as lower_us, exclusive
--   upper_offset  integer  as lower_offset
--   kind  bigint  of the type: the smallest id of its codes; 0: no code
--   code  text  coding_code of that, NULL: no code
--   code_text  text  display text
--   asked  boolean  of the types wanted; the others come only when nothing of
--       those is in the window or a name is missed, and without days,
--       sources and latest
--   count  bigint  in the window
--   undated  bigint  without a time
--   withheld  bigint  in the window, but held back by the consent gate
--   days  bigint  days with data
--   first_day  integer  days since 1970
--   last_day  integer
--   first_us  bigint  microseconds since 1970, NULL: none has a time
--   first_offset  integer  seconds east of UTC
--   last_us  bigint
--   last_offset  integer
--   sources  text  names of data sources, each on a line
--   body  text  of the latest: JSON, or of its small members
-- Example: 10001, NULL, 40004, NULL, NULL, NULL, NULL, NULL, NULL, 'UTC', '{omh:sleep-duration}', true
\ir ../rbac/rules.psql

PREPARE observation_inventory (bigint, bigint[], bigint, text[], text[], date,
    date, timestamptz, timestamptz, text, text[], boolean) AS
WITH reader AS MATERIALIZED (
	SELECT true AS readable
	FROM public.core_patient p
	WHERE p.id = $3 AND :patient_readable
),
-- From the patient, never from the code: one code may have most rows of the
-- table.
present AS MATERIALIZED (
	SELECT DISTINCT o.codeable_concept_id AS code
	FROM public.core_observation o
	WHERE o.subject_patient_id = $3
	AND EXISTS (SELECT FROM reader)
),
kinds AS MATERIALIZED (
	SELECT c.id, c.name, min(c.id) OVER (PARTITION BY c.name) AS kind,
	    c.name = ANY ($11) AS night,
	    c.name = ANY ($4) OR EXISTS (
		SELECT FROM unnest($5) n (name)
		WHERE n.name IN (lower(c.code), c.display, c.name,
		    split_part(c.name, ':', 2))) OR
		($4 IS NULL AND $5 IS NULL) AS asked,
	    :observation_open AS open
	FROM (
		SELECT c.id, c.coding_code AS code,
		    translate(lower(c.text), ' _', '--') AS display,
		    CASE WHEN c.coding_code LIKE '_%:_%'
		    THEN lower(split_part(c.coding_code, ':', 1) || ':' ||
			split_part(c.coding_code, ':', 2))
		    ELSE lower(c.coding_code) END AS name
		FROM public.core_codeableconcept c
		WHERE c.id IN (SELECT code FROM present)
	) c
	CROSS JOIN LATERAL (SELECT $3 AS subject_patient_id,
	    c.id AS codeable_concept_id) o
),
missing AS MATERIALIZED (
	SELECT ARRAY (
		SELECT n.name
		FROM unnest($5) n (name)
		WHERE NOT EXISTS (
			SELECT FROM kinds k
			JOIN public.core_codeableconcept c ON c.id = k.id
			WHERE n.name IN (lower(c.coding_code),
			    translate(lower(c.text), ' _', '--'), k.name,
			    split_part(k.name, ':', 2)))) AS names
),
bounds AS MATERIALIZED (
	SELECT coalesce($8, $6::timestamp AT TIME ZONE $10) AS lower,
	    coalesce($9, ($7 + 1)::timestamp AT TIME ZONE $10) AS upper,
	    $12 OR $6 IS NOT NULL OR $7 IS NOT NULL OR $8 IS NOT NULL OR
		$9 IS NOT NULL AS timed,
	    $4 IS NULL AND $5 IS NULL AS everything
),
-- Columns may hold more than a calendar, infinity for one.
valid AS MATERIALIZED (
	SELECT timestamptz '0001-01-01 00:00Z' AS first,
	    timestamptz '9999-12-31 23:59:59.999999Z' AS last
),
-- Every candidate with its time, read once.
dated AS MATERIALIZED (
	SELECT d.id, d.kind, d.source, d.at, d.shift, d.open,
	    CASE WHEN d.ended > d.at AND d.ended <= v.last THEN d.ended
		ELSE d.at END AS counted_at,
	    CASE WHEN d.ended > d.at AND d.ended <= v.last THEN d.end_shift
		ELSE d.shift END AS counted_shift
	FROM valid v, (
		SELECT t.id, t.kind, t.source, t.open, t.shift, t.ended,
		    t.end_shift,
		    CASE WHEN t.at BETWEEN v.first AND v.last THEN t.at END
			AS at
		FROM valid v, (
			SELECT o.id, coalesce(k.kind, 0) AS kind,
			    o.data_source_id AS source,
			    coalesce(k.open, :observation_open) AS open,
			    CASE WHEN b.timed THEN :observation_time END AS at,
			    CASE WHEN $10 IS NULL THEN
				make_interval(secs => :observation_offset)
				END AS shift,
			    CASE WHEN k.night AND $12
				THEN :observation_end END AS ended,
			    CASE WHEN k.night AND $12 AND $10 IS NULL THEN
				make_interval(secs => :observation_end_offset)
				END AS end_shift
			FROM bounds b
			CROSS JOIN public.core_observation o
			LEFT JOIN kinds k ON k.id = o.codeable_concept_id
			WHERE o.subject_patient_id = $3
			AND EXISTS (SELECT FROM reader)
			AND (k.asked OR k.id IS NULL AND b.everything)
			OFFSET 0
		) t
		OFFSET 0
	) d
),
judged AS MATERIALIZED (
	SELECT d.id, d.kind, d.source, d.at, d.shift, d.open,
	    (CASE WHEN $10 IS NULL
	    THEN d.counted_at AT TIME ZONE 'UTC' + d.counted_shift
	    ELSE d.counted_at AT TIME ZONE $10 END)::date AS day,
	    coalesce(CASE WHEN b.lower IS NOT NULL THEN d.at >= b.lower
	    WHEN $6 IS NOT NULL
	    THEN d.at AT TIME ZONE 'UTC' + d.shift >= $6::timestamp
	    ELSE true END, false) AND
	    coalesce(CASE WHEN b.upper IS NOT NULL THEN d.at < b.upper
	    WHEN $7 IS NOT NULL
	    THEN d.at AT TIME ZONE 'UTC' + d.shift < ($7 + 1)::timestamp
	    ELSE true END, false) AS inside
	FROM bounds b, dated d
),
tallied AS MATERIALIZED (
	SELECT j.kind,
	    count(*) FILTER (WHERE j.inside AND j.open) AS count,
	    count(*) FILTER (WHERE j.at IS NULL AND j.open) AS undated,
	    count(*) FILTER (WHERE j.inside AND NOT j.open) AS withheld,
	    count(DISTINCT j.day) FILTER (WHERE j.inside AND j.open) AS days,
	    min(j.day) FILTER (WHERE j.inside AND j.open) AS first_day,
	    max(j.day) FILTER (WHERE j.inside AND j.open) AS last_day,
	    min(j.at) FILTER (WHERE j.inside AND j.open) AS first,
	    max(j.at) FILTER (WHERE j.inside AND j.open) AS last,
	    array_agg(DISTINCT j.source) FILTER (WHERE j.inside AND j.open)
		AS sources
	FROM judged j
	GROUP BY j.kind
),
edges AS MATERIALIZED (
	SELECT t.kind,
	    max(j.id) FILTER (WHERE j.at = t.last) AS latest,
	    max(j.shift) FILTER (WHERE j.at = t.first) AS first_shift,
	    max(j.shift) FILTER (WHERE j.at = t.last) AS last_shift
	FROM tallied t
	JOIN judged j ON j.kind = t.kind
	WHERE $12 AND j.inside AND j.open AND j.at IN (t.first, t.last)
	GROUP BY t.kind
),
-- Instead of an empty answer: saves the next question.
instead AS MATERIALIZED (
	SELECT w.kind, count(*) AS count,
	    min(w.at) FILTER (WHERE w.at BETWEEN v.first AND v.last) AS first,
	    max(w.at) FILTER (WHERE w.at BETWEEN v.first AND v.last) AS last
	FROM (
		SELECT k.kind, :observation_time AS at
		FROM public.core_observation o
		JOIN kinds k ON k.id = o.codeable_concept_id
		WHERE o.subject_patient_id = $3
		AND EXISTS (SELECT FROM reader)
		AND k.open
		OFFSET 0
	) w
	CROSS JOIN valid v
	WHERE coalesce((SELECT sum(t.count) FROM tallied t), 0) = 0
	OR cardinality((SELECT m.names FROM missing m)) > 0
	GROUP BY w.kind
)
SELECT EXISTS (SELECT FROM reader) AS readable, m.names AS missed,
    (extract(epoch FROM b.lower) * 1000000)::bigint AS lower_us,
    extract(epoch FROM b.lower AT TIME ZONE $10 -
	b.lower AT TIME ZONE 'UTC')::integer AS lower_offset,
    (extract(epoch FROM b.upper) * 1000000)::bigint AS upper_us,
    extract(epoch FROM b.upper AT TIME ZONE $10 -
	b.upper AT TIME ZONE 'UTC')::integer AS upper_offset,
    g.kind, left(c.coding_code, 1000) AS code, left(c.text, 1000) AS code_text,
    g.asked, g.count, g.undated, g.withheld, g.days,
    g.first_day - date '1970-01-01' AS first_day,
    g.last_day - date '1970-01-01' AS last_day,
    (extract(epoch FROM g.first) * 1000000)::bigint AS first_us,
    CASE WHEN $10 IS NULL THEN extract(epoch FROM g.first_shift) ELSE
	extract(epoch FROM g.first AT TIME ZONE $10 -
	    g.first AT TIME ZONE 'UTC') END::integer AS first_offset,
    (extract(epoch FROM g.last) * 1000000)::bigint AS last_us,
    CASE WHEN $10 IS NULL THEN extract(epoch FROM g.last_shift) ELSE
	extract(epoch FROM g.last AT TIME ZONE $10 -
	    g.last AT TIME ZONE 'UTC') END::integer AS last_offset,
    (
	SELECT string_agg(translate(left(s.name, 200), chr(10), ' '), chr(10)
	    ORDER BY s.name, s.id)
	FROM public.core_datasource s
	WHERE s.id = ANY (g.sources)) AS sources,
    (
	SELECT CASE WHEN octet_length(r.body::text) <= 8192 THEN r.body::text
	    WHEN jsonb_typeof(r.body) = 'object' THEN (
		SELECT jsonb_object_agg(e.key, e.value)::text
		FROM jsonb_each(r.body) e
		WHERE octet_length(e.key) + octet_length(e.value::text) <=
		    1024) END
	FROM (
		SELECT :observation_payload -> 'body' AS body
		FROM public.core_observation o
		WHERE o.id = g.latest
		LIMIT 1) r) AS body
FROM bounds b
CROSS JOIN missing m
LEFT JOIN (
	SELECT t.kind, true AS asked, t.count, t.undated, t.withheld, t.days,
	    t.first_day, t.last_day, t.first, t.last, t.sources, e.latest,
	    e.first_shift, e.last_shift
	FROM tallied t
	LEFT JOIN edges e ON e.kind = t.kind
	UNION ALL
	SELECT i.kind, false, i.count, 0, 0, 0, NULL, NULL, i.first, i.last,
	    NULL, NULL, NULL, NULL
	FROM instead i
) g ON true
LEFT JOIN public.core_codeableconcept c ON c.id = g.kind AND g.kind > 0
ORDER BY g.asked DESC, g.count DESC, g.kind;
