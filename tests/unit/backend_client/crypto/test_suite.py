"""Both profiles through one interface."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_client.crypto.errors import CryptoError
from backend_client.crypto.suite import GM, INTERNATIONAL, SUITES, CryptoSuite, suite_named


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
@given(message=st.binary(max_size=100))
@settings(deadline=None)
def test_what_one_signs_the_same_verifies(suite: CryptoSuite, message: bytes) -> None:
    private, public = suite.generate()
    signature = suite.sign(private, public, message)
    assert (len(private), len(public), len(signature)) == (32, 64, 64)
    assert suite.verify(public, message, signature)
    assert not suite.verify(public, message + b"!", signature)
    assert not suite.verify(suite.generate()[1], message, signature)
    assert not suite.verify(b"", message, signature) and not suite.verify(public, message, b"")


def test_one_profiles_signature_is_nothing_in_the_other() -> None:
    private, public = GM.generate()
    assert not INTERNATIONAL.verify(public, b"x", GM.sign(private, public, b"x"))
    private, public = INTERNATIONAL.generate()
    assert not GM.verify(public, b"x", INTERNATIONAL.sign(private, public, b"x"))


def test_macs_and_digests_are_the_standards() -> None:
    # RFC 4493 section 4, examples 1 and 2; FIPS 180-4.
    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    assert INTERNATIONAL.cmac(key, b"").hex() == "bb1d6929e95937287fa37d129b756746"
    assert INTERNATIONAL.digest(b"abc").hex().startswith("ba7816bf8f01cfea")
    assert GM.digest(b"abc").hex().startswith("66c7f0f462eeedd9")
    assert GM.cmac(key, b"") != INTERNATIONAL.cmac(key, b"")


def test_a_name_is_one_of_two() -> None:
    assert (suite_named("gm"), suite_named("SM2SM3"), suite_named("ES256")) == (GM, GM, INTERNATIONAL)
    with pytest.raises(CryptoError, match="international or gm"):
        suite_named("rsa")
