-- SPDX-License-Identifier: MIT
-- f = :fhir_records: text, the short name of the questionnaire that a response
-- answers: the last part of its canonical URL, without the version;
-- NULL if it names none.
CASE WHEN jsonb_typeof(f.body -> 'questionnaire') = 'string' THEN
	substring(split_part(f.body ->> 'questionnaire', '|', 1)
	    FROM '([^/#]+)/*(#.*)?$') END
