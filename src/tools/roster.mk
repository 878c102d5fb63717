# Who there is: list_study_patients, get_study_consents, search_patients, and
# what they share with the older tools.
src_tools_libtools_a_SOURCES += \
	%D%/consents.c %D%/consents.h \
	%D%/consents_answer.c %D%/consents_state.h \
	%D%/people.c %D%/people.h \
	%D%/requested.c %D%/requested.h \
	%D%/roster.c %D%/roster.h \
	%D%/search.c %D%/search.h
