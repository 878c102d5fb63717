# SPDX-License-Identifier: MIT
noinst_LIBRARIES += src/oauth/liboauth.a
src_oauth_liboauth_a_SOURCES = \
	%D%/authorize.c %D%/authorize.h \
	%D%/b64url.c %D%/b64url.h \
	%D%/digest.c %D%/digest.h \
	%D%/discovery_json.c %D%/discovery_json.h \
	%D%/error_code.c %D%/error_code.h \
	%D%/id_token.c %D%/id_token.h \
	%D%/json_check.c %D%/json_check.h \
	%D%/jwt.c %D%/jwt.h \
	%D%/jwt_json.c %D%/jwt_json.h \
	%D%/openssl.h \
	%D%/pkce.c %D%/pkce.h \
	%D%/redirect.c %D%/redirect.h \
	%D%/seal.c %D%/seal.h \
	%D%/secret.c %D%/secret.h \
	%D%/url.c %D%/url.h
src_oauth_liboauth_a_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS) \
	$(JSONC_CFLAGS)
