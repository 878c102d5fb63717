-- SPDX-License-Identifier: MIT
-- p = core_patient: text, what other systems call the patient: "system|value",
-- by commas; NULL if nothing.  Once a patient had one at most, and no system.
-- Reads: core_patientidentifier.id core_patientidentifier.patient_id
--     core_patientidentifier.system core_patientidentifier.value
-- Else: nullif(p.identifier, '')::text
-- Reads: core_patient.identifier
(
	SELECT string_agg(r_i.system || '|' || r_i.value, ', '
		ORDER BY r_i.id)
	FROM public.core_patientidentifier r_i
	WHERE r_i.patient_id = p.id)
