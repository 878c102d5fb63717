-- SPDX-License-Identifier: MIT
-- p = core_patient, y with y.today (date) and y.cap (integer or NULL): integer,
-- full years on that day, more than the cap given as the cap; NULL if no birth
-- date is known.  One in the future is no birth date.
(CASE WHEN isfinite(p.birth_date) AND p.birth_date <= y.today
THEN least(date_part('year', age(y.today::timestamp,
	p.birth_date::timestamp))::integer, y.cap) END)
