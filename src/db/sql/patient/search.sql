-- SPDX-License-Identifier: MIT
-- Purpose: a page of the patients whom the person may read and who are called
--     or born as asked for, and how many there are; the first five columns are
--     the same in all rows; without any patient there is one row, with
--     patient_id NULL.
--     A name fits if for one of the texts between commas each word begins a
--     word of the name, in any case and order.  Words end at blanks, hyphens,
--     apostrophes, full stops, commas, quotes and brackets.
-- Parameters:
--   $1 person         bigint       core_jheuser.id
--   $2 claims         bigint[]     studies the login allows; NULL: not narrowed
--   $3 now            timestamptz  when the ages are taken
--   $4 timezone       text         of the day
--   $5 cap            integer      greater ages are given as this; NULL: no cap
--   $6 names          boolean      give names
--   $7 birth_dates    boolean      give birth dates
--   $8 contacts       boolean      give e-mail addresses and phone numbers
--   $9 identifiers    boolean      give identifiers
--   $10 name          text         beginnings of words of either name
--   $11 family        text         of words of the family name
--   $12 given         text         of words of the given name
--   $13 born_first    date         not born before; NULL: does not matter
--   $14 born_last     date         not born after
--   $15 identifier    text         value or system|value, exactly
--   $16 study         bigint       only patients of this study; NULL: of any
--   $17 after         bigint       patients with a greater id; NULL: from the first
--   $18 limit         integer      rows wanted
-- Columns:
--   study_known    boolean  false: the person may not see the study
--   team           boolean  false: the person only takes part in it
--   total          bigint   patients found
--   elsewhere      bigint   who fit all but the study
--   namesakes      bigint   of those found, who share both names with another
--   patient_id     bigint
--   given_name     text
--   family_name    text
--   birth_date     date
--   age            integer  NULL: unknown
--   studies        text     ids, by commas, of those the person may see
--   email          text     of the patient's user
--   phone          text
--   identifiers    text     system|value, system|value
-- Example: 10001, NULL, '2026-08-21T00:00:00Z', 'UTC', 90, true, true, true, true, 'family, pat', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 20
\ir ../rbac/rules.psql

PREPARE patient_search (bigint, bigint[], timestamptz, text, integer, boolean,
	boolean, boolean, boolean, text, text, text, date, date, text, bigint,
	bigint, integer) AS
WITH blanks AS MATERIALIZED (
	-- What ends a word, and as many blanks.
	SELECT b.marks, rpad('', length(b.marks)) AS blanks
	FROM (SELECT '-''.,;:"()[]/' || chr(9) || chr(10) || chr(13) ||
		chr(160) || chr(8208) || chr(8209) || chr(8216) || chr(8217)
		AS marks) b
),
-- One row for each text between commas, its words with a blank before them.
wanted AS MATERIALIZED (
	SELECT f.field, ARRAY (
			SELECT ' ' || w.word
			FROM string_to_table(translate(lower(a.option),
				b.marks, b.blanks), ' ') w (word)
			WHERE w.word <> '') AS words
	FROM blanks b
	CROSS JOIN (VALUES (1, $10), (2, $11), (3, $12)) f (field, asked)
	CROSS JOIN LATERAL string_to_table(f.asked, ',') a (option)
),
found AS MATERIALIZED (
	SELECT p.id, p.family, p.given,
		$16 IS NULL OR EXISTS (
			SELECT
			FROM public.core_study s
			JOIN public.core_studypatient sp ON sp.study_id = s.id
			WHERE s.id = $16 AND sp.patient_id = p.id
			AND :roster_listed) AS inside
	FROM (
		SELECT p.id,
			' ' || translate(lower(coalesce(p.name_family, '')),
				b.marks, b.blanks) AS family,
			' ' || translate(lower(coalesce(p.name_given, '')),
				b.marks, b.blanks) AS given
		FROM public.core_patient p
		CROSS JOIN blanks b
		CROSS JOIN (SELECT $15 AS identifier) w
		WHERE ($13 IS NULL OR p.birth_date >= $13)
		AND ($14 IS NULL OR p.birth_date <= $14)
		AND ($15 IS NULL OR :patient_identified)
		AND :patient_readable
		-- Names are taken apart of those who are left.
		OFFSET 0) p
	WHERE ($10 IS NULL OR EXISTS (
		SELECT FROM wanted w
		WHERE w.field = 1 AND w.words <> '{}' AND NOT EXISTS (
			SELECT FROM unnest(w.words) x (word)
			WHERE position(x.word IN p.family || p.given) = 0)))
	AND ($11 IS NULL OR EXISTS (
		SELECT FROM wanted w
		WHERE w.field = 2 AND w.words <> '{}' AND NOT EXISTS (
			SELECT FROM unnest(w.words) x (word)
			WHERE position(x.word IN p.family) = 0)))
	AND ($12 IS NULL OR EXISTS (
		SELECT FROM wanted w
		WHERE w.field = 3 AND w.words <> '{}' AND NOT EXISTS (
			SELECT FROM unnest(w.words) x (word)
			WHERE position(x.word IN p.given) = 0)))
	AND coalesce($10, $11, $12, $13::text, $14::text, $15) IS NOT NULL
),
head AS MATERIALIZED (
	SELECT count(*) FILTER (WHERE f.inside) AS total,
		count(*) FILTER (WHERE NOT f.inside) AS elsewhere,
		count(*) FILTER (WHERE f.inside AND f.same > 1
			AND f.family || f.given ~ '[^ ]') AS namesakes
	FROM (
		SELECT f.inside, f.family, f.given, count(*) OVER (
			PARTITION BY f.inside, f.family, f.given) AS same
		FROM found f) f
),
page AS MATERIALIZED (
	SELECT f.id
	FROM found f
	WHERE f.inside AND ($17 IS NULL OR f.id > $17)
	ORDER BY f.id
	LIMIT $18
)
SELECT $16 IS NULL OR EXISTS (
		SELECT FROM public.core_study s
		WHERE s.id = $16 AND :study_mine) AS study_known,
	$16 IS NULL OR EXISTS (
		SELECT FROM public.core_study s
		WHERE s.id = $16 AND :study_as_team) AS team,
	h.total, h.elsewhere, h.namesakes,
	p.id AS patient_id,
	CASE WHEN $6 THEN p.name_given::text END AS given_name,
	CASE WHEN $6 THEN p.name_family::text END AS family_name,
	CASE WHEN $7 THEN p.birth_date END AS birth_date,
	:patient_age AS age,
	(
		SELECT string_agg(s.id::text, ',' ORDER BY s.id)
		FROM public.core_studypatient sp
		JOIN public.core_study s ON s.id = sp.study_id
		WHERE sp.patient_id = p.id AND :roster_listed) AS studies,
	CASE WHEN $8 THEN u.email::text END AS email,
	CASE WHEN $8 THEN p.telecom_phone::text END AS phone,
	CASE WHEN $9 THEN :patient_identifiers END AS identifiers
FROM head h
CROSS JOIN (SELECT ($3 AT TIME ZONE $4)::date AS today, $5 AS cap) y
LEFT JOIN page f ON true
LEFT JOIN public.core_patient p ON p.id = f.id
LEFT JOIN public.core_jheuser u ON $8 AND u.id = p.jhe_user_id
ORDER BY p.id;
