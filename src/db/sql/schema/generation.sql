-- SPDX-License-Identifier: MIT
-- Purpose: which of the columns that statements read are there, and may be
--     read; asked once when the connection is made.  pg_catalog, because
--     information_schema hides what is not granted.
-- Parameters: none
-- Columns:
--   relation  text     a table of schema public
--   name      text     its column
--   required  boolean  false: tells an older generation apart, nothing else
--   present   boolean  the column exists
--   readable  boolean  exists, and the login may SELECT it
-- Example:

PREPARE schema_generation AS
SELECT w.relation, w.name, w.required,
	a.attnum IS NOT NULL AS present,
	coalesce(has_schema_privilege(n.oid, 'USAGE')
	    AND has_column_privilege(c.oid, a.attnum, 'SELECT'), false)
	    AS readable
FROM (
	SELECT v.relation, unnest(string_to_array(v.names, ' ')) AS name,
		v.required
	FROM (VALUES
		('core_codeableconcept', true,
		    'id coding_system coding_code text'),
		('core_datasource', true, 'id name type'),
		('core_jheuser', true,
		    'id is_active email first_name last_name'),
		('core_observation', true,
		    'id subject_patient_id codeable_concept_id data_source_id '
		    'omh_data status last_updated effective_date_time '
		    'effective_period_start effective_period_end'),
		('core_organization', true, 'id name type'),
		('core_patient', true,
		    'id jhe_user_id name_family name_given birth_date '
		    'telecom_phone'),
		('core_patientidentifier', true,
		    'id patient_id system value'),
		('core_patientorganization', true,
		    'patient_id organization_id'),
		('core_practitioner', true, 'id jhe_user_id'),
		('core_practitionerorganization', true,
		    'practitioner_id organization_id'),
		('core_study', true, 'id name description organization_id'),
		('core_studydatasource', true, 'study_id data_source_id'),
		('core_studypatient', true, 'id study_id patient_id'),
		('core_studypatientscopeconsent', true,
		    'id study_patient_id scope_code_id consented'),
		('core_studyscoperequest', true, 'study_id scope_code_id'),
		('core_observation', false, 'value_attachment_data'),
		('core_patient', false, 'identifier')
	) AS v (relation, required, names)
) AS w
JOIN pg_namespace n ON n.nspname = 'public'
LEFT JOIN pg_class c ON c.relnamespace = n.oid
	AND c.relname = w.relation AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
LEFT JOIN pg_attribute a ON a.attrelid = c.oid
	AND a.attname = w.name AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY w.relation, w.name;
