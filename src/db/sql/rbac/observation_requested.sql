-- SPDX-License-Identifier: MIT
-- s = core_study, o = core_observation: the study asked for this type of data.
-- A study filter on observations is this and the enrolment of the subject.
EXISTS (
	SELECT FROM public.core_studyscoperequest r_rq
	WHERE r_rq.study_id = s.id
	AND r_rq.scope_code_id = o.codeable_concept_id)
