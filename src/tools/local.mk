# One definition a file, in the order in which tools/list has them.
tool_definitions = \
	%D%/definitions/whoami.json \
	%D%/definitions/get_study_count.json \
	%D%/definitions/list_studies.json \
	%D%/definitions/get_study_metadata.json \
	%D%/definitions/list_study_patients.json \
	%D%/definitions/get_study_consents.json \
	%D%/definitions/search_patients.json \
	%D%/definitions/get_patient_demographics.json \
	%D%/definitions/summarize_patient_observations.json \
	%D%/definitions/get_data_coverage.json \
	%D%/definitions/get_observation_statistics.json \
	%D%/definitions/get_patient_observations.json \
	%D%/definitions/summarize_fhir_resources.json \
	%D%/definitions/get_fhir_resources.json \
	%D%/definitions/get_patient_survey_responses.json \
	%D%/definitions/get_omh_schema.json \
	%D%/definitions/count_patient_observations.json \
	%D%/definitions/count_study_observations.json \
	%D%/definitions/get_patient_date_range.json \
	%D%/definitions/get_server_capabilities.json

noinst_LIBRARIES += src/tools/libtools.a
src_tools_libtools_a_CPPFLAGS = $(AM_CPPFLAGS) $(JSONC_CFLAGS)
src_tools_libtools_a_SOURCES = \
	%D%/args.c %D%/args.h \
	%D%/args_value.c %D%/args_value.h \
	%D%/call.c %D%/call.h \
	%D%/capabilities.c \
	%D%/cell.c %D%/cell.h \
	%D%/cursor.c %D%/cursor.h \
	%D%/data_types.c %D%/data_types.h \
	%D%/definitions.h \
	%D%/errors.c %D%/errors.h \
	%D%/pack.c %D%/pack.h \
	%D%/patients.c %D%/patients.h \
	%D%/policy.c %D%/policy.h \
	%D%/private.h \
	%D%/provenance.c %D%/provenance.h \
	%D%/resources.c %D%/resources.h \
	%D%/result.c %D%/result.h \
	%D%/schema.c %D%/schema.h \
	%D%/studies.c %D%/studies.h \
	%D%/study_metadata.c \
	%D%/text.c %D%/text.h \
	%D%/tools.c %D%/tools.h \
	%D%/unit_params.c %D%/unit_params.h \
	%D%/whoami.c %D%/whoami.h
nodist_src_tools_libtools_a_SOURCES = %D%/definitions.c

LIB_TOOLS = src/tools/libtools.a

include src/tools/observations.mk
include src/tools/inventory.mk
include src/tools/statistics.mk
include src/tools/roster.mk
include src/tools/records.mk
include src/tools/guide.mk

CLEANFILES += %D%/definitions.c
EXTRA_DIST += build-aux/embed-tools.awk $(tool_definitions)

# The names are given relative to srcdir: they show in messages.
%D%/definitions.c: build-aux/embed-tools.awk $(tool_definitions)
	$(AM_V_GEN)$(MKDIR_P) %D% && out=`cd %D% && pwd` && \
	(cd $(srcdir) && $(AWK) -f build-aux/embed-tools.awk \
	    $(tool_definitions)) >"$$out/definitions.c.tmp" && \
	mv "$$out/definitions.c.tmp" "$$out/definitions.c"
