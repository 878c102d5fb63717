/* SPDX-License-Identifier: MIT */
/* The table of revisions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mcp/revision.h"

static void
test_negotiate(void **state)
{
	static const struct {
		const char	*asked;
		const char	*given;
	} rows[] = {
		{ "2024-11-05", "2024-11-05" },
		{ "2025-03-26", "2025-03-26" },
		{ "2025-06-18", "2025-06-18" },
		{ "2025-11-25", "2025-11-25" },
		{ "2026-07-28", "2025-11-25" },
		{ "2024-10-07", "2025-11-25" },
		{ "1999-01-01", "2025-11-25" },
		{ "2025-06-1", "2025-11-25" },
		{ "2025-06-180", "2025-11-25" },
		{ "", "2025-11-25" }
	};
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(mcp_revision_name(mcp_revision_negotiate(
		    rows[i].asked, strlen(rows[i].asked))), rows[i].given);
}

static void
test_of_request(void **state)
{
	(void)state;
	assert_int_equal(mcp_revision_of_request("2026-07-28", 10),
	    MCP_2026_07_28);
	/* That one is for initialize. */
	assert_int_equal(mcp_revision_of_request("2025-11-25", 10),
	    MCP_REVISION_COUNT);
	assert_int_equal(mcp_revision_of_request("2026-07-2", 9),
	    MCP_REVISION_COUNT);
	assert_int_equal(mcp_revision_of_request("", 0), MCP_REVISION_COUNT);
}

static void
test_features(void **state)
{
	(void)state;
	assert_false(mcp_revision_has(MCP_2024_11_05, MCP_FEATURE_TOOL_HINTS));
	assert_true(mcp_revision_has(MCP_2025_03_26, MCP_FEATURE_TOOL_HINTS));
	assert_false(mcp_revision_has(MCP_2025_03_26, MCP_FEATURE_TITLE));
	assert_false(mcp_revision_has(MCP_2025_03_26,
	    MCP_FEATURE_STRUCTURED));
	assert_true(mcp_revision_has(MCP_2025_06_18, MCP_FEATURE_TITLE |
	    MCP_FEATURE_STRUCTURED));
	assert_true(mcp_revision_has(MCP_2025_11_25, MCP_FEATURE_HANDSHAKE));
	assert_false(mcp_revision_has(MCP_2026_07_28, MCP_FEATURE_HANDSHAKE));
	assert_false(mcp_revision_has(MCP_2024_11_05,
	    MCP_FEATURE_COMPLETIONS));
	assert_true(mcp_revision_has(MCP_2025_03_26, MCP_FEATURE_COMPLETIONS));
	assert_true(mcp_revision_has(MCP_2026_07_28, MCP_FEATURE_COMPLETIONS));
	assert_false(mcp_revision_has(MCP_2024_11_05, MCP_FEATURE_BATCH));
	assert_true(mcp_revision_has(MCP_2025_03_26, MCP_FEATURE_BATCH));
	assert_false(mcp_revision_has(MCP_2025_06_18, MCP_FEATURE_BATCH));
	assert_false(mcp_revision_has(MCP_2026_07_28, MCP_FEATURE_BATCH));
	assert_true(mcp_revision_has(MCP_2026_07_28, MCP_FEATURE_STATELESS));
	assert_false(mcp_revision_has(MCP_2025_11_25, MCP_FEATURE_STATELESS));
	assert_false(mcp_revision_has(MCP_REVISION_COUNT, 0));
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_negotiate),
		cmocka_unit_test(test_of_request),
		cmocka_unit_test(test_features)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
