"""COSE messages and statements signed with SM2: whatever is changed in them, they do not hold."""

import base64
import json
from typing import Any

import cbor2
import pytest
from cwt.exceptions import CWTError
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_client.crypto import gm
from backend_client.crypto.sealed import is_sm2, open_sealed, seal_sm2
from backend_client.crypto.sm2_certificate import read_certificate
from backend_client.crypto.sm2_key import Sm2Key, public_jwk
from backend_client.crypto.statement import BadStatement, open_statement, state_sm2


def new_key() -> Sm2Key:
    """An SM2 key."""
    return Sm2Key(*gm.sm2_generate())


KEY = new_key()


@given(st.binary(max_size=100), st.integers(0, 10**6), st.integers(1, 255))
@settings(deadline=None)
def test_a_seal_with_a_changed_byte_does_not_hold(payload: bytes, place: int, change: int) -> None:
    raw = seal_sm2(payload, KEY)
    assert open_sealed(raw, KEY.jwk) == payload
    place %= len(raw)
    bent = raw[:place] + bytes([raw[place] ^ change]) + raw[place + 1 :]
    with pytest.raises((ValueError, CWTError)):
        open_sealed(bent, KEY.jwk)


def test_the_key_says_the_algorithm_and_nothing_stands_outside_the_signature() -> None:
    good = cbor2.loads(seal_sm2(b"facts", KEY))
    headers: tuple[object, ...] = ({1: -7, 4: b"kid"}, {4: b"kid"}, {1: "SM2SM3"}, [])
    for header in headers:
        protected = cbor2.dumps(header)
        signature = gm.sm2_sign(KEY.private, KEY.public, cbor2.dumps(["Signature1", protected, b"", b"facts"]))
        with pytest.raises((ValueError, CWTError)):
            open_sealed(cbor2.dumps(cbor2.CBORTag(18, [protected, {}, b"facts", signature])), KEY.jwk)
    protected, _, payload, signature = good.value
    for loose in ({4: b"other"}, {1: -7}, None):
        with pytest.raises((ValueError, CWTError)):
            open_sealed(cbor2.dumps(cbor2.CBORTag(18, [protected, loose, payload, signature])), KEY.jwk)
    for tag in (17, 98, 61):
        with pytest.raises((ValueError, CWTError)):
            open_sealed(cbor2.dumps(cbor2.CBORTag(tag, good.value)), KEY.jwk)
    assert open_sealed(cbor2.dumps(good), KEY.jwk) == b"facts"


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_whatever_comes_is_no_certificate_and_no_seal(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_certificate(data)
    assert not is_sm2(data)
    with pytest.raises((ValueError, CWTError)):
        open_sealed(data, public_jwk(bytes(64)))


@given(st.text("abAB01-_=!", max_size=12), st.integers(0, 10**6))
@settings(deadline=None)
def test_a_statement_with_a_changed_character_does_not_hold(extra: str, place: int) -> None:
    keys = {KEY.kid: KEY.jwk}
    good = state_sm2(KEY, "time+jwt", {"iat": 1})
    assert open_statement(good, keys, "time+jwt") == {"iat": 1}
    place %= len(good)
    bent = good[:place] + extra + good[place + 1 :]
    signed_part = good.rpartition(".")[0]
    if bent.rpartition(".")[0] == signed_part and same_bytes(bent, good):
        return
    with pytest.raises(BadStatement):
        open_statement(bent, keys, "time+jwt")


def same_bytes(one: str, two: str) -> bool:
    """Only the last character differs, in bits that count for nothing, or there is padding behind it."""
    bare = one.rstrip("=")
    return len(bare) == len(two) and bare[:-1] == two[:-1]


@pytest.mark.parametrize(
    "header",
    [{"alg": "ES256"}, {"alg": "none"}, {"typ": "statuslist+jwt"}, {"kid": "other"}, {"crit": ["b64"]}, {"typ": None}],
)  # fmt: skip
def test_a_statements_header_says_three_things_only(header: dict[str, Any]) -> None:
    named = {"alg": "SM2SM3", "typ": "time+jwt", "kid": KEY.kid, **header}
    parts = (json.dumps({k: v for k, v in named.items() if v is not None}).encode(), b'{"iat":1}')
    text = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    signature = gm.sm2_sign(KEY.private, KEY.public, text.encode())
    token = f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    with pytest.raises(BadStatement):
        open_statement(token, {KEY.kid: KEY.jwk}, "time+jwt")
