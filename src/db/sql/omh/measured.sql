-- SPDX-License-Identifier: MIT
-- b.body = jsonb, an observation's body; m = path text[], units text[],
-- factors numeric[], offsets numeric[]: one measure, where it stands below
-- body, and the units it may be stored in ('' for none) with what makes the
-- unit wanted of them.  A table of one row, for FROM or LATERAL:
--   r_value      numeric  in the unit wanted; NULL: cannot be read
--   r_converted  boolean  was stored in another unit
--   r_present    boolean  something is stored there, readable or not
--
-- No stored value makes it fail.  What is not a number, has a unit that is
-- not in the list, or is too large to convert is never guessed at.  A
-- converted value is rounded, so that 98.6 F is 37 C and not a little more.
(SELECT CASE WHEN r_factor = 1 AND r_offset = 0 THEN r_amount
	WHEN abs(r_amount) < 1e100
	THEN round(r_amount * r_factor + r_offset, 12) END AS r_value,
	coalesce(r_amount IS NOT NULL AND (r_factor <> 1 OR r_offset <> 0),
	    false) AS r_converted,
	coalesce(r_stored <> 'null', false) AS r_present
FROM (SELECT r_stored, r_amount, m.factors[r_unit] AS r_factor,
	m.offsets[r_unit] AS r_offset
	FROM (SELECT r_stored,
		CASE WHEN jsonb_typeof(r_stored) = 'number'
		THEN r_stored::numeric
		WHEN jsonb_typeof(r_stored -> 'value') = 'number'
		THEN (r_stored -> 'value')::numeric END AS r_amount,
		array_position(m.units, coalesce(r_stored ->> 'unit', ''))
		    AS r_unit
		FROM (SELECT b.body #> m.path AS r_stored OFFSET 0) r_read
		OFFSET 0) r_parts
	OFFSET 0) r_scaled)
