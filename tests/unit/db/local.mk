DB_TESTS = \
	tests/unit/db/test_array \
	tests/unit/db/test_param
check_PROGRAMS += $(DB_TESTS)
TESTS += $(DB_TESTS) %D%/test_calls.sh %D%/test_embed.sh
EXTRA_DIST += %D%/test_calls.sh %D%/test_embed.sh

DB_TEST_LIBS = $(LIB_DB) $(LIB_BASE) $(CMOCKA_LIBS)
tests_unit_db_test_array_SOURCES = %D%/test_array.c
tests_unit_db_test_array_LDADD = $(DB_TEST_LIBS)
tests_unit_db_test_param_SOURCES = %D%/test_param.c
tests_unit_db_test_param_LDADD = $(DB_TEST_LIBS) -lm
