src_tools_libtools_a_SOURCES += \
	%D%/fhir.c %D%/fhir.h \
	%D%/fhir_detail.c \
	%D%/records.c %D%/records.h \
	%D%/records_common.c \
	%D%/records_summary.c \
	%D%/records_type.c %D%/records_type.h \
	%D%/survey_items.c %D%/survey_items.h \
	%D%/surveys.c
