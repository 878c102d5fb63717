-- SPDX-License-Identifier: MIT
-- p = core_patient, w with w.identifier (text): the patient is called exactly
-- that by another system, as a value or as "system|value".  Once a patient had
-- one identifier at most, and no system.  It reads what patient_identifiers
-- reads, so that both are of one generation.
-- Reads: core_patientidentifier.id core_patientidentifier.patient_id
--     core_patientidentifier.system core_patientidentifier.value
-- Else: coalesce(p.identifier = w.identifier, false)
-- Reads: core_patient.identifier
(p.id IN (
	SELECT r_i.patient_id
	FROM public.core_patientidentifier r_i
	WHERE r_i.value = w.identifier
	OR r_i.system || '|' || r_i.value = w.identifier))
