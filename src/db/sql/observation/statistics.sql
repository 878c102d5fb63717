-- SPDX-License-Identifier: MIT
-- Purpose: statistics of the values of one data type, of a study or of some
--     patients.  The first columns are the same in all rows; if there is
--     nothing to tell there is one row, with kind NULL.  The patients come
--     first, each with their rows, so that the plan is good for one and for
--     all: never a scan of the table.
--
--     Rows of one patient that agree in source, time and values are the same
--     reading, stored twice.  Rows entered in error and naps do not count.
-- Parameters:
--   $1 person  bigint  core_jheuser.id
--   $2 claims  bigint[]  studies the login allows; NULL: not narrowed
--   $3 study  bigint  core_study.id; or
--   $4 patients  bigint[]  core_patient.id
--   $5 types  text[]  "namespace:name" of codes, any version
--   $6 first_day  date  from the beginning of this day
--   $7 last_day  date  to the end of this day
--   $8 start_at  timestamptz  from this instant, instead of first_day
--   $9 end_at  timestamptz  before this instant, instead of last_day
--   $10 zone  text  a known time zone; NULL: the offset stored with each
--   $11 paths  text[]  of each measure: its path below body, as text[]
--   $12 units  text[]  of each: the units it may have there, as text[]
--   $13 factors  text[]  of each: of its units, as numeric[]
--   $14 offsets  text[]  of each: of its units, as numeric[]
--   $15 summed  boolean[]  of each: values of one day are added, else averaged
--   $16 optional  boolean  a body may have none of the measures
--   $17 analysis  text  reading, daily_total, night
--   $18 bucket  text  none, hour, day, week, month, hour_of_day, weekday
--   $19 grouping  text  none, patient, data_source, age_band
--   $20 fractions  float8[]  percentiles wanted, 0.05 and so on
--   $21 cuts  float8[]  ascending, at most 12; NULL: values are not sorted out
--   $22 joint  float8[]  five bounds of pairs of the two measures, instead
--   $23 sort  text  key, mean_desc, mean_asc, n_asc
--   $24 skip  bigint  groups of earlier pages
--   $25 rows_max  integer  groups wanted
--   $26 today  date  for ages
--   $27 alone  boolean  no bucket, no group: tell least, greatest, spacing
-- Columns:
--   found  boolean  the study is visible; any of the patients is readable
--   team  boolean  of a study: more than one's own data
--   subjects  bigint  patients whose data are looked at
--   unreadable_subjects  bigint  enrolled, but not readable
--   lower_us  bigint  resolved window, microseconds since 1970
--   lower_offset  integer  its offset in the zone, seconds east
--   upper_us  bigint  as lower_us, exclusive
--   upper_offset  integer  as lower_offset
--   undated  bigint  rows without a time
--   held  bigint  rows the consent gate holds back
--   unreadable  bigint  rows with something that is no value
--   erroneous  bigint  rows entered in error
--   naps  bigint  rows that say that it is not the main sleep
--   duplicates  bigint  rows that are stored twice
--   converted  bigint  readings that had another unit
--   first_us  bigint  time of the first reading
--   last_us  bigint  and of the last one
--   spacing  float8[]  if alone: seconds between a patient's readings: the
--       first and last decile, with the median between
--   have  text[]  if there is nothing: codes the study requests, or what the
--       one patient has, five elements a code: code, text, count, first and
--       last in microseconds
--   kind  text  group, between, min, max; see omh/statistics.sql
--   place  bigint  of a group, in the order asked for
--   total  bigint  number of groups
--   measure  integer  1 is the first of paths
--   statistic  text  descriptive_statistic, '' if they are not mixed
--   source  bigint  core_datasource.id, -1: none; 0: sources are no parts
--   source_name  text
--   key  bigint  patient, source, age (-1: not known); 0: none
--   key_name  text  of a data source
--   bucket  bigint  seconds since 1970 of its beginning on the local clock;
--       or the hour; or the day of the week, Monday is 1
--   shift  integer  of an hour: offset of the local clock
--   patients  bigint
--   n  bigint
--   mean  float8  of min and max: the value; of between: of patients' means
--   sd  float8
--   low  float8
--   high  float8
--   points  float8[]  percentiles; of between: median of means, pooled mean
--   bins  bigint[]  values below the first cut, and so on
--   patient  bigint  of min and max
--   id  bigint  and its core_observation.id, if it is one
--   at_us  bigint  and its time
--   local_us  bigint  the same on the local clock
-- Example: 10001, NULL, 30001, NULL, '{omh:blood-glucose}', NULL, NULL, NULL, NULL, 'UTC', '{"{blood_glucose}"}', '{"{mg/dL,mmol/L}"}', '{"{1,18.0182}"}', '{"{0,0}"}', '{f}', false, 'reading', 'day', 'none', '{0.5}', '{54,70,181,251}', NULL, 'key', 0, 101, '2026-08-21', false
\ir ../rbac/rules.psql

