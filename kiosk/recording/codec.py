"""Events and states as JSON and back, by the types that their dataclasses declare. Lists of rows become tables."""

import dataclasses
from enum import Enum
from types import ModuleType
from typing import Any, get_args, get_type_hints

from backend_client.contract import access_log, account, contributions, family_planning
from backend_client.contract.model import Record
from kiosk.session import events, state, timing

CONTRACTS = (access_log, account, contributions, family_planning)  # their import makes the records known
DIGITS = 6  # of a second: more than the clock has


class NotARecording(Exception):
    """What is read was not written by `encode`; the message says what is wrong."""


def _dataclasses(*rooms: ModuleType) -> dict[str, type]:
    found = [kind for room in rooms for kind in vars(room).values() if isinstance(kind, type)]
    return {kind.__name__: kind for kind in found if dataclasses.is_dataclass(kind)}


KINDS = _dataclasses(timing, state, events)


def encode(value: object) -> Any:
    """Anything that an event, a command or a state is made of, as JSON values."""
    match value:
        case Enum():
            return value.name
        case Record():
            return {"record": type(value).__name__, **_tables(value.model_dump(mode="json"))}
        case tuple():
            return [encode(item) for item in value]
        case float():
            return round(value, DIGITS)
        case None | bool() | int() | str():
            return value
    if dataclasses.is_dataclass(value):
        parts = {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"type": type(value).__name__, **parts}
    raise TypeError(f"a {type(value).__name__} is no part of an event or a state")


def _tables(fields: dict[str, Any]) -> dict[str, Any]:
    """Lists of equal dictionaries as one head and rows: a record of years is a third as long."""
    return {name: _table(value) if _is_table(value) else value for name, value in fields.items()}


def _is_table(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _table(rows: list[dict[str, Any]]) -> dict[str, Any]:
    head = list(rows[0])
    return {"head": head, "rows": [[row[name] for name in head] for row in rows]}


def _rows(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"head", "rows"}:
        return [dict(zip(value["head"], row, strict=True)) for row in value["rows"]]
    return value


def decode(value: Any, hint: Any = None) -> Any:
    """What `encode` was given. NotARecording when it can't be."""
    try:
        return _decode(value, hint)
    except (KeyError, TypeError, ValueError) as error:
        raise NotARecording(f"{str(value)[:80]} can't be read ({type(error).__name__})") from error


def _decode(value: Any, hint: Any) -> Any:
    if isinstance(value, dict):
        return _dataclass(value) if "type" in value else _record(value)
    kinds = get_args(hint) or (hint,)
    if isinstance(value, list):
        return tuple(_decode(item, kinds[0]) for item in value)
    names = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Enum)), None)
    return names[value] if names is not None and isinstance(value, str) else value


def _record(value: dict[str, Any]) -> Record:
    kinds = {kind.__name__: kind for kind in Record.__subclasses__()}
    fields = {name: _rows(part) for name, part in value.items() if name != "record"}
    return kinds[value["record"]].model_validate(fields)


def _dataclass(value: dict[str, Any]) -> Any:
    kind = KINDS[value["type"]]
    hints = get_type_hints(kind)
    return kind(**{name: _decode(part, hints[name]) for name, part in value.items() if name != "type"})
