-- SPDX-License-Identifier: MIT
-- A table, used as FROM :fhir_records f: the FHIR records that came from
-- elsewhere, each with the patient of its source (whom the record itself names
-- as its subject is another system's matter).  Older databases have none that
-- can be read: there it is empty.
--     id uuid, patient_id bigint, resource_type text, body jsonb
-- Whoever uses it also says :patient_readable of that patient.
-- Reads: core_fhirauxresource.id core_fhirauxresource.fhir_source_id
--     core_fhirauxresource.resource_type core_fhirauxresource.fhir_data
--     core_fhirsource.id core_fhirsource.patient_id
-- Else: (SELECT NULL::uuid AS id, NULL::bigint AS patient_id,
--     NULL::text AS resource_type, NULL::jsonb AS body WHERE false)
-- Reads: none
(SELECT r_x.id, r_q.patient_id, r_x.resource_type::text AS resource_type,
	r_x.fhir_data AS body
FROM public.core_fhirauxresource r_x
JOIN public.core_fhirsource r_q ON r_q.id = r_x.fhir_source_id)
