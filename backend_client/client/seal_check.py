"""Believing a document: its signed code must hold under a pinned key and say what the document says."""

from collections.abc import Mapping

import cbor2
from cwt.exceptions import CWTError

from backend_client.client.errors import SealInvalid
from backend_client.contract import seal
from backend_client.contract.documents import IssuedDocument
from backend_client.crypto.sealed import open_sealed
from backend_client.crypto.suite import suite_of

COSE_SIGN1_TAG = 18
KID = 4


Jwk = Mapping[str, object]


def _signed(code: str, keys: Mapping[str, Jwk]) -> tuple[seal.SealedFacts, Jwk]:
    """What the code says, and the key that signed it."""
    try:
        raw = seal.decode(code)
        message = cbor2.loads(raw)
        protected = cbor2.loads(message.value[0]) if message.tag == COSE_SIGN1_TAG else {}
        kid = protected.get(KID, b"").decode("ascii")
    except (ValueError, TypeError, AttributeError, LookupError, cbor2.CBORDecodeError) as error:
        raise SealInvalid("it is not a COSE_Sign1") from error
    if kid not in keys:
        raise SealInvalid("its key is not pinned here")
    try:
        return seal.SealedFacts.from_map(cbor2.loads(open_sealed(raw, keys[kid]))), keys[kid]
    except seal.NotACode as error:
        raise SealInvalid(str(error)) from error
    except (CWTError, ValueError, TypeError) as error:
        raise SealInvalid("its signature is wrong") from error


def check_seal(issued: IssuedDocument, keys: Mapping[str, Jwk]) -> None:
    """Raise SealInvalid unless the code was signed for exactly this document."""
    found, key = _signed(issued.signed_code, keys)
    expected = seal.sealed(issued, found.status, suite_of(key).digest)
    for name in ("kind", "number", "valid_until", "subject", "digest"):
        if getattr(found, name) != getattr(expected, name):
            raise SealInvalid(f"its {name} differs from the document")
