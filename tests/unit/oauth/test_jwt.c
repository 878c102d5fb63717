/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "oauth/b64url.h"
#include "oauth/jwt.h"
#include "signer.h"

/* RFC 7515, appendix A.2. */
static const char	rfc_token[] =
    "eyJhbGciOiJSUzI1NiJ9"
    "."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    "."
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7"
    "AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4"
    "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K"
    "0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv"
    "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB"
    "p0igcN_IoypGlUPQGe77Rw";
static const char	rfc_modulus[] =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp"
    "-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOW"
    "vG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUs"
    "LA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9k"
    "G4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2"
    "PAcDTW9gb54h4FRWyuXpoQ";

static void
rfc_key(struct jwt_key *key)
{
	memset(key, 0, sizeof(*key));
	assert_int_equal(b64url_decode(rfc_modulus, strlen(rfc_modulus),
	    key->modulus, sizeof(key->modulus), &key->modulus_len), 0);
	assert_int_equal(b64url_decode("AQAB", 4, key->exponent,
	    sizeof(key->exponent), &key->exponent_len), 0);
}

static int
verify(const char *token, const struct jwt_key *key)
{
	struct jwt_parts	p;

	assert_int_equal(jwt_split(token, strlen(token), &p), 0);
	return jwt_verify_rs256(&p, key);
}

static void
test_rfc_vector(void **state)
{
	struct jwt_key	key;
	char		token[sizeof(rfc_token)];

	(void)state;
	rfc_key(&key);
	assert_int_equal(verify(rfc_token, &key), 0);
	memcpy(token, rfc_token, sizeof(token));
	token[30] ^= 1;
	assert_int_equal(verify(token, &key), ERR_DENIED);
	key.exponent[2] ^= 2;
	assert_int_equal(verify(rfc_token, &key), ERR_DENIED);
}

static void
test_split(void **state)
{
	static const char *const	bad[] = {
		"", ".", "..", "...", "a", "a.b", "a.b.", "a..c", ".b.c",
		"a.b.c.d", "a.b.c.",
	};
	struct jwt_parts		p;
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(jwt_split(bad[i], strlen(bad[i]), &p),
		    ERR_FORMAT);
	assert_int_equal(jwt_split("ab.cde.f", 8, &p), 0);
	assert_int_equal(p.header_len, 2);
	assert_int_equal(p.payload_len, 3);
	assert_int_equal(p.signature_len, 1);
	assert_int_equal(p.signed_len, 6);
	assert_int_equal(*p.payload, 'c');
	assert_int_equal(*p.signature, 'f');
}

static void
test_decode_part(void **state)
{
	struct buf	b;

	(void)state;
	buf_init(&b, 64);
	assert_int_equal(jwt_decode_part("Zm9v", 4, &b), 0);
	assert_string_equal(buf_string(&b), "foo");
	assert_int_equal(jwt_decode_part("Zm9v=", 5, &b), ERR_FORMAT);
	assert_string_equal(buf_string(&b), "foo");
	buf_free(&b);
	buf_init(&b, 2);
	assert_int_equal(jwt_decode_part("Zm9v", 4, &b), ERR_LIMIT);
	buf_free(&b);
}

static void
test_find_key(void **state)
{
	static struct jwt_keys	keys;

	(void)state;
	assert_null(jwt_find_key(&keys, ""));
	keys.nkeys = 1;
	strcpy(keys.key[0].kid, "a");
	assert_ptr_equal(jwt_find_key(&keys, ""), &keys.key[0]);
	assert_ptr_equal(jwt_find_key(&keys, "a"), &keys.key[0]);
	assert_null(jwt_find_key(&keys, "b"));
	keys.nkeys = 3;
	strcpy(keys.key[1].kid, "b");
	strcpy(keys.key[2].kid, "b");
	assert_null(jwt_find_key(&keys, ""));
	assert_ptr_equal(jwt_find_key(&keys, "a"), &keys.key[0]);
	assert_null(jwt_find_key(&keys, "b"));
}

static void
test_weak_keys(void **state)
{
	struct jwt_key	key;

	(void)state;
	rfc_key(&key);
	key.modulus_len--;
	assert_int_equal(verify(rfc_token, &key), ERR_RANGE);
	rfc_key(&key);
	key.modulus[0] = 0x7f;
	assert_int_equal(verify(rfc_token, &key), ERR_RANGE);
	rfc_key(&key);
	key.modulus[0] = 0;
	assert_int_equal(verify(rfc_token, &key), ERR_RANGE);
	rfc_key(&key);
	key.modulus[key.modulus_len - 1] &= 0xfe;
	assert_int_equal(verify(rfc_token, &key), ERR_RANGE);
	rfc_key(&key);
	key.exponent_len = 0;
	assert_int_equal(verify(rfc_token, &key), ERR_RANGE);
	key.exponent_len = 1;
	assert_int_equal(verify(rfc_token, &key), ERR_RANGE);
	rfc_key(&key);
	key.exponent[2] = 2;
	assert_int_equal(verify(rfc_token, &key), ERR_RANGE);
	rfc_key(&key);
	key.modulus_len = sizeof(key.modulus) + 1;
	assert_int_equal(verify(rfc_token, &key), ERR_RANGE);
}

static void
test_signature_length(void **state)
{
	struct jwt_key	key;
	char		token[4096];

	(void)state;
	rfc_key(&key);
	strcpy(token, rfc_token);
	strcat(token, "AAAA");
	assert_int_equal(verify(token, &key), ERR_DENIED);
	token[strlen(rfc_token) - 2] = '\0';
	assert_int_equal(verify(token, &key), ERR_DENIED);
	strcpy(token, rfc_token);
	strcat(token, "=");
	assert_int_equal(verify(token, &key), ERR_FORMAT);
	memset(token, 'A', sizeof(token) - 1);
	token[sizeof(token) - 1] = '\0';
	token[1] = token[3] = '.';
	assert_int_equal(verify(token, &key), ERR_DENIED);
}

static void
test_larger_key(void **state)
{
	struct signer	*s = signer_new(3072), *t = signer_new(2048);
	struct jwt_key	 key;
	struct buf	 b;

	(void)state;
	buf_init(&b, 65536);
	signer_make_token(s, "{}", "{}", &b);
	signer_key(s, "", &key);
	assert_int_equal(verify(buf_string(&b), &key), 0);
	signer_key(t, "", &key);
	assert_int_equal(verify(buf_string(&b), &key), ERR_DENIED);
	buf_free(&b);
	signer_free(s);
	signer_free(t);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_rfc_vector),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_decode_part),
		cmocka_unit_test(test_find_key),
		cmocka_unit_test(test_weak_keys),
		cmocka_unit_test(test_signature_length),
		cmocka_unit_test(test_larger_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
