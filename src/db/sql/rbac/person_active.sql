-- SPDX-License-Identifier: MIT
-- True if the person exists and is active.  Once a statement.
EXISTS (
	SELECT FROM public.core_jheuser r_u
	WHERE r_u.id = $1 AND r_u.is_active)
