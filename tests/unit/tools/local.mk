TOOLS_TESTS = \
	tests/unit/tools/test_args \
	tests/unit/tools/test_call \
	tests/unit/tools/test_cursor \
	tests/unit/tools/test_definitions \
	tests/unit/tools/test_errors \
	tests/unit/tools/test_pack \
	tests/unit/tools/test_result \
	tests/unit/tools/test_schema \
	tests/unit/tools/test_text
check_PROGRAMS += $(TOOLS_TESTS)
TESTS += $(TOOLS_TESTS)

TOOLS_TEST_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) $(JSONC_CFLAGS)
TOOLS_TEST_LIBS = src/tools/libtools.a src/omh/libomh.a src/mcp/libmcp.a \
	$(LIB_BASE) $(CMOCKA_LIBS) $(JSONC_LIBS) -lm
tests_unit_tools_test_args_SOURCES = %D%/test_args.c
tests_unit_tools_test_args_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_args_LDADD = $(TOOLS_TEST_LIBS)
# The database is played by the test; only its parameters are the real ones.
tests_unit_tools_test_call_SOURCES = %D%/test_call.c
tests_unit_tools_test_call_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_call_LDADD = src/tools/libtools.a src/db/libdb.a \
	$(TOOLS_TEST_LIBS)
tests_unit_tools_test_cursor_SOURCES = %D%/test_cursor.c
tests_unit_tools_test_cursor_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_cursor_LDADD = $(TOOLS_TEST_LIBS)
tests_unit_tools_test_definitions_SOURCES = %D%/test_definitions.c
tests_unit_tools_test_definitions_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_definitions_LDADD = $(TOOLS_TEST_LIBS)
tests_unit_tools_test_errors_SOURCES = %D%/test_errors.c
tests_unit_tools_test_errors_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_errors_LDADD = $(TOOLS_TEST_LIBS)
tests_unit_tools_test_pack_SOURCES = %D%/test_pack.c
tests_unit_tools_test_pack_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_pack_LDADD = $(TOOLS_TEST_LIBS)
tests_unit_tools_test_result_SOURCES = %D%/test_result.c
tests_unit_tools_test_result_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_result_LDADD = $(TOOLS_TEST_LIBS)
tests_unit_tools_test_schema_SOURCES = %D%/test_schema.c
tests_unit_tools_test_schema_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_schema_LDADD = $(TOOLS_TEST_LIBS)
tests_unit_tools_test_text_SOURCES = %D%/test_text.c
tests_unit_tools_test_text_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_text_LDADD = $(TOOLS_TEST_LIBS)

# Of get_patient_observations.
OBSERVATIONS_TESTS = \
	tests/unit/tools/test_moment \
	tests/unit/tools/test_window
check_PROGRAMS += $(OBSERVATIONS_TESTS)
TESTS += $(OBSERVATIONS_TESTS)
tests_unit_tools_test_moment_SOURCES = %D%/test_moment.c
tests_unit_tools_test_moment_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_moment_LDADD = $(TOOLS_TEST_LIBS)
tests_unit_tools_test_window_SOURCES = %D%/test_window.c
tests_unit_tools_test_window_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_window_LDADD = src/tools/libtools.a src/db/libdb.a \
	$(TOOLS_TEST_LIBS)
