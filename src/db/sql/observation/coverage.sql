-- SPDX-License-Identifier: MIT
-- Purpose: how complete the data of a study or a patient are, by patient, data
--     type, source, week or month, and what is wrong with them.  The first
--     columns are the same in all rows; without any group there is one row,
--     with key NULL.
-- Parameters:
--   $1 person  bigint  core_jheuser.id
--   $2 claims  bigint[]  studies the login allows; NULL: not narrowed
--   $3 study  bigint  core_study.id: types it requests, patients enrolled
--   $4 patient  bigint  core_patient.id: alone, or of the study
--   $5 types  text[]  "namespace:name" of codes, any version
--   $6 others  text[]  further names of codes, lower case, hyphens for blanks
--   $7 first_day  date  from the beginning of this day
--   $8 last_day  date  to the end of this day
--   $9 start_at  timestamptz  from this instant, instead of first_day
--   $10 end_at  timestamptz  before this instant, instead of last_day
--   $11 zone  text  a known time zone; NULL: the offset stored with each
--   $12 now  timestamptz
--   $13 by  text  patient, data_type, data_source, week or month
--   $14 nights  text[]  "namespace:name" of what belongs to the day it ends on
--   $15 daily  text[]  "namespace:name" of what is expected once a day
--   $16 expected  float8  readings a day; NULL: from the usual spacing
--   $17 measures  text[]  of known types, four elements a measure:
--       "namespace:name", path below body (two elements, the second may be
--       ''), and n for a number, u for the number whose unit is looked at,
--       t for text
--   $18 sort  text  least, most or key
--   $19 after_value  bigint  of the row to go on after
--   $20 after_key  bigint  its key; NULL: from the beginning
--   $21 rows_max  integer  rows wanted
-- Columns:
--   found  boolean  false: unknown or not for this person; nothing is told
--   team  boolean  of a study; false: the person only takes part
--   unreadable  bigint  enrolled, but whose data the person may not read
--   patients  bigint  whose data can be read, also those without any
--   missed  text[]  of others: there is no such type here
--   lower_us  bigint  resolved window, microseconds since 1970
--   lower_offset  integer  its offset in the zone, seconds east
--   upper_us  bigint  as lower_us, exclusive
--   upper_offset  integer  as lower_offset
--   span_days  integer  days of the window that have begun
--   types  text[]  five elements a type: code, text, readings, expected a day
--       (NULL: not known), usual spacing in seconds (NULL: not worked out)
--   have  text[]  if nothing is in the window, three elements a type: code,
--       text, count of all times
--   withheld  bigint  in the window, but held back by the consent gate
--   withheld_patients  bigint  of whom
--   quality  text[]  four elements a problem: name, readings, patients, id
--   readings  bigint  in the window
--   groups  bigint  rows there are
--   median  float8  of complete over all groups
--   reaching  bigint  groups with complete of at least 0.7
--   key  bigint  patient, type (smallest id of its codes), data source (-1:
--       none), or first day of the bucket (days since 1970)
--   value  bigint  what the rows are sorted by
--   name  text  coding_code, or name of the source
--   display  text  display text of a code
--   group_patients  bigint  with data
--   group_days  bigint  days with data
--   group_share  float8  of the days of the window, 0 to 1
--   group_readings  bigint
--   complete  float8  of the readings expected, 0 to 1; NULL: not known
--   gap_s  float8  longest time without data; only by patient, and by type of
--       one patient
--   last_day  integer  days since 1970
-- Example: 10001, NULL, 30001, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'UTC', '2026-08-21T00:00Z', 'patient', NULL, NULL, NULL, '{omh:blood-glucose,blood_glucose,"",u}', 'least', NULL, NULL, 51
\ir ../rbac/rules.psql

PREPARE observation_coverage (bigint, bigint[], bigint, bigint, text[], text[],
    date, date, timestamptz, timestamptz, text, timestamptz, text, text[],
    text[], float8, text[], text, bigint, bigint, integer) AS
