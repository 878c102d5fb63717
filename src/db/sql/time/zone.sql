-- SPDX-License-Identifier: MIT
-- Purpose: fails if PostgreSQL has no such time zone.  Sent ahead of the
--     statement that uses it, because pg_timezone_names takes 40 ms.
-- Parameters:
--   $1 zone  text  name
-- Columns:
--   offset_s  integer  seconds east of UTC at this moment
-- Example: 'America/Los_Angeles'

PREPARE time_zone (text) AS
SELECT extract(epoch FROM now() AT TIME ZONE $1 - now() AT TIME ZONE 'UTC')
	::integer AS offset_s;
