"""A record of nobody with the shape of a given one: as many rows, years, persons and characters, no value of it.

Kept: which months have rows, codes (insurance, state, policy), small counts, which fields are empty, and
the notice that everybody reads. Everything else is replaced by a value of the same form; the contract's own patterns
say what that is.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from backend_client.contract.account import Notice
from backend_client.contract.model import Message

MONTHS_OF_ROWS = frozenset({"fee_ym"})
DAY, INSTANT, MONEY, MONTH = date(2000, 1, 1), datetime(2016, 12, 31, 16, tzinfo=UTC), Decimal("1000.00"), "201601"
LARGEST_COUNT = 99
AnyMessage = TypeVar("AnyMessage", bound=Message)


class NotNeutral(Exception):
    """A field has a form that nothing neutral is known for; the recording goes without the record."""


@cache
def _schema(kind: type[Message]) -> dict[str, Any]:
    properties: dict[str, Any] = kind.model_json_schema()["properties"]
    return properties


def _pattern(schema: dict[str, Any]) -> str | None:
    forms = [schema, *schema.get("anyOf", ())]
    return next((form["pattern"] for form in forms if "pattern" in form), None)


def _text(kind: type[Message], name: str, value: str) -> str:
    schema = _schema(kind)[name]
    pattern = _pattern(schema)
    if name in MONTHS_OF_ROWS or value in schema.get("enum", ()):
        return value
    filled = "测" * len(value) if re.search(r"[^\x00-\x7f]", value) else "0" * len(value)
    if pattern is None:
        return filled
    candidates = (filled, "1", "01", "10", MONTH, "A" + "0" * (len(value) - 1),
                  "T" + "0" * (len(value) - 1), *(cursor + "0" * (len(value) - 1) for cursor in "ab"))  # fmt: skip
    for one in candidates:
        if len(one) == len(value) and re.search(pattern, one):
            return one
    raise NotNeutral(f"{kind.__name__}.{name}: nothing neutral of the form {pattern} is known; add it to neutral.py.")


def _value(kind: type[Message], name: str, value: Any) -> Any:
    match value:
        case None | bool() | Enum() | Notice():
            return value
        case Message():
            return neutral(value)
        case tuple():
            return tuple(_value(kind, name, item) for item in value)
        case int():
            return min(value, LARGEST_COUNT)
        case Decimal():
            return MONEY
        case datetime():
            return INSTANT
        case date():
            return DAY
        case str():
            return _text(kind, name, value)
    raise NotNeutral(f"{kind.__name__}.{name}: a {type(value).__name__} has no neutral value; add it to neutral.py.")


def neutral(message: AnyMessage) -> AnyMessage:
    """The same shape, nobody's values. NotNeutral for a form that is not known. Neutral of neutral is the same."""
    kind = type(message)
    return kind.model_validate({name: _value(kind, name, getattr(message, name)) for name in kind.model_fields})
