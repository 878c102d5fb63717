# What is said besides the tools: instructions, prompts, completion, guide.
src_tools_libtools_a_SOURCES += \
	%D%/complete.c %D%/complete.h \
	%D%/guide.c %D%/guide.h \
	%D%/prompts.c %D%/prompts.h \
	%D%/timezones.c \
	%D%/vocabulary.c %D%/vocabulary.h
