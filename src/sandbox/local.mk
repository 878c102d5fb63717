noinst_LIBRARIES += src/sandbox/libsandbox.a
src_sandbox_libsandbox_a_SOURCES = \
	%D%/describe.c \
	%D%/drop.c %D%/drop.h \
	%D%/filter.c %D%/filter.h \
	%D%/landlock.c %D%/landlock.h \
	%D%/lists.c \
	%D%/sandbox.c %D%/sandbox.h \
	%D%/violation.c %D%/violation.h
