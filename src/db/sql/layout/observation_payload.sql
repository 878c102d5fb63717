-- SPDX-License-Identifier: MIT
-- o = core_observation: jsonb, header and body as they were uploaded.
-- Reads: core_observation.omh_data
-- Else: o.value_attachment_data
-- Reads: core_observation.value_attachment_data
o.omh_data
