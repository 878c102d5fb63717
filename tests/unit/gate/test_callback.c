/* SPDX-License-Identifier: MIT */
/* The parameters of a login's end, and whose Host is ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "compat/compat.h"
#include "gate/gate.h"

static struct ipc_gate_callback	cb;

static int
parse(const char *query)
{
	memset(&cb, 0xaa, sizeof(cb));
	return callback_parse(query, strlen(query), &cb);
}

static void
refused(const char *query)
{
	assert_int_equal(parse(query), ERR_FORMAT);
}

static void
test_code(void **state)
{
	(void)state;
	assert_int_equal(parse("code=a%2Bb&state=s1&iss=https%3A%2F%2Fx&x=y"),
	    0);
	assert_string_equal(cb.code, "a+b");
	assert_string_equal(cb.state, "s1");
	assert_string_equal(cb.iss, "https://x");
	assert_int_equal(cb.error, IPC_OAUTH_NONE);
	assert_int_equal(parse("code=a&state=s1"), 0);
	assert_string_equal(cb.iss, "");
}

/* The message table wants every byte behind a text to be zero. */
static void
test_zeroed(void **state)
{
	size_t	i;

	(void)state;
	assert_int_equal(parse("code=a&state=s1"), 0);
	for (i = 1; i < sizeof(cb.code); i++)
		assert_int_equal(cb.code[i], 0);
	for (i = 2; i < sizeof(cb.state); i++)
		assert_int_equal(cb.state[i], 0);
	assert_int_equal(cb.reserved, 0);
}

static void
test_errors(void **state)
{
	(void)state;
	assert_int_equal(parse("error=access_denied&state=s&"
	    "error_description=No+way%21"), 0);
	assert_int_equal(cb.error, IPC_OAUTH_ACCESS_DENIED);
	assert_string_equal(cb.code, "");
	assert_int_equal(parse("error=temporarily_unavailable&state=s"), 0);
	assert_int_equal(cb.error, IPC_OAUTH_TEMPORARILY_UNAVAILABLE);
	assert_int_equal(parse("error=interaction_required&state=s"), 0);
	assert_int_equal(cb.error, IPC_OAUTH_LOGIN_REQUIRED);
	assert_int_equal(parse("error=%3Cb%3E&state=s"), 0);
	assert_int_equal(cb.error, IPC_OAUTH_OTHER);
}

static void
test_refused(void **state)
{
	(void)state;
	refused("");
	refused("code=a");
	refused("code=a&state=");
	refused("state=s");
	refused("state=s&code=");
	refused("state=s&code=a&error=access_denied");
	refused("state=s&code=a&code=a");
	refused("state=s&state=s&code=a");
	refused("state=s&code=a&iss=x&iss=y");
	refused("state=s&error=a&error=b");
	refused("state=s&error=a&error_description=b&error_description=c");
	refused("state=s&error=a&error_uri=b&error_uri=c");
	refused("state=s&code=a%00");
	refused("state=s&code=a%0d%0a");
	refused("state=s&code=%C3%A4");
	refused("state=s&code=a&x=%zz");
}

static void
check_length(const char *name, size_t size)
{
	char	query[4096] = "";
	size_t	len;

	(void)strlcat(query, strcmp(name, "state") == 0 ? "code=c&" :
	    "state=s&", sizeof(query));
	(void)strlcat(query, strcmp(name, "iss") == 0 ? "code=c&" : "",
	    sizeof(query));
	(void)strlcat(query, name, sizeof(query));
	(void)strlcat(query, "=", sizeof(query));
	len = strlen(query);
	memset(query + len, 'a', size);
	query[len + size - 1] = '\0';
	assert_int_equal(parse(query), 0);
	query[len + size - 1] = 'a';
	query[len + size] = '\0';
	refused(query);
}

static void
test_lengths(void **state)
{
	(void)state;
	check_length("state", sizeof(cb.state));
	check_length("code", sizeof(cb.code));
	check_length("iss", sizeof(cb.iss));
}

static bool
local(const char *host)
{
	return callback_is_local(host, strlen(host));
}

static void
test_hosts(void **state)
{
	(void)state;
	assert_true(local("localhost"));
	assert_true(local("LOCALHOST:8765"));
	assert_true(local("127.0.0.1:1"));
	assert_true(local("[::1]:8765"));
	assert_false(local(""));
	assert_false(local("evil.example:8765"));
	assert_false(local("localhost.evil.example"));
	assert_false(local("127.0.0.2"));
	assert_false(local("[::2]"));
	assert_false(local("localhost."));
	assert_false(local("localhost:x"));
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_code),
		cmocka_unit_test(test_zeroed),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_hosts)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
