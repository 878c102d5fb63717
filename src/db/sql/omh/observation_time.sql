-- SPDX-License-Identifier: MIT
-- o = core_observation: timestamptz, when it was measured: the point, or the
-- start of the interval; NULL if that is not known.  The exchange fills its
-- columns only for rows saved one by one, not for those loaded in bulk, so
-- that the JSON has to be read row by row where both are NULL.
coalesce(:effective_date_time, :effective_period_start,
	(SELECT r_f.r_start FROM :observation_frame r_f))
