"""The gm profile at sign-in: cards that sign with SM2 come in, and forgeries and the other profile do not."""

import base64
import hashlib
import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from backend_client.client.keys import SigningKey
from backend_client.crypto import gm
from backend_client.crypto.sm2_certificate import certificate_for, read_certificate
from backend_client.crypto.sm2_key import Sm2Key
from central.keys import Keys
from central.personalise import personalise, personalise_staff
from tests.city import City, Sm2Card, SoftCard, SoftOldCard, refused
from tests.unit.simulators import sm2_by_hand


def ask(city: City, card: Any, key: SigningKey | None = None, **more: Any) -> Any:
    """A token for a card."""
    return city.token(card, key or SigningKey.generate(), scope="social", **more)


def restarted(city: City, profile: str) -> City:
    """The same city with its keys, cards and CAs, in this profile now."""
    city.keys.choose(profile)
    city.keys.__dict__.pop("suite", None)
    return city


def test_neither_profile_takes_the_others_cards(gm_city: City) -> None:
    """Both pairs of a card are certified by real CAs of this city, and only one of them is worth something."""
    file = personalise(gm_city.engine, gm_city.keys, 4, 3)
    sm2, es256 = Sm2Card(file), SoftCard(file)
    assert ask(gm_city, sm2).status_code == 200
    assert refused(ask(gm_city, es256), "invalid_grant")
    restarted(gm_city, "international")
    assert ask(gm_city, es256).status_code == 200
    assert refused(ask(gm_city, sm2), "invalid_grant")


def test_a_city_without_gm_makes_no_sm2_cards(elsewhere: City) -> None:
    assert "sm2_certificate" not in personalise(elsewhere.engine, elsewhere.keys, 4, 3)
    assert ask(elsewhere, elsewhere.card()).status_code == 200
    assert not list(elsewhere.keys.folder.glob("*sm2*"))


def test_symmetric_cards_prove_themselves_with_sm4(gm_city: City, elsewhere: City) -> None:
    file = personalise(gm_city.engine, gm_city.keys, 5, 2)
    assert file["cryptogram_cipher"] == "SM4"
    assert ask(gm_city, SoftOldCard(file)).status_code == 200
    with_aes = SoftOldCard({**file, "cryptogram_cipher": "AES"})
    assert refused(ask(gm_city, with_aes), "invalid_grant")
    international = elsewhere.old_card()
    assert ask(elsewhere, international).status_code == 200
    assert refused(ask(gm_city, international), "invalid_grant")
    assert refused(ask(elsewhere, SoftOldCard(file)), "invalid_grant")


def test_an_hsm_that_knows_aes_only_is_not_taken_for_sm4(tmp_path: Path) -> None:
    from central.__main__ import CommandError, _card_keys, hsm_import

    keys = Keys(tmp_path / "keys")
    keys.choose("gm")
    with pytest.raises(CommandError, match="--card-key file"):
        _card_keys("pkcs11:token=onecard;object=card-master", keys)
    with pytest.raises(CommandError, match="SM4"):
        hsm_import("pkcs11:token=onecard;object=card-master", f"sqlite:///{tmp_path}/c.db")


def test_attendants_come_in_as_well(gm_city: City) -> None:
    staff = Sm2Card(personalise_staff(gm_city.engine, gm_city.keys, "0042"))
    assert gm_city.token(staff, SigningKey.generate(), scope="attendant").status_code == 200
    assert refused(ask(gm_city, staff), "invalid_grant")


def forged(city: City, **changes: Any) -> Any:
    """A token asked for with something wrong about the card."""
    card = city.sm2_card()
    for name, value in changes.items():
        setattr(card, name, value)
    return ask(city, card)


