-- SPDX-License-Identifier: MIT
-- Purpose: as observation/statistics.sql, of the answers to one item of a
--     questionnaire; parameters and columns are the same, what has no meaning
--     here is NULL or 0.  An answer without a time of day is of that day on
--     the local clock, wherever it was.
-- Parameters:
--   $1 person  bigint  core_jheuser.id
--   $2 claims  bigint[]  studies the login allows; NULL: not narrowed
--   $3 study  bigint  core_study.id; or
--   $4 patients  bigint[]  core_patient.id
--   $5 types  text[]  questionnaire, in lower case, and linkId of the item
--   $6 first_day  date  from the beginning of this day
--   $7 last_day  date  to the end of this day
--   $8 start_at  timestamptz  from this instant, instead of first_day
--   $9 end_at  timestamptz  before this instant, instead of last_day
--   $10 zone  text  a known time zone; NULL: the offset stored with each
--   $11 paths  text[]  not used
--   $12 units  text[]  not used
--   $13 factors  text[]  not used
--   $14 offsets  text[]  not used
--   $15 summed  boolean[]  not used
--   $16 optional  boolean  not used
--   $17 analysis  text  reading
--   $18 bucket  text  none, hour, day, week, month, hour_of_day, weekday
--   $19 grouping  text  none, patient, data_source, age_band
--   $20 fractions  float8[]  percentiles wanted, 0.05 and so on
--   $21 cuts  float8[]  ascending, at most 12; NULL: values are not sorted out
--   $22 joint  float8[]  not used
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
--   naps  bigint  0
--   duplicates  bigint  rows that are stored twice
--   converted  bigint  0
--   first_us  bigint  time of the first reading
--   last_us  bigint  and of the last one
--   spacing  float8[]  if alone: seconds between a patient's readings: the
--       first and last decile, with the median between
--   have  text[]  NULL
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
--   id  bigint  NULL
--   at_us  bigint  and its time
--   local_us  bigint  the same on the local clock
-- Example: 10001, NULL, 30001, NULL, '{weekly-symptom-severity-vas,cough-severity}', NULL, NULL, NULL, NULL, 'UTC', NULL, NULL, NULL, NULL, NULL, NULL, 'reading', 'week', 'none', '{0.5}', NULL, NULL, 'key', 0, 101, '2026-08-21', false
\ir ../rbac/rules.psql

