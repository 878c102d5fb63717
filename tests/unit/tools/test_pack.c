/* SPDX-License-Identifier: MIT */
/* The short binary forms of arguments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "tools/args_value.h"
#include "tools/pack.h"

static struct buf	b;

static void
start(void)
{
	buf_init(&b, 65536);
}

static struct pack_reader
reader(void)
{
	struct pack_reader	r;

	r.at = (const unsigned char *)buf_string(&b);
	r.end = r.at + b.len;
	return r;
}

static void
test_numbers(void **state)
{
	static const int64_t	values[] = { 0, 1, -1, 63, 64, -64, -65, 1000,
				    INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN,
				    1787000000000000 };
	struct pack_reader	r;
	int64_t			v;
	size_t			i;

	(void)state;
	start();
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		buf_reset(&b);
		pack_signed(&b, values[i]);
		r = reader();
		assert_int_equal(unpack_signed(&r, &v), 0);
		assert_true(v == values[i] && r.at == r.end);
		/* and not when a byte is missing */
		r = reader();
		r.end--;
		assert_int_equal(unpack_signed(&r, &v), ERR_FORMAT);
	}
	buf_reset(&b);
	for (i = 0; i < 11; i++)
		buf_addc(&b, (char)0xff);
	r = reader();
	assert_int_equal(unpack_signed(&r, &v), ERR_FORMAT);
	buf_free(&b);
}

/* Text through the packer; the bytes it takes. */
static size_t
round_trip(const char *text)
{
	struct schema_property	 p = { .type = SCHEMA_STRING };
	struct args_value	 v = { .present = true }, w = { 0 };
	struct pack_reader	 r;
	size_t			 len;

	start();
	v.string = strdup(text);
	pack_value(&b, &p, &v);
	r = reader();
	assert_int_equal(unpack_value(&r, &p, &w), 0);
	assert_true(r.at == r.end);
	assert_string_equal(w.string, text);
	assert_true(args_value_equal(&p, &v, &w));
	args_value_clear(&v);
	args_value_clear(&w);
	len = b.len;
	buf_free(&b);
	return len;
}

static void
test_texts(void **state)
{
	(void)state;
	assert_int_equal(round_trip(""), 1);
	assert_int_equal(round_trip("blood-glucose"), 1);
	assert_int_equal(round_trip("America/Los_Angeles"), 2);
	assert_int_equal(round_trip("2026-08-21"), 3);
	assert_int_equal(round_trip("1900-01-01"), 3);
	assert_int_equal(round_trip("2026-08-21T14:20:05Z"), 5);
	assert_int_equal(round_trip("14d"), 4);
	assert_int_equal(round_trip("abcdefgh"), 7);
	/* what only looks like those is kept letter for letter */
	round_trip("2026-02-30");
	round_trip("2026-8-21");
	round_trip("2026-08-21T14:20Z");
	round_trip("2026-08-21T14:20:05+02:00");
	round_trip("2026-08-21T24:00:00Z");
	round_trip("1899-12-31");
	round_trip("9999-12-31");
	round_trip("sleep,blood-glucose");
	round_trip("\xe6\x82\xa3\xe8\x80\x85 100%");
	round_trip("a");
	round_trip("ab");
	round_trip("abc");
	round_trip("abcd");
}

static void
test_values(void **state)
{
	struct schema_property	 number = { .type = SCHEMA_NUMBER };
	struct schema_property	 list = { .type = SCHEMA_LIST,
				    .item = SCHEMA_INTEGER };
	struct args_value	 v = { .present = true }, w = { 0 };
	static const double	 values[] = { 0, 240, -7, 7.8, 1e300, 1e9 };
	int64_t			 items[] = { 5, 3, INT64_MAX };
	struct pack_reader	 r;
	size_t			 i;

	(void)state;
	start();
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		buf_reset(&b);
		v.number = values[i];
		pack_value(&b, &number, &v);
		r = reader();
		assert_int_equal(unpack_value(&r, &number, &w), 0);
		assert_true(w.number == values[i]);
	}
	buf_reset(&b);
	v.items = items;
	v.nitems = 3;
	pack_value(&b, &list, &v);
	r = reader();
	memset(&w, 0, sizeof(w));
	assert_int_equal(unpack_value(&r, &list, &w), 0);
	assert_true(args_value_equal(&list, &v, &w));
	assert_int_equal(pack_hash(&list, &v), pack_hash(&list, &w));
	args_value_clear(&w);
	buf_free(&b);
}

/* Whatever the bytes, unpacking ends and stays within them. */
static void
test_any_bytes(void **state)
{
	struct schema_property	 p[4] = {
		{ .type = SCHEMA_STRING },
		{ .type = SCHEMA_NUMBER },
		{ .type = SCHEMA_LIST, .item = SCHEMA_INTEGER },
		{ .type = SCHEMA_LIST, .item = SCHEMA_STRING, .nchoices = 2 }
	};
	unsigned char		*bytes;
	unsigned int		 seed = 7, round;
	struct args_value	 v;
	struct pack_reader	 r;
	size_t			 i, len;

	(void)state;
	for (round = 0; round < 40000; round++) {
		seed = seed * 1103515245 + 12345;
		len = seed >> 16 & 15;
		/* exactly so many, for the sanitizer to watch */
		bytes = malloc(len > 0 ? len : 1);
		for (i = 0; i < len; i++) {
			seed = seed * 1103515245 + 12345;
			bytes[i] = (unsigned char)(seed >> 16);
		}
		memset(&v, 0, sizeof(v));
		r.at = bytes;
		r.end = bytes + len;
		(void)unpack_value(&r, &p[round % 4], &v);
		assert_true(r.at <= r.end);
		args_value_clear(&v);
		free(bytes);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_any_bytes)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
