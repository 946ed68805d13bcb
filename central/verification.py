"""Checking paper without asking anyone: a signed code against published keys and a status list. No database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import cbor2
from cwt.exceptions import CWTError

from backend_client.contract import seal
from backend_client.crypto.sealed import open_sealed
from central.status_list import StatusList

COSE_SIGN1_TAG = 18
KID = 4
Keys = Mapping[str, Mapping[str, object]]


class State(StrEnum):
    """What a check says; each has its own sentence."""

    VALID = "valid"
    VOID = "void"
    EXPIRED = "expired"
    ALTERED = "altered"
    UNKNOWN_KEY = "unknown-key"
    UNKNOWN = "unknown"
    NOT_OURS = "not-ours"


SENTENCES = {
    State.VALID: (
        "凭证有效。请核对纸面内容与下列信息一致。",
        "This document is valid. Compare the paper with what is shown.",
    ),
    State.VOID: ("凭证已作废，不得使用。", "This document was voided; don't accept it."),
    State.EXPIRED: ("凭证已过有效期，请重新打印。", "This document is past its term; print a new one."),
    State.ALTERED: (
        "内容与签名不符，凭证被改动或伪造；手工输入的，请先核对有无错字。",
        "The signature does not fit: altered or forged, or a character was mistyped.",
    ),
    State.UNKNOWN_KEY: (
        "签名密钥不在公布的密钥之中，无法核验；请更新密钥后再试，仍不通过即为伪造。",
        "Signed with a key that is not published here; fetch the current keys. If it stays so, it is forged.",
    ),
    State.UNKNOWN: ("查无此凭证，请核对编号和验真码。", "There is no such document; check number and verify code."),
    State.NOT_OURS: ("这里没有本系统的凭证二维码。", "There is no code of ours in this; give the whole document."),
}


UNSIGNED_FILE = (
    "该文件没有电子签名，只核验了其中的二维码；请逐项核对内容，或向持证人索取已签名的PDF文件。",
    "This file carries no signature; only its code was checked. Compare every figure, or ask for the signed PDF.",
)


@dataclass(frozen=True)
class Verdict:
    """`facts` when a signature held. `checked_void`: was a register or a status list asked? `file_signed`: does a
    signature cover the whole file that was given, and not only its code? None: it is neither PDF nor OFD.
    """

    state: State
    facts: seal.SealedFacts | None = None
    checked_void: bool = False
    file_signed: bool | None = None

    @property
    def only_code(self) -> bool:
        """A PDF or OFD file without a signature: what its pages say was not checked."""
        return self.file_signed is False and self.state is State.VALID

    def summary(self) -> dict[str, object]:
        """For JSON."""
        chinese, english = SENTENCES[self.state]
        said: dict[str, object] = {"state": self.state.value, "sentence": english, "sentence_zh": chinese}
        if self.facts is None:
            return said
        if self.only_code:
            said |= {"note": UNSIGNED_FILE[1], "note_zh": UNSIGNED_FILE[0]}
        until = self.facts.valid_until
        return said | {
            "doc_no": self.facts.doc_no, "kind": self.facts.kind, "subject": self.facts.masked_subject,
            "valid_until": until.isoformat() if until else None, "digest": self.facts.digest.hex(),
            "checked_void": self.checked_void, "file_signed": self.file_signed,
        }  # fmt: skip


def signed_by(raw: bytes) -> str:
    """The key id of a COSE_Sign1; NotACode when it is none."""
    try:
        message = cbor2.loads(raw)
        if message.tag != COSE_SIGN1_TAG:
            raise seal.NotACode("it is not a COSE_Sign1")
        return str(cbor2.loads(message.value[0])[KID].decode("ascii"))
    except (ValueError, TypeError, AttributeError, LookupError, cbor2.CBORDecodeError) as error:
        raise seal.NotACode("it is not a COSE_Sign1") from error


def check_code(code: str, keys: Keys, today: date, statuses: StatusList | None = None) -> Verdict:
    """Signature, then the status list, then the term. Never raises for what is in the code."""
    try:
        raw = seal.decode(code)
        kid = signed_by(raw)
    except seal.NotACode:
        return Verdict(State.ALTERED if seal.is_meant_as_one(code) else State.NOT_OURS)
    if kid not in keys:
        return Verdict(State.UNKNOWN_KEY)
    try:
        facts = seal.SealedFacts.from_map(cbor2.loads(open_sealed(raw, keys[kid])))
    except (CWTError, ValueError, TypeError):
        return Verdict(State.ALTERED)
    if statuses is not None and statuses.is_void(facts.status):
        return Verdict(State.VOID, facts, checked_void=True)
    expired = facts.valid_until is not None and facts.valid_until < today
    return Verdict(State.EXPIRED if expired else State.VALID, facts, statuses is not None)
