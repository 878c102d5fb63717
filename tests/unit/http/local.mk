HTTP_TESTS = \
	tests/unit/http/test_query \
	tests/unit/http/test_request \
	tests/unit/http/test_response
check_PROGRAMS += $(HTTP_TESTS)
TESTS += $(HTTP_TESTS)

HTTP_TEST_LIBS = src/http/libhttp.a $(LIB_BASE) $(CMOCKA_LIBS)
tests_unit_http_test_query_SOURCES = %D%/test_query.c
tests_unit_http_test_query_LDADD = $(HTTP_TEST_LIBS)
tests_unit_http_test_request_SOURCES = %D%/test_request.c
tests_unit_http_test_request_LDADD = $(HTTP_TEST_LIBS)
tests_unit_http_test_response_SOURCES = %D%/test_response.c
tests_unit_http_test_response_LDADD = $(HTTP_TEST_LIBS)
