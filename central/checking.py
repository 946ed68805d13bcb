"""Checking what somebody holds: offline with published keys, or at central with its register of documents."""

import base64
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine

from central import status_list
from central.certificates import DOCUMENT_CA, published
from central.evidence import is_ofd, is_pdf
from central.examined import Examined, examine
from central.guarded import examine_apart
from central.issuing import state_of
from central.keys import Keys
from central.verification import State, Verdict, check_code
from central.zone import ZONE

Examine = Callable[[bytes, bytes | None], Examined]


class BadKeys(ValueError):
    """The file of keys is none."""


def keys_in(text: str) -> dict[str, dict[str, object]]:
    """Keys of a JWKS by their id; BadKeys when it is none."""
    try:
        return {str(key["kid"]): key for key in json.loads(text)["keys"]}
    except (ValueError, LookupError, TypeError) as error:
        raise BadKeys("This is not a JWKS; get the keys with `bin/central keys` or from /keys.") from error


def check_offline(found: bytes, jwks: str, statuses: str | None, examine: Examine = examine) -> Verdict:
    """With published keys and, if there is one, a status list. BadKeys and BadStatusList for what was published."""
    keys = keys_in(jwks)
    void = status_list.read(statuses, keys, time.time()) if statuses is not None else None
    pinned = json.loads(jwks).get(DOCUMENT_CA)
    seen = examine(found, base64.b64decode(pinned) if pinned else None)
    if seen.contradicted or (seen.signature is not None and not seen.signature.whole):
        return Verdict(State.ALTERED, file_signed=False)
    if seen.signature is not None and not seen.signature.trusted:
        return Verdict(State.UNKNOWN_KEY, file_signed=False)
    if seen.code is None:
        return Verdict(State.NOT_OURS)
    verdict = check_code(seen.code, keys, datetime.now(ZONE).date(), void)
    return replace(verdict, file_signed=seen.signature is not None if is_pdf(found) or is_ofd(found) else None)


def check_online(engine: Engine, keys: Keys, found: bytes) -> Verdict:
    """With our own keys, and what the register says of the number."""
    verdict = check_offline(found, json.dumps(published(keys)), None, examine_apart)
    if verdict.facts is None:
        return verdict
    return replace(verdict, state=State(state_of(engine, verdict.facts.doc_no)), checked_void=True)
