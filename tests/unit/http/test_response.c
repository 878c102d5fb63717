/* SPDX-License-Identifier: MIT */
/* Responses: their bytes and the headers that none may lack. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "http/response.h"

static struct buf	out;

static int
setup(void **state)
{
	(void)state;
	buf_init(&out, 8192);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buf_free(&out);
	return 0;
}

static void
has(const char *line)
{
	assert_non_null(strstr(buf_string(&out), line));
}

static void
test_plain(void **state)
{
	struct http_response	r = {
		.status = 404,
		.content_type = "text/plain",
		.body = "nothing\n"
	};

	(void)state;
	http_response_write(&out, &r);
	assert_int_equal(buf_error(&out), 0);
	assert_int_equal(strncmp(out.data, "HTTP/1.1 404 Not Found\r\n", 24),
	    0);
	has("\r\nContent-Type: text/plain\r\n");
	has("\r\nContent-Length: 8\r\n");
	has("\r\nCache-Control: no-store\r\n");
	has("\r\nContent-Security-Policy: default-src 'none'; base-uri 'none'; "
	    "form-action 'none'; frame-ancestors 'none'\r\n");
	has("\r\nX-Content-Type-Options: nosniff\r\n");
	has("\r\nReferrer-Policy: no-referrer\r\n");
	has("\r\nX-Frame-Options: DENY\r\n");
	has("\r\nConnection: close\r\n");
	assert_null(strstr(out.data, "Allow:"));
	assert_string_equal(strstr(out.data, "\r\n\r\n"),
	    "\r\n\r\nnothing\n");
}

static void
test_options(void **state)
{
	struct http_response	r = {
		.status = 405,
		.content_type = "text/plain",
		.body = "no\n",
		.allow = "GET",
		.style_hash = "'sha256-x'",
		.head_only = true
	};

	(void)state;
	http_response_write(&out, &r);
	has("\r\nAllow: GET\r\n");
	has("; style-src 'sha256-x'\r\n");
	has("\r\nContent-Length: 3\r\n");
	assert_string_equal(strstr(out.data, "\r\n\r\n"), "\r\n\r\n");
}

static void
test_date(void **state)
{
	struct http_response	 r = {
		.status = 200, .content_type = "text/plain", .body = ""
	};
	const char		*date;
	struct tm		 tm;
	int			 weekday;

	(void)state;
	http_response_write(&out, &r);
	date = strstr(out.data, "\r\nDate: ");
	assert_non_null(date);
	memset(&tm, 0, sizeof(tm));
	date = strptime(date + 8, "%a, %d %b %Y %T GMT", &tm);
	assert_non_null(date);
	assert_int_equal(strncmp(date, "\r\n", 2), 0);
	weekday = tm.tm_wday;
	assert_true(timegm(&tm) - time(NULL) < 2);
	assert_int_equal(tm.tm_wday, weekday);
	assert_true(time(NULL) - timegm(&tm) < 60);
}

static void
test_status_text(void **state)
{
	(void)state;
	assert_string_equal(http_status_text(421), "Misdirected Request");
	assert_string_equal(http_status_text(299), "Status");
}

static void
test_too_small(void **state)
{
	struct http_response	r = {
		.status = 200, .content_type = "text/plain", .body = "abc"
	};
	struct buf		small;

	(void)state;
	buf_init(&small, 100);
	http_response_write(&small, &r);
	assert_int_equal(buf_error(&small), ERR_LIMIT);
	buf_free(&small);
}

#define TEST(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		TEST(test_plain),
		TEST(test_options),
		TEST(test_date),
		TEST(test_status_text),
		TEST(test_too_small)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
