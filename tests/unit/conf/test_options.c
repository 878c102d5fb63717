/* SPDX-License-Identifier: MIT */
/* The option table: sound rows, lookups, the nearest keyword. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "conf/options.h"
#include "conf/values.h"

static void
check_row(enum conf_key key)
{
	const struct conf_option	*o = options_row(key);
	size_t				 len = strlen(o->keyword);

	assert_int_equal(strspn(o->keyword, "abcdefghijklmnopqrstuvwxyz-"),
	    len);
	assert_true(len > 0 && len <= 32);
	assert_true(strlen(o->description) > 10);
	assert_int_equal(o->used, CONF_FOR_STDIO);
	assert_true(o->min <= o->max);
	assert_true((o->type == CONF_TYPE_ENUM) == (o->choices != NULL));
	assert_string_equal(conf_keyword(key), o->keyword);
}

static void
test_rows(void **state)
{
	size_t	i;

	(void)state;
	for (i = 0; i < CONF_KEYS; i++) {
		check_row((enum conf_key)i);
		if (i > 0)
			assert_true(strcmp(options_row(i - 1)->keyword,
			    options_row(i)->keyword) < 0);
	}
}

static void
test_defaults_are_valid(void **state)
{
	const struct conf_option	*o;
	struct buf			 why;
	char				*out;
	int64_t				 number;
	size_t				 i;

	(void)state;
	buf_init(&why, 256);
	for (i = 0; i < CONF_KEYS; i++) {
		o = options_row((enum conf_key)i);
		if (o->preset == NULL)
			continue;
		assert_int_equal(value_parse(o, o->preset, &out, &number,
		    &why), 0);
		free(out);
	}
	buf_free(&why);
}

static void
test_find(void **state)
{
	enum conf_key	key;
	size_t		i;

	(void)state;
	for (i = 0; i < CONF_KEYS; i++) {
		assert_int_equal(options_find(conf_keyword((enum conf_key)i),
		    &key), 0);
		assert_int_equal(key, i);
	}
	assert_int_equal(options_find("", &key), ERR_NOT_FOUND);
	assert_int_equal(options_find("Scope", &key), ERR_NOT_FOUND);
	assert_int_equal(options_find("scop", &key), ERR_NOT_FOUND);
}

static void
test_nearest(void **state)
{
	(void)state;
	assert_string_equal(options_nearest("exchange-uri"), "exchange-url");
	assert_string_equal(options_nearest("Exchange_URL"), "exchange-url");
	assert_string_equal(options_nearest("client-secret"),
	    "client-secret-file");
	assert_string_equal(options_nearest("loglevel"), "log-level");
	assert_string_equal(options_nearest("databse"), "database");
	assert_string_equal(options_nearest("timezone"), "default-timezone");
	assert_null(options_nearest("q"));
	assert_null(options_nearest("zzzzzzzzzzzz"));
	assert_null(options_nearest("exchange-url-exchange-url-exchange-url"));
}

/* Enums that others use as the index of a choice. */
static void
test_enums(void **state)
{
	(void)state;
	assert_string_equal(options_row(CONF_LOG_LEVEL)->choices,
	    "error|warning|info|debug");
	assert_int_equal(LOG_LEVEL_ERROR, 0);
	assert_int_equal(LOG_LEVEL_DEBUG, 3);
	assert_string_equal(options_row(CONF_IDENTITY_FIELDS)->choices,
	    "on-request|never|always");
	assert_int_equal(CONF_IDENTITY_ALWAYS, 2);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_defaults_are_valid),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_enums)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
