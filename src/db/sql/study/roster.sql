-- SPDX-License-Identifier: MIT
-- Purpose: a page of the patients of a study whom the person may list, and
--     what the page is taken from: the first ten columns are the same in all
--     rows; without any patient there is one row, with patient_id NULL.  No
--     row if the person may not see the study.
--     Nothing is told of the data of a patient who is not readable.
-- Parameters:
--   $1 person         bigint       core_jheuser.id
--   $2 claims         bigint[]     studies the login allows; NULL: not narrowed
--   $3 study          bigint       core_study.id
--   $4 now            timestamptz  when ages and inactivity are taken
--   $5 timezone       text         of the day
--   $6 cap            integer      greater ages are given as this; NULL: no cap
--   $7 names          boolean      give names
--   $8 birth_dates    boolean      give birth dates
--   $9 contacts       boolean      give e-mail addresses and phone numbers
--   $10 identifiers   boolean      give identifiers
--   $11 complete      boolean      only with complete consent, or only without
--   $12 inactive_days integer      only without data for so many days
--   $13 sort          text         last_received, name; else by patient id
--   $14 after         bigint       patient to go on after; NULL: from the first
--   $15 after_time    timestamptz  its last_received
--   $16 limit         integer      rows wanted
-- Columns:
--   team           boolean  false: the person only takes part
--   listed         bigint   patients the person may list
--   unreadable     bigint   of these, whose data the person may not read
--   complete       bigint   of these, who consent to every requested type
--   recent         bigint   of these, with data of the last 24 hours
--   total          bigint   of these, who fit the filters
--   undecided      bigint   unreadable, so that inactivity is not known
--   withheld       bigint   whose last data are held back by the consent gate
--   requested      bigint   data types the study requests
--   placed         boolean  the patient to go on after is still listed
--   patient_id     bigint
--   age            integer  NULL: unknown
--   consented      bigint   requested types the patient consents to
--   received_us    bigint   newest last_updated, microseconds since 1970
--   readable       boolean
--   given_name     text
--   family_name    text
--   birth_date     date
--   email          text     of the patient's user
--   phone          text
--   identifiers    text     system|value, system|value
-- Example: 10001, NULL, 30001, '2026-08-21T00:00:00Z', 'UTC', 90, true, true, true, true, NULL, NULL, 'last_received', NULL, NULL, 50
\ir ../rbac/rules.psql

PREPARE study_roster (bigint, bigint[], bigint, timestamptz, text, integer,
	boolean, boolean, boolean, boolean, boolean, integer, text, bigint,
	timestamptz, integer) AS
