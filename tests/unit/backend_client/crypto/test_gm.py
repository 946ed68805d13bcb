"""国密 against the standards' examples, against GmSSL (another's work) both ways, and against the `openssl` command."""

import subprocess

import gmssl_pyx
import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_client.crypto import gm
from backend_client.crypto.errors import CryptoError
from tests.gmssl_cmac import cmac_by_gmssl
from tests.unit.simulators import sm2_by_hand

# GM/T 0003.5 annex A (GB/T 32918.5 annex A.2): signature on the recommended curve.
PRIVATE = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
PUBLIC = bytes.fromhex(
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
MESSAGE = b"message digest"
E_VALUE = "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640"
SIGNATURE = bytes.fromhex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
P, N = sm2_by_hand.P, sm2_by_hand.N
# SEC 2: a point of another curve.
P256_POINT = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
messages = st.binary(max_size=300)


def der(signature: bytes) -> bytes:
    """r‖s as GmSSL takes it."""
    return encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))


def raw(signature: bytes) -> bytes:
    """What GmSSL gives as r‖s."""
    r, s = decode_dss_signature(signature)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def test_the_standards_signature_holds() -> None:
    assert gm.sm2_digest(PUBLIC, MESSAGE).hex() == E_VALUE
    assert gm.sm2_verify(PUBLIC, MESSAGE, SIGNATURE)


def test_the_standards_digests() -> None:
    # GB/T 32905 annex A.
    assert gm.sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert gm.sm3(b"abcd" * 16).hex() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"


@given(st.integers(0, 511))
@settings(deadline=None)
def test_one_wrong_bit_breaks_the_signature(bit: int) -> None:
    wrong = int.from_bytes(SIGNATURE, "big") ^ (1 << bit)
    assert not gm.sm2_verify(PUBLIC, MESSAGE, wrong.to_bytes(64, "big"))


@given(messages)
@settings(max_examples=40, deadline=None)
def test_gmssl_believes_our_signatures_and_we_believe_its(message: bytes) -> None:
    private, public = gm.sm2_generate()
    ours = gm.sm2_sign(private, public, message)
    assert gmssl_pyx.sm2_verify(public, message, der(ours))
    theirs = raw(gmssl_pyx.sm2_sign(private, public, message))
    assert gm.sm2_verify(public, message, theirs)
    assert not gm.sm2_verify(public, message + b"x", theirs)
    of_digest = raw(gmssl_pyx.sm2_sign_sm3_digest(private, gm.sm2_digest(public, message)))
    assert gm.sm2_verify(public, message, of_digest)  # how a card signs


@given(messages)
@settings(deadline=None)
def test_gmssl_makes_keys_that_we_use_and_the_other_way_round(message: bytes) -> None:
    public, private = gmssl_pyx.sm2_key_generate()
    assert gmssl_pyx.sm2_verify(public, message, der(gm.sm2_sign(private, public, message)))


@given(st.binary(max_size=40).filter(lambda other: other != gm.SIGNER_ID))
@settings(max_examples=40, deadline=None)
def test_another_signers_id_is_another_signature(other: bytes) -> None:
    signature = gm.sm2_sign(PRIVATE, PUBLIC, MESSAGE, other)
    assert gm.sm2_verify(PUBLIC, MESSAGE, signature, other)
    assert not gm.sm2_verify(PUBLIC, MESSAGE, signature)
    assert not gm.sm2_verify(PUBLIC, MESSAGE, SIGNATURE, other)


@given(st.binary(max_size=80), messages, st.binary(max_size=80))
@settings(deadline=None)
def test_whatever_comes_is_no_signature(public: bytes, message: bytes, signature: bytes) -> None:
    assert not gm.sm2_verify(public, message, signature)
    assert not gm.sm2_verify(PUBLIC, message, signature)


R, S = (int.from_bytes(half, "big") for half in (SIGNATURE[:32], SIGNATURE[32:]))
OUT_OF_RANGE = {
    "r zero": (0, S), "s zero": (R, 0), "both zero": (0, 0), "r = n": (N, S), "s = n": (R, N), "r above n": (R + N, S),
    "s above n": (R, S + N), "r all ones": (2**256 - 1, S), "s all ones": (R, 2**256 - 1), "r + s = n": (R, N - R),
    "s mirrored": (R, N - S),
}  # fmt: skip


