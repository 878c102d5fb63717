OMH_TESTS = \
	tests/unit/omh/test_body \
	tests/unit/omh/test_schema \
	tests/unit/omh/test_types \
	tests/unit/omh/test_units
check_PROGRAMS += $(OMH_TESTS)
TESTS += $(OMH_TESTS)

OMH_TEST_LIBS = src/omh/libomh.a $(LIB_BASE) $(CMOCKA_LIBS) -lm
tests_unit_omh_test_body_SOURCES = %D%/test_body.c
tests_unit_omh_test_body_LDADD = $(OMH_TEST_LIBS)
tests_unit_omh_test_schema_SOURCES = %D%/test_schema.c
tests_unit_omh_test_schema_LDADD = $(OMH_TEST_LIBS)
tests_unit_omh_test_types_SOURCES = %D%/test_types.c
tests_unit_omh_test_types_LDADD = $(OMH_TEST_LIBS)
tests_unit_omh_test_units_SOURCES = %D%/test_units.c
tests_unit_omh_test_units_LDADD = $(OMH_TEST_LIBS)
