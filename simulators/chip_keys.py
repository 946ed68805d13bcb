"""Challenges, cryptograms and signatures: what proves that the card is the card (docs/protocol.md)."""

import hmac
import os
from collections.abc import Callable

import gmssl_pyx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4
from cryptography.hazmat.primitives.cmac import CMAC

from simulators.apdu import OK, Apdu, status
from simulators.chip_state import ES256, EXTERNAL_TRIES, SM2, ChipState, give

INTERNAL_KEY, EXTERNAL_KEY = 0x01, 0x02
CHALLENGE_LENGTHS = (4, 8, 16)
SET_FOR_SIGNATURE = 0x41B6


def _mac(chip: ChipState, key: bytes, message: bytes) -> bytes:
    """First 8 bytes of CMAC (RFC 4493) with the card's cipher."""
    mac = CMAC(SM4(key) if chip.card.cryptogram_cipher == "SM4" else AES(key))
    mac.update(message)
    return mac.finalize()[:8]


def challenge(chip: ChipState, apdu: Apdu) -> bytes:
    """A fresh card random of 8 (or 4, or 16) bytes."""
    length = 8 if apdu.le == 0 and chip.has("t1") else apdu.le
    if length not in CHALLENGE_LENGTHS:
        return status(0x6C08)
    chip.card_random = os.urandom(length)
    return chip.card_random + OK


def internal_authenticate(chip: ChipState, apdu: Apdu) -> bytes:
    """The card's cryptogram over host random and card random; spends the card random."""
    if chip.card.cryptogram_key is None or apdu.p2 != INTERNAL_KEY:
        return status(0x6A88)
    if not chip.verified:
        return status(0x6982)
    if chip.card_random is None or len(apdu.data) != 8:
        return status(0x6985)
    cryptogram = _mac(chip, chip.card.cryptogram_key, apdu.data + chip.card_random)
    chip.card_random = None
    return give(chip, cryptogram, apdu.le or 8)


def external_authenticate(chip: ChipState, apdu: Apdu) -> bytes:
    """The host's cryptogram over the card random; has a try counter of its own."""
    if not chip.application or chip.card.external_key is None or apdu.p2 != EXTERNAL_KEY:
        return status(0x6A88)
    if chip.external_tries == 0:
        return status(0x6983)
    if chip.card_random is None or chip.has("select-6283"):
        return status(0x6985)
    if len(apdu.data) != 8:
        return status(0x6700)
    wanted, chip.card_random = _mac(chip, chip.card.external_key, chip.card_random), None
    if hmac.compare_digest(wanted, apdu.data):
        chip.external_tries = EXTERNAL_TRIES
        return OK
    chip.external_tries -= 1
    return status(0x63C0 | chip.external_tries if chip.external_tries else 0x6983)


def manage_security_environment(chip: ChipState, apdu: Apdu) -> bytes:
    """Choose algorithm and key for the next signatures: `80 01 alg 84 01 key`."""
    if apdu.p1p2 != SET_FOR_SIGNATURE:
        return status(0x6A86)
    if len(apdu.data) != 6 or apdu.data[:2] != b"\x80\x01" or apdu.data[3:5] != b"\x84\x01":
        return status(0x6A80)
    algorithm, key = apdu.data[2], apdu.data[5]
    if not chip.application or algorithm != key or _signer(chip, algorithm) is None:
        return status(0x6A88)
    chip.algorithm = algorithm
    return OK


def sign(chip: ChipState, apdu: Apdu) -> bytes:
    """r and s, 32 bytes each, over a 32-byte digest (for SM2: e = SM3(ZA || M), made by the terminal)."""
    signer = _signer(chip, chip.algorithm)
    if signer is None or apdu.p1p2 != 0x9E9A:
        return status(0x6A88)
    if not chip.verified:
        return status(0x6982)
    if len(apdu.data) != 32:
        return status(0x6700)
    r, s = decode_dss_signature(signer(apdu.data))
    return give(chip, r.to_bytes(32, "big") + s.to_bytes(32, "big"), apdu.le or 64)


def _signer(chip: ChipState, algorithm: int) -> Callable[[bytes], bytes] | None:
    """Digest in, DER signature out; None when the card has no such key."""
    return {ES256: _es256, SM2: _sm2}.get(algorithm, lambda _chip: None)(chip)


def _es256(chip: ChipState) -> Callable[[bytes], bytes] | None:
    if chip.card.private_key is None:
        return None
    key = serialization.load_pem_private_key(chip.card.private_key, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return None
    return lambda digest: key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))


def _sm2(chip: ChipState) -> Callable[[bytes], bytes] | None:
    key = chip.card.sm2_private_key
    return None if key is None else lambda digest: gmssl_pyx.sm2_sign_sm3_digest(key, digest)
