-- SPDX-License-Identifier: MIT
-- o = core_observation: timestamptz, the end of the interval in which it was
-- measured; NULL for a point and if it is not known.  From the same place as
-- its beginning (observation_time).
CASE WHEN :effective_date_time IS NULL AND :effective_period_start IS NULL
THEN (SELECT r_f.r_end FROM :observation_frame r_f)
ELSE :effective_period_end END
