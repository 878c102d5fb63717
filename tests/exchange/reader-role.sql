-- SPDX-License-Identifier: MIT
--
-- The database login of a researcher, as an administrator would make it: it
-- reads what the MCP server needs and nothing else.  Not granted at all are
-- oauth2_provider_* (live tokens in clear), core_jhesetting (API keys),
-- core_patientinvitation, the clients' tables, and of core_jheuser the
-- password.  Data it may read is still everybody's: the server narrows it to
-- one person.

\set ON_ERROR_STOP 1
SET client_min_messages = warning;

DO $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles
	    WHERE rolname = 'jhe_mcp_reader') THEN
		CREATE ROLE jhe_mcp_reader LOGIN NOINHERIT;
	END IF;
END $$;
ALTER ROLE jhe_mcp_reader SET default_transaction_read_only = on;

GRANT USAGE ON SCHEMA public TO jhe_mcp_reader;
GRANT SELECT (id, is_active, is_superuser, email, first_name, last_name,
    user_type) ON core_jheuser TO jhe_mcp_reader;
GRANT SELECT (id, jhe_user_id, name_family, name_given)
    ON core_practitioner TO jhe_mcp_reader;
-- Not each generation has each of these.
SELECT format('GRANT SELECT ON %I TO jhe_mcp_reader', name)
FROM unnest('{core_codeableconcept, core_datasource, core_fhirauxresource,
    core_fhirsource, core_observation, core_observationidentifier,
    core_organization, core_patient, core_patientidentifier,
    core_patientorganization, core_practitionerorganization, core_study,
    core_studydatasource, core_studypatient, core_studypatientscopeconsent,
    core_studyscoperequest}'::text[]) name
WHERE to_regclass(name) IS NOT NULL \gexec