WITH enrolled AS MATERIALIZED (
	SELECT sp.id AS enrolment_id,
		p.id AS patient_id,
		:patient_readable AS readable,
		CASE WHEN $13 = 'name' THEN ROW (
			coalesce(p.name_family, '') = '',
			lower(coalesce(p.name_family, '')),
			coalesce(p.name_given, '') = '',
			lower(coalesce(p.name_given, ''))) END AS place
	FROM public.core_study s
	JOIN public.core_studypatient sp ON sp.study_id = s.id
	JOIN public.core_patient p ON p.id = sp.patient_id
	WHERE s.id = $3 AND :roster_listed
),
known AS MATERIALIZED (
	SELECT e.patient_id, e.readable, e.place, k.consented,
		k.requested, r.at AS received,
		h.at IS NOT NULL AND (r.at IS NULL OR r.at < h.at) AS withheld
	FROM enrolled e
	JOIN public.core_study s ON s.id = $3
	CROSS JOIN LATERAL (
		SELECT count(*) AS requested,
			count(*) FILTER (WHERE EXISTS (
				SELECT FROM public.core_studypatientscopeconsent c
				WHERE c.study_patient_id = e.enrolment_id
				AND c.scope_code_id = q.scope_code_id
				AND c.consented)) AS consented
		FROM public.core_studyscoperequest q
		WHERE q.study_id = s.id) k
	-- The newest one is the first in the index on patient and last_updated.
	LEFT JOIN LATERAL (
		SELECT o.last_updated AS at
		FROM public.core_observation o
		WHERE e.readable AND o.subject_patient_id = e.patient_id
		AND o.last_updated BETWEEN timestamptz '0001-01-01 00:00Z'
			AND timestamptz '9999-12-31 23:59Z'
		AND :observation_open_in_study
		ORDER BY o.last_updated DESC
		LIMIT 1) r ON true
	LEFT JOIN LATERAL (
		SELECT o.last_updated AS at
		FROM public.core_observation o
		WHERE NOT :consent_ungated
		AND e.readable AND o.subject_patient_id = e.patient_id
		AND o.last_updated BETWEEN timestamptz '0001-01-01 00:00Z'
			AND timestamptz '9999-12-31 23:59Z'
		ORDER BY o.last_updated DESC
		LIMIT 1) h ON true
),
judged AS MATERIALIZED (
	SELECT k.*,
		coalesce((k.consented = k.requested) = $11, true) AS consents,
		$12 IS NULL OR (k.readable AND coalesce(k.received <=
			$4 - make_interval(days => $12), true)) AS inactive
	FROM known k
),
head AS MATERIALIZED (
	SELECT count(*) AS listed,
		count(*) FILTER (WHERE NOT j.readable) AS unreadable,
		count(*) FILTER (WHERE j.consented = j.requested) AS complete,
		count(*) FILTER (WHERE j.received > $4 - interval '24 hours')
			AS recent,
		count(*) FILTER (WHERE j.consents AND j.inactive) AS total,
		count(*) FILTER (WHERE j.consents AND NOT j.inactive
			AND NOT j.readable) AS undecided,
		count(*) FILTER (WHERE j.withheld) AS withheld,
		coalesce(bool_or(j.patient_id = $14), false) AS placed
	FROM judged j
),
page AS MATERIALIZED (
	SELECT j.*
	FROM judged j
	WHERE j.consents AND j.inactive
	AND ($14 IS NULL
		OR CASE $13
		WHEN 'last_received' THEN coalesce(j.received > $15, false)
			OR (j.received IS NOT DISTINCT FROM $15
				AND j.patient_id > $14)
			OR ($15 IS NULL AND j.received IS NOT NULL)
		WHEN 'name' THEN EXISTS (
			SELECT FROM enrolled a
			WHERE a.patient_id = $14
			AND (j.place > a.place OR (j.place = a.place
				AND j.patient_id > $14)))
		ELSE j.patient_id > $14 END)
	ORDER BY CASE WHEN $13 = 'last_received' THEN j.received END
			NULLS FIRST,
		j.place, j.patient_id
	LIMIT $16
)
SELECT :study_as_team AS team,
	h.listed, h.unreadable, h.complete, h.recent, h.total, h.undecided,
	h.withheld,
	(
		SELECT count(*)
		FROM public.core_studyscoperequest q
		WHERE q.study_id = s.id) AS requested,
	h.placed,
	j.patient_id,
	:patient_age AS age,
	j.consented,
	(extract(epoch FROM j.received) * 1000000)::bigint AS received_us,
	j.readable,
	CASE WHEN $7 THEN p.name_given::text END AS given_name,
	CASE WHEN $7 THEN p.name_family::text END AS family_name,
	CASE WHEN $8 THEN p.birth_date END AS birth_date,
	CASE WHEN $9 THEN u.email::text END AS email,
	CASE WHEN $9 THEN p.telecom_phone::text END AS phone,
	CASE WHEN $10 THEN :patient_identifiers END AS identifiers
FROM public.core_study s
CROSS JOIN head h
CROSS JOIN (SELECT ($4 AT TIME ZONE $5)::date AS today, $6 AS cap) y
LEFT JOIN page j ON true
LEFT JOIN public.core_patient p ON p.id = j.patient_id
LEFT JOIN public.core_jheuser u ON $9 AND u.id = p.jhe_user_id
WHERE s.id = $3 AND :study_mine
ORDER BY CASE WHEN $13 = 'last_received' THEN j.received END NULLS FIRST,
	j.place, j.patient_id;
