"""The suite's own cryptography says no to whatever a platform may publish or sign, and agrees with the platform's."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_client.crypto.suite import SUITES, CryptoSuite, suite_named
from central.conformance.profile import PROFILES, Profile, sm2_signer

PAIRS = [(PROFILES[suite.name], suite) for suite in SUITES]


@pytest.mark.parametrize(("profile", "suite"), PAIRS)
@given(data=st.binary(max_size=80), key=st.binary(min_size=16, max_size=16))
@settings(max_examples=30, deadline=None)
def test_it_agrees_with_the_platform(profile: Profile, suite: CryptoSuite, data: bytes, key: bytes) -> None:
    private, public = suite.generate()
    signature = suite.sign(private, public, data)
    assert profile.verify(public, data, signature)
    assert not profile.verify(public, data + b"x", signature)
    assert profile.digest(data) == suite.digest(data)
    assert profile.mac(key, data) == suite.cmac(key, data)
    assert (profile.jws, profile.curve, profile.cose) == (suite.jws, suite.curve, suite.cose)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
@given(public=st.binary(max_size=70), signature=st.binary(max_size=70))
@settings(max_examples=60, deadline=None)
def test_whatever_is_published_is_no_key_and_whatever_is_sent_no_signature(
    profile: Profile, public: bytes, signature: bytes
) -> None:
    assert not profile.verify(public, b"data", signature)
    good = suite_named(profile.name).generate()[1]
    assert not profile.verify(good, b"data", signature)
    assert not profile.verify(bytes(64), b"data", bytes(64))


def test_a_certificate_of_another_kind_signs_nothing() -> None:
    with pytest.raises(ValueError, match="SM2"):
        sm2_signer(bytes(32), b"\x30\x00")
