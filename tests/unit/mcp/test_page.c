/* SPDX-License-Identifier: MIT */
/* Lists in pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "mcp/page.h"

static struct mcp_page	page;

static void
is(size_t count, const char *cursor, size_t from, size_t to,
    const char *next)
{
	assert_int_equal(mcp_page_find(&page, "tools", count, cursor), 0);
	assert_int_equal(page.from, from);
	assert_int_equal(page.to, to);
	assert_string_equal(page.next, next);
}

static void
test_pages(void **state)
{
	(void)state;
	is(0, NULL, 0, 0, "");
	is(1, NULL, 0, 1, "");
	is(MCP_PAGE_SIZE, NULL, 0, MCP_PAGE_SIZE, "");
	is(MCP_PAGE_SIZE + 1, NULL, 0, MCP_PAGE_SIZE, "tools.100");
	is(MCP_PAGE_SIZE + 1, "tools.100", 100, 101, "");
	is(2 * MCP_PAGE_SIZE, "tools.100", 100, 200, "");
	is(250, "tools.100", 100, 200, "tools.200");
	is(250, "tools.200", 200, 250, "");
}

static void
test_bad_cursors(void **state)
{
	static const char *const	cursors[] = {
		"", "tools", "tools.", "tools.0", "tools.1", "tools.99",
		"tools.101", "tools.0100", "tools.100 ", " tools.100",
		"tools.+100", "tools.-100", "tools.300", "tools.200x",
		"resources.100", "Tools.100", "100",
		"tools.18446744073709551716"
	};
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(cursors) / sizeof(cursors[0]); i++)
		if (mcp_page_find(&page, "tools", 250, cursors[i]) !=
		    ERR_FORMAT)
			fail_msg("taken: %s", cursors[i]);
	/* A list that became shorter. */
	assert_int_equal(mcp_page_find(&page, "tools", 100, "tools.100"),
	    ERR_FORMAT);
	assert_int_equal(mcp_page_find(&page, "tools", 0, "tools.100"),
	    ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_bad_cursors)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
