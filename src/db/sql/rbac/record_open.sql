-- SPDX-License-Identifier: MIT
-- f = :fhir_records: the consent gate lets it through, because it is off or
-- because the patient consents to this type of resource in some study.  The
-- exchange can ask for that by a code that is the type's name, and does for
-- QuestionnaireResponse; what nobody was asked for is held back.
(:consent_ungated
OR EXISTS (
	SELECT FROM public.core_studypatientscopeconsent r_k
	JOIN public.core_studypatient r_e ON r_e.id = r_k.study_patient_id
	JOIN public.core_codeableconcept r_c ON r_c.id = r_k.scope_code_id
	WHERE r_e.patient_id = f.patient_id
	AND r_c.coding_system = 'http://hl7.org/fhir/resource-types'
	AND r_c.coding_code = f.resource_type
	AND r_k.consented))
