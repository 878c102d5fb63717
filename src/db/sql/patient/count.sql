-- SPDX-License-Identifier: MIT
-- Purpose: how many patients the person may read.
-- Parameters:
--   $1 person  bigint    core_jheuser.id
--   $2 claims  bigint[]  does not matter here
-- Columns:
--   total  bigint  number of patients
-- Example: 10001, NULL
\ir ../rbac/rules.psql

PREPARE patient_count (bigint, bigint[]) AS
SELECT count(*) AS total
FROM public.core_patient p
WHERE :patient_readable;
