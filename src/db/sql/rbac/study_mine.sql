-- SPDX-License-Identifier: MIT
-- s = core_study: the person may see that the study exists, and what it is.
(:study_as_team OR :study_as_participant)
