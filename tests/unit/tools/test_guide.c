/* SPDX-License-Identifier: MIT */
/* What the server says of itself: instructions, the guide, prompts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "omh/types.h"
#include "tools/definitions.h"
#include "tools/guide.h"
#include "tools/prompts.h"
#include "tools/text.h"

/* Clients cut instructions behind this many characters. */
#define INSTRUCTIONS_MAX	2048

static struct buf	out;

static int
setup(void **state)
{
	(void)state;
	buf_init(&out, 1024 * 1024);
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
test_instructions(void **state)
{
	const char	*text = guide_instructions();
	size_t		 n = strlen(text);

	(void)state;
	assert_int_equal(text_characters(text, n), 1690);
	assert_true(n <= INSTRUCTIONS_MAX);
	assert_int_not_equal(text[n - 1], '\n');
}

static void
test_guide(void **state)
{
	const struct omh_type	*t;
	char			 line[128];
	size_t			 i;

	(void)state;
	guide_write(&out);
	assert_int_equal(buf_error(&out), 0);
	for (i = 0; i < OMH_TYPES; i++) {
		t = omh_type_at(i);
		snprintf(line, sizeof(line), "\n- `%s`, per ", t->name);
		assert_non_null(strstr(buf_string(&out), line));
	}
	assert_non_null(strstr(buf_string(&out), "\n- mg/dL, mmol/L\n"));
	assert_null(strstr(buf_string(&out), "\n- beats/min"));
	assert_non_null(strstr(buf_string(&out), " 16000 "));
	/* Some 1 500 tokens. */
	assert_true(out.len > 3000);
	assert_true(out.len < 6000);
}

/* No prompt without a message, and all of it is there. */
static void
test_prompts(void **state)
{
	static const char *const	values[MCP_ARGUMENTS_MAX] = { NULL };
	const struct mcp_prompt		*p;
	size_t				 i, k, n;

	(void)state;
	p = prompts_offer(&n);
	assert_int_equal(n, 6);
	for (i = 0; i < n; i++) {
		assert_true(p[i].narguments <= MCP_ARGUMENTS_MAX);
		for (k = 0; k < p[i].narguments; k++)
			assert_true(p[i].arguments[k].completes > 0);
		buf_reset(&out);
		assert_int_equal(prompts_write(i, values, &out), 0);
		assert_null(strpbrk(buf_string(&out), "{}[]"));
	}
}

/* The message of a prompt, or what is wrong with the values. */
static const char *
message(const char *name, const char *a, const char *b, const char *c,
    int wanted)
{
	const char		*values[MCP_ARGUMENTS_MAX] = { a, b, c };
	const struct mcp_prompt	*p;
	size_t			 i, n;

	p = prompts_offer(&n);
	for (i = 0; i < n && strcmp(p[i].name, name) != 0; i++)
		continue;
	assert_true(i < n);
	buf_reset(&out);
	assert_int_equal(prompts_write(i, values, &out), wanted);
	return buf_string(&out);
}

static void
has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("%s is not in: %s", part, text);
}

static void
test_values(void **state)
{
	const char	*text;

	(void)state;
	has(message("study_overview", "30006 CGM & Wearables Demo", NULL,
	    NULL, 0), "Describe study 30006 for its team.");
	has(message("study_overview", " 7", NULL, NULL, 0), "study 7 for");
	has(message("patient_summary", "5", NULL, NULL, 0), "last 30d:");
	has(message("patient_summary", "5", "12w", NULL, 0), "last 12w:");
	has(message("cgm_report", "5 Ann", "America/Los_Angeles", NULL, 0),
	    "patient 5: get_observation_statistics for blood-glucose, "
	    "last=14d, timezone America/Los_Angeles; then");
	text = message("data_quality_check", "5", NULL, NULL, 0);
	has(text, "each numeric type. List problems");
	text = message("data_quality_check", "5", "Blood glucose", NULL, 0);
	has(text, "each numeric type. Only for blood-glucose. List problems");
	has(message("compare_groups", "1", "2", "CGM", 0), "Compare "
	    "blood-glucose of the two studies 1 and 2 by mean");
	has(message("compare_groups", "1", "2", "survey:a\n\"b", 0),
	    "Compare survey:a \"b of");
}

static void
test_values_refused(void **state)
{
	static const char *const	ids[] = { "CGM 5", "-5", "", "5a",
	    "5_", "1234567890123456789", "\xc2\xb2" };
	static const char *const	periods[] = { "30", "d", "30 d",
	    "30D", "12345d", "1m", "30d\n", "-1d" };
	static const char *const	zones[] = { "", "Los Angeles", "a\nb",
	    "UTC.", "{x}", "\xff" };
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		assert_string_equal(message("study_overview", ids[i], NULL,
		    NULL, ERR_FORMAT),
		    "Invalid params: study_id must begin with an id");
	for (i = 0; i < sizeof(periods) / sizeof(periods[0]); i++)
		has(message("patient_summary", "5", periods[i], NULL,
		    ERR_FORMAT), "Invalid params: period must be a span");
	for (i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		has(message("cgm_report", "5", zones[i], NULL, ERR_FORMAT),
		    "Invalid params: timezone must be");
	has(message("compare_groups", "1", "2", " \t", ERR_FORMAT),
	    "Invalid params: data_type must be");
}

int
main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest	tests[] = {
		TEST(test_instructions), TEST(test_guide), TEST(test_prompts),
		TEST(test_values), TEST(test_values_refused)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
