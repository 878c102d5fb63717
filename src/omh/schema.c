/* SPDX-License-Identifier: MIT */
/*
 * The schemas of bodies, written from the table of data types and from what
 * is beside the measures here.  Runs in the worker; nothing is untrusted.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "omh/schema.h"

/* What a type asks of effective_time_frame. */
enum schema_frame {
	FRAME_OPTIONAL,		/* any form, need not be there */
	FRAME_ANY,
	FRAME_INTERVAL		/* a time_interval */
};

/* Beside the measures.  Lists are separated by '|'; NULL is none. */
struct schema_more {
	const char		*type;
	enum schema_frame	 frame;
	const char		*required;
	const char		*units;		/* instead of the quantity's */
	const char		*texts;		/* members that are text */
	const char		*members;	/* more members, JSON */
	const char		*inner;		/* more in the inner object */
};

#define QUALITY	"\"measurement_quality\":{\"enum\":[\"acceptable\"," \
	"\"usable\",\"rejected\"]}"
#define MAIN_SLEEP "\"is_main_sleep\":{\"type\":\"boolean\"}"

static const struct schema_more	schema_more[OMH_TYPES] = {
	{ "blood-glucose", FRAME_ANY, "blood_glucose", NULL,
	    "specimen_source|temporal_relationship_to_meal|"
	    "temporal_relationship_to_sleep", NULL, NULL },
	{ "blood-pressure", FRAME_ANY,
	    "systolic_blood_pressure|diastolic_blood_pressure", NULL,
	    "body_posture|measurement_location|"
	    "temporal_relationship_to_physical_activity", NULL, NULL },
	{ "body-temperature", FRAME_ANY, "body_temperature", NULL,
	    "measurement_location|temporal_relationship_to_sleep", NULL,
	    NULL },
	{ "body-weight", FRAME_OPTIONAL, "body_weight", NULL, NULL, NULL,
	    NULL },
	{ "forced-expiratory-volume-1-second", FRAME_OPTIONAL,
	    "forced_expiratory_volume_1_second", NULL, NULL, QUALITY, NULL },
	{ "forced-vital-capacity", FRAME_OPTIONAL, "forced_vital_capacity",
	    NULL, NULL, QUALITY, NULL },
	{ "heart-rate", FRAME_ANY, "heart_rate", NULL,
	    "temporal_relationship_to_physical_activity|"
	    "temporal_relationship_to_sleep", NULL, NULL },
	{ "oxygen-saturation", FRAME_ANY, "oxygen_saturation", NULL, NULL,
	    NULL, NULL },
	{ "physical-activity", FRAME_OPTIONAL, "activity_name", NULL, NULL,
	    "\"reported_activity_intensity\":{\"enum\":[\"light\","
	    "\"moderate\",\"vigorous\"]}", NULL },
	{ "respiratory-rate", FRAME_ANY, "respiratory_rate", NULL,
	    "body_posture|temporal_relationship_to_physical_activity", NULL,
	    NULL },
	{ "rr-interval", FRAME_OPTIONAL, "rr_interval", "ms", NULL, NULL,
	    NULL },
	{ "sleep-duration", FRAME_INTERVAL, "sleep_duration", "sec|min|h",
	    NULL, NULL, NULL },
	{ "sleep-episode", FRAME_INTERVAL, NULL, NULL, NULL, MAIN_SLEEP,
	    NULL },
	{ "sleep-stage-summary", FRAME_ANY, "sleep_stage_summary", NULL,
	    NULL, MAIN_SLEEP ",\"sleep_stage_episodes\":{\"type\":\"array\","
	    "\"items\":{\"type\":\"object\"}}",
	    "\"required\":[\"total_sleep_time\"],\"patternProperties\":{"
	    "\"_percentage$\":{\"$ref\":\"#/$defs/share\"},"
	    "\"_episode_count$\":{\"type\":\"integer\",\"minimum\":0},"
	    "\"^latency_\":{\"$ref\":\"#/$defs/duration\"}}" },
	{ "step-count", FRAME_INTERVAL, "step_count", NULL, NULL, NULL, NULL },
};

#define DURATIONS	"ps|ns|us|ms|sec|min|h|d|wk|Mo|yr"

