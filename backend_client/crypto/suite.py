"""The two crypto profiles: international (default) and gm (国密). A configuration names one; the code asks the suite.

In both, a private key is 32 bytes, a public key 64 (x‖y) and a signature 64 (r‖s).
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from backend_client.crypto import gm
from backend_client.crypto.errors import CryptoError

P256 = ec.SECP256R1()


@dataclass(frozen=True)
class CryptoSuite:
    """One profile. `to_sign(public, message)`: the 32 bytes that a card signs; `cmac(key, data)`: 16 bytes.

    `jws` and `curve` name it in JOSE, `cose` in COSE; those of gm are private, because neither registry has SM2.
    """

    name: str
    jws: str
    curve: str
    cose: int
    generate: Callable[[], tuple[bytes, bytes]]
    to_sign: Callable[[bytes, bytes], bytes]
    sign: Callable[[bytes, bytes, bytes], bytes]
    verify: Callable[[bytes, bytes, bytes], bool]
    digest: Callable[[bytes], bytes]
    cmac: Callable[[bytes, bytes], bytes]


def _generate() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(P256)
    numbers = key.private_numbers()
    public = numbers.public_numbers
    return numbers.private_value.to_bytes(32, "big"), public.x.to_bytes(32, "big") + public.y.to_bytes(32, "big")


def _sign(private: bytes, public: bytes, message: bytes) -> bytes:
    del public
    key = ec.derive_private_key(int.from_bytes(private, "big"), P256)
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _verify(public: bytes, message: bytes, signature: bytes) -> bool:
    if len(signature) != 64 or len(public) != 64:
        return False
    der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(P256, b"\x04" + public)
        key.verify(der, message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _cmac(key: bytes, data: bytes) -> bytes:
    mac = CMAC(AES(key))
    mac.update(data)
    return mac.finalize()


INTERNATIONAL = CryptoSuite(
    "international", "ES256", "P-256", -7,
    _generate, lambda _public, message: _digest(message), _sign, _verify, _digest, _cmac,
)  # fmt: skip
GM = CryptoSuite(
    "gm", "SM2SM3", "SM2", -65802,
    gm.sm2_generate, gm.sm2_digest, gm.sm2_sign, gm.sm2_verify, gm.sm3, gm.sm4_cmac,
)  # fmt: skip
SUITES = (INTERNATIONAL, GM)


def suite_of(jwk: Mapping[str, object]) -> CryptoSuite:
    """The suite of a public key, by its curve; ValueError when it is of none."""
    for suite in SUITES:
        if jwk.get("crv") == suite.curve:
            return suite
    raise ValueError("not a key of a crypto profile")


def suite_named(name: str) -> CryptoSuite:
    """The suite by its name, or by its algorithm in JOSE; CryptoError says which there are."""
    for suite in SUITES:
        if name in (suite.name, suite.jws):
            return suite
    raise CryptoError(f"There is no crypto profile {name[:20]!r}; take {' or '.join(s.name for s in SUITES)}.")
