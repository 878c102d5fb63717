TOOLS_TESTS = \
	tests/unit/tools/test_args \
	tests/unit/tools/test_call \
	tests/unit/tools/test_cursor \
	tests/unit/tools/test_definitions \
	tests/unit/tools/test_errors \
	tests/unit/tools/test_holdings \
	tests/unit/tools/test_pack \
	tests/unit/tools/test_policy \
	tests/unit/tools/test_result \
	tests/unit/tools/test_schema \
	tests/unit/tools/test_statistics \
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
# Of the database only arrays and parameters are the real ones.
tests_unit_tools_test_holdings_SOURCES = %D%/test_holdings.c
tests_unit_tools_test_holdings_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_holdings_LDADD = src/tools/libtools.a \
	src/db/libdb.a $(TOOLS_TEST_LIBS)
tests_unit_tools_test_pack_SOURCES = %D%/test_pack.c
tests_unit_tools_test_pack_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_pack_LDADD = $(TOOLS_TEST_LIBS)
tests_unit_tools_test_policy_SOURCES = %D%/test_policy.c
tests_unit_tools_test_policy_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_policy_LDADD = $(TOOLS_TEST_LIBS)
tests_unit_tools_test_result_SOURCES = %D%/test_result.c
tests_unit_tools_test_result_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_result_LDADD = $(TOOLS_TEST_LIBS)
tests_unit_tools_test_schema_SOURCES = %D%/test_schema.c
tests_unit_tools_test_schema_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_schema_LDADD = $(TOOLS_TEST_LIBS)
tests_unit_tools_test_statistics_SOURCES = %D%/test_statistics.c
tests_unit_tools_test_statistics_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_statistics_LDADD = src/tools/libtools.a \
	src/db/libdb.a $(TOOLS_TEST_LIBS)
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

# Instructions, prompts, resources, completion.
GUIDE_TESTS = \
	tests/unit/tools/test_complete \
	tests/unit/tools/test_guide \
	tests/unit/tools/test_resources
check_PROGRAMS += $(GUIDE_TESTS)
TESTS += $(GUIDE_TESTS)
tests_unit_tools_test_complete_SOURCES = %D%/test_complete.c
tests_unit_tools_test_complete_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_complete_LDADD = src/tools/libtools.a src/db/libdb.a \
	$(TOOLS_TEST_LIBS)
tests_unit_tools_test_guide_SOURCES = %D%/test_guide.c
tests_unit_tools_test_guide_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_guide_LDADD = $(TOOLS_TEST_LIBS)
tests_unit_tools_test_resources_SOURCES = %D%/test_resources.c
tests_unit_tools_test_resources_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_resources_LDADD = src/tools/libtools.a \
	src/db/libdb.a $(TOOLS_TEST_LIBS)

# Of clinical records and surveys.
RECORDS_TESTS = tests/unit/tools/test_fhir
check_PROGRAMS += $(RECORDS_TESTS)
TESTS += $(RECORDS_TESTS)
tests_unit_tools_test_fhir_SOURCES = %D%/test_fhir.c
tests_unit_tools_test_fhir_CPPFLAGS = $(TOOLS_TEST_CPPFLAGS)
tests_unit_tools_test_fhir_LDADD = src/tools/libtools.a src/db/libdb.a \
	$(TOOLS_TEST_LIBS) $(LIBPQ_LIBS)
