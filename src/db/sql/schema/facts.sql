-- SPDX-License-Identifier: MIT
-- Purpose: what an administrator should know of the login and of the
--     database; from the catalogue alone, so that it works with any rights.
-- Parameters: none
-- Columns:
--   role          text     the login's role
--   superuser     boolean  may do everything
--   bypasses_rls  boolean  row-level security does not hold for it
--   backend_pid   integer  of the server process that runs this
--   standby       boolean  the server is a replica
--   clock_s       bigint   its clock, seconds since 1970
--   recent_index  boolean  an index gives a patient's newest observations
--   writable      text     a table that the login may change, or NULL
--   secret        text     a column it may read and should not, or NULL
-- Example:

PREPARE schema_facts AS
SELECT r.rolname::text AS role,
	r.rolsuper AS superuser,
	r.rolbypassrls AS bypasses_rls,
	pg_backend_pid() AS backend_pid,
	pg_is_in_recovery() AS standby,
	extract(epoch FROM clock_timestamp())::bigint AS clock_s,
	EXISTS (
		SELECT FROM pg_index i
		JOIN pg_attribute a1 ON a1.attrelid = o.oid
			AND a1.attnum = i.indkey[0]
			AND a1.attname = 'subject_patient_id'
		JOIN pg_attribute a2 ON a2.attrelid = o.oid
			AND a2.attnum = i.indkey[1]
			AND a2.attname = 'last_updated'
		WHERE i.indrelid = o.oid AND i.indisvalid
		AND i.indpred IS NULL) AS recent_index,
	(SELECT c.relname::text
		FROM pg_class c
		WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v')
		AND has_schema_privilege(n.oid, 'USAGE')
		AND (has_any_column_privilege(c.oid, 'INSERT')
		    OR has_any_column_privilege(c.oid, 'UPDATE')
		    OR has_table_privilege(c.oid, 'DELETE')
		    OR has_table_privilege(c.oid, 'TRUNCATE'))
		ORDER BY c.relname LIKE 'core%' DESC, c.relname
		LIMIT 1) AS writable,
	(SELECT c.relname || '.' || a.attname
		FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
			AND NOT a.attisdropped
		WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v')
		AND has_schema_privilege(n.oid, 'USAGE')
		AND (c.relname, a.attname) IN (
			('core_jheuser', 'password'),
			('core_jhesetting', 'value_string'),
			('oauth2_provider_accesstoken', 'token'),
			('oauth2_provider_refreshtoken', 'token'))
		AND has_column_privilege(c.oid, a.attnum, 'SELECT')
		ORDER BY c.relname DESC LIMIT 1) AS secret
FROM pg_roles r
LEFT JOIN pg_namespace n ON n.nspname = 'public'
LEFT JOIN pg_class o ON o.relnamespace = n.oid
	AND o.relname = 'core_observation' AND o.relkind IN ('r', 'p')
WHERE r.rolname = current_user;
