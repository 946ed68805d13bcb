"""The gm profile on paper: codes, status list, signed date and published keys are SM2, checked online and offline."""

import json
import time
import uuid
from datetime import date
from pathlib import Path
from typing import Any

import cbor2
import gmssl_pyx
import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cwt.exceptions import CWTError

from backend_client.client.clock import signed_time
from backend_client.client.errors import Nonsense, SealInvalid
from backend_client.client.keys import SigningKey
from backend_client.client.seal_check import check_seal
from backend_client.contract import seal
from backend_client.contract.documents import IssuedDocument
from backend_client.crypto import gm
from backend_client.crypto.errors import CryptoError
from backend_client.crypto.sealed import is_sm2, open_sealed
from backend_client.crypto.sm2_key import public_jwk
from backend_client.crypto.statement import open_statement
from central import status_list
from central.certificates import published
from central.checking import check_offline, check_online
from central.identity.scopes import ACR_SIGNATURE
from central.issuing import sign
from central.keys import Keys
from central.status_list import BadStatusList
from central.verification import State
from printing.symbol import symbol
from tests.city import URL, City
from tests.unit.central import offices


def pinned(city: City) -> dict[str, dict[str, object]]:
    """What its terminals pin."""
    return {str(jwk["kid"]): jwk for jwk in city.keys.public_jwks()["keys"]}


def issued_to(city: City, card: Any) -> IssuedDocument:
    """A document for the holder of a card."""
    key = SigningKey.generate()
    answer = city.token(card, key, scope="social")
    assert answer.status_code == 200 and answer.json()["acr"] == ACR_SIGNATURE
    headers, wanted = {"Idempotency-Key": str(uuid.uuid4())}, {"kind": "SB", "medium": "a4"}
    token = answer.json()["access_token"]
    made = city.call("POST", "/api/v1/documents", key, token, headers=headers, json=wanted)
    return IssuedDocument.model_validate(made.json())


def test_an_sm2_card_signs_in_and_its_document_has_an_sm2_code(gm_city: City) -> None:
    issued, keys = issued_to(gm_city, gm_city.sm2_card()), pinned(gm_city)
    check_seal(issued, keys)
    raw = seal.decode(issued.signed_code)
    assert is_sm2(raw) and by_gmssl(raw, gm_city.keys.sm2_seal_key.public)
    text = json.dumps(
        issued.model_dump(mode="json", exclude={"signed_code"}),
        sort_keys=True, separators=(",", ":"), ensure_ascii=False,
    )  # fmt: skip
    assert cbor2.loads(cbor2.loads(raw).value[2])[seal.DIGEST] == gmssl_pyx.sm3_hash(text.encode())[:16]
    with pytest.raises(SealInvalid):
        check_seal(issued.model_copy(update={"verify_code": "2" * 16}), keys)
    with pytest.raises(SealInvalid, match="not pinned"):
        check_seal(issued, {})
    with pytest.raises(SealInvalid, match="signature"):
        check_seal(issued, dict.fromkeys(keys, public_jwk(gm.sm2_generate()[1])))


def by_gmssl(raw: bytes, public: bytes) -> bool:
    """Does GmSSL believe the code?"""
    protected, _, payload, signature = cbor2.loads(raw).value
    message = cbor2.dumps(["Signature1", protected, b"", payload])
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    return bool(gmssl_pyx.sm2_verify(public, message, encode_dss_signature(r, s)))


def test_every_verdict_is_told_apart_offline_and_online(gm_city: City, tmp_path: Path) -> None:
    office = gm_city.context.office
    good, void, old = (offices.issue(office) for _ in range(3))
    offices.void(office, void)
    old = offices.with_term(office, old, date(2020, 1, 1))
    keys, list_of_void = json.dumps(published(gm_city.keys)), status_list.make(gm_city.engine, gm_city.keys, "urn:test")

    def offline(code: str) -> State:
        return check_offline(code.encode(), keys, list_of_void).state

    bent = bytearray(seal.decode(good.signed_code))
    bent[-1] ^= 1
    stranger = City(tmp_path / "stranger", profile="gm")
    foreign = offices.issue(stranger.context.office)
    stranger.close()
    expected = {
        good.signed_code: State.VALID, void.signed_code: State.VOID, old.signed_code: State.EXPIRED,
        seal.encode(bytes(bent)): State.ALTERED, foreign.signed_code: State.UNKNOWN_KEY, "HTTPS://X": State.NOT_OURS,
    }  # fmt: skip
    assert {code: offline(code) for code in expected} == expected
    assert check_online(gm_city.engine, gm_city.keys, seal.scan_text(good).encode()).state is State.VALID
    assert check_online(gm_city.engine, gm_city.keys, void.signed_code.encode()).state is State.VOID


