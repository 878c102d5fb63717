/* SPDX-License-Identifier: MIT */
/* Free text made fit to be shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "tools/text.h"

static void
check(const char *in, size_t max, const char *out)
{
	struct buf	b;

	buf_init(&b, 65536);
	text_clean(&b, in, strlen(in), max);
	assert_string_equal(buf_string(&b), out);
	assert_true(text_characters(buf_string(&b), b.len) <= max);
	buf_free(&b);
}

static void
test_plain(void **state)
{
	(void)state;
	check("", 10, "");
	check("a b", 10, "a b");
	check("\"quoted\" \\ 'x' <b> %s", 40, "\"quoted\" \\ 'x' <b> %s");
	check("\xc3\xa9t\xc3\xa9 \xe6\x82\xa3\xe8\x80\x85", 10,
	    "\xc3\xa9t\xc3\xa9 \xe6\x82\xa3\xe8\x80\x85");
}

static void
test_white_space(void **state)
{
	(void)state;
	check("  a \t\r\n b  ", 10, "a b");
	check("a\xe2\x80\xa8" "b\xc2\x85" "c\xc2\xa0" "d", 10, "a b c d");
	check(" \n ", 10, "");
}

static void
test_removed(void **state)
{
	(void)state;
	check("a\x01\x7f" "b\x1b[31m", 10, "ab[31m");
	/* override, isolate, mark, byte-order mark, zero width */
	check("\xe2\x80\xae" "a\xe2\x81\xa6" "b\xe2\x80\x8f"
	    "c\xef\xbb\xbf" "d\xe2\x80\x8b", 10, "abcd");
	/* tag characters spell nothing */
	check("a\xf3\xa0\x81\xa9\xf3\xa0\x81\xa7" "b", 10, "ab");
	/* joiners belong to scripts and stay */
	check("\xd9\x85\xe2\x80\x8c\xd8\xb1", 10,
	    "\xd9\x85\xe2\x80\x8c\xd8\xb1");
	check("\xff\xc0" "a", 10, "a");
}

static void
test_cut(void **state)
{
	(void)state;
	check("12345", 5, "12345");
	check("123456", 5, "1234\xe2\x80\xa6");
	check("1234 6", 5, "1234\xe2\x80\xa6");
	check("123 5 7", 5, "123\xe2\x80\xa6");
	check("12345   ", 5, "12345");
	check("ab", 1, "\xe2\x80\xa6");
	check("\xf0\x9f\xa7\xaa\xf0\x9f\xa7\xaa\xf0\x9f\xa7\xaa", 2,
	    "\xf0\x9f\xa7\xaa\xe2\x80\xa6");
}

static void
test_appends(void **state)
{
	struct buf	b;

	(void)state;
	buf_init(&b, 100);
	buf_adds(&b, "x: ");
	text_clean(&b, NULL, 0, 10);
	text_clean(&b, "abcdef", 6, 3);
	assert_string_equal(buf_string(&b), "x: ab\xe2\x80\xa6");
	buf_free(&b);
}

/* Any bytes at all become valid UTF-8 without control characters. */
static void
test_any_bytes(void **state)
{
	unsigned char	bytes[64];
	unsigned int	seed = 1, round;
	struct buf	b;
	size_t		i;

	(void)state;
	buf_init(&b, 65536);
	for (round = 0; round < 20000; round++) {
		for (i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1103515245 + 12345;
			bytes[i] = (unsigned char)(seed >> 16);
		}
		buf_reset(&b);
		text_clean(&b, (char *)bytes, sizeof(bytes), 20);
		assert_true(utf8_valid(buf_string(&b), b.len));
		assert_true(text_characters(buf_string(&b), b.len) <= 20);
		for (i = 0; i < b.len; i++)
			assert_true((unsigned char)b.data[i] >= 0x20);
	}
	buf_free(&b);
}

static void
test_few_words(void **state)
{
	static const char *const	plain[] = { "", "May", "May Nguyen",
	    "O'Brien-Smith", "van der Berg", "https://example.com/mrn|7",
	    "\xe6\x82\xa3\xe8\x80\x85", ("Z\xc3\xb6" "e") };
	static const char *const	odd[] = { "one two three four",
	    "May\nNguyen", " May", "May  Nguyen", "<b>", "a;b", "\"May\"",
	    ("\xe2\x80\xae" "May"), "\xff", "{x}", "May\x01", "*May*" };
	char				 one[200];
	size_t				 i;

	(void)state;
	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		assert_true(text_is_plain(plain[i], strlen(plain[i]), 3));
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		assert_false(text_is_plain(odd[i], strlen(odd[i]), 3));
	assert_true(text_is_plain("one two three four", 18, 4));
	assert_false(text_is_plain("a\0b", 3, 3));
	memset(one, 'x', sizeof(one));
	assert_true(text_is_plain(one, 60, 3));
	assert_false(text_is_plain(one, 61, 3));
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_white_space),
		cmocka_unit_test(test_removed),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_appends),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_few_words)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
