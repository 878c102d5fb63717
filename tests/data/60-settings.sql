-- SPDX-License-Identifier: MIT
--
-- The exchange's own settings; the word CANARY marks what no client and no
-- log may ever show, here and in the other files.  Then the sequences.

\set ON_ERROR_STOP 1
SET client_min_messages = warning;
BEGIN;

INSERT INTO core_jhesetting (key, value_type, value_string, value_json,
    last_updated) VALUES
    ('ow.api_key', 'string', 'CANARY-setting-api-key', NULL, '2026-01-01Z'),
    ('auth.sso', 'json', NULL, '{"secret": "CANARY-setting-json-secret"}',
	'2026-01-01Z');

-- Rows which a test or the exchange adds come after ours.
SELECT setval(pg_get_serial_sequence(t, 'id'), 99999)
FROM unnest('{core_jheuser,core_organization,core_study,core_patient,
core_codeableconcept,core_observation,core_datasource,core_practitioner,
core_fhirsource}'::text[]) t;

COMMIT;
ANALYZE;
