-- SPDX-License-Identifier: MIT
-- o = core_observation: timestamptz, when it was measured: the point, or the
-- start of the interval; NULL if that is not known.  The exchange fills its
-- columns only for rows saved one by one, not for those loaded in bulk, so
-- that the JSON has to be read row by row where both are NULL.
--
-- What has the usual form, on a day that each month has, is cast without the
-- expressions of observation_frame: for a million rows that is seconds.
coalesce(:effective_date_time, :effective_period_start, (
	SELECT CASE WHEN (r_text LIKE '20__-__-__T__:__:__Z'
		AND translate(r_text, '0123456789', '') = '--T::Z'
		OR r_text LIKE '20__-__-__T__:__:_____:__'
		AND translate(r_text, '0123456789', '') IN ('--T::-:', '--T::+:')
		AND substr(r_text, 20, 1) IN ('-', '+')
		AND substr(r_text, 21, 2) < '16' AND substr(r_text, 24, 1) < '6')
	AND substr(r_text, 6, 2) BETWEEN '01' AND '12'
	AND substr(r_text, 9, 2) BETWEEN '01' AND '28'
	AND substr(r_text, 12, 2) < '24' AND substr(r_text, 15, 1) < '6'
	AND substr(r_text, 18, 1) < '6' THEN r_text::timestamptz
	ELSE (SELECT r_f.r_start FROM :observation_frame r_f) END
	FROM (SELECT (:observation_payload -> 'body' -> 'effective_time_frame'
		->> 'date_time') COLLATE "C" AS r_text OFFSET 0) r_read))
