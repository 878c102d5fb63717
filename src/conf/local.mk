noinst_LIBRARIES += src/conf/libconf.a
src_conf_libconf_a_SOURCES = \
	%D%/conf.c %D%/conf.h \
	%D%/file.c %D%/file.h \
	%D%/line.c %D%/line.h \
	%D%/options.c %D%/options.def %D%/options.h \
	%D%/report.c %D%/report.h \
	%D%/tools.c %D%/tools.h \
	%D%/values.c %D%/values.h
nodist_src_conf_libconf_a_SOURCES = %D%/tool_names.h
BUILT_SOURCES += %D%/tool_names.h
CLEANFILES += %D%/tool_names.h

# The names of the tools, from the files of their definitions.
%D%/tool_names.h: $(tool_definitions)
	$(AM_V_GEN)$(MKDIR_P) %D% && for f in $(tool_definitions); do \
	    f=$${f##*/}; echo "\"$${f%.json}\","; \
	done >$@.tmp && mv $@.tmp $@
