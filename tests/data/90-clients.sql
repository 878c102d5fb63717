-- SPDX-License-Identifier: MIT
--
-- What refers to OAuth clients: run after the exchange program registered
-- them and after schema-clients.sql.  Live-looking tokens lie in clear, as in
-- a real exchange; all are canaries.

\set ON_ERROR_STOP 1
SET timezone = 'UTC';
SET client_min_messages = warning;
BEGIN;

INSERT INTO core_studyclient (study_id, client_id)
SELECT s, a.id FROM unnest('{30001,30002}'::bigint[]) s,
    oauth2_provider_application a WHERE a.client_id = 'other-public';
INSERT INTO core_clientdatasource (client_id, data_source_id)
SELECT id, 70005 FROM oauth2_provider_application
WHERE client_id = 'other-public';
INSERT INTO core_jheclient (application_id, invitation_url, aux_data)
SELECT id, 'https://example.com/CANARY-invitation-url', NULL
FROM oauth2_provider_application WHERE client_id = 'other-public';
INSERT INTO core_practitionerclient (application_id, practitioner_id, label)
SELECT id, 80001, 'key' FROM oauth2_provider_application
WHERE client_id = 'confidential';
INSERT INTO core_patientinvitation (token_hash, status, last_updated,
    client_id, patient_id)
SELECT 'CANARY-invitation-token-hash-' || p, 'issued', '2026-02-01Z', a.id, p
FROM unnest('{40001,40004}'::bigint[]) p, oauth2_provider_application a
WHERE a.client_id = 'other-public';

INSERT INTO oauth2_provider_accesstoken (token, expires, scope, application_id,
    user_id, created, updated)
SELECT 'CANARY-access-token-' || u, now() + interval '14 days',
    'openid email', a.id, u, now(), now()
FROM unnest('{10001,10006}'::bigint[]) u, oauth2_provider_application a
WHERE a.client_id = 'other-public';
INSERT INTO oauth2_provider_refreshtoken (token, access_token_id,
    application_id, user_id, created, updated)
SELECT 'CANARY-refresh-token-' || user_id, id, application_id, user_id, now(),
    now()
FROM oauth2_provider_accesstoken WHERE token LIKE 'CANARY-access-token-%';
INSERT INTO oauth2_provider_grant (code, expires, redirect_uri, scope,
    application_id, user_id, created, updated, code_challenge,
    code_challenge_method, nonce, claims)
SELECT 'CANARY-code', now(), 'http://localhost:8765/callback', 'openid', id,
    10001, now(), now(), '', '', '', ''
FROM oauth2_provider_application WHERE client_id = 'other-public';

COMMIT;
