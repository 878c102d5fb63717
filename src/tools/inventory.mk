src_tools_libtools_a_SOURCES += \
	%D%/coverage.c %D%/coverage.h \
	%D%/coverage_read.c \
	%D%/coverage_write.c \
	%D%/holdings.c %D%/holdings.h \
	%D%/inventory.c %D%/inventory.h \
	%D%/inventory_types.c %D%/inventory_types.h \
	%D%/tally.c \
	%D%/type_params.c %D%/type_params.h \
	%D%/windowed.c %D%/windowed.h
