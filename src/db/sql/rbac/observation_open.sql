-- SPDX-License-Identifier: MIT
-- o = core_observation: the consent gate lets it through, because it is off or
-- because the patient consents to this type of data in some study.  For
-- questions about a patient; what it holds back is counted as withheld.
(:consent_ungated
OR EXISTS (
	SELECT FROM public.core_studypatientscopeconsent r_k
	JOIN public.core_studypatient r_e ON r_e.id = r_k.study_patient_id
	WHERE r_e.patient_id = o.subject_patient_id
	AND r_k.scope_code_id = o.codeable_concept_id
	AND r_k.consented))
