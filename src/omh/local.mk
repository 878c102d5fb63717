noinst_LIBRARIES += src/omh/libomh.a
src_omh_libomh_a_SOURCES = \
	%D%/body.c %D%/body.h \
	%D%/schema.c %D%/schema.h \
	%D%/types.c %D%/types.h \
	%D%/units.c %D%/units.h

LIB_OMH = src/omh/libomh.a
