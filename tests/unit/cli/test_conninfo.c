/* SPDX-License-Identifier: MIT */
/* Connection strings, of which nothing but the passwords is left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/conninfo.h"

static const struct {
	const char	*given, *shown;		/* NULL: refused */
	bool		 had;
} rows[] = {
	{ "postgresql://u@h/d", "postgresql://u@h/d", false },
	{ "postgresql://u:p@h:5433/d", "postgresql://u@h:5433/d", true },
	{ "postgres://u:p:q@h/d?x=1", "postgres://u@h/d?x=1", true },
	{ "postgresql://u:@h/d", "postgresql://u@h/d", true },
	{ "postgresql://:p@/d", "postgresql://@/d", true },
	{ "postgresql://h:5432/d", "postgresql://h:5432/d", false },
	{ "postgresql://h/d@e:f", "postgresql://h/d@e:f", false },
	{ "postgresql://[::1]:5432/d", "postgresql://[::1]:5432/d", false },
	{ "postgresql://u:p@[::1]:5432/d", "postgresql://u@[::1]:5432/d",
	    true },
	{ "postgresql:///d?host=/run&password=p",
	    "postgresql:///d?host=/run", true },
	{ "postgresql:///d?password=p&host=/run&sslpassword=q",
	    "postgresql:///d?host=/run", true },
	{ "postgresql:///d?password=p", "postgresql:///d", true },
	{ "postgresql:///d?%70assword=p&user=u", "postgresql:///d?user=u",
	    true },
	{ "postgresql:///d?passwords=p", "postgresql:///d?passwords=p",
	    false },
	{ "", "", false },
	{ "host=h user=u", "host=h user=u", false },
	{ "host=h password=p user=u", "host=h user=u", true },
	{ "password = p host = h", "host = h", true },
	{ " password='a b\\' c'  host=h ", "host=h", true },
	{ "host=h password=a\\ b user=u", "host=h user=u", true },
	{ "host=h password=", "host=h", true },
	{ "host='it''s' password=p", NULL, false },
	{ "sslpassword=p\thost='a \\'b\\' c'", "host='a \\'b\\' c'", true },
	{ "options='-c password=x' host=h", "options='-c password=x' host=h",
	    false },
	{ "password='open", NULL, false },
	{ "just words", NULL, false },
	{ "=x", NULL, false },
};

static void
test_rows(void **state)
{
	struct buf	out;
	size_t		i;
	bool		had;
	int		r;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&out, 4096);
		buf_adds(&out, "> ");
		r = conninfo_without_password(rows[i].given, &out, &had);
		if (rows[i].shown == NULL) {
			assert_int_equal(r, ERR_FORMAT);
			assert_string_equal(buf_string(&out), "> ");
		} else {
			assert_int_equal(r, 0);
			assert_string_equal(buf_string(&out) + 2,
			    rows[i].shown);
			assert_int_equal(had, rows[i].had);
		}
		buf_free(&out);
	}
}

static void
test_no_room(void **state)
{
	struct buf	out;
	bool		had;

	(void)state;
	buf_init(&out, 4);
	assert_int_equal(conninfo_without_password("host=example", &out,
	    &had), ERR_LIMIT);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
