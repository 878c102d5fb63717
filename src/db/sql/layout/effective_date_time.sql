-- SPDX-License-Identifier: MIT
-- o = core_observation: timestamptz, the instant of measurement, as the
-- exchange took it from the JSON when it saved the row; NULL if it did not, or
-- if an interval was measured.
-- Reads: core_observation.effective_date_time
-- Else: NULL::timestamptz
-- Reads: none
o.effective_date_time
