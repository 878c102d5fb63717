/* SPDX-License-Identifier: MIT */
/* Random secrets, digests and PKCE. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "oauth/digest.h"
#include "oauth/pkce.h"
#include "oauth/secret.h"

static void
test_secrets_differ(void **state)
{
	char	a[SECRET_SIZE], b[SECRET_SIZE];

	(void)state;
	assert_int_equal(secret_make(a), 0);
	assert_int_equal(secret_make(b), 0);
	assert_int_equal(strlen(a), SECRET_SIZE - 1);
	assert_string_not_equal(a, b);
	assert_true(secret_equal(a, a));
	assert_false(secret_equal(a, b));
}

static void
test_equal(void **state)
{
	(void)state;
	assert_true(secret_equal("abc", "abc"));
	assert_false(secret_equal("abc", "abd"));
	assert_false(secret_equal("abc", "ab"));
	assert_false(secret_equal("ab", "abc"));
	assert_false(secret_equal("", "a"));
	assert_false(secret_equal("", ""));
}

/* FIPS 180-4, "abc"; RFC 4231 §4.3. */
static void
test_digests(void **state)
{
	static const uint8_t	abc[DIGEST_BYTES] = {
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
		0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
		0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
		0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
	};
	static const uint8_t	jefe[DIGEST_BYTES] = {
		0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e,
		0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7,
		0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83,
		0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43,
	};
	static const char	data[] = "what do ya want for nothing?";
	uint8_t			digest[DIGEST_BYTES];

	(void)state;
	assert_int_equal(digest_sha256("abc", 3, digest), 0);
	assert_true(digest_equal(digest, abc));
	assert_int_equal(digest_hmac_sha256("Jefe", 4, data, strlen(data),
	    digest), 0);
	assert_true(digest_equal(digest, jefe));
	assert_false(digest_equal(digest, abc));
	assert_int_equal(digest_hmac_sha256("", 0, data, 1, digest),
	    ERR_LIMIT);
}

/* RFC 7636, appendix B. */
static void
test_pkce_vector(void **state)
{
	char	challenge[PKCE_CHALLENGE_SIZE];

	(void)state;
	assert_int_equal(pkce_challenge(
	    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", challenge), 0);
	assert_string_equal(challenge,
	    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

static void
test_pkce_own(void **state)
{
	char	verifier[PKCE_VERIFIER_SIZE], challenge[PKCE_CHALLENGE_SIZE];

	(void)state;
	assert_int_equal(pkce_make_verifier(verifier), 0);
	assert_int_equal(strlen(verifier), 43);
	assert_int_equal(pkce_challenge(verifier, challenge), 0);
	assert_int_equal(strlen(challenge), 43);
	assert_string_not_equal(verifier, challenge);
}

static void
test_pkce_refused(void **state)
{
	char	verifier[160], challenge[PKCE_CHALLENGE_SIZE];

	(void)state;
	memset(verifier, 'a', sizeof(verifier));
	verifier[42] = '\0';
	assert_int_equal(pkce_challenge(verifier, challenge), ERR_FORMAT);
	assert_string_equal(challenge, "");
	memset(verifier, 'a', sizeof(verifier));
	verifier[128] = '\0';
	assert_int_equal(pkce_challenge(verifier, challenge), 0);
	verifier[128] = 'a';
	verifier[129] = '\0';
	assert_int_equal(pkce_challenge(verifier, challenge), ERR_FORMAT);
	verifier[50] = '\0';
	verifier[10] = '+';
	assert_int_equal(pkce_challenge(verifier, challenge), ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_secrets_differ),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_digests),
		cmocka_unit_test(test_pkce_vector),
		cmocka_unit_test(test_pkce_own),
		cmocka_unit_test(test_pkce_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