def test_what_is_not_the_cards_signature_is_refused(gm_city: City, tmp_path: Path) -> None:
    good, other = gm_city.sm2_card(), gm_city.sm2_card(9)
    stranger = City(tmp_path / "stranger", profile="gm")
    foreign = stranger.sm2_card()
    stranger.close()
    assert refused(forged(gm_city, private=other.private), "invalid_grant")
    assert refused(forged(gm_city, certificate_chain=other.certificate_chain), "invalid_grant")
    assert refused(ask(gm_city, foreign), "invalid_grant")

    def halves(e: bytes) -> tuple[bytes, bytes]:
        signature = good.sign(e)
        return signature[:32], signature[32:]

    zero, n = bytes(32), sm2_by_hand.N.to_bytes(32, "big")
    signatures: dict[str, Callable[[bytes], bytes]] = {
        "zeros": lambda _: bytes(64), "short": lambda e: good.sign(e)[:-1], "long": lambda e: good.sign(e) + b"\0",
        "another digest": lambda e: good.sign(hashlib.sha256(e).digest()),
        "swapped": lambda e: b"".join(halves(e)[::-1]), "r zero": lambda e: zero + halves(e)[1],
        "s zero": lambda e: halves(e)[0] + zero,
        "r = n": lambda e: n + halves(e)[1], "s = n": lambda e: halves(e)[0] + n,
    }  # fmt: skip
    for name, sign_so in signatures.items():
        assert refused(forged(gm_city, sign=sign_so, certificate_chain=good.certificate_chain), "invalid_grant"), name


@pytest.mark.parametrize("signer_id", [b"", b"1234567812345679", b"ALICE123@YAHOO.COM"])
def test_a_signature_under_another_user_id_is_refused(gm_city: City, signer_id: bytes) -> None:
    card = gm_city.sm2_card()
    public = read_certificate(card.certificate_chain[0]).public

    def under(other: bytes) -> str:
        assertion = gm_city.assertion(card, session)
        text = assertion.rpartition(".")[0]
        signature = gm.sm2_sign(card.private, public, text.encode(), other)
        return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    session = SigningKey.generate()
    assert refused(ask(gm_city, card, session, assertion=under(signer_id)), "invalid_grant")
    assert ask(gm_city, card, session, assertion=under(gm.SIGNER_ID)).status_code == 200


def encoded(part: bytes) -> str:
    """base64url."""
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def bent_header(assertion: str, sign: Callable[[bytes], bytes] | None = None, **fields: Any) -> str:
    """The assertion with other header fields; the signature as it was, or a new one over the new header."""
    header, claims, signature = assertion.split(".")
    changed = {**json.loads(base64.urlsafe_b64decode(header + "==")), **fields}
    text = f"{encoded(json.dumps(changed).encode())}.{claims}"
    return f"{text}.{encoded(sign(text.encode())) if sign else signature}"


def signer_of(card: Sm2Card | SoftCard) -> Callable[[bytes], bytes]:
    """Signs whatever the attacker likes with the card's own key."""
    if isinstance(card, SoftCard):
        return lambda data: card.sign(hashlib.sha256(data).digest())
    public = read_certificate(card.certificate_chain[0]).public
    return lambda data: card.sign(gm.sm2_digest(public, data))


@pytest.mark.parametrize("alg", ["ES256", "SM2SM3", "none", "SM2", "sm2sm3", "HS256", "", None, ["SM2SM3"]])
def test_a_header_with_another_algorithm_is_refused(gm_city: City, elsewhere: City, alg: object) -> None:
    for at, card, own in ((gm_city, gm_city.sm2_card(), "SM2SM3"), (elsewhere, elsewhere.card(), "ES256")):
        session = SigningKey.generate()
        bent = bent_header(at.assertion(card, session), alg=alg)
        assert refused(ask(at, card, session, assertion=bent), "invalid_grant")
        whole = bent_header(at.assertion(card, session), signer_of(card), alg=alg)
        assert refused(ask(at, card, session, assertion=whole), "invalid_grant") is not (alg == own)


def test_certificate_and_key_of_different_algorithms_are_refused(gm_city: City, elsewhere: City) -> None:
    sm2, es256 = gm_city.sm2_card(), gm_city.card()
    for algorithm, chain in (("SM2", sm2.certificate_chain), ("ES256", sm2.certificate_chain)):
        es256.algorithm, es256.certificate_chain = algorithm, chain
        for at in (gm_city, elsewhere):
            assert refused(ask(at, es256), "invalid_grant")


def test_an_sm2_certificate_in_the_international_cas_name_is_refused(elsewhere: City) -> None:
    """Its issuer is the right name; `cryptography` knows neither the key nor the signature in it."""
    card, key = elsewhere.card(), Sm2Key(*gm.sm2_generate())
    template = x509.load_der_x509_certificate(card.certificate_chain[0])
    card.certificate_chain = (certificate_for(key.public, template, key),)
    assert refused(ask(elsewhere, card), "invalid_grant")


