-- SPDX-License-Identifier: MIT
-- s = core_study, o = core_observation: as observation_open, but the patient
-- consents in this study.  For questions about a study.
(:consent_ungated
OR EXISTS (
	SELECT FROM public.core_studypatientscopeconsent r_k
	JOIN public.core_studypatient r_e ON r_e.id = r_k.study_patient_id
	WHERE r_e.study_id = s.id
	AND r_e.patient_id = o.subject_patient_id
	AND r_k.scope_code_id = o.codeable_concept_id
	AND r_k.consented))
