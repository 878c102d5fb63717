-- SPDX-License-Identifier: MIT
--
-- From early June 2026 back to autumn 2025, core migration 0011: a patient has
-- one identifier, without a system, and always a name and a birth date; links
-- of data sources may be there twice, and some are.  What this cannot hold is
-- left out, or filled with '' and 1900-01-01.

\set ON_ERROR_STOP 1
SET client_min_messages = warning;
BEGIN;

ALTER TABLE core_patient ADD COLUMN identifier varchar;
UPDATE core_patient p SET identifier = (
	SELECT i.value FROM core_patientidentifier i
	WHERE i.patient_id = p.id ORDER BY i.id LIMIT 1);
UPDATE core_patient SET identifier = '' WHERE id = 40003;
UPDATE core_patient SET name_family = coalesce(name_family, ''),
    name_given = coalesce(name_given, ''),
    birth_date = coalesce(birth_date, '1900-01-01');
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE core_patient
    ALTER COLUMN name_family SET NOT NULL,
    ALTER COLUMN name_given SET NOT NULL,
    ALTER COLUMN birth_date SET NOT NULL,
    DROP COLUMN aux_fhir_data;
ALTER TABLE core_jheuser ALTER COLUMN user_type TYPE varchar(12);
ALTER TABLE core_practitioner
    ADD COLUMN birth_date date,
    DROP COLUMN settings;
ALTER TABLE core_practitionerorganization
    ALTER COLUMN role TYPE varchar(10) USING left(role, 10);
DROP INDEX core_observ_subject_4a622b_idx;
ALTER TABLE core_observation
    DROP COLUMN ow_key,
    DROP COLUMN aux_fhir_data;

ALTER TABLE core_studydatasource
    DROP CONSTRAINT core_studydatasource_study_id_data_source_id_key;
ALTER TABLE core_datasourcesupportedscope
    DROP CONSTRAINT
	core_datasourcesupportedscope_data_source_id_scope_code_id_key;
INSERT INTO core_studydatasource (study_id, data_source_id)
SELECT study_id, data_source_id FROM core_studydatasource
WHERE study_id IN (30001, 30003);
INSERT INTO core_datasourcesupportedscope (data_source_id, scope_code_id)
SELECT data_source_id, scope_code_id FROM core_datasourcesupportedscope
WHERE data_source_id = 70004;

DROP TABLE core_patientidentifier, core_jhesetting, core_fhirauxresource;
DROP TABLE IF EXISTS core_patientinvitation, core_clientdatasource,
    core_studyclient, core_jheclient;
DELETE FROM django_migrations WHERE name >= '0012';

COMMIT;
