# Any tool against any database, for people and for these tests.
check_PROGRAMS += tests/tools/call
tests_tools_call_CPPFLAGS = $(AM_CPPFLAGS) $(JSONC_CFLAGS)
tests_tools_call_SOURCES = %D%/call.c
tests_tools_call_LDADD = src/tools/libtools.a src/omh/libomh.a \
	src/mcp/libmcp.a src/db/libdb.a src/oauth/liboauth.a $(LIB_BASE) \
	$(LIBPQ_LIBS) $(JSONC_LIBS) $(CRYPTO_LIBS) -lm

database_tests += %D%/check.sh
EXTRA_DIST += %D%/check.sh %D%/conftest.py %D%/test_arguments.py \
	%D%/test_studies.py %D%/test_patients.py
