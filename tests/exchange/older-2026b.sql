-- SPDX-License-Identifier: MIT
--
-- From the newest generation back to July 2026, core migration 0040: no times
-- of measurement beside the JSON, no unique upstream records.

\set ON_ERROR_STOP 1
SET client_min_messages = warning;
BEGIN;

ALTER TABLE core_observation
    DROP COLUMN effective_date_time,
    DROP COLUMN effective_period_start,
    DROP COLUMN effective_period_end;
DROP INDEX uniq_aux_upstream_record_per_source;
DELETE FROM django_migrations WHERE name >= '0041';

COMMIT;
