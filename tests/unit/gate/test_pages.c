/* SPDX-License-Identifier: MIT */
/* Every page: whole, without script, its style allowed by its hash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "gate/gate.h"

static struct buf	out;

static const char *
write_page(enum gate_page page, enum ipc_oauth_error error)
{
	buf_free(&out);
	buf_init(&out, 16384);
	pages_write(&out, page, 0, error, false);
	assert_int_equal(buf_error(&out), 0);
	return buf_string(&out);
}

static int
teardown(void **state)
{
	(void)state;
	buf_free(&out);
	return 0;
}

static void
check_style(const char *page)
{
	const char	*style = strstr(page, "<style>");
	const char	*end = strstr(page, "</style>");
	unsigned char	 digest[SHA256_DIGEST_LENGTH];
	char		 base64[64], expected[128];

	assert_non_null(style);
	assert_non_null(end);
	style += strlen("<style>");
	assert_non_null(SHA256((const unsigned char *)style,
	    (size_t)(end - style), digest));
	assert_int_equal(EVP_EncodeBlock((unsigned char *)base64, digest,
	    sizeof(digest)), 44);
	(void)snprintf(expected, sizeof(expected), "style-src 'sha256-%s'\r\n",
	    base64);
	assert_non_null(strstr(page, expected));
}

static void
test_all(void **state)
{
	const char	*text;
	size_t		 i;

	(void)state;
	for (i = 0; i < GATE_PAGES; i++) {
		text = write_page((enum gate_page)i, IPC_OAUTH_NONE);
		check_style(text);
		assert_non_null(strstr(text, "<h1>"));
		assert_non_null(strstr(text, "may close this window"));
		assert_null(strstr(text, "(null)"));
		assert_null(strstr(text, "<script"));
		assert_null(strstr(text, "HTTP/1.1 0"));
		assert_null(strstr(text, " Status\r\n"));
		assert_string_equal(text + strlen(text) - 8, "</html>\n");
	}
}

static void
test_reports(void **state)
{
	int	error;

	(void)state;
	for (error = 1; error <= IPC_OAUTH_ERROR_MAX; error++)
		assert_non_null(strstr(write_page(GATE_PAGE_EXCHANGE,
		    (enum ipc_oauth_error)error), "<p>The exchange said: "));
	assert_non_null(strstr(write_page(GATE_PAGE_DENIED,
	    IPC_OAUTH_ACCESS_DENIED), "access_denied"));
	assert_null(strstr(write_page(GATE_PAGE_EXCHANGE, IPC_OAUTH_NONE),
	    "The exchange said"));
	/* Whoever sends a stray callback learns nothing of its error. */
	assert_null(strstr(write_page(GATE_PAGE_STATE,
	    IPC_OAUTH_ACCESS_DENIED), "The exchange said"));
}

static void
test_verdicts(void **state)
{
	(void)state;
	assert_int_equal(pages_of_verdict(IPC_PAGE_SIGNED_IN),
	    GATE_PAGE_SIGNED_IN);
	assert_int_equal(pages_of_verdict(IPC_PAGE_EXPIRED),
	    GATE_PAGE_EXPIRED);
	assert_int_equal(pages_of_verdict(IPC_PAGE_NOT_STORED),
	    GATE_PAGE_NOT_STORED);
	assert_int_equal(pages_of_verdict(IPC_PAGE_MAX + 1),
	    GATE_PAGE_EXCHANGE);
}

static void
test_method_page(void **state)
{
	(void)state;
	assert_non_null(strstr(write_page(GATE_PAGE_METHOD, IPC_OAUTH_NONE),
	    "\r\nAllow: GET\r\n"));
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_reports),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_method_page)
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
