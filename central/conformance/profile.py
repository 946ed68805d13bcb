"""The two crypto profiles as this suite sees them: GmSSL for 国密, so that nothing of the platform is believed."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import gmssl_pyx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import cmac, hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4

SM2_KEY = bytes.fromhex("06082a811ccf5501822d03420004")  # the curve and the head of the point (GB/T 20518)


@dataclass(frozen=True)
class Profile:
    """`jws`, `curve`, `cose`: its names in JOSE and COSE. Signatures are r‖s, public keys x‖y.

    `verify(public, data, signature)`; `cipher`: of the symmetric cards' CMAC.
    """

    name: str
    jws: str
    curve: str
    cose: int
    verify: Callable[[bytes, bytes, bytes], bool]
    digest: Callable[[bytes], bytes]
    cipher: type[AES] | type[SM4]

    def mac(self, key: bytes, data: bytes) -> bytes:
        """CMAC (RFC 4493), 16 bytes."""
        made = cmac.CMAC(self.cipher(key))
        made.update(data)
        return made.finalize()


def raw(der: bytes) -> bytes:
    """r‖s."""
    r, s = decode_dss_signature(der)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _der(signature: bytes) -> bytes:
    return encode_dss_signature(*(int.from_bytes(half, "big") for half in (signature[:32], signature[32:])))


def _es256(public: bytes, data: bytes, signature: bytes) -> bool:
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + public)
        key.verify(_der(signature), data, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _sm2(public: bytes, data: bytes, signature: bytes) -> bool:
    try:
        return bool(gmssl_pyx.sm2_verify(public, data, _der(signature)))
    except (ValueError, gmssl_pyx.GmsslInnerError):
        return False


def sm2_signer(private: bytes, certificate: bytes) -> Callable[[bytes], bytes]:
    """Signs with a card's SM2 key; ValueError when the certificate is for another kind of key."""
    if SM2_KEY not in certificate:
        raise ValueError("the certificate is not for an SM2 key")
    public = certificate.split(SM2_KEY, 1)[1][:64]
    return lambda data: raw(gmssl_pyx.sm2_sign(private, public, data))


INTERNATIONAL = Profile("international", "ES256", "P-256", -7, _es256, lambda data: hashlib.sha256(data).digest(), AES)
GM = Profile("gm", "SM2SM3", "SM2", -65802, _sm2, gmssl_pyx.sm3_hash, SM4)
PROFILES = {one.name: one for one in (INTERNATIONAL, GM)}