def test_the_page_of_central_knows_an_sm2_code(gm_city: City) -> None:
    issued = issued_to(gm_city, gm_city.sm2_card())
    assert "凭证有效" in gm_city.client.get(f"/V/{issued.signed_code}?lang=zh").text
    bent = issued.signed_code[:-9] + ("A" if issued.signed_code[-9] != "A" else "B") + issued.signed_code[-8:]
    assert "被改动或伪造" in gm_city.client.get(f"/V/{bent}?lang=zh").text


def test_the_symbol_on_paper_is_no_larger(gm_city: City) -> None:
    issued = issued_to(gm_city, gm_city.sm2_card()).model_copy(update={"verify_url": f"{offices.URL}/verify/x"})
    assert len(seal.decode(issued.signed_code)) <= 141
    assert len(symbol(seal.scan_text(issued))) == 53


def test_the_signed_date_and_the_list_are_sm2_too(gm_city: City, elsewhere: City) -> None:
    statement = gm_city.client.get("/time?nonce=0123456789abcdef").json()["statement"]
    assert abs(signed_time(statement, pinned(gm_city), URL, "0123456789abcdef") - time.time()) < 5
    token = gm_city.client.get("/status-list").text
    assert status_list.read(token, pinned(gm_city), time.time()).issued <= time.time()
    assert open_statement(token, pinned(gm_city), status_list.TYPE)
    for keys in (pinned(elsewhere), {}, {kid: {**jwk, "crv": "P-256"} for kid, jwk in pinned(gm_city).items()}):
        with pytest.raises(Nonsense):
            signed_time(statement, keys, URL, "0123456789abcdef")
        with pytest.raises(BadStatusList):
            status_list.read(token, keys, time.time())


def test_a_code_never_chooses_its_algorithm(gm_city: City, elsewhere: City) -> None:
    """A seal of one profile under the other's key, and a key of the other profile under this one's id."""
    sealed = seal.sealed(offices.issue(gm_city.context.office), 0)
    ours, theirs = (seal.decode(sign(at.keys, sealed)) for at in (gm_city, elsewhere))
    (sm2,), (es256,) = pinned(gm_city).values(), pinned(elsewhere).values()
    assert open_sealed(ours, sm2) == open_sealed(theirs, es256)
    for raw, jwk in ((ours, es256), (theirs, sm2), (ours, {**sm2, "crv": "P-256"}), (theirs, {**es256, "crv": "SM2"})):
        with pytest.raises((ValueError, TypeError, CWTError)):
            open_sealed(raw, jwk)


def test_after_a_change_of_profile_older_documents_are_still_verified(tmp_path: Path) -> None:
    before = City(tmp_path)
    old = offices.issue(before.context.office)
    before.close()
    Keys(tmp_path / "keys").choose("gm")
    office = offices.office(tmp_path)
    new = offices.issue(office)
    keys = json.dumps(office.keys.public_jwks())
    assert [jwk["alg"] for jwk in json.loads(keys)["keys"]] == ["ES256", "SM2SM3"]
    for code in (old.signed_code, new.signed_code):
        assert check_offline(code.encode(), keys, None).state is State.VALID
    assert (is_sm2(seal.decode(old.signed_code)), is_sm2(seal.decode(new.signed_code))) == (False, True)
    office.keys.choose("international")
    assert Keys(tmp_path / "keys").suite.name == "international"
    office.engine.dispose()


def test_a_gm_city_publishes_sm2_alone_and_the_other_none(gm_city: City, elsewhere: City) -> None:
    assert gm_city.client.get("/keys").json()["keys"] == gm_city.keys.public_jwks()["keys"]
    assert [jwk["crv"] for jwk in pinned(gm_city).values()] == ["SM2"]
    assert [jwk["crv"] for jwk in pinned(elsewhere).values()] == ["P-256"]
    assert "private" not in json.dumps(gm_city.keys.public_jwks()) and "d" not in gm_city.keys.public_jwks()["keys"][0]


def test_a_profile_is_one_of_two(tmp_path: Path) -> None:
    with pytest.raises(CryptoError, match="international or gm"):
        Keys(tmp_path).choose("rsa")
