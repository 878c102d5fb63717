/* SPDX-License-Identifier: MIT */
/* What is shown on a terminal, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "cli/terminal.h"

#define BAD	"\xef\xbf\xbd"

static const struct {
	const char	*text;
	const char	*clean;
} rows[] = {
	{ "", "" },
	{ "plain text, \"quoted\"", "plain text, \"quoted\"" },
	{ "two\nlines\tand a tab", "two\nlines\tand a tab" },
	{ "\033[31mred\033[0m", BAD "[31mred" BAD "[0m" },
	{ "\033]0;title\007", BAD "]0;title" BAD },
	{ "back\b\b\b\b", "back" BAD BAD BAD BAD },
	{ "over\rwritten", "over" BAD "written" },
	{ "\177", BAD },
	{ "\xc2\x9b" "31m", BAD "31m" },		/* C1: CSI */
	{ "\xc2\xa0", "\xc2\xa0" },			/* no-break space */
	{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
	{ "\xf0\x9f\x92\x93", "\xf0\x9f\x92\x93" },
	{ "\xe2\x80\xae" "evil", BAD "evil" },		/* right to left */
	{ "\xe2\x81\xa6" "x\xe2\x81\xa9", BAD "x" BAD },
	{ "\xe2\x80\xa8", BAD },			/* line separator */
	{ "\xff\xfe", BAD BAD },			/* no UTF-8 */
	{ "\xc3", BAD },
	{ "\xed\xa0\x80", BAD BAD BAD },		/* a surrogate */
	{ "\x9b" "31m", BAD "31m" },			/* a bare C1 byte */
};

static void
test_clean(void **state)
{
	struct buf	out;
	size_t		i;

	(void)state;
	buf_init(&out, 1024);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&out);
		terminal_clean(&out, rows[i].text, strlen(rows[i].text));
		assert_string_equal(buf_string(&out), rows[i].clean);
	}
	buf_reset(&out);
	terminal_clean(&out, "a\0b", 3);
	assert_string_equal(buf_string(&out), "a" BAD "b");
	buf_free(&out);
}

/* Whatever it is given, nothing that a terminal obeys comes out. */
static void
test_clean_anything(void **state)
{
	struct buf	out;
	char		text[4];
	unsigned int	n;
	uint32_t	cp;
	size_t		i, len;

	(void)state;
	buf_init(&out, 1024);
	for (n = 0; n < 0x1000000; n += 251) {
		text[0] = (char)n;
		text[1] = (char)(n >> 8);
		text[2] = (char)(n >> 16);
		text[3] = 'x';
		buf_reset(&out);
		terminal_clean(&out, text, sizeof(text));
		for (i = 0; i < out.len; i += len) {
			len = utf8_decode(out.data + i, out.len - i, &cp);
			assert_true(len > 0);
			assert_true(cp == '\n' || cp == '\t' || cp >= 0x20);
			assert_false(cp >= 0x7f && cp <= 0x9f);
		}
	}
	buf_free(&out);
}

/* The same text to a parser, harmless on the way. */
static void
test_clean_json(void **state)
{
	static const char	 json[] =
	    "{\"a\":\"x\xc2\x9by\xe2\x80\xaez\x7f\",\"\xc3\xbc\":[1]}";
	struct json_object	*before, *after;
	struct buf		 out;

	(void)state;
	buf_init(&out, 1024);
	terminal_clean_json(&out, json, strlen(json));
	assert_string_equal(buf_string(&out),
	    "{\"a\":\"x\\u009by\\u202ez\\u007f\",\"\xc3\xbc\":[1]}");
	before = json_tokener_parse(json);
	after = json_tokener_parse(buf_string(&out));
	assert_true(json_object_equal(before, after));
	json_object_put(before);
	json_object_put(after);
	buf_reset(&out);
	terminal_clean_json(&out, "\"\xff\"", 3);
	assert_string_equal(buf_string(&out), "\"\\ufffd\"");
	buf_free(&out);
}

/* A file is no terminal, whatever the environment says. */
static void
test_colour(void **state)
{
	FILE	*f = tmpfile();

	(void)state;
	assert_non_null(f);
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	assert_false(terminal_has_colour(f));
	assert_string_equal(terminal_style(f, TERMINAL_RED), "");
	assert_int_equal(terminal_columns(f), 0);
	terminal_print(f, "a\nb\033c");
	rewind(f);
	{
		char	line[64] = "";

		assert_non_null(fgets(line, sizeof(line), f));
		assert_string_equal(line, "a" BAD "b" BAD "c");
	}
	fclose(f);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_clean_anything),
		cmocka_unit_test(test_clean_json),
		cmocka_unit_test(test_colour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
