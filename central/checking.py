"""Checking what somebody holds: offline with published keys, or at central with its register of documents."""

import json
import time
from datetime import datetime

from sqlalchemy import Engine

from central import status_list
from central.evidence import code_in
from central.issuing import state_of
from central.keys import Keys
from central.synthetic.contributions import CST
from central.verification import State, Verdict, check_code


class BadKeys(ValueError):
    """The file of keys is none."""


def keys_in(text: str) -> dict[str, dict[str, object]]:
    """Keys of a JWKS by their id; BadKeys when it is none."""
    try:
        return {str(key["kid"]): key for key in json.loads(text)["keys"]}
    except (ValueError, LookupError, TypeError) as error:
        raise BadKeys("This is not a JWKS; get the keys with `bin/central keys` or from /keys.") from error


def check_offline(found: bytes, jwks: str, statuses: str | None) -> Verdict:
    """With published keys and, if there is one, a status list. BadKeys and BadStatusList for what was published."""
    keys = keys_in(jwks)
    void = status_list.read(statuses, keys, time.time()) if statuses is not None else None
    code = code_in(found)
    return Verdict(State.NOT_OURS) if code is None else check_code(code, keys, datetime.now(CST).date(), void)


def check_online(engine: Engine, keys: Keys, found: bytes) -> Verdict:
    """With our own keys, and what the register says of the number."""
    verdict = check_offline(found, json.dumps(keys.public_jwks()), None)
    if verdict.facts is None:
        return verdict
    return Verdict(State(state_of(engine, verdict.facts.doc_no)), verdict.facts, checked_void=True)
