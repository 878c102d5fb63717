-- SPDX-License-Identifier: MIT
-- Option consent-gate is off.  The worker sets it in the start packet, where
-- no statement can change it.
(SELECT coalesce(current_setting('jhe_mcp.consent_gate', true), 'off') <> 'on')
