/* SPDX-License-Identifier: MIT */
/* Units: names, factors, and how converted numbers are rounded. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "omh/units.h"

static const struct omh_unit *
unit(enum omh_quantity q, const char *name)
{
	const struct omh_unit	*u = omh_unit_asked(q, name);

	assert_non_null(u);
	return u;
}

static void
test_table(void **state)
{
	const struct omh_unit	*u, *other;
	size_t			 i, j;

	(void)state;
	for (i = 0; i < omh_unit_count(); i++) {
		u = omh_unit_at(i);
		assert_true(u->factor > 0);
		assert_true(u->quantity > OMH_NO_QUANTITY);
		assert_true(u->quantity < OMH_QUANTITIES);
		assert_ptr_equal(omh_unit_asked(u->quantity, u->name), u);
		for (j = 0; j < i; j++) {
			other = omh_unit_at(j);
			assert_true(other->quantity != u->quantity ||
			    strcmp(other->name, u->name) != 0);
		}
	}
	assert_null(omh_unit_at(omh_unit_count()));
}

static void
test_names(void **state)
{
	(void)state;
	assert_string_equal(unit(OMH_GLUCOSE, "MG/DL")->name, "mg/dL");
	assert_string_equal(unit(OMH_MASS, "lbs")->name, "lb");
	assert_string_equal(unit(OMH_MASS, "Pounds")->name, "lb");
	assert_string_equal(unit(OMH_TEMPERATURE, "f")->name, "F");
	assert_string_equal(unit(OMH_DURATION, "hours")->name, "h");
	assert_string_equal(unit(OMH_HEART_RATE, "bpm")->name, "beats/min");
	assert_null(omh_unit_asked(OMH_GLUCOSE, "kg"));
	assert_null(omh_unit_asked(OMH_GLUCOSE, ""));
	assert_null(omh_unit_asked(OMH_NO_QUANTITY, "kg"));
	/* Stored names are exact, but for one that data have. */
	assert_null(omh_unit_stored(OMH_MASS, "KG", 2));
	assert_null(omh_unit_stored(OMH_MASS, "kg ", 3));
	assert_string_equal(omh_unit_stored(OMH_DURATION, "Yr", 2)->name,
	    "yr");
}

static void
check_convert(enum omh_quantity q, const char *from, const char *to,
    double value, double wanted)
{
	double	found = omh_unit_convert(unit(q, from), unit(q, to), value);

	assert_true(fabs(found - wanted) <= 1e-9 * fabs(wanted) + 1e-12);
	found = omh_unit_convert(unit(q, to), unit(q, from), found);
	assert_true(fabs(found - value) <= 1e-9 * fabs(value) + 1e-12);
}

static void
test_convert(void **state)
{
	(void)state;
	check_convert(OMH_GLUCOSE, "mmol/L", "mg/dL", 5.5, 99.1001);
	check_convert(OMH_TEMPERATURE, "F", "C", 98.6, 37);
	check_convert(OMH_TEMPERATURE, "K", "C", 310.15, 37);
	check_convert(OMH_TEMPERATURE, "K", "F", 0, -459.67);
	check_convert(OMH_MASS, "lb", "kg", 150, 68.0388555);
	check_convert(OMH_MASS, "oz", "lb", 16, 1);
	check_convert(OMH_MASS, "gr", "lb", 7000, 1);
	check_convert(OMH_MASS, "Ton", "lb", 1, 2000);
	check_convert(OMH_DURATION, "h", "min", 1.5, 90);
	check_convert(OMH_DURATION, "wk", "d", 1, 7);
	check_convert(OMH_DURATION, "yr", "Mo", 1, 12);
	check_convert(OMH_LENGTH, "mi", "km", 1, 1.609344);
	check_convert(OMH_LENGTH, "yd", "ft", 1, 3);
	check_convert(OMH_LENGTH, "ft", "in", 1, 12);
	check_convert(OMH_PRESSURE, "kPa", "mmHg", 16, 120.009869232);
	check_convert(OMH_ENERGY, "kcal", "kJ", 100, 418.4);
}

static void
check_rewrite(enum omh_quantity q, const char *from, const char *to,
    const char *stored, const char *wanted)
{
	char	text[OMH_NUMBER_SIZE];
	bool	done = omh_unit_rewrite(unit(q, from), unit(q, to), stored,
		    strlen(stored), text);

	if (wanted == NULL) {
		assert_false(done);
		return;
	}
	assert_true(done);
	assert_string_equal(text, wanted);
}

static void
test_rewrite(void **state)
{
	char	many[100];

	(void)state;
	check_rewrite(OMH_GLUCOSE, "mg/dL", "mmol/L", "100", "5.55");
	check_rewrite(OMH_GLUCOSE, "mg/dL", "mmol/L", "99.5", "5.52");
	check_rewrite(OMH_GLUCOSE, "mmol/L", "mg/dL", "5.5", "99.1");
	check_rewrite(OMH_GLUCOSE, "mmol/L", "mg/dL", "6", "108.1");
	check_rewrite(OMH_TEMPERATURE, "F", "C", "98.6", "37");
	check_rewrite(OMH_TEMPERATURE, "F", "C", "98.4", "36.89");
	check_rewrite(OMH_TEMPERATURE, "C", "F", "0", "32");
	check_rewrite(OMH_TEMPERATURE, "F", "C", "32", "0");
	check_rewrite(OMH_TEMPERATURE, "F", "C", "31.999", "-0.000556");
	check_rewrite(OMH_DURATION, "min", "h", "412", "6.9");
	check_rewrite(OMH_DURATION, "h", "min", "6.25", "375");
	check_rewrite(OMH_DURATION, "min", "wk", "5", "0.000496");
	check_rewrite(OMH_MASS, "lb", "kg", "180", "81.6");
	check_rewrite(OMH_MASS, "lb", "kg", "180.4", "81.83");
	check_rewrite(OMH_MASS, "kg", "Metric Ton", "70", "0.07");
	check_rewrite(OMH_MASS, "kg", "lb", "0", "0");
	check_rewrite(OMH_MASS, "kg", "lb", "1e2", "220.5");
	/* What a double or the cell cannot hold stays as stored. */
	check_rewrite(OMH_MASS, "kg", "lb", "1e400", NULL);
	check_rewrite(OMH_MASS, "kg", "fg", "1e10", NULL);
	check_rewrite(OMH_MASS, "kg", "lb", "", NULL);
	check_rewrite(OMH_MASS, "kg", "lb", "1x", NULL);
	memset(many, '1', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	check_rewrite(OMH_MASS, "kg", "lb", many, NULL);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_convert),
		cmocka_unit_test(test_rewrite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
