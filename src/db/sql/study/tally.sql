-- SPDX-License-Identifier: MIT
-- Purpose: how many observations of requested types a study has: in all, and
--     of each patient.  The first columns are the same in all rows; without
--     a row of a patient there is one, with patient_id NULL.
-- Parameters:
--   $1 person  bigint  core_jheuser.id
--   $2 claims  bigint[]  studies the login allows; NULL: not narrowed
--   $3 study  bigint  core_study.id
--   $4 types  text[]  "namespace:name" of codes, any version
--   $5 others  text[]  further names of codes, lower case, hyphens for blanks
--   $6 first_day  date  from the beginning of this day
--   $7 last_day  date  to the end of this day
--   $8 start_at  timestamptz  from this instant, instead of first_day
--   $9 end_at  timestamptz  before this instant, instead of last_day
--   $10 zone  text  a known time zone; NULL: the offset stored with each
--   $11 after_id  bigint  core_patient.id of the row to go on after
--   $12 rows_max  integer  rows of patients wanted; 0: only the head
-- Columns:
--   found  boolean  false: unknown or not for this person; nothing is told
--   team  boolean  false: the person only takes part
--   missed  text[]  of others: not requested
--   lower_us  bigint  resolved window, microseconds since 1970
--   lower_offset  integer  its offset in the zone, seconds east
--   upper_us  bigint  as lower_us, exclusive
--   upper_offset  integer  as lower_offset
--   count  bigint  of all patients
--   patients  bigint  whose data can be read, also those without any
--   counted_patients  bigint  those with any
--   unreadable  bigint  enrolled, but whose data the person may not read
--   withheld  bigint  held back by the consent gate
--   withheld_patients  bigint  of whom
--   undated  bigint  without a time, if there is a window
--   undated_patients  bigint  of whom
--   have  text[]  if count is 0 or a name is missed: what is requested, three
--       elements a code: code, text, count of all times
--   patient_id  bigint  core_patient.id
--   patient_count  bigint
-- Example: 10001, NULL, 30001, NULL, NULL, NULL, NULL, NULL, NULL, 'UTC', NULL, 101
\ir ../rbac/rules.psql

PREPARE study_tally (bigint, bigint[], bigint, text[], text[], date, date,
    timestamptz, timestamptz, text, bigint, integer) AS
