# SPDX-License-Identifier: MIT
"""JSON Schema, as far as the tools' definitions use it.

A keyword that this does not know is an error: nothing is passed over.
"""

import math
import re

WORDS = {"title", "description", "default", "$schema"}


class Invalid(AssertionError):
    pass


def is_type(value, name):
    if name == "null":
        return value is None
    if name == "boolean":
        return isinstance(value, bool)
    if name == "string":
        return isinstance(value, str)
    if name == "array":
        return isinstance(value, list)
    if name == "object":
        return isinstance(value, dict)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    if name == "number":
        return True
    assert name == "integer", name
    return isinstance(value, int) or (
        math.isfinite(value) and value == int(value))


def _type(value, names, *_):
    names = names if isinstance(names, list) else [names]
    return any(is_type(value, name) for name in names)


def _required(value, names, *_):
    return not isinstance(value, dict) or all(n in value for n in names)


def _properties(value, schemas, _, path):
    if isinstance(value, dict):
        for name, schema in schemas.items():
            if name in value:
                check(value[name], schema, f"{path}.{name}")
    return True


def _additional(value, rule, schema, path):
    if not isinstance(value, dict):
        return True
    others = set(value) - set(schema.get("properties", {}))
    if isinstance(rule, dict):
        for name in others:
            check(value[name], rule, f"{path}.{name}")
        return True
    return rule or not others


def _items(value, schema, _, path):
    if isinstance(value, list):
        for index, one in enumerate(value):
            check(one, schema, f"{path}[{index}]")
    return True


def _number(test):
    return lambda value, limit, *_: not is_type(value, "number") or test(
        value, limit)


def _length(kind, test):
    return lambda value, limit, *_: not isinstance(value, kind) or test(
        len(value), limit)


CHECKS = {
    "type": _type, "required": _required, "properties": _properties,
    "additionalProperties": _additional, "items": _items,
    "enum": lambda value, values, *_: any(
        value == one and type(value) is type(one) for one in values),
    "minimum": _number(lambda value, limit: value >= limit),
    "maximum": _number(lambda value, limit: value <= limit),
    "minLength": _length(str, lambda size, limit: size >= limit),
    "maxLength": _length(str, lambda size, limit: size <= limit),
    "minItems": _length(list, lambda size, limit: size >= limit),
    "maxItems": _length(list, lambda size, limit: size <= limit),
    "pattern": lambda value, pattern, *_: not isinstance(
        value, str) or re.search(pattern, value) is not None,
}


def check(value, schema, path="$"):
    """Raises Invalid where a value does not satisfy a schema."""
    for keyword, rule in schema.items():
        if keyword in WORDS:
            continue
        if keyword not in CHECKS:
            raise NotImplementedError(keyword)
        if not CHECKS[keyword](value, rule, schema, path):
            raise Invalid(f"{path}: {keyword} {rule!r}: {value!r:.200}")
