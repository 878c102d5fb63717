-- SPDX-License-Identifier: MIT
-- bigint: the person's own patient id; NULL without one, or when inactive.
-- Computed once a statement.
(
	SELECT r_me.id
	FROM public.core_patient r_me
	JOIN public.core_jheuser r_u ON r_u.id = r_me.jhe_user_id
	WHERE r_u.id = $1 AND r_u.is_active)