WITH readable AS MATERIALIZED (
	SELECT DISTINCT p.id
	FROM public.core_study s
	JOIN public.core_studypatient sp ON sp.study_id = s.id
	JOIN public.core_patient p ON p.id = sp.patient_id
	WHERE s.id = $3 AND :roster_listed AND :patient_readable
),
requested AS MATERIALIZED (
	SELECT c.id, c.name,
	    lower(c.code) AS code, c.display,
	    c.name = ANY ($4) OR EXISTS (
		SELECT FROM unnest($5) n (name)
		WHERE n.name IN (lower(c.code), c.display, c.name,
		    split_part(c.name, ':', 2))) OR
		($4 IS NULL AND $5 IS NULL) AS asked
	FROM (
		SELECT c.id, c.coding_code AS code,
		    translate(lower(c.text), ' _', '--') AS display,
		    CASE WHEN c.coding_code LIKE '_%:_%'
		    THEN lower(split_part(c.coding_code, ':', 1) || ':' ||
			split_part(c.coding_code, ':', 2))
		    ELSE lower(c.coding_code) END AS name
		FROM public.core_study s
		CROSS JOIN public.core_codeableconcept c
		CROSS JOIN LATERAL (SELECT c.id AS codeable_concept_id) o
		WHERE s.id = $3 AND :study_mine AND :observation_requested
	) c
),
wanted AS MATERIALIZED (
	SELECT ARRAY (
		SELECT r.id FROM requested r WHERE r.asked) AS codes
),
missing AS MATERIALIZED (
	SELECT ARRAY (
		SELECT n.name
		FROM unnest($5) n (name)
		WHERE NOT EXISTS (
			SELECT FROM requested r
			WHERE n.name IN (r.code, r.display, r.name,
			    split_part(r.name, ':', 2)))) AS names
),
consented AS MATERIALIZED (
	SELECT o.subject_patient_id AS patient, o.codeable_concept_id AS code
	FROM public.core_study s
	CROSS JOIN readable p
	CROSS JOIN requested r
	CROSS JOIN LATERAL (SELECT p.id AS subject_patient_id,
	    r.id AS codeable_concept_id) o
	WHERE s.id = $3 AND :observation_open_in_study
),
bounds AS MATERIALIZED (
	SELECT coalesce($8, $6::timestamp AT TIME ZONE $10) AS lower,
	    coalesce($9, ($7 + 1)::timestamp AT TIME ZONE $10) AS upper,
	    $6 IS NOT NULL OR $7 IS NOT NULL OR $8 IS NOT NULL OR
		$9 IS NOT NULL AS timed
),
-- Columns may hold more than a calendar, infinity for one.
valid AS MATERIALIZED (
	SELECT timestamptz '0001-01-01 00:00Z' AS first,
	    timestamptz '9999-12-31 23:59:59.999999Z' AS last
),
-- Of all patients at once, in the order of the table: each page is read once,
-- and not once for each patient.  The index on codes is kept out of it (+ 0):
-- a code has nearly as many rows as there are.  Without a window no time is
-- looked at.
tallied AS MATERIALIZED (
	SELECT j.patient,
	    count(*) FILTER (WHERE j.inside AND j.open) AS count,
	    count(*) FILTER (WHERE j.undated AND j.open) AS undated,
	    count(*) FILTER (WHERE j.inside AND NOT j.open) AS withheld
	FROM (
		SELECT d.patient, d.open,
		    b.timed AND (d.at BETWEEN v.first AND v.last)
			IS NOT TRUE AS undated,
		    NOT b.timed OR d.at BETWEEN v.first AND v.last AND
		    coalesce(CASE WHEN b.lower IS NOT NULL
		    THEN d.at >= b.lower
		    WHEN $6 IS NOT NULL
		    THEN d.at AT TIME ZONE 'UTC' + d.shift >= $6::timestamp
		    ELSE true END, false) AND
		    coalesce(CASE WHEN b.upper IS NOT NULL
		    THEN d.at < b.upper
		    WHEN $7 IS NOT NULL
		    THEN d.at AT TIME ZONE 'UTC' + d.shift <
			($7 + 1)::timestamp
		    ELSE true END, false) AS inside
		FROM bounds b
		CROSS JOIN valid v
		CROSS JOIN LATERAL (
			SELECT o.subject_patient_id AS patient,
			    CASE WHEN :consent_ungated THEN true
			    ELSE (o.subject_patient_id, o.codeable_concept_id)
				IN (SELECT n.patient, n.code FROM consented n)
				END AS open,
			    CASE WHEN b.timed THEN :observation_time END AS at,
			    CASE WHEN $10 IS NULL AND b.timed THEN
				make_interval(secs => :observation_offset)
				END AS shift
			FROM public.core_observation o
			WHERE o.subject_patient_id = ANY (ARRAY (
			    SELECT p.id FROM readable p))
			AND o.codeable_concept_id + 0 = ANY (
			    (SELECT w.codes FROM wanted w)::bigint[])
			OFFSET 0
		) d
	) j
	GROUP BY j.patient
),
counted AS MATERIALIZED (
	SELECT coalesce(sum(t.count), 0)::bigint AS count,
	    coalesce(sum(t.undated), 0)::bigint AS undated,
	    count(*) FILTER (WHERE t.undated > 0) AS undated_patients,
	    coalesce(sum(t.withheld), 0)::bigint AS withheld,
	    count(*) FILTER (WHERE t.withheld > 0) AS withheld_patients,
	    count(*) FILTER (WHERE t.count > 0) AS patients
	FROM tallied t
),
-- Instead of an empty answer: saves the next question.
instead AS MATERIALIZED (
	SELECT r.id, count(x.code) AS count
	FROM requested r
	LEFT JOIN (
		SELECT o.codeable_concept_id AS code
		FROM (
			SELECT o.codeable_concept_id, o.subject_patient_id
			FROM public.core_observation o
			WHERE o.subject_patient_id = ANY (ARRAY (
			    SELECT p.id FROM readable p))
			OFFSET 0
		) o
		WHERE CASE WHEN :consent_ungated THEN true
		ELSE (o.subject_patient_id, o.codeable_concept_id) IN (
		    SELECT n.patient, n.code FROM consented n) END
	) x ON x.code = r.id
	WHERE (SELECT c.count FROM counted c) = 0
	OR cardinality((SELECT m.names FROM missing m)) > 0
	GROUP BY r.id
),
head AS (
	SELECT s.id, :study_as_team AS team, (
		SELECT count(DISTINCT p.id)
		FROM public.core_studypatient sp
		JOIN public.core_patient p ON p.id = sp.patient_id
		WHERE sp.study_id = s.id AND :roster_listed
		AND NOT :patient_readable) AS unreadable
	FROM public.core_study s
	WHERE s.id = $3 AND :study_mine
)
SELECT h.id IS NOT NULL AS found, h.team, m.names AS missed,
    (extract(epoch FROM b.lower) * 1000000)::bigint AS lower_us,
    extract(epoch FROM b.lower AT TIME ZONE $10 -
	b.lower AT TIME ZONE 'UTC')::integer AS lower_offset,
    (extract(epoch FROM b.upper) * 1000000)::bigint AS upper_us,
    extract(epoch FROM b.upper AT TIME ZONE $10 -
	b.upper AT TIME ZONE 'UTC')::integer AS upper_offset,
    k.count, (SELECT count(*) FROM readable) AS patients,
    k.patients AS counted_patients, h.unreadable,
    k.withheld, k.withheld_patients, k.undated, k.undated_patients,
    (
	SELECT array_agg(e.element ORDER BY t.count DESC, t.id, e.place)
	FROM (SELECT i.id, i.count FROM instead i
	    ORDER BY i.count DESC, i.id LIMIT 20) t
	JOIN public.core_codeableconcept c ON c.id = t.id
	CROSS JOIN LATERAL (VALUES (1, left(c.coding_code, 400)),
	    (2, left(c.text, 400)), (3, t.count::text)) e (place, element)
    ) AS have,
    r.id AS patient_id, r.count AS patient_count
FROM bounds b
CROSS JOIN missing m
CROSS JOIN counted k
LEFT JOIN head h ON true
LEFT JOIN (
	SELECT p.id, coalesce(t.count, 0) AS count
	FROM readable p
	LEFT JOIN tallied t ON t.patient = p.id
	WHERE $11 IS NULL OR p.id > $11
	ORDER BY p.id
	LIMIT $12
) r ON true
ORDER BY r.id;
