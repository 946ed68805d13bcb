"""What a recording may say: events with neutral values in place of the holder's, states as what can be seen of them.

The same rule is applied to the state that a replay reaches, so that both can be compared word by word.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from backend_client.contract.model import Record
from kiosk.failures import Failure
from kiosk.recording.codec import encode
from kiosk.recording.neutral import NotNeutral, neutral
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.number import NUMBER_LENGTH, Digits

log = logging.getLogger(__name__)

NAME, ID_NO = "持**", "***************0000"
ADDRESS = "https://central.example.invalid/copy/0"
CODES = s.PhoneCodes(
    "https://central.example.invalid/device?user_code=BBBB-BBBB",
    "https://central.example.invalid/device",
    "BBBB-BBBB",
)
NUMBER, NO_NUMBER = "99000000000", "0" * NUMBER_LENGTH
RELATION = "0" * 32
NOT_SEEN = frozenset({"now", "deadline", "signed_in_at", "sign_in_seconds", "timing", "ask_at", "sites"})
Shown = dict[str, Any]


def _masked(value: Any) -> Any:
    """A value with everybody's data replaced, everything else as it is."""
    if isinstance(value, Record):
        return neutral(value)
    if isinstance(value, s.Card):
        return s.Card(NAME, ID_NO, value.generation)
    if isinstance(value, s.ByPhone):
        return s.ByPhone(NAME, ID_NO)
    if isinstance(value, s.Acting):
        return s.Acting(_masked(value.card), RELATION, NAME, ID_NO, value.kind)
    if isinstance(value, s.PhoneCodes):
        return CODES
    if isinstance(value, Digits):
        return _digits(value)
    if isinstance(value, s.Printed):
        return replace(value, doc_no=None if value.doc_no is None else f"{value.kind.value}{'0' * 18}")
    if isinstance(value, s.PhoneLink):
        return s.PhoneLink(ADDRESS)
    if isinstance(value, tuple):
        return tuple(_masked(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _masked(getattr(value, field.name)) for field in fields(value)})
    return value


def _digits(typed: Digits) -> Digits:
    """As many digits of nobody's number; of none where the holder's were none, so that a replay finds the same."""
    return Digits(NO_NUMBER if len(typed) == NUMBER_LENGTH and not typed.is_number else NUMBER[: len(typed)])


def masked_event(event: e.Event) -> e.Event:
    """The event as it may be recorded. A record that can't be made neutral becomes a failed step."""
    try:
        masked: e.Event = _masked(event)
        return masked
    except NotNeutral as error:
        log.error("recording: %s", error)
        return e.StepFailed(getattr(event, "visit", 0), Failure.TERMINAL_FAULT)


def masked_command(command: c.Command) -> c.Command:
    """The command as it may be recorded; a replay asks for the same, with the digits of nobody that it was given."""
    masked: c.Command = _masked(command)
    return masked


def masked_state(state: s.State) -> s.State:
    """The state as a recording begins with it."""
    masked: s.State = _masked(state)
    return masked


def _without(value: Any) -> Any:
    """What can be seen: no times and no list of sites (their effects are), records by the digest of their shape."""
    if isinstance(value, Mapping):
        if "record" in value and "type" not in value:
            text = json.dumps(value, sort_keys=True, ensure_ascii=False)
            return {"record": value["record"], "digest": hashlib.sha256(text.encode()).hexdigest()[:16]}
        return {name: _without(part) for name, part in value.items() if name not in NOT_SEEN}
    return [_without(item) for item in value] if isinstance(value, list) else value


def shown(state: s.State) -> Shown:
    """What can be seen of a state, masked; equal for a visit and its replay."""
    seen: Shown = _without(encode(masked_state(state)))
    return seen
