/* SPDX-License-Identifier: MIT */
/*
 * The table of data types and finding one in it.  Runs in the worker.  Names
 * come from a client, codes and texts from the database: both untrusted.
 */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "omh/types.h"

#define ONE(member, quantity, unit) \
	{ #member, "", { #member }, OMH_NUMBER, quantity, unit }

static const struct omh_type omh_types[OMH_TYPES] = {
	{ "omh", "blood-glucose", "4.0", "Blood glucose", "glucose, cgm",
	    OMH_READING, 0, 1, { ONE(blood_glucose, OMH_GLUCOSE, "mg/dL") } },
	{ "omh", "blood-pressure", "4.0", "Blood pressure", "bp",
	    OMH_READING, OMH_GROUP_VITALS, 2, {
		{ "systolic", "", { "systolic_blood_pressure" }, OMH_NUMBER,
		    OMH_PRESSURE, "mmHg" },
		{ "diastolic", "", { "diastolic_blood_pressure" }, OMH_NUMBER,
		    OMH_PRESSURE, "mmHg" } } },
	{ "omh", "body-temperature", "4.0", "Body temperature", "temperature",
	    OMH_READING, OMH_GROUP_VITALS, 1,
	    { ONE(body_temperature, OMH_TEMPERATURE, "C") } },
	{ "omh", "body-weight", "3.0", "Body weight", "weight",
	    OMH_READING, 0, 1, { ONE(body_weight, OMH_MASS, "kg") } },
	{ "omh", "forced-expiratory-volume-1-second", "1.0",
	    "Forced expiratory volume 1 second", "fev1", OMH_READING, 0, 1,
	    { ONE(forced_expiratory_volume_1_second, OMH_VOLUME, "L") } },
	{ "omh", "forced-vital-capacity", "1.0", "Forced vital capacity",
	    "fvc", OMH_READING, 0, 1,
	    { ONE(forced_vital_capacity, OMH_VOLUME, "L") } },
	{ "omh", "heart-rate", "2.0", "Heart Rate", "pulse",
	    OMH_READING, OMH_GROUP_VITALS, 1,
	    { ONE(heart_rate, OMH_HEART_RATE, "beats/min") } },
	{ "omh", "oxygen-saturation", "2.0", "Oxygen saturation", "spo2",
	    OMH_READING, OMH_GROUP_VITALS, 1,
	    { ONE(oxygen_saturation, OMH_SHARE, "%") } },
	{ "omh", "physical-activity", "1.2", "Physical activity", "activity",
	    OMH_DAILY_TOTAL, OMH_GROUP_ACTIVITY, 4, {
		{ "activity_name", "", { "activity_name" }, OMH_TEXT,
		    OMH_NO_QUANTITY, NULL },
		ONE(distance, OMH_LENGTH, "m"),
		ONE(kcal_burned, OMH_ENERGY, "kcal"),
		ONE(met_value, OMH_MET, "MET") } },
	{ "omh", "respiratory-rate", "2.0", "Respiratory rate", NULL,
	    OMH_READING, OMH_GROUP_VITALS, 1,
	    { ONE(respiratory_rate, OMH_BREATH_RATE, "breaths/min") } },
	{ "omh", "rr-interval", "1.0", "RR Interval", NULL,
	    OMH_READING, 0, 1, { ONE(rr_interval, OMH_DURATION, "ms") } },
	{ "omh", "sleep-duration", "2.0", "Sleep duration", NULL,
	    OMH_NIGHT, OMH_GROUP_SLEEP, 1,
	    { ONE(sleep_duration, OMH_DURATION, "h") } },
	{ "omh", "sleep-episode", "1.1", "Sleep episode", NULL,
	    OMH_NIGHT, OMH_GROUP_SLEEP, 6, {
		{ "total_sleep_time", "total", { "total_sleep_time" },
		    OMH_NUMBER, OMH_DURATION, "h" },
		{ "latency_to_sleep_onset", "latency",
		    { "latency_to_sleep_onset" }, OMH_NUMBER, OMH_DURATION,
		    "h" },
		{ "latency_to_arising", "latency to arising",
		    { "latency_to_arising" }, OMH_NUMBER, OMH_DURATION,
		    "h" },
		{ "wake_after_sleep_onset", "awake",
		    { "wake_after_sleep_onset" }, OMH_NUMBER, OMH_DURATION,
		    "h" },
		{ "efficiency_pct", "efficiency",
		    { "sleep_maintenance_efficiency_percentage" },
		    OMH_NUMBER, OMH_SHARE, "%" },
		{ "awakenings", "awakenings", { "number_of_awakenings" },
		    OMH_NUMBER, OMH_NO_QUANTITY, NULL } } },
	{ "ieee", "sleep-stage-summary", "1.0", "Sleep stage summary", NULL,
	    OMH_NIGHT, OMH_GROUP_SLEEP, 7, {
		{ "total_sleep_time", "total",
		    { "sleep_stage_summary", "total_sleep_time" },
		    OMH_NUMBER, OMH_DURATION, "h" },
		{ "light_sleep", "light",
		    { "sleep_stage_summary", "light_sleep_duration" },
		    OMH_NUMBER, OMH_DURATION, "h" },
		{ "deep_sleep", "deep",
		    { "sleep_stage_summary", "deep_sleep_duration" },
		    OMH_NUMBER, OMH_DURATION, "h" },
		{ "rem_sleep", "rem",
		    { "sleep_stage_summary", "rem_sleep_duration" },
		    OMH_NUMBER, OMH_DURATION, "h" },
		{ "awake", "awake",
		    { "sleep_stage_summary", "awake_duration" },
		    OMH_NUMBER, OMH_DURATION, "h" },
		{ "efficiency_pct", "efficiency",
		    { "sleep_stage_summary", "sleep_efficiency_percentage" },
		    OMH_NUMBER, OMH_SHARE, "%" },
		{ "awakenings", "awakenings",
		    { "sleep_stage_summary", "number_of_awakenings" },
		    OMH_NUMBER, OMH_NO_QUANTITY, NULL } } },
	{ "omh", "step-count", "3.0", "Step count", "steps",
	    OMH_DAILY_TOTAL, OMH_GROUP_ACTIVITY, 1,
	    { ONE(step_count, OMH_STEPS, "steps") } },
};

const struct omh_type *
omh_type_at(size_t i)
{
	return i < OMH_TYPES ? &omh_types[i] : NULL;
}

size_t
omh_type_index(const struct omh_type *t)
{
	return (size_t)(t - omh_types);
}

/* Case, blanks and underscores make no difference. */
static char
omh_fold(char c)
{
	if (c == '_' || c == ' ')
		return '-';
	return (char)tolower((unsigned char)c);
}

static bool
omh_same(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t	i;

	if (alen != blen)
		return false;
	for (i = 0; i < alen; i++)
		if (omh_fold(a[i]) != omh_fold(b[i]))
			return false;
	return true;
}

/*
 * The next of "glucose, cgm": its start, its length in *len; *at moves on.
 * NULL at the end.
 */
static const char *
omh_next_name(const char **at, size_t *len)
{
	const char	*start = *at;

	if (start == NULL || *start == '\0')
		return NULL;
	*len = strcspn(start, ",");
	*at = start + *len;
	while (**at == ',' || **at == ' ')
		(*at)++;
	return start;
}

static bool
omh_type_named(const struct omh_type *t, const char *name, size_t len)
{
	const char	*others = t->other_names, *other;
	size_t		 n;

	if (omh_same(t->name, strlen(t->name), name, len) ||
	    omh_same(t->text, strlen(t->text), name, len))
		return true;
	while ((other = omh_next_name(&others, &n)) != NULL)
		if (omh_same(other, n, name, len))
			return true;
	return false;
}

const struct omh_type *
omh_type_find(const char *name, size_t len)
{
	size_t	i;

	for (i = 0; i < OMH_TYPES; i++)
		if (omh_type_named(&omh_types[i], name, len))
			return &omh_types[i];
	return omh_type_of_code(name, len);
}

/* The name in "namespace:name[:version]"; NULL if it is no such code. */
static const char *
omh_code_name(const char *code, size_t len, size_t *space_len,
    size_t *name_len)
{
	const char	*name, *end;

	name = memchr(code, ':', len);
	if (name == NULL || name == code)
		return NULL;
	*space_len = (size_t)(name - code);
	name++;
	len -= *space_len + 1;
	end = memchr(name, ':', len);
	*name_len = end != NULL ? (size_t)(end - name) : len;
	return *name_len > 0 ? name : NULL;
}

const struct omh_type *
omh_type_of_code(const char *code, size_t len)
{
	const struct omh_type	*t;
	const char		*name;
	size_t			 i, space_len, name_len;

	name = omh_code_name(code, len, &space_len, &name_len);
	if (name == NULL)
		return NULL;
	for (i = 0; i < OMH_TYPES; i++) {
		t = &omh_types[i];
		if (strlen(t->space) == space_len &&
		    strncasecmp(t->space, code, space_len) == 0 &&
		    omh_same(t->name, strlen(t->name), name, name_len))
			return t;
	}
	return NULL;
}

void
omh_type_show(struct buf *out, const char *code, size_t code_len,
    const char *text, size_t text_len)
{
	const struct omh_type	*t;
	const char		*name;
	size_t			 i, space_len, name_len;

	if ((t = omh_type_of_code(code, code_len)) != NULL) {
		buf_adds(out, t->name);
		return;
	}
	name = omh_code_name(code, code_len, &space_len, &name_len);
	if (name == NULL) {
		if (text_len > 0)
			buf_add(out, text, text_len);
		else
			buf_add(out, code, code_len);
		return;
	}
	for (i = 0; i < OMH_TYPES; i++)
		if (omh_same(omh_types[i].name, strlen(omh_types[i].name),
		    name, name_len)) {
			buf_add(out, code, space_len + 1 + name_len);
			return;
		}
	buf_add(out, name, name_len);
}

/* Edits that make one of the other; names longer than the row are far. */
static size_t
omh_distance(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t	row[41], i, j, before, above, best;

	if (alen > 40 || blen > 40)
		return 100;
	for (j = 0; j <= blen; j++)
		row[j] = j;
	for (i = 1; i <= alen; i++) {
		before = row[0];
		row[0] = i;
		for (j = 1; j <= blen; j++) {
			above = row[j];
			best = before +
			    (omh_fold(a[i - 1]) != omh_fold(b[j - 1]));
			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			before = above;
		}
	}
	return row[blen];
}

const struct omh_type *
omh_type_nearest(const char *name, size_t len)
{
	const struct omh_type	*best = NULL;
	const char		*others, *other;
	size_t			 i, n, d, near = len / 3 + 2;

	for (i = 0; i < OMH_TYPES; i++) {
		others = omh_types[i].other_names;
		other = omh_types[i].name;
		n = strlen(other);
		do {
			d = omh_distance(name, len, other, n);
			/* Short names are near to everything. */
			if (d < near && d < n) {
				near = d;
				best = &omh_types[i];
			}
		} while ((other = omh_next_name(&others, &n)) != NULL);
	}
	return best;
}

uint32_t
omh_type_group(const char *name, size_t len)
{
	static const struct {
		const char	*name;
		unsigned int	 bit;
	} groups[] = {
		{ "sleep", OMH_GROUP_SLEEP },
		{ "activity", OMH_GROUP_ACTIVITY },
		{ "vitals", OMH_GROUP_VITALS },
	};
	uint32_t	bits = 0;
	size_t		g, i;

	for (g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
		if (!omh_same(groups[g].name, strlen(groups[g].name), name,
		    len))
			continue;
		for (i = 0; i < OMH_TYPES; i++)
			if ((omh_types[i].groups & groups[g].bit) != 0)
				bits |= UINT32_C(1) << i;
	}
	return bits;
}

const char *
omh_analysis_name(enum omh_analysis a)
{
	static const char *const names[] = {
		[OMH_READING] = "reading",
		[OMH_DAILY_TOTAL] = "daily_total",
		[OMH_NIGHT] = "night",
	};

	return names[a];
}

const struct omh_measure *
omh_measure_find(const struct omh_type *t, const char *name)
{
	const struct omh_measure	*m;
	const char			*member;
	size_t				 i, len = strlen(name);

	for (i = 0; i < t->nmeasures; i++) {
		m = &t->measures[i];
		member = m->path[1] != NULL ? m->path[1] : m->path[0];
		/* "deep-sleep" folds like "deep_sleep". */
		if (omh_same(m->name, strlen(m->name), name, len) ||
		    omh_same(member, strlen(member), name, len))
			return m;
	}
	return NULL;
}

const struct omh_unit *
omh_measure_unit(const struct omh_measure *m)
{
	if (m->unit == NULL)
		return NULL;
	return omh_unit_stored(m->quantity, m->unit, strlen(m->unit));
}

void
omh_measure_units(struct buf *out, const struct omh_measure *m)
{
	const struct omh_unit	*u;
	size_t			 i, n = 0;

	for (i = 0; i < omh_unit_count(); i++) {
		u = omh_unit_at(i);
		if (u->quantity != m->quantity)
			continue;
		buf_adds(out, n++ > 0 ? ", " : "");
		buf_adds(out, u->name);
	}
}
