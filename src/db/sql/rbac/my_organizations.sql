-- SPDX-License-Identifier: MIT
-- bigint[]: the organizations the person works in, by an own membership row:
-- not inherited through part_of, whatever the role, no bypass for a superuser.
-- Empty for an inactive person and for one who is no practitioner; never NULL.
-- Computed once a statement.
ARRAY (
	SELECT r_po.organization_id
	FROM public.core_practitionerorganization r_po
	JOIN public.core_practitioner r_pr ON r_pr.id = r_po.practitioner_id
	JOIN public.core_jheuser r_u ON r_u.id = r_pr.jhe_user_id
	WHERE r_u.id = $1 AND r_u.is_active)