def test_profile_b_is_signed_by_the_device_and_by_nothing_else(gm_city: City) -> None:
    session, card = SigningKey.generate(), gm_city.old_card()
    bent = bent_header(gm_city.assertion(card, session), alg="SM2SM3")
    assert refused(ask(gm_city, card, session, assertion=bent), "invalid_grant")


def test_loose_signatures_are_refused(gm_city: City) -> None:
    session, card = SigningKey.generate(), gm_city.sm2_card()
    text, _, signature = gm_city.assertion(card, session).rpartition(".")
    for loose in (signature + "=", signature[:-1] + "!", ""):
        assert refused(ask(gm_city, card, session, assertion=f"{text}.{loose}"), "invalid_grant")


def certified(city: City, public: bytes, signer: Sm2Key | None = None) -> bytes:
    """A certificate for this point: signed by the city's CA, as if it had not looked, or by somebody else."""
    der = city.sm2_card().certificate_chain[0]
    body = read_certificate(der).body.replace(read_certificate(der).public, public)
    key = signer or city.keys.sm2_card_ca_key
    signature = gm.sm2_sign(key.private, key.public, body)
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    return der_of(
        0x30, body + bytes.fromhex("300a06082a811ccf55018375") + der_of(3, b"\0" + encode_dss_signature(r, s))
    )


def der_of(tag: int, content: bytes) -> bytes:
    """One DER value."""
    size = len(content)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def test_a_certificate_for_no_point_of_the_curve_is_refused(gm_city: City) -> None:
    card = gm_city.sm2_card()
    public = read_certificate(card.certificate_chain[0]).public
    for bad in (bytes(64), public[32:] + public[:32], public[:63] + bytes([public[63] ^ 1]), b"\xff" * 64):
        card.certificate_chain = (certified(gm_city, bad),)
        assert refused(ask(gm_city, card), "invalid_grant")
    card.certificate_chain = (certified(gm_city, public),)
    assert ask(gm_city, card).status_code == 200
    card.certificate_chain = (certified(gm_city, public, Sm2Key(*gm.sm2_generate())),)
    assert refused(ask(gm_city, card), "invalid_grant")


def test_a_card_may_not_stand_in_for_the_ca_nor_for_an_expired_one(
    gm_city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    from central.identity import sm2_card

    card = gm_city.sm2_card()
    leaf, now = read_certificate(card.certificate_chain[0]), datetime.now(UTC)
    wrong = (
        replace(leaf, authority=True), replace(leaf, not_after=now - timedelta(1)),
        replace(leaf, not_before=now + timedelta(1)),
    )  # fmt: skip
    for one in wrong:
        monkeypatch.setattr(sm2_card, "read_certificate", lambda _der, found=one: found)
        assert refused(ask(gm_city, card), "invalid_grant")
    monkeypatch.setattr(sm2_card, "read_certificate", lambda _der: leaf)
    assert ask(gm_city, card).status_code == 200


def test_openssl_verifies_the_cards_certificate(gm_city: City, tmp_path: Path) -> None:
    files = {"ca": gm_city.keys.folder / "card-ca-sm2.der", "leaf": tmp_path / "leaf.der"}
    files["leaf"].write_bytes(gm_city.sm2_card().certificate_chain[0])
    for name, der in files.items():
        run("x509", "-inform", "DER", "-in", der, "-out", tmp_path / f"{name}.pem")
    known = ("-CAfile", tmp_path / "ca.pem", tmp_path / "leaf.pem")
    assert "OK" in run("verify", "-vfyopt", "distid:1234567812345678", *known)
    assert "OK" not in run("verify", "-vfyopt", "distid:1234567812345679", *known)


def run(*arguments: object) -> str:
    """`openssl`."""
    words = ["/usr/bin/openssl", *(str(one) for one in arguments)]
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=30)
    return done.stdout + done.stderr


def test_es256_certificates_and_bent_ones_are_not_read(gm_city: City) -> None:
    good = gm_city.sm2_card().certificate_chain[0]
    with pytest.raises(ValueError, match="SM2"):
        read_certificate(gm_city.card().certificate_chain[0])
    assert read_certificate(good).issued_by(gm_city.keys.sm2_card_ca)
