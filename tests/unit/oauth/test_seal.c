/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "oauth/seal.h"

static const uint8_t	key[SEAL_KEY_BYTES] =
    "0123456789abcdef0123456789abcde";
static const uint8_t	other[SEAL_KEY_BYTES] =
    "0123456789abcdef0123456789abcdE";

static void
seal(const char *ad, const char *plain, struct buf *out)
{
	buf_init(out, SEAL_TEXT_LEN(SEAL_PLAIN_MAX));
	assert_int_equal(seal_make(key, ad, strlen(ad), plain, strlen(plain),
	    out), 0);
	assert_int_equal(out->len, SEAL_TEXT_LEN(strlen(plain)));
}

static int
open_text(const uint8_t *k, const char *ad, const char *text, size_t len,
    struct buf *out)
{
	buf_init(out, SEAL_PLAIN_MAX);
	return seal_open(k, ad, strlen(ad), text, len, out);
}

static void
test_round_trip(void **state)
{
	static const char *const	plains[] = { "", "a", "hello there",
					    "{\"after\":[1,2]}" };
	struct buf			sealed, again, plain;
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(plains) / sizeof(plains[0]); i++) {
		seal("list_studies", plains[i], &sealed);
		seal("list_studies", plains[i], &again);
		assert_string_not_equal(buf_string(&sealed),
		    buf_string(&again));
		assert_int_equal(open_text(key, "list_studies",
		    sealed.data, sealed.len, &plain), 0);
		assert_string_equal(buf_string(&plain), plains[i]);
		buf_free(&plain);
		buf_free(&sealed);
		buf_free(&again);
	}
}

static void
test_refused(void **state)
{
	struct buf	sealed, plain;
	char		before;
	size_t		i;

	(void)state;
	seal("ad", "some text", &sealed);
	assert_int_equal(open_text(other, "ad", sealed.data, sealed.len,
	    &plain), ERR_DENIED);
	assert_int_equal(open_text(key, "AD", sealed.data, sealed.len,
	    &plain), ERR_DENIED);
	assert_int_equal(open_text(key, "", sealed.data, sealed.len, &plain),
	    ERR_DENIED);
	/* No character may change, none may be missing. */
	for (i = 0; i < sealed.len; i++) {
		before = sealed.data[i];
		sealed.data[i] = before == 'A' ? 'B' : 'A';
		assert_int_not_equal(open_text(key, "ad", sealed.data,
		    sealed.len, &plain), 0);
		assert_int_equal(plain.len, 0);
		sealed.data[i] = before;
		assert_int_not_equal(open_text(key, "ad", sealed.data, i,
		    &plain), 0);
	}
	assert_int_equal(open_text(key, "ad", "", 0, &plain), ERR_FORMAT);
	assert_int_equal(open_text(key, "ad", "not a sealed text at all, "
	    "but long enough", 41, &plain), ERR_FORMAT);
	buf_free(&sealed);
}

/* Test case 16 of the GCM specification, as nonce, ciphertext, tag. */
static void
test_vector(void **state)
{
	static const uint8_t	k[SEAL_KEY_BYTES] = {
		0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c,
		0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08,
		0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c,
		0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08,
	};
	static const uint8_t	ad[] = {
		0xfe, 0xed, 0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef,
		0xfe, 0xed, 0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef,
		0xab, 0xad, 0xda, 0xd2,
	};
	static const uint8_t	box[] = {
		0xca, 0xfe, 0xba, 0xbe, 0xfa, 0xce, 0xdb, 0xad,
		0xde, 0xca, 0xf8, 0x88,
		0x52, 0x2d, 0xc1, 0xf0, 0x99, 0x56, 0x7d, 0x07,
		0xf4, 0x7f, 0x37, 0xa3, 0x2a, 0x84, 0x42, 0x7d,
		0x64, 0x3a, 0x8c, 0xdc, 0xbf, 0xe5, 0xc0, 0xc9,
		0x75, 0x98, 0xa2, 0xbd, 0x25, 0x55, 0xd1, 0xaa,
		0x8c, 0xb0, 0x8e, 0x48, 0x59, 0x0d, 0xbb, 0x3d,
		0xa7, 0xb0, 0x8b, 0x10, 0x56, 0x82, 0x88, 0x38,
		0xc5, 0xf6, 0x1e, 0x63, 0x93, 0xba, 0x7a, 0x0a,
		0xbc, 0xc9, 0xf6, 0x62,
		0x76, 0xfc, 0x6e, 0xce, 0x0f, 0x4e, 0x17, 0x68,
		0xcd, 0xdf, 0x88, 0x53, 0xbb, 0x2d, 0x55, 0x1b,
	};
	static const uint8_t	begin[] = { 0xd9, 0x31, 0x32, 0x25 };
	char			text[B64URL_LEN(sizeof(box)) + 1];
	struct buf		plain;

	(void)state;
	assert_int_equal(b64url_encode(box, sizeof(box), text, sizeof(text)),
	    0);
	buf_init(&plain, 1024);
	assert_int_equal(seal_open(k, ad, sizeof(ad), text, strlen(text),
	    &plain), 0);
	assert_int_equal(plain.len, 60);
	assert_memory_equal(plain.data, begin, sizeof(begin));
	buf_free(&plain);
}

static void
test_limits(void **state)
{
	char		*large = calloc(1, SEAL_PLAIN_MAX + 1);
	struct buf	 out;

	(void)state;
	assert_non_null(large);
	buf_init(&out, SEAL_TEXT_LEN(SEAL_PLAIN_MAX));
	assert_int_equal(seal_make(key, NULL, 0, large, SEAL_PLAIN_MAX + 1,
	    &out), ERR_LIMIT);
	assert_int_equal(seal_make(key, NULL, 0, large, SEAL_PLAIN_MAX, &out),
	    0);
	assert_int_equal(out.len, SEAL_TEXT_LEN(SEAL_PLAIN_MAX));
	buf_free(&out);
	buf_init(&out, 10);
	assert_int_equal(seal_make(key, NULL, 0, "x", 1, &out), ERR_LIMIT);
	buf_free(&out);
	free(large);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_vector),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
