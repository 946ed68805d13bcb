"""Believing a document: its signed code must hold under a pinned key and say what the document says."""

from collections.abc import Mapping

import base45
import cbor2
from cwt import COSE, COSEKey
from cwt.exceptions import CWTError

from backend_client.client.errors import SealInvalid
from backend_client.contract import seal
from backend_client.contract.documents import IssuedDocument
from backend_client.contract.masking import masked_id

COSE_SIGN1_TAG = 18
KID = 4


def _payload(code: str, keys: Mapping[str, Mapping[str, object]]) -> dict[int, object]:
    try:
        raw = base45.b45decode(code)
        message = cbor2.loads(raw)
        protected = cbor2.loads(message.value[0]) if message.tag == COSE_SIGN1_TAG else {}
        kid = protected.get(KID, b"").decode("ascii")
    except (ValueError, TypeError, AttributeError, LookupError, cbor2.CBORDecodeError) as error:
        raise SealInvalid("it is not a COSE_Sign1") from error
    if kid not in keys:
        raise SealInvalid("its key is not pinned here")
    try:
        payload = cbor2.loads(COSE.new().decode(raw, COSEKey.from_jwk(dict(keys[kid]))))
    except (CWTError, ValueError, TypeError) as error:
        raise SealInvalid("its signature is wrong") from error
    if not isinstance(payload, dict):
        raise SealInvalid("its payload is not a map")
    return payload


def check_seal(issued: IssuedDocument, keys: Mapping[str, Mapping[str, object]]) -> None:
    """Raise SealInvalid unless number, kind, times, subject, verify code and digest are those that were signed."""
    expected = seal.SealedFacts(
        doc_no=issued.doc_no,
        kind=issued.kind.value,
        issued_at=int(issued.issued_at.timestamp()),
        valid_until=issued.valid_until.isoformat() if issued.valid_until else "",
        subject=masked_id(issued.facts.record.subject_id_no),
        digest=seal.facts_digest(issued.facts),
        verify_code=issued.verify_code,
    ).to_map()
    payload = _payload(issued.signed_code, keys)
    for label, value in expected.items():
        if payload.get(label) != value:
            raise SealInvalid(f"field {label} differs from the document")
    if payload.keys() != expected.keys():
        raise SealInvalid("it has other fields than the contract")
