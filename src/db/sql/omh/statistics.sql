-- SPDX-License-Identifier: MIT
-- A table for FROM: statistics of the rows of `readings`, which the statement
-- names, as observation/statistics.sql has it (parameters $10 to $27 too).
-- r_kind says what a row is: 'group', a group of the page; 'between', all
-- groups of a measure in one, and the means of patients; 'min' and 'max', the
-- rows with the least and the greatest value.
--
-- What is one value: a reading; or what a patient has on one day from one
-- source, since sources that count the same steps must never be added.
(WITH units AS MATERIALIZED (
	SELECT r.patient, r.band, r.source, r.statistic, v.measure::integer,
	    v.amount, r.id, r.moment, r.local, r.local::date AS day,
	    CASE WHEN $22 IS NULL THEN width_bucket(v.amount, $21)
	    WHEN v.measure > 1 OR r.amounts[2] IS NULL THEN NULL
	    WHEN r.amounts[1] < $22[1] AND r.amounts[2] < $22[2] THEN 0
	    WHEN r.amounts[1] < $22[3] AND r.amounts[2] < $22[2] THEN 1
	    WHEN r.amounts[1] < $22[4] AND r.amounts[2] < $22[5] THEN 2
	    ELSE 3 END AS bin
	FROM readings r
	CROSS JOIN LATERAL unnest(r.amounts) WITH ORDINALITY
	    v (amount, measure)
	WHERE $17 = 'reading' AND r.state = 0 AND v.amount IS NOT NULL
	UNION ALL
	SELECT t.patient, t.band, t.source, t.statistic, t.measure, t.amount,
	    t.id, t.moment, t.local, t.day, width_bucket(t.amount, $21)
	FROM (
		SELECT r.patient, min(r.band) AS band, r.source, r.statistic,
		    v.measure::integer,
		    CASE WHEN $15[v.measure] THEN sum(v.amount)
			ELSE avg(v.amount) END AS amount,
		    CASE WHEN count(*) = 1 THEN min(r.id) END AS id,
		    max(r.moment) AS moment, max(r.local) AS local,
		    r.local::date AS day
		FROM readings r
		CROSS JOIN LATERAL unnest(r.amounts) WITH ORDINALITY
		    v (amount, measure)
		WHERE $17 <> 'reading' AND r.state = 0 AND v.amount IS NOT NULL
		GROUP BY r.patient, r.source, r.statistic, v.measure,
		    r.local::date
	) t
),
kinds AS MATERIALIZED (
	SELECT DISTINCT u.measure, u.statistic
	FROM units u
),
-- Kinds of values that must not be taken together.  Where nearly every value
-- is of a kind of its own, they are no kinds.
parted AS MATERIALIZED (
	SELECT EXISTS (
		SELECT FROM kinds k
		GROUP BY k.measure
		HAVING count(*) > 1) AS statistics,
	    ARRAY (
		SELECT k.measure
		FROM kinds k
		GROUP BY k.measure
		HAVING count(*) > 8) AS motley,
	    $17 <> 'reading' AND EXISTS (
		SELECT FROM units u
		WHERE $17 <> 'reading'
		GROUP BY u.patient, u.measure, u.statistic, u.day
		HAVING min(u.source) <> max(u.source)) AS sources
),
-- 0 stands for what is not asked for.
keyed AS MATERIALIZED (
	SELECT u.patient, u.measure, u.amount, u.bin,
	    CASE WHEN NOT p.statistics THEN ''
	    WHEN u.measure = ANY (p.motley) THEN 'mixed'
	    ELSE u.statistic END AS statistic,
	    CASE WHEN p.sources THEN u.source ELSE 0 END AS source,
	    CASE $19 WHEN 'patient' THEN u.patient WHEN 'age_band' THEN u.band
		WHEN 'data_source' THEN u.source ELSE 0 END AS key,
	    CASE $18 WHEN 'none' THEN 0
		WHEN 'hour_of_day' THEN extract(hour FROM u.local)
		WHEN 'weekday' THEN extract(isodow FROM u.local)
		ELSE extract(epoch FROM date_trunc($18, u.local)) END::bigint
		AS bucket,
	    CASE WHEN $18 = 'hour' AND $10 IS NOT NULL THEN extract(epoch FROM
		u.local - u.moment AT TIME ZONE 'UTC')::integer ELSE 0 END
		AS shift
	FROM units u, parted p
),
groups AS MATERIALIZED (
	SELECT k.measure, k.statistic, k.source, k.key, k.bucket, k.shift,
	    count(*) AS n, count(DISTINCT k.patient) AS patients,
	    avg(k.amount) AS mean, stddev_samp(k.amount) AS sd,
	    min(k.amount) AS low, max(k.amount) AS high,
	    percentile_cont($20) WITHIN GROUP (ORDER BY k.amount) AS points,
	    ARRAY[count(*) FILTER (WHERE k.bin = 0),
	    count(*) FILTER (WHERE k.bin = 1),
	    count(*) FILTER (WHERE k.bin = 2),
	    count(*) FILTER (WHERE k.bin = 3),
	    count(*) FILTER (WHERE k.bin = 4),
	    count(*) FILTER (WHERE k.bin = 5),
	    count(*) FILTER (WHERE k.bin = 6),
	    count(*) FILTER (WHERE k.bin = 7),
	    count(*) FILTER (WHERE k.bin = 8),
	    count(*) FILTER (WHERE k.bin = 9),
	    count(*) FILTER (WHERE k.bin = 10),
	    count(*) FILTER (WHERE k.bin = 11),
	    count(*) FILTER (WHERE k.bin = 12)] AS bins
	FROM keyed k
	GROUP BY k.measure, k.statistic, k.source, k.key, k.bucket, k.shift
),
placed AS (
	SELECT g.*, count(*) OVER () AS total,
	    row_number() OVER (ORDER BY
		CASE WHEN $23 <> 'key' THEN g.measure END,
		CASE WHEN $23 <> 'key' THEN g.statistic END,
		CASE $23 WHEN 'mean_desc' THEN -g.mean WHEN 'mean_asc'
		    THEN g.mean WHEN 'n_asc' THEN g.n END,
		g.bucket, g.shift DESC, g.key, g.source, g.measure,
		g.statistic) AS place
	FROM groups g
),
means AS MATERIALIZED (
	SELECT k.measure, k.statistic, k.source, k.patient, count(*) AS n,
	    avg(k.amount) AS mean
	FROM keyed k
	GROUP BY k.measure, k.statistic, k.source, k.patient
),
least AS (
	SELECT DISTINCT ON (g.measure, g.statistic, g.source, w.which)
	    w.which, g.measure, g.statistic, g.source, u.amount, u.patient,
	    u.id, u.moment, u.local, u.day
	FROM groups g
	CROSS JOIN parted p
	CROSS JOIN (VALUES ('min'), ('max')) w (which)
	JOIN units u ON u.measure = g.measure
	AND u.amount = CASE w.which WHEN 'min' THEN g.low ELSE g.high END
	AND (NOT p.statistics OR u.measure = ANY (p.motley) OR
	    u.statistic = g.statistic)
	AND (NOT p.sources OR u.source = g.source)
	WHERE $27
	ORDER BY g.measure, g.statistic, g.source, w.which, u.moment, u.id
)
SELECT 'group' AS r_kind, g.place, g.total, g.measure, g.statistic, g.source,
    g.key, g.bucket, g.shift, g.patients, g.n, g.mean, g.sd, g.low, g.high,
    g.points, g.bins, NULL::bigint AS patient, NULL::bigint AS id,
    NULL::timestamptz AS moment, NULL::timestamp AS local
FROM placed g
WHERE g.place > $24 AND g.place <= $24 + $25
UNION ALL
SELECT 'between', 0, NULL, m.measure, m.statistic, m.source, NULL, NULL, NULL,
    count(*), sum(m.n)::bigint, avg(m.mean), stddev_samp(m.mean), min(m.mean),
    max(m.mean), ARRAY[percentile_cont(0.5) WITHIN GROUP (ORDER BY m.mean),
    sum(m.n * m.mean) / sum(m.n)::float8],
    NULL, NULL, NULL, NULL, NULL
FROM means m
GROUP BY m.measure, m.statistic, m.source
UNION ALL
SELECT l.which, 0, NULL, l.measure, l.statistic, l.source, NULL, NULL, NULL,
    NULL, NULL, l.amount, NULL, NULL, NULL, NULL, NULL, l.patient, l.id,
    l.moment, CASE WHEN $17 = 'daily_total' THEN l.day ELSE l.local END
FROM least l)
