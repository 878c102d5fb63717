OAUTH_TESTS = \
	tests/unit/oauth/test_b64url \
	tests/unit/oauth/test_id_token \
	tests/unit/oauth/test_jwt \
	tests/unit/oauth/test_jwt_json \
	tests/unit/oauth/test_seal \
	tests/unit/oauth/test_secret \
	tests/unit/oauth/test_url
check_PROGRAMS += $(OAUTH_TESTS)
TESTS += $(OAUTH_TESTS)

OAUTH_SIGNER = %D%/signer.c %D%/signer.h
OAUTH_TEST_LIBS = src/oauth/liboauth.a $(LIB_BASE) $(CRYPTO_LIBS) \
	$(JSONC_LIBS) $(CMOCKA_LIBS)
tests_unit_oauth_test_b64url_SOURCES = %D%/test_b64url.c
tests_unit_oauth_test_b64url_LDADD = $(OAUTH_TEST_LIBS)
tests_unit_oauth_test_id_token_SOURCES = %D%/test_id_token.c $(OAUTH_SIGNER)
tests_unit_oauth_test_id_token_LDADD = $(OAUTH_TEST_LIBS)
tests_unit_oauth_test_jwt_SOURCES = %D%/test_jwt.c $(OAUTH_SIGNER)
tests_unit_oauth_test_jwt_LDADD = $(OAUTH_TEST_LIBS)
tests_unit_oauth_test_jwt_json_SOURCES = %D%/test_jwt_json.c $(OAUTH_SIGNER)
tests_unit_oauth_test_jwt_json_LDADD = $(OAUTH_TEST_LIBS)
tests_unit_oauth_test_seal_SOURCES = %D%/test_seal.c
tests_unit_oauth_test_seal_LDADD = $(OAUTH_TEST_LIBS)
tests_unit_oauth_test_secret_SOURCES = %D%/test_secret.c
tests_unit_oauth_test_secret_LDADD = $(OAUTH_TEST_LIBS)
tests_unit_oauth_test_url_SOURCES = %D%/test_url.c
tests_unit_oauth_test_url_LDADD = $(OAUTH_TEST_LIBS)
