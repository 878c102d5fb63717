# SPDX-License-Identifier: MIT
"""omh://schema/...: what the schemas of bodies take and what they refuse, by
a validator of our own that refuses words of JSON Schema it does not know."""

import json
import re

import pytest

from harness.wire import request, run

PREFIX = "omh://schema/"
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool}
NOTED = {"$schema", "$id", "$defs", "title", "description", "examples"}
AT = {"date_time": "2026-07-20T08:00:00-07:00"}
NIGHT = {"time_interval": {"start_date_time": "2026-07-20T22:00:00Z",
                           "end_date_time": "2026-07-21T06:00:00Z"}}


def fits(value, schema, root):
    """Whether a value satisfies a schema."""
    return all(word in NOTED or CHECKS[word](value, rule, schema, root)
               for word, rule in schema.items())


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_of(value, rule, *_):
    if rule == "integer":
        return is_number(value) and value == int(value)
    return (is_number(value) if rule == "number"
            else isinstance(value, TYPES[rule]))


def members_fit(value, rule, schema, root):
    return not isinstance(value, dict) or all(
        fits(value[name], one, root) for name, one in rule.items()
        if name in value)


def patterns_fit(value, rule, schema, root):
    return not isinstance(value, dict) or all(
        fits(member, one, root) for pattern, one in rule.items()
        for name, member in value.items() if re.search(pattern, name))


CHECKS = {
    "type": is_of,
    "properties": members_fit,
    "patternProperties": patterns_fit,
    "required": lambda value, rule, *_: not isinstance(value, dict)
    or all(name in value for name in rule),
    "enum": lambda value, rule, *_: value in rule,
    "minimum": lambda value, rule, *_: not is_number(value) or value >= rule,
    "format": lambda *_: True,
    "items": lambda value, rule, schema, root: not isinstance(value, list)
    or all(fits(one, rule, root) for one in value),
    "oneOf": lambda value, rule, schema, root: sum(
        fits(value, one, root) for one in rule) == 1,
    "anyOf": lambda value, rule, schema, root: any(
        fits(value, one, root) for one in rule),
    "$ref": lambda value, rule, schema, root: fits(
        value, root["$defs"][rule.removeprefix("#/$defs/")], root),
}


@pytest.fixture(scope="module")
def schemas():
    """All that are listed, by name; nobody need be signed in for them."""
    lines = run(["stdio"], request("resources/list")).stdout
    uris = [one["uri"] for one in json.loads(lines)["result"]["resources"]
            if one["uri"].startswith(PREFIX)]
    done = run(["stdio"], b"".join(
        request("resources/read", {"uri": uri}, uri) for uri in uris))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    found = {}
    for answer in answers:
        content, = answer["result"]["contents"]
        assert content["uri"] == answer["id"]
        assert content["mimeType"] == "application/schema+json"
        found[answer["id"].removeprefix(PREFIX)] = json.loads(
            content["text"])
    assert len(found) == len(uris) == 15
    return found


def test_each_is_a_schema_of_its_own(schemas):
    for name, schema in schemas.items():
        assert schema["$id"] == PREFIX + name
        assert schema["$schema"].endswith("/2020-12/schema")
        assert schema["type"] == "object" and schema["required"]
        assert "://" not in json.dumps({
            key: value for key, value in schema.items()
            if key not in ("$id", "$schema")})
        assert not fits([], schema, schema)
        assert not fits({}, schema, schema)


def value(number, unit):
    return {"value": number, "unit": unit}


HOURS = value(7.5, "h")
GOOD = [
    ("blood-glucose", {"blood_glucose": value(115, "mg/dL"),
                       "effective_time_frame": AT,
                       "temporal_relationship_to_meal": "fasting"}),
    ("blood-glucose", {"blood_glucose": value(6.4, "mmol/L"),
                       "effective_time_frame": NIGHT, "else": 1}),
    ("blood-pressure", {"systolic_blood_pressure": value(124, "mmHg"),
                        "diastolic_blood_pressure": value(78, "mmHg"),
                        "effective_time_frame": AT}),
    ("body-temperature", {"body_temperature": value(310.1, "K"),
                          "effective_time_frame": AT}),
    ("body-weight", {"body_weight": value(150, "lb")}),
    ("forced-vital-capacity", {"forced_vital_capacity": value(4, "L"),
                               "measurement_quality": "usable"}),
    ("heart-rate", {"heart_rate": value(61.5, "beats/min"),
                    "effective_time_frame": NIGHT,
                    "descriptive_statistic": "average"}),
    ("oxygen-saturation", {"oxygen_saturation": value(97, "%"),
                           "effective_time_frame": AT}),
    ("physical-activity", {"activity_name": "walk",
                           "distance": value(6120.4, "m"),
                           "kcal_burned": value(471, "kcal"),
                           "met_value": 2.5,
                           "reported_activity_intensity": "light"}),
    ("respiratory-rate", {"respiratory_rate": value(14, "breaths/min"),
                          "effective_time_frame": AT}),
    ("rr-interval", {"rr_interval": value(812, "ms")}),
    ("sleep-duration", {"sleep_duration": HOURS,
                        "effective_time_frame": NIGHT}),
    ("sleep-episode", {"effective_time_frame": NIGHT,
                       "total_sleep_time": HOURS,
                       "number_of_awakenings": 3, "is_main_sleep": True}),
    ("sleep-stage-summary", {
        "effective_time_frame": NIGHT, "sleep_stage_summary": {
            "total_sleep_time": HOURS, "rem_sleep_percentage": value(20, "%"),
            "deep_sleep_episode_count": 4, "number_of_awakenings": 2,
            "sleep_efficiency_percentage": value(88.5, "%"),
            "latency_to_sleep_onset": value(12, "min")}}),
    ("step-count", {"step_count": value(8127, "steps"),
                    "effective_time_frame": {"time_interval": {
                        "start_date_time": "2026-07-20T00:00:00Z",
                        "duration": value(1, "d")}}}),
    ("step-count", {"step_count": value(8127, "steps"),
                    "effective_time_frame": {"time_interval": {
                        "date": "2026-07-20", "part_of_day": "morning"}}}),
]


