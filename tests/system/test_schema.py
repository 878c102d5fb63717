# SPDX-License-Identifier: MIT
"""The tests' own validator of JSON Schema can say no."""

import pytest

from harness.schema import Invalid, check

TABLE = {"type": "object", "properties": {
    "n": {"type": "integer", "minimum": 0, "maximum": 9},
    "s": {"type": "string", "pattern": "^a+$", "maxLength": 3},
    "e": {"enum": ["x", 1, None]},
    "rows": {"type": "array", "maxItems": 2, "items": {
        "type": ["string", "null"]}}},
    "required": ["n"], "additionalProperties": False}
MAP = {"type": "object", "additionalProperties": {"type": "integer"}}


@pytest.mark.parametrize("schema, value", [
    (TABLE, {"n": 0}), (TABLE, {"n": 9.0, "s": "aaa", "e": None}),
    (TABLE, {"n": 1, "rows": ["x", None]}), (MAP, {"a": 1, "b": 2})])
def test_what_satisfies_a_schema_is_taken(schema, value):
    check(value, schema)


@pytest.mark.parametrize("schema, value", [
    (TABLE, []), (TABLE, {}), (TABLE, {"n": "1"}), (TABLE, {"n": True}),
    (TABLE, {"n": -1}), (TABLE, {"n": 10}), (TABLE, {"n": 1.5}),
    (TABLE, {"n": 1, "s": "b"}), (TABLE, {"n": 1, "s": "aaaa"}),
    (TABLE, {"n": 1, "e": "1"}), (TABLE, {"n": 1, "e": True}),
    (TABLE, {"n": 1, "rows": [1]}), (TABLE, {"n": 1, "rows": [None] * 3}),
    (TABLE, {"n": 1, "other": 1}), (MAP, {"a": "1"})])
def test_what_does_not_is_refused(schema, value):
    with pytest.raises(Invalid):
        check(value, schema)


def test_an_unknown_keyword_is_no_pass():
    with pytest.raises(NotImplementedError):
        check(1, {"oneOf": []})
