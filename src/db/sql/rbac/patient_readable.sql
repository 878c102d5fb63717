-- SPDX-License-Identifier: MIT
-- p = core_patient: the person may read the patient's particulars, records and
-- observations, because both belong to one organization or because it is the
-- person.  Claims do not narrow this.
(coalesce(p.id = :my_patient, false)
OR EXISTS (
	SELECT FROM public.core_patientorganization r_pa
	WHERE r_pa.patient_id = p.id
	AND r_pa.organization_id = ANY (:my_organizations)))
