-- SPDX-License-Identifier: MIT
-- o = core_observation: integer, seconds east of UTC: the offset with which
-- the end of its interval was written in the JSON, 0 if without one.
(SELECT CASE WHEN r_zone IS NULL THEN 0 ELSE
	CASE left(r_zone, 1) WHEN '-' THEN -60 ELSE 60 END *
	(substr(r_zone, 2, 2)::integer * 60 +
	CASE WHEN length(r_zone) > 3
	THEN right(r_zone, 2)::integer ELSE 0 END) END
FROM (SELECT substring(coalesce(
	r_frame -> 'time_interval' ->> 'end_date_time',
	r_frame -> 'time_interval' ->> 'start_date_time')
	FROM '^.{16}[0-9:.]*([+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)$') AS r_zone
	FROM (SELECT :observation_payload -> 'body' -> 'effective_time_frame'
		AS r_frame) r_json) r_read)
