/* SPDX-License-Identifier: MIT */
/* Request heads: what is taken, what is refused, and with which status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "http/request.h"

#define HOST	"Host: localhost\r\n"

static struct http_request	request;
static struct buf		bytes;

static int
setup(void **state)
{
	(void)state;
	buf_init(&bytes, 4 * HTTP_HEAD_MAX);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buf_free(&bytes);
	return 0;
}

static int
parse(const char *data, size_t len)
{
	http_request_init(&request);
	return http_request_parse(&request, data, len);
}

/* The same answer, whether the bytes come at once or one by one. */
static void
expect_bytes(const char *data, size_t len, int status)
{
	int	whole, step;
	size_t	i;

	whole = parse(data, len);
	assert_int_equal(request.status, status);
	if (status == 0)
		assert_int_equal(whole, 0);
	else
		assert_true(whole == ERR_FORMAT || whole == ERR_LIMIT);
	http_request_init(&request);
	for (i = 1, step = ERR_AGAIN; step == ERR_AGAIN && i <= len; i++)
		step = http_request_parse(&request, data, i);
	assert_int_equal(step, whole);
	assert_int_equal(request.status, status);
}

static void
expect(const char *data, int status)
{
	expect_bytes(data, strlen(data), status);
}

static void
test_simple(void **state)
{
	static const char	data[] = "GET /callback?a=b&c HTTP/1.1\r\n" HOST
	    "Accept:*/*\r\nX-Empty:\r\nX-Two: \t a b \t\r\n\r\nrest";
	struct http_span	v;

	(void)state;
	expect(data, 0);
	assert_true(http_span_is(&request.method, data, "GET"));
	assert_true(http_span_is(&request.path, data, "/callback"));
	assert_true(http_span_is(&request.query, data, "a=b&c"));
	assert_int_equal(request.minor, 1);
	assert_int_equal(request.nfields, 4);
	assert_int_equal(request.head_len, sizeof(data) - 5);
	assert_false(request.has_body);
	assert_int_equal(http_request_field(&request, data, "ACCEPT", &v), 0);
	assert_true(http_span_is(&v, data, "*/*"));
	assert_int_equal(http_request_field(&request, data, "x-two", &v), 0);
	assert_true(http_span_is(&v, data, "a b"));
	assert_int_equal(http_request_field(&request, data, "x-empty", &v), 0);
	assert_int_equal(v.len, 0);
	assert_int_equal(http_request_field(&request, data, "x-tw", &v),
	    ERR_NOT_FOUND);
}

static void
test_pieces(void **state)
{
	static const char	data[] = "GET / HTTP/1.1\r\n" HOST "\r\n";

	(void)state;
	http_request_init(&request);
	assert_int_equal(http_request_parse(&request, data, 0), ERR_AGAIN);
	assert_int_equal(http_request_parse(&request, data, 5), ERR_AGAIN);
	assert_int_equal(http_request_parse(&request, data, 20), ERR_AGAIN);
	assert_int_equal(http_request_parse(&request, data,
	    sizeof(data) - 2), ERR_AGAIN);
	assert_int_equal(http_request_parse(&request, data,
	    sizeof(data) - 1), 0);
	assert_int_equal(request.query.len, 0);
}

