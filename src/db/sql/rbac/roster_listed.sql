-- SPDX-License-Identifier: MIT
-- s = core_study, sp = core_studypatient with sp.study_id = s.id: the enrolment
-- is listed for the person.  The team sees all, a participant only themself.
-- Says nothing about data: an enrolled patient who left the organization is
-- listed and not readable.
(:study_as_team
OR (coalesce(sp.patient_id = :my_patient, false) AND :study_claimed))
