-- SPDX-License-Identifier: MIT
-- s = core_study: the login's claims do not hide the study.
($2 IS NULL OR s.id = ANY ($2))
