"""COSE_Sign1 (RFC 9052) by either profile: `cwt` for the registered algorithm, these lines for SM2, which it lacks.

The key says which algorithm a message must name; a message never chooses.
"""

from collections.abc import Mapping

import cbor2
from cwt import COSE, COSEKey
from cwt.exceptions import VerifyError

from backend_client.crypto.sm2_key import Sm2Key, public_bytes
from backend_client.crypto.suite import GM

SIGN1, ALGORITHM, KID = 18, 1, 4


def _to_sign(protected: bytes, payload: bytes) -> bytes:
    """Sig_structure without external data (RFC 9052 section 4.4)."""
    return cbor2.dumps(["Signature1", protected, b"", payload])


def seal_sm2(payload: bytes, key: Sm2Key) -> bytes:
    """A tagged COSE_Sign1 by an SM2 key."""
    protected = cbor2.dumps({ALGORITHM: GM.cose, KID: key.kid.encode()})
    signature = GM.sign(key.private, key.public, _to_sign(protected, payload))
    return cbor2.dumps(cbor2.CBORTag(SIGN1, [protected, {}, payload, signature]))


def open_sealed(raw: bytes, jwk: Mapping[str, object]) -> bytes:
    """The payload, when the key (public JWK) signed it; CWTError, ValueError or TypeError otherwise."""
    if jwk.get("crv") != GM.curve:
        return bytes(COSE.new().decode(raw, COSEKey.from_jwk(dict(jwk))))
    protected, payload, signature = _parts(raw)
    if _algorithm(protected) != GM.cose:
        raise VerifyError("Another algorithm than the key's.")
    if not GM.verify(public_bytes(jwk), _to_sign(protected, payload), signature):
        raise VerifyError("The signature does not hold.")
    return payload


def is_sm2(raw: bytes) -> bool:
    """Does its header name SM2? False for what can't be read."""
    try:
        return _algorithm(_parts(raw)[0]) == GM.cose
    except ValueError:
        return False


def _decoded(raw: bytes) -> object:
    try:
        return cbor2.loads(raw)
    except (cbor2.CBORDecodeError, TypeError, RecursionError) as error:
        raise ValueError("not CBOR") from error


def _algorithm(protected: bytes) -> object:
    header = _decoded(protected)
    return header.get(ALGORITHM) if isinstance(header, dict) else None


def _parts(raw: bytes) -> tuple[bytes, bytes, bytes]:
    """Protected header, payload, signature; ValueError. Nothing may stand in the header that nobody signed."""
    match _decoded(raw):
        case cbor2.CBORTag(
            tag=18, value=[bytes() as protected, dict() as loose, bytes() as payload, bytes() as signed]
        ):
            if not loose:
                return protected, payload, signed
    raise ValueError("not a COSE_Sign1")
