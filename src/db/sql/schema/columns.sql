-- SPDX-License-Identifier: MIT
-- Purpose: the columns of one table of the exchange as they are now: for the
--     resources schema://jupyterhealth/<table>.  No row for a table that is
--     not in the list here; columns the login may not read are left out.
-- Parameters:
--   $1 table  text  name without schema
-- Columns:
--   name           text     column
--   type           text     as PostgreSQL writes it
--   nullable       boolean  may be NULL
--   primary_key    boolean  identifies the row
--   refers_to      text     table.column of a foreign key, or NULL
--   comment        text     the column's comment, or NULL
--   table_comment  text     the table's comment, or NULL; the same in each row
-- Example: 'core_study'

PREPARE schema_columns (text) AS
SELECT a.attname::text AS name,
	format_type(a.atttypid, a.atttypmod) AS type,
	NOT a.attnotnull AS nullable,
	EXISTS (
		SELECT FROM pg_constraint k
		WHERE k.conrelid = c.oid AND k.contype = 'p'
		AND a.attnum = ANY (k.conkey)) AS primary_key,
	(SELECT rc.relname || '.' || ra.attname
		FROM pg_constraint k
		JOIN pg_class rc ON rc.oid = k.confrelid
		JOIN pg_attribute ra ON ra.attrelid = k.confrelid
			AND ra.attnum = k.confkey[1]
		WHERE k.conrelid = c.oid AND k.contype = 'f'
		AND cardinality(k.conkey) = 1 AND k.conkey[1] = a.attnum
		ORDER BY k.oid LIMIT 1) AS refers_to,
	col_description(c.oid, a.attnum) AS comment,
	obj_description(c.oid, 'pg_class') AS table_comment
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid
WHERE n.nspname = 'public'
	AND c.relname = $1
	AND c.relname IN ('core_codeableconcept', 'core_datasource',
	    'core_fhirauxresource', 'core_fhirsource', 'core_jheuser',
	    'core_observation', 'core_organization',
	    'core_patient', 'core_patientidentifier',
	    'core_patientorganization', 'core_practitioner',
	    'core_practitionerorganization', 'core_study',
	    'core_studydatasource', 'core_studypatient',
	    'core_studypatientscopeconsent', 'core_studyscoperequest')
	AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
	AND a.attnum > 0 AND NOT a.attisdropped
	AND a.attname <> 'password'
	AND has_schema_privilege(n.oid, 'USAGE')
	AND has_column_privilege(c.oid, a.attnum, 'SELECT')
ORDER BY a.attnum;
