noinst_LIBRARIES += src/conf/libconf.a
src_conf_libconf_a_SOURCES = \
	%D%/conf.c %D%/conf.h \
	%D%/file.c %D%/file.h \
	%D%/line.c %D%/line.h \
	%D%/options.c %D%/options.def %D%/options.h \
	%D%/report.c %D%/report.h \
	%D%/values.c %D%/values.h
