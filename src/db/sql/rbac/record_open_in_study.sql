-- SPDX-License-Identifier: MIT
-- s = core_study, f = :fhir_records: as record_open, but the patient consents
-- in this study.  For questions about a study.
(:consent_ungated
OR EXISTS (
	SELECT FROM public.core_studypatientscopeconsent r_k
	JOIN public.core_studypatient r_e ON r_e.id = r_k.study_patient_id
	JOIN public.core_codeableconcept r_c ON r_c.id = r_k.scope_code_id
	WHERE r_e.study_id = s.id
	AND r_e.patient_id = f.patient_id
	AND r_c.coding_system = 'http://hl7.org/fhir/resource-types'
	AND r_c.coding_code = f.resource_type
	AND r_k.consented))
