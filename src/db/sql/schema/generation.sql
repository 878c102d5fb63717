-- SPDX-License-Identifier: MIT
-- Purpose: which of the columns that statements read are there, and may be
--     read; asked once when the connection is made.  pg_catalog, because
--     information_schema hides what is not granted.
-- Parameters:
--   $1 some  text[]  columns that not each generation has, as table.column
-- Columns:
--   relation  text     a table of schema public
--   name      text     its column
--   place     integer  in $1, from 1; NULL: every generation has it
--   present   boolean  the column exists
--   readable  boolean  exists, and the login may SELECT it
-- Example: '{core_observation.omh_data,core_patient.identifier}'

PREPARE schema_generation (text[]) AS
SELECT w.relation, w.name, w.place,
	a.attnum IS NOT NULL AS present,
	coalesce(has_schema_privilege(n.oid, 'USAGE')
	    AND has_column_privilege(c.oid, a.attnum, 'SELECT'), false)
	    AS readable
FROM (
	SELECT v.relation, unnest(string_to_array(v.names, ' ')) AS name,
		NULL::integer AS place
	FROM (VALUES
		('core_codeableconcept',
		    'id coding_system coding_code text'),
		('core_datasource', 'id name type'),
		('core_jheuser', 'id is_active email first_name last_name'),
		('core_observation',
		    'id subject_patient_id codeable_concept_id data_source_id '
		    'status last_updated'),
		('core_organization', 'id name type'),
		('core_patient',
		    'id jhe_user_id name_family name_given birth_date '
		    'telecom_phone'),
		('core_patientorganization', 'patient_id organization_id'),
		('core_practitioner', 'id jhe_user_id name_family name_given'),
		('core_practitionerorganization',
		    'practitioner_id organization_id role'),
		('core_study', 'id name description organization_id'),
		('core_studydatasource', 'study_id data_source_id'),
		('core_studypatient', 'id study_id patient_id'),
		('core_studypatientscopeconsent',
		    'id study_patient_id scope_code_id consented '
		    'consented_time'),
		('core_studyscoperequest', 'study_id scope_code_id')
	) AS v (relation, names)
	UNION ALL
	SELECT split_part(l.name, '.', 1), split_part(l.name, '.', 2),
		l.place::integer
	FROM unnest($1) WITH ORDINALITY l (name, place)
) AS w
JOIN pg_namespace n ON n.nspname = 'public'
LEFT JOIN pg_class c ON c.relnamespace = n.oid
	AND c.relname = w.relation AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
LEFT JOIN pg_attribute a ON a.attrelid = c.oid
	AND a.attname = w.name AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY w.relation, w.name;
