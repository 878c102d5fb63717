-- SPDX-License-Identifier: MIT
-- o = core_observation: a table of one row, for FROM or LATERAL, read from the
-- time frame in the observation's JSON: r_start and r_end (timestamptz).  What
-- is not used costs nothing.
--
-- No stored value makes it fail: what is no time, or half an interval only, is
-- NULL.  date_time wins where it is present, even if it cannot be read.  A
-- time without an offset is UTC.  Months and years are whole numbers on the
-- clock of the text; a part of day is a quarter of the UTC day.
--
-- r_iso accepts only what a cast to timestamptz takes: days that exist, years
-- 0001 to 9999, offsets to 15:59.  A duration has at most 3 000 years, so that
-- no sum leaves PostgreSQL's range.
(SELECT
	CASE
	WHEN r_frame ? 'date_time' THEN r_at::timestamptz
	WHEN r_times ? 'start_date_time' AND r_times ? 'end_date_time'
	THEN CASE WHEN r_ended IS NOT NULL THEN r_began::timestamptz END
	WHEN r_times ? 'start_date_time' AND r_times ? 'duration'
	THEN CASE WHEN r_seconds IS NOT NULL OR r_months IS NOT NULL
	    THEN r_began::timestamptz END
	WHEN r_times ? 'end_date_time' AND r_times ? 'duration'
	THEN r_ended::timestamptz - make_interval(secs =>
	    coalesce(r_seconds, extract(epoch FROM r_ended::timestamp -
	    (r_ended::timestamp - make_interval(months => r_months)))::float8))
	ELSE r_day::timestamptz + make_interval(hours => r_hour)
	END AS r_start,
	CASE
	WHEN r_frame ? 'date_time' THEN NULL
	WHEN r_times ? 'start_date_time' AND r_times ? 'end_date_time'
	THEN CASE WHEN r_began IS NOT NULL THEN r_ended::timestamptz END
	WHEN r_times ? 'start_date_time' AND r_times ? 'duration'
	THEN r_began::timestamptz + make_interval(secs =>
	    coalesce(r_seconds, extract(epoch FROM r_began::timestamp +
	    make_interval(months => r_months) - r_began::timestamp)::float8))
	WHEN r_times ? 'end_date_time' AND r_times ? 'duration'
	THEN CASE WHEN r_seconds IS NOT NULL OR r_months IS NOT NULL
	    THEN r_ended::timestamptz END
	ELSE r_day::timestamptz + make_interval(hours => r_hour + 6)
	END AS r_end
FROM (SELECT r_frame, r_times,
	CASE WHEN r_at_text ~ r_iso AND r_at_text > r_first THEN r_at_text ||
	    CASE WHEN substr(r_at_text, 17) ~ '[Zz+-]' THEN '' ELSE 'Z' END
	    END AS r_at,
	CASE WHEN r_began_text ~ r_iso AND r_began_text > r_first
	    THEN r_began_text || CASE WHEN substr(r_began_text, 17) ~ '[Zz+-]'
	    THEN '' ELSE 'Z' END END AS r_began,
	CASE WHEN r_ended_text ~ r_iso AND r_ended_text > r_first
	    THEN r_ended_text || CASE WHEN substr(r_ended_text, 17) ~ '[Zz+-]'
	    THEN '' ELSE 'Z' END END AS r_ended,
	CASE WHEN r_day_text ~ r_iso AND r_day_text > r_first
	    THEN r_day_text END AS r_day,
	CASE r_times ->> 'part_of_day' WHEN 'night' THEN 0
	    WHEN 'morning' THEN 6 WHEN 'afternoon' THEN 12
	    WHEN 'evening' THEN 18 END AS r_hour,
	CASE WHEN abs(r_amount) < 1e25 THEN
	    CASE WHEN abs(r_amount * r_factor) <= 9.4e10
	    THEN (r_amount * r_factor)::float8 END END AS r_seconds,
	CASE WHEN r_unit = 'Mo' THEN
	    CASE WHEN abs(r_amount) <= 36000
	    THEN trunc(r_amount)::integer END
	WHEN r_unit IN ('yr', 'Yr') THEN
	    CASE WHEN abs(r_amount) <= 3000
	    THEN trunc(r_amount)::integer * 12 END END AS r_months
	FROM (SELECT r_frame, r_times,
		'^([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])'
		'|(0[469]|11)-(0[1-9]|[12][0-9]|30)'
		'|02-(0[1-9]|1[0-9]|2[0-8]))'
		'|([0-9]{2}(0[48]|[2468][048]|[13579][26])'
		'|([02468][048]|[13579][26])00)-02-29)'
		'[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]'
		'(:[0-5][0-9]([.][0-9]{1,9})?)?'
		'([Zz]|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)?$' AS r_iso,
		'0001' COLLATE "C" AS r_first,
		r_frame ->> 'date_time' AS r_at_text,
		r_times ->> 'start_date_time' AS r_began_text,
		r_times ->> 'end_date_time' AS r_ended_text,
		(r_times ->> 'date') || 'T00:00Z' AS r_day_text,
		CASE WHEN jsonb_typeof(r_lasted -> 'value') = 'number'
		    THEN (r_lasted ->> 'value')::numeric END AS r_amount,
		r_lasted ->> 'unit' AS r_unit,
		CASE r_lasted ->> 'unit' WHEN 'ps' THEN 1e-12
		    WHEN 'ns' THEN 1e-9 WHEN 'us' THEN 1e-6
		    WHEN 'ms' THEN 1e-3 WHEN 'sec' THEN 1 WHEN 'min' THEN 60
		    WHEN 'h' THEN 3600 WHEN 'd' THEN 86400
		    WHEN 'wk' THEN 604800 END AS r_factor
		FROM (SELECT
			:observation_payload -> 'body' -> 'effective_time_frame'
			    AS r_frame,
			:observation_payload -> 'body' -> 'effective_time_frame' ->
			    'time_interval' AS r_times,
			:observation_payload -> 'body' -> 'effective_time_frame' ->
			    'time_interval' -> 'duration' AS r_lasted
		) r_json) r_texts) r_read)
