noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_SOURCES = \
	%D%/buf.c %D%/buf.h \
	%D%/clock.c %D%/clock.h \
	%D%/err.c %D%/err.h \
	%D%/fd.c %D%/fd.h \
	%D%/json.c %D%/json.h \
	%D%/log.c %D%/log.h \
	%D%/loop.c %D%/loop.h \
	%D%/num.c %D%/num.h \
	%D%/utf8.c %D%/utf8.h

# What every program links last.
LIB_BASE = src/base/libbase.a src/compat/libcompat.a