PREPARE observation_statistics (bigint, bigint[], bigint, bigint[], text[],
    date, date, timestamptz, timestamptz, text, text[], text[], text[], text[],
    boolean[], boolean, text, text, text, float8[], float8[], float8[], text,
    bigint, integer, date, boolean) AS
WITH listed AS MATERIALIZED (
	SELECT p.id, p.birth_date, :patient_readable AS readable
	FROM public.core_study s
	JOIN public.core_studypatient sp ON sp.study_id = s.id
	JOIN public.core_patient p ON p.id = sp.patient_id
	WHERE s.id = $3 AND :roster_listed
	UNION ALL
	SELECT p.id, p.birth_date, true
	FROM public.core_patient p
	WHERE p.id = ANY ($4) AND :patient_readable
),
wanted AS MATERIALIZED (
	SELECT c.id
	FROM public.core_codeableconcept c
	WHERE lower(split_part(c.coding_code, ':', 1) || ':' ||
	    split_part(c.coding_code, ':', 2)) = ANY ($5)
	AND ($3 IS NULL OR EXISTS (
		SELECT FROM public.core_study s
		CROSS JOIN LATERAL (SELECT c.id AS codeable_concept_id) o
		WHERE s.id = $3 AND :observation_requested))
),
subjects AS MATERIALIZED (
	SELECT l.id, CASE WHEN l.years IS NULL THEN -1
		WHEN l.years < 18 THEN 0 WHEN l.years < 30 THEN 18
		ELSE least(l.years / 10 * 10, 90) END AS band,
	    ARRAY (SELECT c.id FROM wanted c) AS codes,
	    ARRAY (
		SELECT c.id
		FROM wanted c
		CROSS JOIN LATERAL (SELECT l.id AS subject_patient_id,
		    c.id AS codeable_concept_id) o
		LEFT JOIN public.core_study s ON s.id = $3
		WHERE NOT CASE WHEN $3 IS NULL THEN :observation_open
		    ELSE :observation_open_in_study END) AS held
	FROM (
		SELECT l.id, CASE WHEN isfinite(l.birth_date) AND
			l.birth_date <= $26
		    THEN extract(year FROM age($26, l.birth_date))::integer END
			AS years
		FROM listed l
		WHERE l.readable
	) l
),
measures AS MATERIALIZED (
	SELECT m.path::text[] AS path, m.units::text[] AS units,
	    m.factors::numeric[] AS factors, m.offsets::numeric[] AS offsets
	FROM unnest($11, $12, $13, $14) m (path, units, factors, offsets)
),
bounds AS MATERIALIZED (
	SELECT coalesce($8, $6::timestamp AT TIME ZONE $10) AS lower,
	    coalesce($9, ($7 + 1)::timestamp AT TIME ZONE $10) AS upper,
	    $6::timestamp AS first, ($7 + 1)::timestamp AS after,
	    coalesce($6::text, $7::text, $8::text, $9::text) IS NOT NULL OR
		$17 <> 'reading' OR $18 <> 'none' AS dated,
	    -- No text before or beyond is within: offsets are less than a day.
	    to_char(coalesce($8, $6::timestamptz) - interval '3 days',
		'YYYY-MM-DD') COLLATE "C" AS before,
	    to_char(coalesce($9, $7::timestamptz) + interval '4 days',
		'YYYY-MM-DD') COLLATE "C" AS beyond,
	    coalesce($6::text, $7::text, $8::text, $9::text) IS NOT NULL
		AS bounded,
	    cardinality($11) = 1 AS single,
	    timestamptz '0001-01-01 00:00Z' AS earliest,
	    timestamptz '9999-12-31 23:59:59.999999Z' AS latest
),
-- One row a reading, or of all that are not used for the same reason (state).
-- A time is dear to read: what by its text alone is far from the window is
-- left out first.
-- What comes before OFFSET 0 is worked out once, and only for rows that
-- nothing before has sorted out.
readings AS MATERIALIZED (
SELECT w.id AS patient, w.band, g.state, g.source, g.statistic, g.amounts,
    g.id, g.copies, g.converted, g.bad, g.gap, g.moment,
    CASE WHEN $10 IS NULL THEN g.moment AT TIME ZONE 'UTC' +
	make_interval(secs => g.shift) ELSE g.moment AT TIME ZONE $10 END
	AS local
FROM subjects w
CROSS JOIN bounds k
CROSS JOIN LATERAL (
	SELECT x.state, x.source, x.statistic, x.amounts,
	    CASE WHEN $17 = 'night' THEN coalesce(x.ended, x.at) ELSE x.at END
		AS moment,
	    min(x.shift) AS shift, min(x.id) AS id, count(*) AS copies,
	    bool_or(x.converted) AS converted, bool_or(x.bad) AS bad,
	    CASE WHEN $27 THEN extract(epoch FROM x.at - lag(x.at)
		OVER (ORDER BY CASE WHEN $27 THEN x.at END))::float8 END
		AS gap
	FROM (
		SELECT c.id, c.state,
		    CASE WHEN c.state = 0 THEN c.source END AS source,
		    CASE WHEN c.state = 0 THEN c.statistic END AS statistic,
		    CASE WHEN c.state = 0 THEN c.at END AS at,
		    CASE WHEN c.state = 0 THEN c.ended END AS ended,
		    CASE WHEN c.state = 0 THEN c.amounts END AS amounts,
		    c.shift, c.converted, c.bad
		FROM (
			SELECT b.id, b.source, b.at, b.ended, b.shift,
			    v.amounts, v.converted,
			    coalesce(v.bad, false) AS bad,
			    coalesce(left(lower(b.body ->>
				'descriptive_statistic'), 40), '') AS statistic,
			    CASE WHEN b.state <> 0 THEN b.state
			    WHEN $17 = 'night' AND b.body -> 'is_main_sleep' =
				'false' THEN 5
			    WHEN array_remove(v.amounts, NULL) <> '{}' THEN 0
			    WHEN v.bad OR NOT $16 THEN 3
			    ELSE 6 END AS state
			FROM (
				SELECT d.*,
				    -- Of what is held back nothing else is told.
				    CASE WHEN d.held THEN 2
				    WHEN d.status = 'entered-in-error' THEN 4
				    WHEN d.at IS NULL AND k.dated THEN 1
				    ELSE 0 END AS state
				FROM (
					SELECT t.id, t.source, t.status, t.held,
					    t.shift, t.body,
					    CASE WHEN t.at BETWEEN k.earliest
						AND k.latest THEN t.at END
						AS at,
					    CASE WHEN t.ended BETWEEN k.earliest
						AND k.latest THEN t.ended END
						AS ended
					FROM (
						SELECT o.id,
						    coalesce(o.data_source_id, -1)
							AS source,
						    o.status,
						    o.codeable_concept_id =
							ANY (w.held) AS held,
						    :observation_time AS at,
						    CASE WHEN $17 <> 'reading'
						    THEN :observation_end END
							AS ended,
						    CASE WHEN $10 IS NOT NULL
						    THEN NULL
						    WHEN $17 = 'night'
						    THEN :observation_end_offset
						    ELSE :observation_offset END
							AS shift,
						    :observation_payload -> 'body'
							AS body
						FROM public.core_observation o
						WHERE o.subject_patient_id =
							w.id
						AND o.codeable_concept_id =
							ANY (w.codes)
						AND (NOT k.bounded OR
						    :effective_date_time IS NOT NULL OR
						    :effective_period_start IS NOT NULL OR
						    (SELECT coalesce(e.text <= k.before OR
							e.text >= k.beyond, false) AND
							e.text LIKE
							    '20__-__-__T__:__:__%'
							FROM (SELECT :observation_payload ->
							    'body' -> 'effective_time_frame'
							    ->> 'date_time'
							    COLLATE "C" AS text
							    OFFSET 0) e) IS NOT TRUE)
						OFFSET 0
					) t
					OFFSET 0
				) d
				CROSS JOIN LATERAL (
					SELECT CASE WHEN $17 = 'night' AND
						$18 <> 'none'
					    THEN coalesce(d.ended, d.at)
					    ELSE d.at END AS at
				) i
				WHERE CASE
				WHEN d.at IS NULL THEN true
				WHEN $10 IS NULL THEN coalesce(
				    CASE WHEN k.lower IS NOT NULL
				    THEN i.at >= k.lower ELSE
				    i.at AT TIME ZONE 'UTC' + make_interval(
				    secs => d.shift) >= k.first END, true)
				AND coalesce(
				    CASE WHEN k.upper IS NOT NULL
				    THEN i.at < k.upper ELSE
				    i.at AT TIME ZONE 'UTC' + make_interval(
				    secs => d.shift) < k.after END, true)
				ELSE coalesce(i.at >= k.lower, true) AND
				    coalesce(i.at < k.upper, true) END
				OFFSET 0
			) b
			-- Most types have one measure, which needs no aggregate.
			CROSS JOIN LATERAL (
				SELECT ARRAY[n.amount] AS amounts, n.converted,
				    n.bad
				FROM measures m
				CROSS JOIN LATERAL :measured v
				CROSS JOIN LATERAL (SELECT CASE
				    WHEN abs(v.r_value) < 1e-100 THEN 0
				    WHEN abs(v.r_value) < 1e100
				    THEN v.r_value::float8 END AS amount,
				    v.r_converted AS converted,
				    v.r_present AND coalesce(abs(v.r_value) >=
				    1e100, true) AS bad) n
				WHERE k.single AND b.state = 0
				UNION ALL
				SELECT array_agg(n.amount),
				    bool_or(n.converted), bool_or(n.bad)
				FROM measures m
				CROSS JOIN LATERAL :measured v
				CROSS JOIN LATERAL (SELECT CASE
				    WHEN abs(v.r_value) < 1e-100 THEN 0
				    WHEN abs(v.r_value) < 1e100
				    THEN v.r_value::float8 END AS amount,
				    v.r_converted AS converted,
				    v.r_present AND coalesce(abs(v.r_value) >=
				    1e100, true) AS bad) n
				WHERE NOT k.single AND b.state = 0
				HAVING NOT k.single OR b.state <> 0
			) v
			OFFSET 0
		) c
	) x
	GROUP BY x.state, x.source, x.statistic, x.at, x.ended, x.amounts,
	    CASE WHEN x.state = 0 AND x.at IS NULL THEN x.id END
) g
),
counts AS MATERIALIZED (
	SELECT coalesce(sum(r.copies) FILTER (WHERE r.state = 1), 0)::bigint
		AS undated,
	    coalesce(sum(r.copies) FILTER (WHERE r.state = 2), 0)::bigint
		AS held,
	    coalesce(sum(r.copies) FILTER (WHERE r.state = 3 OR r.state = 0 AND
		r.bad), 0)::bigint AS unreadable,
	    coalesce(sum(r.copies) FILTER (WHERE r.state = 4), 0)::bigint
		AS erroneous,
	    coalesce(sum(r.copies) FILTER (WHERE r.state = 5), 0)::bigint
		AS naps,
	    coalesce(sum(r.copies - 1) FILTER (WHERE r.state = 0), 0)::bigint
		AS duplicates,
	    count(*) FILTER (WHERE r.state = 0) AS used,
	    count(*) FILTER (WHERE r.state = 0 AND r.converted) AS converted,
	    min(r.moment) FILTER (WHERE r.state = 0) AS first,
	    max(r.moment) FILTER (WHERE r.state = 0) AS last,
	    CASE WHEN $27 THEN percentile_disc(ARRAY[0.1, 0.5, 0.9])
		WITHIN GROUP (ORDER BY r.gap) END AS spacing
	FROM readings r
),
head AS (
	SELECT CASE WHEN $3 IS NULL THEN EXISTS (SELECT FROM listed)
	    ELSE EXISTS (SELECT FROM public.core_study s
		WHERE s.id = $3 AND :study_mine) END AS found,
	    coalesce((SELECT :study_as_team FROM public.core_study s
		WHERE s.id = $3), false) AS team,
	    (SELECT count(*) FROM subjects) AS subjects,
	    (SELECT count(*) FROM listed l WHERE NOT l.readable)
		AS unreadable_subjects,
	    (extract(epoch FROM b.lower) * 1000000)::bigint AS lower_us,
	    extract(epoch FROM b.lower AT TIME ZONE $10 -
		b.lower AT TIME ZONE 'UTC')::integer AS lower_offset,
	    (extract(epoch FROM b.upper) * 1000000)::bigint AS upper_us,
	    extract(epoch FROM b.upper AT TIME ZONE $10 -
		b.upper AT TIME ZONE 'UTC')::integer AS upper_offset,
	    c.undated, c.held, c.unreadable, c.erroneous, c.naps,
	    c.duplicates, c.converted,
	    (extract(epoch FROM c.first) * 1000000)::bigint AS first_us,
	    (extract(epoch FROM c.last) * 1000000)::bigint AS last_us,
	    c.spacing,
	    CASE WHEN c.used > 0 THEN NULL
	    WHEN $3 IS NOT NULL THEN ARRAY (
		SELECT e.element
		FROM public.core_study s
		CROSS JOIN public.core_codeableconcept c
		CROSS JOIN LATERAL (SELECT c.id AS codeable_concept_id) o
		CROSS JOIN LATERAL (VALUES (1, left(c.coding_code, 400)),
		    (2, left(c.text, 400)), (3, NULL), (4, NULL), (5, NULL))
		    e (place, element)
		WHERE s.id = $3 AND :study_mine AND :observation_requested
		ORDER BY c.id, e.place
		LIMIT 100)
	    WHEN cardinality($4) = 1 THEN ARRAY (
		SELECT e.element
		FROM (
			SELECT c.id, c.coding_code AS code, c.text,
			    count(*) AS number,
			    min(h.at) FILTER (WHERE h.at BETWEEN b.earliest
				AND b.latest) AS first,
			    max(h.at) FILTER (WHERE h.at BETWEEN b.earliest
				AND b.latest) AS last,
			    c.id IN (SELECT w.id FROM wanted w) AS asked
			FROM subjects w
			CROSS JOIN LATERAL (
				SELECT o.codeable_concept_id AS code,
				    :observation_time AS at
				FROM public.core_observation o
				WHERE o.subject_patient_id = w.id
				AND :observation_open
				OFFSET 0
			) h
			JOIN public.core_codeableconcept c ON c.id = h.code
			GROUP BY c.id
			ORDER BY asked DESC, number DESC, c.id
			LIMIT 20
		) t
		CROSS JOIN LATERAL (VALUES (1, left(t.code, 400)),
		    (2, left(t.text, 400)), (3, t.number::text),
		    (4, (extract(epoch FROM t.first) * 1000000)::bigint::text),
		    (5, (extract(epoch FROM t.last) * 1000000)::bigint::text)
		) e (place, element)
		ORDER BY t.asked DESC, t.number DESC, t.id, e.place)
	    END AS have
	FROM bounds b, counts c
)
SELECT h.found, h.team, h.subjects, h.unreadable_subjects, h.lower_us,
    h.lower_offset, h.upper_us, h.upper_offset, h.undated, h.held,
    h.unreadable, h.erroneous, h.naps, h.duplicates, h.converted, h.first_us,
    h.last_us, h.spacing, h.have,
    r.r_kind AS kind, r.place, r.total, r.measure, r.statistic, r.source,
    left(d.name, 1000) AS source_name, r.key, left(n.name, 1000) AS key_name,
    r.bucket, r.shift, r.patients, r.n, r.mean, r.sd, r.low, r.high, r.points,
    r.bins, r.patient, r.id,
    (extract(epoch FROM r.moment) * 1000000)::bigint AS at_us,
    (extract(epoch FROM r.local) * 1000000)::bigint AS local_us
FROM head h
LEFT JOIN :statistics r ON true
LEFT JOIN public.core_datasource d ON d.id = r.source
LEFT JOIN public.core_datasource n ON n.id = r.key AND $19 = 'data_source'
ORDER BY r.place, r.measure, r.statistic, r.source, r.r_kind;
