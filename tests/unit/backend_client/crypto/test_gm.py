"""国密 against the standards' examples, against GmSSL (another's work) both ways and `cryptography`."""

import gmssl_pyx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_client.crypto import gm
from backend_client.crypto.errors import CryptoError

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


def test_the_standards_digests_and_blocks() -> None:
    # GB/T 32905 annex A, GB/T 32907 annex A.
    assert gm.sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert gm.sm3(b"abcd" * 16).hex() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    assert gm.sm4_cbc(key, bytes(16), key).hex() == "681edf34d206965e86b3e94f536e4246"


@given(st.integers(0, 511))
def test_one_wrong_bit_breaks_the_signature(bit: int) -> None:
    wrong = int.from_bytes(SIGNATURE, "big") ^ (1 << bit)
    assert not gm.sm2_verify(PUBLIC, MESSAGE, wrong.to_bytes(64, "big"))


@given(messages)
@settings(max_examples=40)
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
def test_gmssl_makes_keys_that_we_use_and_the_other_way_round(message: bytes) -> None:
    public, private = gmssl_pyx.sm2_key_generate()
    assert gmssl_pyx.sm2_verify(public, message, der(gm.sm2_sign(private, public, message)))


def test_another_signers_id_is_another_signature() -> None:
    signature = gm.sm2_sign(PRIVATE, PUBLIC, MESSAGE, b"ALICE123@YAHOO.COM")
    assert gm.sm2_verify(PUBLIC, MESSAGE, signature, b"ALICE123@YAHOO.COM")
    assert not gm.sm2_verify(PUBLIC, MESSAGE, signature)


@given(st.binary(max_size=80), messages, st.binary(max_size=80))
def test_whatever_comes_is_no_signature(public: bytes, message: bytes, signature: bytes) -> None:
    assert not gm.sm2_verify(public, message, signature)
    assert not gm.sm2_verify(PUBLIC, message, signature)


@given(st.sampled_from((bytes(64), b"\xff" * 64, SIGNATURE[:32] + bytes(32), bytes(32) + SIGNATURE[32:])))
def test_r_and_s_out_of_range_are_refused(signature: bytes) -> None:
    assert not gm.sm2_verify(PUBLIC, MESSAGE, signature)


def test_a_key_that_is_none_is_said() -> None:
    with pytest.raises(CryptoError, match="SM2 key"):
        gm.sm2_sign(bytes(32), bytes(64), b"")


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16), messages)
def test_sm3_sm4_and_cmac_agree_with_others(key: bytes, vector: bytes, data: bytes) -> None:
    assert gm.sm3(data) == gmssl_pyx.sm3_hash(data)
    whole = data[: len(data) // 16 * 16]
    encryptor = Cipher(algorithms.SM4(key), modes.CBC(vector)).encryptor()
    expected = encryptor.update(whole) + encryptor.finalize()
    assert gm.sm4_cbc(key, vector, whole) == expected
    assert gm.sm4_cbc(key, vector, expected, decrypt=True) == whole
    mac = CMAC(algorithms.SM4(key))
    mac.update(data)
    assert gm.sm4_cmac(key, data) == mac.finalize()
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    assert gm.sm3(data) == digest.finalize()


def test_sm4_takes_whole_blocks_only() -> None:
    for key, vector, data in ((b"k", bytes(16), b""), (bytes(16), b"", b""), (bytes(16), bytes(16), b"x")):
        with pytest.raises(CryptoError, match="16 bytes"):
            gm.sm4_cbc(key, vector, data)