/* As bodies have them; units.c converts to more. */
static const char *const	schema_units[OMH_QUANTITIES] = {
	[OMH_GLUCOSE] = "mg/dL|mmol/L",
	[OMH_PRESSURE] = "mmHg",
	[OMH_TEMPERATURE] = "K|F|C",
	[OMH_HEART_RATE] = "beats/min",
	[OMH_BREATH_RATE] = "breaths/min",
	[OMH_SHARE] = "%",
	[OMH_DURATION] = DURATIONS,
	[OMH_MASS] = "fg|pg|ng|ug|mg|g|kg|Metric Ton|gr|oz|lb|Ton",
	[OMH_VOLUME] = "L",
	[OMH_LENGTH] = "fm|pm|nm|um|mm|cm|m|km|in|ft|yd|mi",
	[OMH_ENERGY] = "kcal",
	[OMH_STEPS] = "steps",
};

/* The forms of a time, and what they are made of. */
static const char	schema_times[] =
    "\"instant\":{\"type\":\"string\",\"format\":\"date-time\","
    "\"description\":\"With an offset; without one it is UTC.\"},"
    "\"time_interval\":{\"type\":\"object\",\"properties\":{"
    "\"start_date_time\":{\"$ref\":\"#/$defs/instant\"},"
    "\"end_date_time\":{\"$ref\":\"#/$defs/instant\"},"
    "\"duration\":{\"$ref\":\"#/$defs/duration\"},"
    "\"date\":{\"type\":\"string\",\"format\":\"date\"},"
    "\"part_of_day\":{\"enum\":[\"morning\",\"afternoon\",\"evening\","
    "\"night\"],\"description\":\"From 6, 12, 18 and 0 hours UTC, for six "
    "hours.\"}},\"anyOf\":["
    "{\"required\":[\"start_date_time\",\"end_date_time\"]},"
    "{\"required\":[\"start_date_time\",\"duration\"]},"
    "{\"required\":[\"end_date_time\",\"duration\"]},"
    "{\"required\":[\"date\",\"part_of_day\"]}]}";

static const char	schema_any_frame[] =
    "{\"type\":\"object\",\"properties\":{"
    "\"date_time\":{\"$ref\":\"#/$defs/instant\"},"
    "\"time_interval\":{\"$ref\":\"#/$defs/time_interval\"}},"
    "\"oneOf\":[{\"required\":[\"date_time\"]},"
    "{\"required\":[\"time_interval\"]}]}";

static const char	schema_interval_frame[] =
    "{\"type\":\"object\",\"properties\":{"
    "\"time_interval\":{\"$ref\":\"#/$defs/time_interval\"}},"
    "\"required\":[\"time_interval\"]}";

/* Of every type. */
static const char	schema_statistic[] =
    "\"descriptive_statistic\":{\"type\":\"string\",\"examples\":["
    "\"average\",\"count\",\"maximum\",\"median\",\"minimum\","
    "\"standard deviation\",\"sum\",\"variance\"],\"description\":\"What the "
    "value is of the readings in the time frame; a single reading has "
    "none.\"},\"descriptive_statistic_denominator\":{\"type\":\"string\"}";

static void
schema_raw(struct json *j, const char *text)
{
	json_raw(j, text, strlen(text));
}

static const struct schema_more *
schema_of(const struct omh_type *t)
{
	return &schema_more[omh_type_index(t)];
}

/* The next of "a|b|c"; *at moves on.  NULL at the end. */
static const char *
schema_next(const char **at, size_t *len)
{
	const char	*start = *at;

	if (start == NULL || *start == '\0')
		return NULL;
	*len = strcspn(start, "|");
	*at = start + *len + (start[*len] == '|');
	return start;
}

static void
schema_list(struct json *j, const char *key, const char *list)
{
	const char	*one;
	size_t		 len;

	json_key(j, key);
	json_array_begin(j);
	while ((one = schema_next(&list, &len)) != NULL)
		json_stringn(j, one, len);
	json_array_end(j);
}

static void
schema_text(struct json *j, const char *key, const char *text)
{
	json_key(j, key);
	json_string(j, text);
}