PREPARE record_statistics (bigint, bigint[], bigint, bigint[], text[],
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
subjects AS MATERIALIZED (
	SELECT l.id, CASE WHEN l.years IS NULL THEN -1
		WHEN l.years < 18 THEN 0 WHEN l.years < 30 THEN 18
		ELSE least(l.years / 10 * 10, 90) END AS band
	FROM (
		SELECT l.id, CASE WHEN isfinite(l.birth_date) AND
			l.birth_date <= $26
		    THEN extract(year FROM age($26, l.birth_date))::integer END
			AS years
		FROM listed l
		WHERE l.readable
	) l
),
bounds AS MATERIALIZED (
	SELECT coalesce($8, $6::timestamp AT TIME ZONE $10) AS lower,
	    coalesce($9, ($7 + 1)::timestamp AT TIME ZONE $10) AS upper,
	    $6::timestamp AS first, ($7 + 1)::timestamp AS after,
	    coalesce($6::text, $7::text, $8::text, $9::text) IS NOT NULL OR
		$18 <> 'none' AS dated,
	    timestamptz '0001-01-01 00:00Z' AS earliest,
	    timestamptz '9999-12-31 23:59:59.999999Z' AS latest
),
-- Responses of the subjects, with their time; a date is a whole day.
responses AS MATERIALIZED (
	SELECT w.id AS patient, w.band, f.id, f.body,
	    coalesce(h.r_status, '') = 'entered-in-error' AS erroneous,
	    NOT CASE WHEN $3 IS NULL THEN :record_open
		ELSE :record_open_in_study END AS held,
	    h.r_at IS NOT NULL AS exact,
	    coalesce(h.r_at, h.r_first AT TIME ZONE coalesce($10, 'UTC'))
		AS at,
	    coalesce(h.r_at, (h.r_after - interval '1 microsecond')
		AT TIME ZONE coalesce($10, 'UTC')) AS last,
	    CASE WHEN h.r_at IS NULL THEN h.r_first
	    WHEN $10 IS NOT NULL THEN h.r_at AT TIME ZONE $10
	    ELSE h.r_at AT TIME ZONE 'UTC' + coalesce(
		CASE left(z.zone, 1) WHEN '-' THEN -1 ELSE 1 END *
		make_interval(hours => substr(z.zone, 2, 2)::integer,
		mins => substr(z.zone, 5, 2)::integer), interval '0')
	    END AS local
	FROM subjects w
	JOIN :fhir_records f ON f.patient_id = w.id
	LEFT JOIN public.core_study s ON s.id = $3
	CROSS JOIN LATERAL :record_head h
	CROSS JOIN LATERAL (SELECT substring(h.r_date
		FROM '([+-](0[0-9]|1[0-5]):[0-5][0-9])$') AS zone) z
	WHERE f.resource_type = 'QuestionnaireResponse'
	AND lower(:record_questionnaire) = $5[1]
),
answers AS MATERIALIZED (
	SELECT r.patient, r.band, r.exact, r.id,
	    CASE WHEN r.at BETWEEN k.earliest AND k.latest THEN r.at END
		AS moment,
	    CASE WHEN r.at BETWEEN k.earliest AND k.latest THEN r.local END
		AS local,
	    n.amount,
	    -- Of what is held back nothing else is told.
	    CASE WHEN r.held THEN 2
	    WHEN r.erroneous THEN 4
	    WHEN r.at IS NULL AND k.dated THEN 1
	    WHEN n.amount IS NULL THEN 3
	    ELSE 0 END AS state
	FROM responses r
	CROSS JOIN bounds k
	CROSS JOIN LATERAL jsonb_path_query(r.body,
	    'strict $.** ? (@.linkId == $item).answer',
	    jsonb_build_object('item', $5[2]), true) e (answers)
	-- Where there is no list of answers there is one answer.
	CROSS JOIN LATERAL jsonb_path_query(e.answers, 'lax $[*]', '{}', true)
	    a (answer)
	CROSS JOIN LATERAL (
		SELECT CASE
		    WHEN jsonb_typeof(a.answer -> 'valueInteger') = 'number'
		    THEN (a.answer -> 'valueInteger')::numeric
		    WHEN jsonb_typeof(a.answer -> 'valueDecimal') = 'number'
		    THEN (a.answer -> 'valueDecimal')::numeric
		    WHEN jsonb_typeof(a.answer #> '{valueQuantity,value}') =
			'number'
		    THEN (a.answer #> '{valueQuantity,value}')::numeric END
			AS amount
	) v
	CROSS JOIN LATERAL (SELECT CASE
	    WHEN abs(v.amount) < 1e-100 THEN 0
	    WHEN abs(v.amount) < 1e100 THEN v.amount::float8 END AS amount) n
	WHERE r.at IS NULL OR
	    coalesce(CASE WHEN k.lower IS NOT NULL THEN r.last >= k.lower
	    ELSE r.local >= k.first END, true) AND
	    coalesce(CASE WHEN k.upper IS NOT NULL THEN r.at < k.upper
	    ELSE r.local < k.after END, true)
),
readings AS MATERIALIZED (
	SELECT a.patient, a.band, a.state, -1::bigint AS source,
	    ''::text AS statistic,
	    CASE WHEN a.state = 0 THEN ARRAY[a.amount] END AS amounts,
	    NULL::bigint AS id, count(*) AS copies, false AS converted,
	    false AS bad, NULL::float8 AS gap,
	    CASE WHEN a.state = 0 THEN a.moment END AS moment,
	    CASE WHEN a.state = 0 THEN a.local END AS local
	FROM answers a
	-- Of one day, not of one instant, equal answers may be two.
	GROUP BY a.patient, a.band, a.state, a.amount,
	    CASE WHEN a.state = 0 THEN a.moment END,
	    CASE WHEN a.state = 0 THEN a.local END,
	    CASE WHEN a.state = 0 AND (a.moment IS NULL OR NOT a.exact)
		THEN a.id END
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
	    NULL::text[] AS have
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