@pytest.mark.parametrize("name", OUT_OF_RANGE)
def test_r_and_s_out_of_range_are_refused(name: str) -> None:
    r, s = OUT_OF_RANGE[name]
    if max(r, s) < 2**256:
        assert not gm.sm2_verify(PUBLIC, MESSAGE, r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    assert not gm.sm2_verify(PUBLIC, MESSAGE, r.to_bytes(33, "big") + s.to_bytes(33, "big"))


X, Y = (int.from_bytes(half, "big") for half in (PUBLIC[:32], PUBLIC[32:]))
NO_POINTS = {
    "zero": (0, 0), "y off by one": (X, Y + 1), "x off by one": (X + 1, Y), "swapped": (Y, X), "x = p": (P, Y),
    "y = p": (X, P), "all ones": (2**256 - 1, 2**256 - 1), "a point of P-256": P256_POINT,
}  # fmt: skip


@pytest.mark.parametrize("name", NO_POINTS)
def test_what_is_no_point_of_the_curve_is_no_key(name: str) -> None:
    x, y = NO_POINTS[name]
    public = x.to_bytes(32, "big") + y.to_bytes(32, "big")
    assert not gm.sm2_verify(public, MESSAGE, SIGNATURE)
    with pytest.raises(CryptoError):
        gm.sm2_sign(PRIVATE, public, MESSAGE)


@pytest.mark.parametrize("mark", [b"", b"\x02", b"\x03", b"\x06", b"\x04"])
def test_a_point_is_64_bytes_without_a_mark(mark: bytes) -> None:
    assert not gm.sm2_verify(mark + PUBLIC[: 63 if not mark else 64], MESSAGE, SIGNATURE)


@given(st.integers(1, N - 2), messages)
@settings(max_examples=15, deadline=None)
def test_the_equations_worked_out_by_hand_agree(private: int, message: bytes) -> None:
    point = sm2_by_hand.public_key(private.to_bytes(32, "big"))
    assert point is not None
    public = b"".join(number.to_bytes(32, "big") for number in point)
    signature = gm.sm2_sign(private.to_bytes(32, "big"), public, message)
    assert sm2_by_hand.verify(point, gm.sm2_digest(public, message), signature)


def test_a_key_that_is_none_is_said() -> None:
    with pytest.raises(CryptoError, match="SM2 key"):
        gm.sm2_sign(bytes(32), bytes(64), b"")


@given(st.binary(min_size=16, max_size=16), messages)
@settings(deadline=None)
def test_sm3_and_sm4_agree_with_gmssl(key: bytes, data: bytes) -> None:
    assert gm.sm3(data) == gmssl_pyx.sm3_hash(data)
    assert gm.sm4_cmac(key, data) == cmac_by_gmssl(key, data)


@pytest.mark.parametrize("data", [b"", b"abc", bytes(range(16)), bytes(33)])
def test_the_command_of_openssl_says_the_same(data: bytes) -> None:
    key = "0123456789abcdeffedcba9876543210"
    assert openssl("dgst", "-sm3", "-binary", data=data) == gm.sm3(data)
    mac = openssl("mac", "-cipher", "SM4-CBC", "-macopt", f"hexkey:{key}", "-binary", "CMAC", data=data)
    assert mac == gm.sm4_cmac(bytes.fromhex(key), data)


def openssl(*arguments: str, data: bytes) -> bytes:
    """Debian's OpenSSL: another build than the one inside `cryptography`."""
    done = subprocess.run(["/usr/bin/openssl", *arguments], input=data, check=True, capture_output=True, timeout=30)
    return done.stdout


def test_the_standards_block() -> None:
    """GB/T 32907 annex A: the cipher that our MAC runs on, in both libraries."""
    block = bytes.fromhex("0123456789abcdeffedcba9876543210")
    encryptor = Cipher(SM4(block), modes.ECB()).encryptor()
    assert encryptor.update(block).hex() == "681edf34d206965e86b3e94f536e4246"
    assert gmssl_pyx.sm4_cbc_padding_encrypt(block, bytes(16), block)[:16].hex() == "681edf34d206965e86b3e94f536e4246"
