src_tools_libtools_a_SOURCES += \
	%D%/have.c %D%/have.h \
	%D%/statistics.c %D%/statistics.h \
	%D%/statistics_more.c \
	%D%/statistics_page.c %D%/statistics_page.h \
	%D%/statistics_query.c %D%/statistics_query.h \
	%D%/statistics_table.c \
	%D%/statistics_text.c