static void
test_versions(void **state)
{
	(void)state;
	expect("GET / HTTP/1.0\r\n\r\n", 0);
	assert_int_equal(request.minor, 0);
	expect("GET / HTTP/1.2\r\n" HOST "\r\n", 505);
	expect("GET / HTTP/2.0\r\n" HOST "\r\n", 505);
	expect("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
	expect("GET / http/1.1\r\n" HOST "\r\n", 400);
	expect("GET / HTTP/1.1x\r\n" HOST "\r\n", 400);
	expect("GET / HTTP/11\r\n" HOST "\r\n", 400);
	expect("GET /\r\n", 400);
}

static void
test_request_line(void **state)
{
	(void)state;
	expect("\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 0);
	expect("\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 400);
	expect("GET  / HTTP/1.1\r\n" HOST "\r\n", 400);
	expect("GET /  HTTP/1.1\r\n" HOST "\r\n", 400);
	expect("GET\t/ HTTP/1.1\r\n" HOST "\r\n", 400);
	expect(" GET / HTTP/1.1\r\n" HOST "\r\n", 400);
	expect("GET / HTTP/1.1 \r\n" HOST "\r\n", 400);
	expect("G@T / HTTP/1.1\r\n" HOST "\r\n", 400);
	expect("GET / x HTTP/1.1\r\n" HOST "\r\n", 400);
	expect("\x16\x03\x01\x02", 400);
}

static void
test_targets(void **state)
{
	(void)state;
	expect("GET /a%20b/;x=1?%41 HTTP/1.1\r\n" HOST "\r\n", 0);
	expect("OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 400);
	expect("GET http://localhost/ HTTP/1.1\r\n" HOST "\r\n", 400);
	expect("CONNECT localhost:1 HTTP/1.1\r\n" HOST "\r\n", 400);
	expect("GET /#x HTTP/1.1\r\n" HOST "\r\n", 400);
	expect("GET /% HTTP/1.1\r\n" HOST "\r\n", 400);
	expect("GET /%4 HTTP/1.1\r\n" HOST "\r\n", 400);
	expect("GET /%4g HTTP/1.1\r\n" HOST "\r\n", 400);
	expect("GET /<script> HTTP/1.1\r\n" HOST "\r\n", 400);
	expect("GET /a\\b HTTP/1.1\r\n" HOST "\r\n", 400);
	expect("GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n", 400);
}

static void
test_line_ends(void **state)
{
	static const char	nul[] = "GET /\0 HTTP/1.1\r\n" HOST "\r\n";

	(void)state;
	expect("GET / HTTP/1.1\n" HOST "\r\n", 400);
	expect("GET / HTTP/1.1\r\n" HOST "\n", 400);
	expect("GET / HTTP/1.1\r\r\n" HOST "\r\n", 400);
	expect("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", 400);
	expect("GET / HTTP/1.1\r\nHost: a\x01\r\n\r\n", 400);
	expect("GET / HTTP/1.1\r\nHost: a\x7f\r\n\r\n", 400);
	expect("\nGET / HTTP/1.1\r\n", 400);
	expect_bytes(nul, sizeof(nul) - 1, 400);
}

static void
test_fields(void **state)
{
	(void)state;
	expect("GET / HTTP/1.1\r\n" HOST "X: \xc3\xa4\r\n\r\n", 0);
	expect("GET / HTTP/1.1\r\n" HOST "X : a\r\n\r\n", 400);
	expect("GET / HTTP/1.1\r\n" HOST "X: a\r\n b\r\n\r\n", 400);
	expect("GET / HTTP/1.1\r\n" HOST "X: a\r\n\tb\r\n\r\n", 400);
	expect("GET / HTTP/1.1\r\n X: a\r\n" HOST "\r\n", 400);
	expect("GET / HTTP/1.1\r\n" HOST ": a\r\n\r\n", 400);
	expect("GET / HTTP/1.1\r\n" HOST "X\r\n\r\n", 400);
	expect("GET / HTTP/1.1\r\n" HOST "X(y): a\r\n\r\n", 400);
}

static void
test_host(void **state)
{
	(void)state;
	expect("GET / HTTP/1.1\r\n\r\n", 400);
	expect("GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400);
	expect("GET / HTTP/1.0\r\n" HOST "hOST: b\r\n\r\n", 400);
}

static void
test_framing(void **state)
{
	(void)state;
	expect("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nabcde", 0);
	assert_true(request.has_body);
	expect("POST / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 0);
	assert_false(request.has_body);
	expect("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked\r\n\r\n",
	    0);
	assert_true(request.has_body);
	expect("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n"
	    "Content-Length: 5\r\n\r\n", 400);
	expect("POST / HTTP/1.1\r\n" HOST "Content-Length: 5, 5\r\n\r\n", 400);
	expect("POST / HTTP/1.1\r\n" HOST "Content-Length: +5\r\n\r\n", 400);
	expect("POST / HTTP/1.1\r\n" HOST "Content-Length: -0\r\n\r\n", 400);
	expect("POST / HTTP/1.1\r\n" HOST "Content-Length: 0x5\r\n\r\n", 400);
	expect("POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n", 400);
	expect("POST / HTTP/1.1\r\n" HOST
	    "Content-Length: 9999999999999999999999\r\n\r\n", 400);
	expect("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n", 400);
	expect("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n",
	    501);
	expect("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n", 400);
	expect("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
}

static void
fill(char c, size_t n)
{
	for (; n > 0; n--)
		buf_addc(&bytes, c);
}

static void
test_line_limit(void **state)
{
	size_t	room = HTTP_LINE_MAX - strlen("GET / HTTP/1.1\r\n");

	(void)state;
	buf_adds(&bytes, "GET /");
	fill('a', room);
	buf_adds(&bytes, " HTTP/1.1\r\n" HOST "\r\n");
	expect_bytes(bytes.data, bytes.len, 0);
	buf_reset(&bytes);
	buf_adds(&bytes, "GET /");
	fill('a', room + 1);
	buf_adds(&bytes, " HTTP/1.1\r\n" HOST "\r\n");
	expect_bytes(bytes.data, bytes.len, 414);
	buf_reset(&bytes);
	fill('a', HTTP_LINE_MAX);
	assert_int_equal(parse(bytes.data, bytes.len), ERR_AGAIN);
	fill('a', 1);
	assert_int_equal(parse(bytes.data, bytes.len), ERR_LIMIT);
	assert_int_equal(request.status, 414);
}

static void
test_head_limit(void **state)
{
	static const char	start[] = "GET / HTTP/1.1\r\n" HOST "X: ";
	size_t			room = HTTP_HEAD_MAX - strlen(start) - 4;

	(void)state;
	buf_adds(&bytes, start);
	fill('a', room);
	buf_adds(&bytes, "\r\n\r\n");
	assert_int_equal(bytes.len, HTTP_HEAD_MAX);
	expect_bytes(bytes.data, bytes.len, 0);
	buf_reset(&bytes);
	buf_adds(&bytes, start);
	fill('a', room + 1);
	buf_adds(&bytes, "\r\n\r\n");
	expect_bytes(bytes.data, bytes.len, 431);
}

static void
test_field_limit(void **state)
{
	size_t	i;

	(void)state;
	buf_adds(&bytes, "GET / HTTP/1.1\r\n" HOST);
	for (i = 1; i < HTTP_FIELDS_MAX; i++)
		buf_addf(&bytes, "X-%zu: a\r\n", i);
	buf_adds(&bytes, "\r\n");
	expect_bytes(bytes.data, bytes.len, 0);
	assert_int_equal(request.nfields, HTTP_FIELDS_MAX);
	buf_truncate(&bytes, bytes.len - 2);
	buf_adds(&bytes, "Y: a\r\n\r\n");
	expect_bytes(bytes.data, bytes.len, 431);
}

/* An error is final, and no byte after a complete head is looked at. */
static void
test_ends(void **state)
{
	static const char	bad[] = "GET / HTTP/1.1\nHost: a\r\n\r\n";
	static const char	good[] = "GET / HTTP/1.0\r\n\r\n\1\2\3\n\n";

	(void)state;
	assert_int_equal(parse(bad, sizeof(bad) - 1), ERR_FORMAT);
	assert_int_equal(http_request_parse(&request, good,
	    sizeof(good) - 1), ERR_FORMAT);
	assert_int_equal(request.status, 400);
	assert_int_equal(parse(good, sizeof(good) - 1), 0);
	assert_int_equal(request.head_len, 18);
	assert_int_equal(http_request_parse(&request, good,
	    sizeof(good) - 1), 0);
}

/* Damaged heads: whatever comes out, no byte outside is touched. */
static void
test_mutations(void **state)
{
	static const char	data[] = "GET /callback?code=%41b&state=c "
	    "HTTP/1.1\r\nHost: [::1]:8765\r\nAccept: */*\r\n"
	    "Content-Length: 0\r\n\r\n";
	size_t			len = sizeof(data) - 1;
	char			*copy;
	unsigned int		i, seed = 1;
	int			e;

	(void)state;
	for (i = 0; i < 20000; i++) {
		copy = malloc(len);
		assert_non_null(copy);
		memcpy(copy, data, len);
		copy[(size_t)rand_r(&seed) % len] = (char)rand_r(&seed);
		copy[(size_t)rand_r(&seed) % len] = "\r\n \t:%/\0"[
		    rand_r(&seed) & 7];
		e = parse(copy, len - (size_t)rand_r(&seed) % 4);
		assert_true(e == 0 || e == ERR_AGAIN || e == ERR_FORMAT ||
		    e == ERR_LIMIT);
		assert_true((request.status != 0) ==
		    (e == ERR_FORMAT || e == ERR_LIMIT));
		free(copy);
	}
}

#define TEST(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		TEST(test_simple),
		TEST(test_pieces),
		TEST(test_versions),
		TEST(test_request_line),
		TEST(test_targets),
		TEST(test_line_ends),
		TEST(test_fields),
		TEST(test_host),
		TEST(test_framing),
		TEST(test_line_limit),
		TEST(test_head_limit),
		TEST(test_field_limit),
		TEST(test_ends),
		TEST(test_mutations)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
