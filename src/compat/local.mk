noinst_LIBRARIES += src/compat/libcompat.a
src_compat_libcompat_a_SOURCES = %D%/compat.c %D%/compat.h
