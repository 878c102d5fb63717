/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "oauth/b64url.h"

/* RFC 4648 §10, without padding. */
static const struct {
	const char	*plain, *text;
} vectors[] = {
	{ "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" },
	{ "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xfb\xff\xbf", "-_-_" },
};

static void
test_vectors(void **state)
{
	char	text[16], data[16];
	size_t	i, len;

	(void)state;
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		len = strlen(vectors[i].plain);
		assert_int_equal(B64URL_LEN(len), strlen(vectors[i].text));
		assert_int_equal(b64url_encode(vectors[i].plain, len, text,
		    sizeof(text)), 0);
		assert_string_equal(text, vectors[i].text);
		assert_int_equal(b64url_decode(text, strlen(text), data,
		    sizeof(data), &len), 0);
		assert_int_equal(len, strlen(vectors[i].plain));
		assert_memory_equal(data, vectors[i].plain, len);
	}
}

static void
test_every_length(void **state)
{
	uint8_t	data[64], back[64];
	char	text[B64URL_LEN(sizeof(data)) + 1];
	size_t	i, n, len;

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 37 + 200);
	for (n = 0; n <= sizeof(data); n++) {
		assert_int_equal(b64url_encode(data, n, text,
		    B64URL_LEN(n) + 1), 0);
		assert_true(n <= B64URL_BYTES(strlen(text)));
		assert_int_equal(b64url_decode(text, strlen(text), back, n,
		    &len), 0);
		assert_int_equal(len, n);
		assert_memory_equal(back, data, n);
	}
}

static void
test_sizes(void **state)
{
	char	text[5];
	uint8_t	data[3];
	size_t	len;

	(void)state;
	assert_int_equal(b64url_encode("foo", 3, text, 4), ERR_LIMIT);
	assert_int_equal(b64url_encode("foo", 3, text, 5), 0);
	assert_int_equal(b64url_encode("", 0, text, 0), ERR_LIMIT);
	assert_int_equal(b64url_decode("Zm9v", 4, data, 2, &len), ERR_LIMIT);
	assert_int_equal(len, 0);
}

static void
test_refused(void **state)
{
	static const char *const	bad[] = {
		"Zg==", "Zg=", "Z", "Zm9vY", "Zh", "Zm9", "Zm+/", "Zm 9",
		"Zm9v\n", " Zg", "Zg.", "Z\xc3\xa4",
	};
	char				data[16];
	size_t				i, len;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(b64url_decode(bad[i], strlen(bad[i]), data,
		    sizeof(data), &len), ERR_FORMAT);
	assert_int_equal(b64url_decode("Zg\0", 3, data, sizeof(data), &len),
	    ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
