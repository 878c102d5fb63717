-- SPDX-License-Identifier: MIT
-- Purpose: whether the consent gate is in force, as our statements see it.
-- Parameters: none
-- Columns:
--   consent_gate  boolean  observations need their patient's consent
-- Example:
\ir ../rbac/rules.psql

PREPARE session_gate AS
SELECT NOT :consent_ungated AS consent_gate;
