-- SPDX-License-Identifier: MIT
-- s = core_study: a study the person is enrolled in as a patient.
(EXISTS (
	SELECT FROM public.core_studypatient r_sp
	WHERE r_sp.study_id = s.id AND r_sp.patient_id = :my_patient)
AND :study_claimed)
