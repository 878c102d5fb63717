# Any tool against any database, for people and for these tests.
check_PROGRAMS += tests/tools/call
tests_tools_call_CPPFLAGS = $(AM_CPPFLAGS) $(JSONC_CFLAGS)
tests_tools_call_SOURCES = %D%/call.c
tests_tools_call_LDADD = src/tools/libtools.a src/omh/libomh.a \
	src/mcp/libmcp.a src/db/libdb.a src/oauth/liboauth.a $(LIB_BASE) \
	$(JSONC_LIBS) $(CRYPTO_LIBS) -lm

database_tests += %D%/check.sh
EXTRA_DIST += \
	%D%/check.sh \
	%D%/conftest.py \
	%D%/raw.py \
	%D%/reckon.py \
	%D%/test_arguments.py \
	%D%/test_consents.py \
	%D%/test_counts.py \
	%D%/test_coverage.py \
	%D%/test_known_faults.py \
	%D%/test_patients.py \
	%D%/test_policy.py \
	%D%/test_questions.py \
	%D%/test_records.py \
	%D%/test_roster.py \
	%D%/test_roster_privacy.py \
	%D%/test_search.py \
	%D%/test_statistics.py \
	%D%/test_statistics_cases.py \
	%D%/test_statistics_privacy.py \
	%D%/test_studies.py \
	%D%/test_summary.py \
	%D%/test_surveys.py \
	%D%/test_vocabulary.py \
	%D%/test_whoami.py \
	%D%/test_withheld.py
