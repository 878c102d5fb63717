-- SPDX-License-Identifier: MIT
-- o = core_observation: timestamptz, when the interval of measurement begins,
-- as the exchange took it from the JSON when it saved the row, or NULL.
-- Reads: core_observation.effective_period_start
-- Else: NULL::timestamptz
-- Reads: none
o.effective_period_start
