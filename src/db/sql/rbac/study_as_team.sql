-- SPDX-License-Identifier: MIT
-- s = core_study: a study of an organization the person works in.
(s.organization_id = ANY (:my_organizations) AND :study_claimed)
