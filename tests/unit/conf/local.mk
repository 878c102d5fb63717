CONF_TESTS = \
	tests/unit/conf/test_conf \
	tests/unit/conf/test_file \
	tests/unit/conf/test_line \
	tests/unit/conf/test_options \
	tests/unit/conf/test_values
check_PROGRAMS += $(CONF_TESTS)
TESTS += $(CONF_TESTS)

CONF_TEST_LIBS = src/conf/libconf.a $(LIB_BASE) $(CMOCKA_LIBS)
tests_unit_conf_test_conf_SOURCES = %D%/test_conf.c
tests_unit_conf_test_conf_LDADD = $(CONF_TEST_LIBS)
tests_unit_conf_test_file_SOURCES = %D%/test_file.c
tests_unit_conf_test_file_LDADD = $(CONF_TEST_LIBS)
tests_unit_conf_test_line_SOURCES = %D%/test_line.c
tests_unit_conf_test_line_LDADD = $(CONF_TEST_LIBS)
tests_unit_conf_test_options_SOURCES = %D%/test_options.c
tests_unit_conf_test_options_LDADD = $(CONF_TEST_LIBS)
tests_unit_conf_test_values_SOURCES = %D%/test_values.c
tests_unit_conf_test_values_LDADD = $(CONF_TEST_LIBS)