@pytest.mark.parametrize("name, body", GOOD)
def test_a_body_that_is_right(schemas, name, body):
    assert fits(body, schemas[name], schemas[name])


BAD = [
    ("blood-glucose", {"blood_glucose": value(115, "mg/dL")}),
    ("blood-glucose", {"effective_time_frame": AT}),
    ("blood-glucose", {"blood_glucose": value(115, "mg/dl"),
                       "effective_time_frame": AT}),
    ("blood-glucose", {"blood_glucose": value("115", "mg/dL"),
                       "effective_time_frame": AT}),
    ("blood-glucose", {"blood_glucose": 115, "effective_time_frame": AT}),
    ("blood-glucose", {"blood_glucose": value(115, "mg/dL"),
                       "effective_time_frame": {**AT, **NIGHT}}),
    ("blood-glucose", {"blood_glucose": value(115, "mg/dL"),
                       "effective_time_frame": {}}),
    ("blood-pressure", {"systolic_blood_pressure": value(124, "mmHg"),
                        "effective_time_frame": AT}),
    ("blood-pressure", {"systolic_blood_pressure": value(16, "kPa"),
                        "diastolic_blood_pressure": value(78, "mmHg"),
                        "effective_time_frame": AT}),
    ("rr-interval", {"rr_interval": value(0.8, "sec")}),
    ("sleep-duration", {"sleep_duration": value(27000000, "ms"),
                        "effective_time_frame": NIGHT}),
    ("sleep-duration", {"sleep_duration": HOURS,
                        "effective_time_frame": AT}),
    ("step-count", {"step_count": value(1, "steps"),
                    "effective_time_frame": AT}),
    ("step-count", {"step_count": value(1, "steps"),
                    "effective_time_frame": {"time_interval": {
                        "start_date_time": "2026-07-20T00:00:00Z"}}}),
    ("sleep-stage-summary", {"effective_time_frame": NIGHT,
                             "sleep_stage_summary": {}}),
    ("sleep-stage-summary", {"effective_time_frame": NIGHT,
                             "sleep_stage_summary": {
                                 "total_sleep_time": HOURS,
                                 "rem_sleep_percentage": 20}}),
    ("physical-activity", {"distance": value(1, "m")}),
    ("physical-activity", {"activity_name": "walk",
                           "reported_activity_intensity": "high"}),
    ("forced-vital-capacity", {"forced_vital_capacity": value(4, "L"),
                               "measurement_quality": "good"}),
]


@pytest.mark.parametrize("name, body", BAD)
def test_a_body_that_is_wrong(schemas, name, body):
    assert not fits(body, schemas[name], schemas[name])


def test_each_type_is_tried(schemas):
    assert {name for name, _ in GOOD} == set(schemas) - {
        "forced-expiratory-volume-1-second"}


def test_the_units_of_the_bodies_that_the_exchange_took(schemas, pg):
    """Each whole body of the test data with a known name and its value."""
    found = tried = 0
    with pg.connection.cursor() as cursor:
        cursor.execute("""
            SELECT c.coding_code, o.omh_data -> 'body'
            FROM core_observation o
            JOIN core_codeableconcept c ON c.id = o.codeable_concept_id
            WHERE jsonb_typeof(o.omh_data -> 'body') = 'object'
            AND o.subject_patient_id BETWEEN 40015 AND 40042
            ORDER BY o.id LIMIT 4000""")
        for code, body in cursor.fetchall():
            name = code.split(":")[1]
            if name in schemas:
                tried += 1
                found += fits(body, schemas[name], schemas[name])
    assert tried > 1000 and found == tried
