src_tools_libtools_a_SOURCES += \
	%D%/moment.c %D%/moment.h \
	%D%/observations.c %D%/observations.h \
	%D%/observations_empty.c \
	%D%/observations_page.c %D%/observations_page.h \
	%D%/observations_query.c %D%/observations_query.h \
	%D%/observations_table.c \
	%D%/observations_text.c \
	%D%/observations_value.c \
	%D%/window.c %D%/window.h