/* {"value": number, "unit": one of the list} */
static void
schema_quantity(struct json *j, const char *units)
{
	json_object_begin(j);
	schema_text(j, "type", "object");
	json_key(j, "properties");
	schema_raw(j, "{\"value\":{\"type\":\"number\"},\"unit\":");
	j->after_key = true;
	json_object_begin(j);
	schema_list(j, "enum", units);
	json_object_end(j);
	buf_addc(j->out, '}');
	schema_list(j, "required", "value|unit");
	json_object_end(j);
}

const char *
omh_schema_units(const struct omh_type *t, const struct omh_measure *m)
{
	const char	*own = schema_of(t)->units;

	return m->quantity != OMH_NO_QUANTITY && own != NULL ? own :
	    schema_units[m->quantity];
}

static void
schema_measure(struct json *j, const struct omh_type *t,
    const struct omh_measure *m)
{
	const char	*units = omh_schema_units(t, m);

	json_key(j, m->path[1] != NULL ? m->path[1] : m->path[0]);
	if (units != NULL)
		schema_quantity(j, units);
	else if (m->kind == OMH_TEXT)
		schema_raw(j, "{\"type\":\"string\"}");
	else if (m->quantity == OMH_MET)
		schema_raw(j, "{\"type\":\"number\"}");
	else
		schema_raw(j, "{\"type\":\"integer\",\"minimum\":0}");
}

/* The measures; those below one member are that object's. */
static void
schema_measures(struct json *j, const struct omh_type *t)
{
	const struct schema_more	*more = schema_of(t);
	bool				 inner = t->measures[0].path[1] != NULL;
	size_t				 i;

	if (inner) {
		json_key(j, t->measures[0].path[0]);
		json_object_begin(j);
		schema_text(j, "type", "object");
		json_key(j, "properties");
		json_object_begin(j);
	}
	for (i = 0; i < t->nmeasures; i++)
		schema_measure(j, t, &t->measures[i]);
	if (inner) {
		json_object_end(j);
		schema_raw(j, more->inner);
		json_object_end(j);
	}
}

static void
schema_properties(struct json *j, const struct omh_type *t)
{
	const struct schema_more	*more = schema_of(t);
	const char			*at = more->texts, *one;
	char				 name[64];
	size_t				 len;

	json_key(j, "properties");
	json_object_begin(j);
	schema_measures(j, t);
	json_key(j, "effective_time_frame");
	schema_raw(j, more->frame == FRAME_INTERVAL ?
	    schema_interval_frame : schema_any_frame);
	if (more->members != NULL)
		schema_raw(j, more->members);
	while ((one = schema_next(&at, &len)) != NULL) {
		snprintf(name, sizeof(name), "%.*s", (int)len, one);
		json_key(j, name);
		schema_raw(j, "{\"type\":\"string\"}");
	}
	schema_raw(j, schema_statistic);
	json_object_end(j);
}

static void
schema_required(struct json *j, const struct schema_more *more)
{
	const char	*at = more->required, *one;
	size_t		 len;

	json_key(j, "required");
	json_array_begin(j);
	while ((one = schema_next(&at, &len)) != NULL)
		json_stringn(j, one, len);
	if (more->frame != FRAME_OPTIONAL)
		json_string(j, "effective_time_frame");
	json_array_end(j);
}

static void
schema_definitions(struct json *j, bool shares)
{
	json_key(j, "$defs");
	json_object_begin(j);
	schema_raw(j, schema_times);
	json_key(j, "duration");
	schema_quantity(j, DURATIONS);
	if (shares) {
		json_key(j, "share");
		schema_quantity(j, schema_units[OMH_SHARE]);
	}
	json_object_end(j);
}

void
omh_schema_write(struct json *j, const struct omh_type *t)
{
	json_object_begin(j);
	schema_text(j, "$schema",
	    "https://json-schema.org/draft/2020-12/schema");
	json_key(j, "$id");
	json_stringf(j, OMH_SCHEMA_PREFIX "%s", t->name);
	schema_text(j, "title", t->text);
	json_key(j, "description");
	json_stringf(j, "The body of %s:%s:%s, as the exchange checks it when "
	    "it is uploaded. Other members may occur.", t->space, t->name,
	    t->version);
	schema_text(j, "type", "object");
	schema_required(j, schema_of(t));
	schema_properties(j, t);
	schema_definitions(j, schema_of(t)->inner != NULL);
	json_object_end(j);
}