WITH reader AS MATERIALIZED (
	SELECT p.id
	FROM public.core_study s
	JOIN public.core_studypatient sp ON sp.study_id = s.id
	JOIN public.core_patient p ON p.id = sp.patient_id
	WHERE s.id = $3 AND ($4 IS NULL OR p.id = $4)
	AND :roster_listed AND :patient_readable
	UNION
	SELECT p.id
	FROM public.core_patient p
	WHERE $3 IS NULL AND p.id = $4 AND :patient_readable
),
present AS MATERIALIZED (
	SELECT DISTINCT o.codeable_concept_id AS code
	FROM reader p
	JOIN public.core_observation o ON o.subject_patient_id = p.id
	WHERE $3 IS NULL AND p.id = $4
),
-- What the study requests, or what the patient has.
coded AS MATERIALIZED (
	SELECT c.id, c.coding_code AS code, c.text, c.coding_system AS system,
	    translate(lower(c.text), ' _', '--') AS display,
	    CASE WHEN c.coding_code LIKE '_%:_%'
	    THEN lower(split_part(c.coding_code, ':', 1) || ':' ||
		split_part(c.coding_code, ':', 2))
	    ELSE lower(c.coding_code) END AS name
	FROM public.core_codeableconcept c
	CROSS JOIN LATERAL (SELECT c.id AS codeable_concept_id) o
	WHERE CASE WHEN $3 IS NULL THEN c.id IN (SELECT code FROM present)
	ELSE EXISTS (
		SELECT FROM public.core_study s
		WHERE s.id = $3 AND :study_mine AND :observation_requested) END
),
kinds AS MATERIALIZED (
	SELECT c.id, c.code, c.text, c.name, c.system,
	    min(c.id) OVER (PARTITION BY c.name) AS kind,
	    coalesce(c.name = ANY ($14), false) AS night,
	    coalesce(c.name = ANY ($15), false) AS daily
	FROM coded c
	WHERE $5 IS NULL AND $6 IS NULL OR c.name = ANY ($5)
	OR EXISTS (
		SELECT FROM unnest($6) n (name)
		WHERE n.name IN (lower(c.code), c.display, c.name,
		    split_part(c.name, ':', 2)))
),
missing AS MATERIALIZED (
	SELECT ARRAY (
		SELECT n.name
		FROM unnest($6) n (name)
		WHERE NOT EXISTS (
			SELECT FROM coded c
			WHERE n.name IN (lower(c.code), c.display, c.name,
			    split_part(c.name, ':', 2)))) AS names
),
measures AS MATERIALIZED (
	SELECT k.kind, x.path, x.sort,
	    row_number() OVER (PARTITION BY k.kind ORDER BY x.sort DESC,
		x.place) AS number
	FROM (
		SELECT $17[i] AS name, array_remove(ARRAY[$17[i + 1],
		    $17[i + 2]], '') AS path, $17[i + 3] AS sort, i AS place
		FROM generate_series(1, coalesce(cardinality($17), 0), 4) i
	) x
	JOIN kinds k ON k.id = k.kind AND k.name = x.name
),
consented AS MATERIALIZED (
	SELECT o.subject_patient_id AS patient, o.codeable_concept_id AS code
	FROM reader p
	CROSS JOIN coded k
	CROSS JOIN LATERAL (SELECT p.id AS subject_patient_id,
	    k.id AS codeable_concept_id) o
	WHERE CASE WHEN $3 IS NULL THEN :observation_open
	ELSE EXISTS (
		SELECT FROM public.core_study s
		WHERE s.id = $3 AND :observation_open_in_study) END
),
bounds AS MATERIALIZED (
	SELECT coalesce($9, $7::timestamp AT TIME ZONE $11) AS lower,
	    coalesce($10, ($8 + 1)::timestamp AT TIME ZONE $11) AS upper,
	    timestamptz '0001-01-01 00:00Z' AS calendar_first,
	    timestamptz '9999-12-31 23:59:59.999999Z' AS calendar_last
),
-- In the window, without a time, or in the future: the rest is read and left.
-- Of all patients at once, so that each page of the table is read once; the
-- index on codes is kept out of it (+ 0): it would be read for each patient.
seen AS MATERIALIZED (
	SELECT r.id, r.patient, r.kind, r.source, r.at, r.inside, r.open,
	    r.daily,
	    CASE WHEN r.inside THEN
		(CASE WHEN r.ended > r.at AND r.ended <= b.calendar_last
		THEN CASE WHEN $11 IS NULL
		    THEN r.ended AT TIME ZONE 'UTC' + r.end_shift
		    ELSE r.ended AT TIME ZONE $11 END
		ELSE CASE WHEN $11 IS NULL
		    THEN r.at AT TIME ZONE 'UTC' + r.shift
		    ELSE r.at AT TIME ZONE $11 END END)::date END AS day,
	    CASE WHEN r.inside THEN CASE
		WHEN m.kind IS NULL THEN CASE
		    WHEN jsonb_typeof(r.body) = 'object'
		    THEN jsonb_typeof(r.body -> 'value') IN
			('number', 'string') OR EXISTS (
			SELECT FROM jsonb_each(r.body) e
			WHERE e.key <> 'effective_time_frame'
			AND jsonb_typeof(e.value -> 'value') IN
			    ('number', 'string')) END
		WHEN jsonb_typeof(r.body #> m.path -> 'value') = 'number'
		THEN true
		ELSE EXISTS (
			SELECT FROM measures x
			WHERE x.kind = r.kind AND CASE WHEN x.sort = 't'
			THEN r.body #>> x.path <> '' AND
			    jsonb_typeof(r.body #> x.path) = 'string'
			ELSE 'number' IN (jsonb_typeof(r.body #> x.path),
			    jsonb_typeof(r.body #> x.path -> 'value')) END)
		END END AS readable,
	    CASE WHEN r.inside AND m.sort = 'u' AND
		jsonb_typeof(r.body #> m.path -> 'unit') = 'string'
		THEN r.body #> m.path ->> 'unit' END AS unit
	FROM bounds b
	CROSS JOIN LATERAL (
		SELECT d.*,
		    d.at IS NOT NULL AND
		    CASE WHEN b.lower IS NOT NULL THEN d.at >= b.lower
		    WHEN $7 IS NOT NULL
		    THEN d.at AT TIME ZONE 'UTC' + d.shift >= $7::timestamp
		    ELSE true END AND
		    CASE WHEN b.upper IS NOT NULL THEN d.at < b.upper
		    WHEN $8 IS NOT NULL
		    THEN d.at AT TIME ZONE 'UTC' + d.shift <
			($8 + 1)::timestamp
		    ELSE true END AS inside
		FROM (
			SELECT t.id, t.patient, t.kind, t.source, t.open,
			    t.daily, t.shift, t.ended, t.end_shift, t.body,
			    CASE WHEN t.at BETWEEN b.calendar_first AND
				b.calendar_last THEN t.at END AS at
			FROM (
				SELECT o.id, o.subject_patient_id AS patient,
				    k.kind, k.daily,
				    coalesce(o.data_source_id, -1) AS source,
				    CASE WHEN :consent_ungated THEN true
				    ELSE (o.subject_patient_id,
					o.codeable_concept_id) IN (
					SELECT n.patient, n.code
					FROM consented n) END AS open,
				    :observation_time AS at,
				    CASE WHEN $11 IS NULL THEN
					make_interval(secs =>
					    :observation_offset) END AS shift,
				    CASE WHEN k.night
					THEN :observation_end END AS ended,
				    CASE WHEN k.night AND $11 IS NULL THEN
					make_interval(secs =>
					    :observation_end_offset) END
					AS end_shift,
				    :observation_payload -> 'body' AS body
				FROM public.core_observation o
				JOIN kinds k ON k.id =
				    o.codeable_concept_id + 0
				WHERE o.subject_patient_id = ANY (ARRAY (
				    SELECT p.id FROM reader p))
				OFFSET 0
			) t
			OFFSET 0
		) d
		OFFSET 0
	) r
	LEFT JOIN measures m ON m.kind = r.kind AND m.number = 1
	WHERE r.at IS NULL OR r.inside OR r.at > $12 + interval '1 day'
),
-- The window as far as it has passed; without a beginning from the first
-- reading on.
span AS MATERIALIZED (
	SELECT x.*,
	    x.first_day + CASE WHEN x.first_day::timestamp <
		x.lower AT TIME ZONE coalesce($11, 'UTC') AND
		x.bounded THEN 1 ELSE 0 END AS first_whole_day,
	    greatest(CASE WHEN $9 IS NOT NULL
		THEN ceil(extract(epoch FROM x.upper - x.lower) / 86400)::integer
		ELSE x.last_day - x.first_day + 1 END, 1) AS days
	FROM (
		SELECT y.lower, y.upper, y.bounded,
		    coalesce($7, (y.lower AT TIME ZONE
			coalesce($11, 'UTC'))::date) AS first_day,
		    ((y.upper - interval '1 microsecond') AT TIME ZONE
			coalesce($11, 'UTC'))::date AS last_day
		FROM (
			SELECT coalesce(b.lower, $7::timestamp
				AT TIME ZONE 'UTC', least($12, (
				SELECT min(s.at) FROM seen s
				WHERE s.inside AND s.open)), $12) AS lower,
			    least(coalesce(b.upper, ($8 + 1)::timestamp
				AT TIME ZONE 'UTC', $12), $12) AS upper,
			    b.lower IS NOT NULL AS bounded
			FROM bounds b
		) y
	) x
),
-- In order of time: what lies between readings of one source.  A day is one of
-- the calendar; in a window from an instant on it is 24 hours of that, but
-- what there is once a day or night keeps to the calendar.
spaced AS MATERIALIZED (
	SELECT s.id, s.patient, s.kind, s.source, s.at, s.readable, s.unit,
	    s.day AS counted, s.daily,
	    least(greatest(s.day, w.first_day), w.last_day) AS day,
	    CASE WHEN $9 IS NULL
	    THEN least(greatest(s.day, w.first_day), w.last_day) - w.first_day
	    WHEN s.daily
	    THEN least(greatest(s.day - w.first_whole_day, 0), w.days - 1)
	    ELSE floor(extract(epoch FROM s.at - w.lower) / 86400)::integer
		END AS part,
	    extract(epoch FROM s.at - lag(s.at) OVER (PARTITION BY s.patient,
		s.kind, s.source ORDER BY s.at, s.id))::float8 AS gap_s
	FROM seen s
	CROSS JOIN span w
	WHERE s.inside AND s.open AND s.at <= $12 + interval '1 day'
),
usual AS MATERIALIZED (
	SELECT g.kind, min(g.gap_s) AS spacing_s
	FROM (
		SELECT x.kind, x.gap_s, sum(x.number) OVER (PARTITION BY x.kind
		    ORDER BY x.gap_s) * 2 >= sum(x.number) OVER
		    (PARTITION BY x.kind) AS half
		FROM (
			SELECT s.kind, s.gap_s, count(*) AS number
			FROM (
				SELECT s.kind, CASE WHEN s.gap_s < 60
				    THEN s.gap_s ELSE round(s.gap_s) END
				    AS gap_s
				FROM spaced s
				WHERE s.gap_s > 0 AND $13 <> 'data_source'
				AND $16 IS NULL AND NOT s.daily
			) s
			GROUP BY s.kind, s.gap_s
		) x
	) g
	WHERE g.half
	GROUP BY g.kind
),
cells AS MATERIALIZED (
	SELECT s.patient, s.kind, s.source, s.day, s.part,
	    count(*) AS number, max(s.counted) AS last,
	    min(s.at) AS first_at, max(s.at) AS last_at, max(s.gap_s) AS gap_s,
	    CASE $13 WHEN 'patient' THEN s.patient
	    WHEN 'data_type' THEN s.kind
	    WHEN 'data_source' THEN s.source
	    ELSE date_trunc(CASE $13 WHEN 'week' THEN 'week' ELSE 'month' END,
		s.day::timestamp)::date - date '1970-01-01' END AS key
	FROM spaced s
	GROUP BY s.patient, s.kind, s.source, s.day, s.part
),
-- Of types that are only requested for records, none is expected.
types AS MATERIALIZED (
	-- Of a patient also none that is only held back.
	SELECT k.kind, k.code, k.text, k.daily, k.number, k.spacing_s,
	    CASE WHEN $16 IS NOT NULL THEN $16
	    WHEN k.daily THEN 1
	    WHEN k.rate >= 2 THEN round(k.rate)
	    WHEN abs(k.rate - 1) < 0.15 THEN 1
	    WHEN k.rate >= 0.01 THEN round(k.rate::numeric, 2)::float8
	    ELSE k.rate END AS expected,
	    k.daily AND $16 IS NULL AS by_days
	FROM (
		SELECT k.kind, k.code, k.text, k.daily, k.system,
		    u.spacing_s, 86400 / u.spacing_s AS rate, (
			SELECT coalesce(sum(c.number), 0)
			FROM cells c WHERE c.kind = k.kind) AS number
		FROM kinds k
		LEFT JOIN usual u ON u.kind = k.kind
		WHERE k.id = k.kind
	) k
	WHERE k.number > 0 OR
	    k.system IS DISTINCT FROM 'http://hl7.org/fhir/resource-types'
	    AND ($3 IS NOT NULL OR :consent_ungated OR k.kind IN (
		SELECT i.kind FROM kinds i JOIN consented n ON n.code = i.id))
),
buckets AS MATERIALIZED (
	SELECT x.key,
	    greatest(least(x.after, w.last_day + 1) -
		greatest(x.first, w.first_whole_day), 1) AS days,
	    greatest(extract(epoch FROM least(w.upper, x.after::timestamp
		AT TIME ZONE coalesce($11, 'UTC')) - greatest(w.lower,
		x.first::timestamp AT TIME ZONE coalesce($11, 'UTC'))),
		3600) / 86400.0 AS length
	FROM span w
	CROSS JOIN LATERAL (
		SELECT t::date - date '1970-01-01' AS key, t::date AS first,
		    (t + i.length)::date AS after
		FROM (SELECT CASE $13 WHEN 'week' THEN interval '7 days'
		    ELSE interval '1 month' END AS length) i
		CROSS JOIN generate_series(date_trunc(CASE $13 WHEN 'week'
		    THEN 'week' ELSE 'month' END, w.first_day::timestamp),
		    w.last_day::timestamp, i.length) t
		WHERE $13 IN ('week', 'month')
		LIMIT 2000
	) x
),
keys AS MATERIALIZED (
	SELECT p.id AS key, w.days, extract(epoch FROM w.upper - w.lower) /
	    86400.0 AS length, t.types AS pairs
	FROM reader p CROSS JOIN span w
	CROSS JOIN (SELECT count(*) AS types FROM types
	    WHERE number = 0 OR expected IS NOT NULL) t
	WHERE $13 = 'patient' AND EXISTS (SELECT FROM types)
	UNION ALL
	SELECT t.kind, w.days, extract(epoch FROM w.upper - w.lower) / 86400.0,
	    CASE WHEN t.number = 0 OR t.expected IS NOT NULL
	    THEN (SELECT count(*) FROM reader) END
	FROM types t CROSS JOIN span w
	WHERE $13 = 'data_type'
	UNION ALL
	SELECT c.key, w.days, NULL, NULL
	FROM cells c CROSS JOIN span w
	WHERE $13 = 'data_source'
	GROUP BY c.key, w.days
	UNION ALL
	SELECT b.key, b.days, b.length, t.types *
	    (SELECT count(*) FROM reader)
	FROM buckets b
	CROSS JOIN (SELECT count(*) AS types FROM types
	    WHERE number = 0 OR expected IS NOT NULL) t
	WHERE EXISTS (SELECT FROM types)
),
-- Each patient and type of a group counts the same, and at most whole.
parts AS MATERIALIZED (
	SELECT c.key, sum(CASE
	    WHEN t.by_days THEN least(c.days::float8 / k.days, 1)
	    WHEN t.expected IS NOT NULL
	    THEN least(c.number / (t.expected * greatest(k.length,
		1 / 24.0)::float8), 1) END) AS complete
	FROM (
		SELECT c.key, c.patient, c.kind, sum(c.number) AS number,
		    count(DISTINCT CASE WHEN $13 IN ('week', 'month')
			THEN c.day - date '1970-01-01' ELSE c.part END) AS days
		FROM cells c
		GROUP BY c.key, c.patient, c.kind
	) c
	JOIN types t ON t.kind = c.kind
	JOIN keys k ON k.key = c.key
	WHERE $13 <> 'data_source'
	GROUP BY c.key
),
persons AS MATERIALIZED (
	SELECT c.key, count(*) AS patients, sum(c.days) AS days,
	    sum(least(c.days::float8 / k.days, 1)) AS share,
	    sum(c.number) AS number, max(c.last) AS last
	FROM (
		SELECT c.key, c.patient, sum(c.number) AS number,
		    count(DISTINCT CASE WHEN $13 IN ('week', 'month')
			THEN c.day - date '1970-01-01' ELSE c.part END)
			AS days, max(c.last) AS last
		FROM cells c
		GROUP BY c.key, c.patient
	) c
	JOIN keys k ON k.key = c.key
	GROUP BY c.key
),
-- Of groups with one type and source of a patient the longest time between
-- readings is known; of others their readings are put in one order.
runs AS MATERIALIZED (
	SELECT c.key, min(c.first_at) AS first, max(c.last_at) AS last,
	    max(c.gap_s) AS gap_s,
	    count(*) > 1 AS mixed
	FROM (
		SELECT c.key, c.kind, c.source, min(c.first_at) AS first_at,
		    max(c.last_at) AS last_at, max(c.gap_s) AS gap_s
		FROM cells c
		GROUP BY c.key, c.kind, c.source
	) c
	WHERE $13 = 'patient' OR ($13 = 'data_type' AND $4 IS NOT NULL)
	GROUP BY c.key
),
-- Also to the edges of the window.
gaps AS MATERIALIZED (
	SELECT k.key, greatest(extract(epoch FROM
	    least(r.first, w.upper) - w.lower),
	    extract(epoch FROM w.upper - r.last),
	    CASE WHEN r.first IS NULL THEN
		extract(epoch FROM w.upper - w.lower) END,
	    CASE WHEN r.mixed THEN g.gap_s ELSE r.gap_s END) AS gap_s
	FROM keys k
	CROSS JOIN span w
	LEFT JOIN runs r ON r.key = k.key
	LEFT JOIN (
		SELECT x.key, max(extract(epoch FROM x.at - x.before))::float8
		    AS gap_s
		FROM (
			SELECT y.key, y.at, lag(y.at) OVER
			    (PARTITION BY y.key ORDER BY y.at) AS before
			FROM (
				SELECT s.at, CASE $13 WHEN 'patient'
				    THEN s.patient ELSE s.kind END AS key
				FROM spaced s
			) y
			JOIN runs r ON r.key = y.key AND r.mixed
		) x
		GROUP BY x.key
	) g ON g.key = k.key
	WHERE $13 = 'patient' OR ($13 = 'data_type' AND $4 IS NOT NULL)
),
grouped AS MATERIALIZED (
	SELECT g.key, g.patients, g.days, g.share, g.number, g.complete,
	    g.gap_s, g.last,
	    CASE WHEN $13 = 'data_source' THEN g.number
	    ELSE coalesce(round(coalesce(g.complete, g.share) * 1000000),
		0)::bigint END AS value
	FROM (
		SELECT k.key, coalesce(p.patients, 0) AS patients,
		    CASE WHEN $13 = 'data_source' THEN (
			SELECT count(DISTINCT c.part) FROM cells c
			WHERE c.key = k.key)
		    ELSE coalesce(p.days, 0)::bigint END AS days,
		    CASE WHEN $13 = 'patient' THEN coalesce(p.share, 0)
		    ELSE coalesce(p.share, 0) / greatest((SELECT count(*)
			FROM reader), 1) END AS share,
		    coalesce(p.number, 0)::bigint AS number,
		    CASE WHEN k.pairs > 0 THEN
			coalesce(q.complete, 0) / k.pairs END AS complete,
		    x.gap_s::float8 AS gap_s, p.last
		FROM keys k
		LEFT JOIN parts q ON q.key = k.key
		LEFT JOIN persons p ON p.key = k.key
		LEFT JOIN gaps x ON x.key = k.key
	) g
),
page AS MATERIALIZED (
	SELECT g.*, row_number() OVER () AS place
	FROM (
		SELECT g.*
		FROM grouped g
		WHERE $20 IS NULL OR CASE $18
		WHEN 'least' THEN (g.value, g.key) > ($19, $20)
		WHEN 'most' THEN g.value < $19 OR
		    (g.value = $19 AND g.key > $20)
		ELSE g.key > $20 END
		ORDER BY CASE $18 WHEN 'least' THEN g.value END,
		    CASE $18 WHEN 'most' THEN g.value END DESC, g.key
		LIMIT $21
	) g
),
-- The same time of the same source: a duplicate if the body is the same too.
twins AS MATERIALIZED (
	SELECT t.id, t.patient, row_number() OVER (PARTITION BY t.patient,
	    t.kind, t.source, t.at, t.ended, t.body ORDER BY t.id) AS number
	FROM (
		SELECT s.id, s.patient, s.kind, s.source, s.at, o.ended,
		    CASE WHEN jsonb_typeof(o.body) = 'object'
		    THEN o.body - 'effective_time_frame' ELSE o.body END
			AS body
		FROM spaced s
		CROSS JOIN LATERAL (
			SELECT :observation_end AS ended,
			    :observation_payload -> 'body' AS body
			FROM public.core_observation o
			WHERE o.id = s.id
			LIMIT 1
		) o
		WHERE (s.patient, s.kind, s.source, s.at) IN (
			SELECT z.patient, z.kind, z.source, z.at
			FROM spaced z
			WHERE z.gap_s = 0)
	) t
),
units AS MATERIALIZED (
	SELECT s.kind, s.unit, rank() OVER (PARTITION BY s.kind
	    ORDER BY count(*) DESC, s.unit) AS place
	FROM spaced s
	WHERE s.unit IS NOT NULL
	GROUP BY s.kind, s.unit
),
problems AS MATERIALIZED (
	SELECT 1 AS place, 'undated' AS name, count(*) AS number,
	    count(DISTINCT s.patient) AS patients, min(s.id) AS id
	FROM seen s WHERE s.at IS NULL AND s.open
	UNION ALL
	SELECT 2, 'future', count(*), count(DISTINCT s.patient), min(s.id)
	FROM seen s WHERE s.at > $12 + interval '1 day' AND s.open
	UNION ALL
	SELECT 3, 'unreadable', count(*), count(DISTINCT s.patient), min(s.id)
	FROM spaced s WHERE s.readable IS NOT TRUE
	UNION ALL
	SELECT 4, 'duplicate', count(*), count(DISTINCT t.patient), min(t.id)
	FROM twins t WHERE t.number > 1
	UNION ALL
	SELECT 5, 'mixed_units', count(*), count(DISTINCT s.patient),
	    min(s.id)
	FROM spaced s
	JOIN units u ON u.kind = s.kind AND u.unit = s.unit AND u.place > 1
),
totals AS MATERIALIZED (
	SELECT count(*) AS groups, count(*) FILTER
	    (WHERE round(g.complete::numeric, 3) >= 0.7) AS reaching,
	    percentile_cont(0.5) WITHIN GROUP (ORDER BY g.complete) AS median
	FROM grouped g
),
-- Instead of an empty answer: saves the next question.
instead AS MATERIALIZED (
	SELECT c.id, count(x.code) AS number
	FROM coded c
	LEFT JOIN (
		SELECT o.codeable_concept_id AS code
		FROM (
			SELECT o.codeable_concept_id, o.subject_patient_id
			FROM public.core_observation o
			WHERE o.subject_patient_id = ANY (ARRAY (
			    SELECT p.id FROM reader p))
			OFFSET 0
		) o
		WHERE CASE WHEN :consent_ungated THEN true
		ELSE (o.subject_patient_id, o.codeable_concept_id) IN (
		    SELECT n.patient, n.code FROM consented n) END
	) x ON x.code = c.id
	WHERE (NOT EXISTS (SELECT FROM cells)
	OR cardinality((SELECT m.names FROM missing m)) > 0)
	AND ($3 IS NOT NULL OR :consent_ungated OR
	    c.id IN (SELECT n.code FROM consented n))
	GROUP BY c.id
),
head AS (
	SELECT :study_as_team AS team, (
		SELECT count(DISTINCT p.id)
		FROM public.core_studypatient sp
		JOIN public.core_patient p ON p.id = sp.patient_id
		WHERE sp.study_id = s.id AND :roster_listed
		AND ($4 IS NULL OR p.id = $4)
		AND NOT :patient_readable) AS unreadable
	FROM public.core_study s
	WHERE s.id = $3 AND :study_mine
)
SELECT CASE WHEN $3 IS NULL THEN EXISTS (SELECT FROM reader)
    ELSE h.team IS NOT NULL END AS found,
    h.team, h.unreadable, (SELECT count(*) FROM reader) AS patients,
    m.names AS missed,
    (extract(epoch FROM b.lower) * 1000000)::bigint AS lower_us,
    extract(epoch FROM b.lower AT TIME ZONE $11 -
	b.lower AT TIME ZONE 'UTC')::integer AS lower_offset,
    (extract(epoch FROM b.upper) * 1000000)::bigint AS upper_us,
    extract(epoch FROM b.upper AT TIME ZONE $11 -
	b.upper AT TIME ZONE 'UTC')::integer AS upper_offset,
    w.days AS span_days,
    (
	SELECT array_agg(e.element ORDER BY t.number DESC, t.kind, e.place)
	FROM types t
	CROSS JOIN LATERAL (VALUES (1, left(t.code, 400)),
	    (2, left(t.text, 400)), (3, t.number::text),
	    (4, t.expected::text), (5, t.spacing_s::text)) e (place, element)
    ) AS types,
    (
	SELECT array_agg(e.element ORDER BY t.number DESC, t.id, e.place)
	FROM (SELECT i.id, i.number FROM instead i
	    ORDER BY i.number DESC, i.id LIMIT 20) t
	JOIN public.core_codeableconcept c ON c.id = t.id
	CROSS JOIN LATERAL (VALUES (1, left(c.coding_code, 400)),
	    (2, left(c.text, 400)), (3, t.number::text)) e (place, element)
    ) AS have,
    (
	SELECT count(*) FROM seen s WHERE s.inside AND NOT s.open
	AND s.at <= $12 + interval '1 day'
    ) AS withheld,
    (
	SELECT count(DISTINCT s.patient) FROM seen s
	WHERE s.inside AND NOT s.open AND s.at <= $12 + interval '1 day'
    ) AS withheld_patients,
    (
	SELECT array_agg(e.element ORDER BY r.place, e.place)
	FROM problems r
	CROSS JOIN LATERAL (VALUES (1, r.name), (2, r.number::text),
	    (3, r.patients::text), (4, r.id::text)) e (place, element)
	WHERE r.number > 0
    ) AS quality,
    (SELECT coalesce(sum(c.number), 0)::bigint FROM cells c) AS readings,
    k.groups, k.median, k.reaching,
    g.key, g.value,
    CASE $13 WHEN 'data_type' THEN (
	SELECT left(t.code, 1000) FROM types t WHERE t.kind = g.key)
    WHEN 'data_source' THEN (
	SELECT left(s.name, 1000) FROM public.core_datasource s
	WHERE s.id = g.key) END AS name,
    CASE $13 WHEN 'data_type' THEN (
	SELECT left(t.text, 1000) FROM types t WHERE t.kind = g.key) END
	AS display,
    g.patients AS group_patients, g.days AS group_days,
    g.share AS group_share, g.number AS group_readings, g.complete, g.gap_s,
    g.last - date '1970-01-01' AS last_day
FROM bounds b
CROSS JOIN missing m
CROSS JOIN span w
CROSS JOIN totals k
LEFT JOIN head h ON true
LEFT JOIN page g ON true
ORDER BY g.place;
