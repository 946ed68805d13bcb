"""Profile B through PKCS#11, with SoftHSM in the HSM's place: the right cryptogram only, and no key comes out."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pkcs11 import Attribute, Mechanism
from pkcs11.exceptions import PKCS11Error

from backend_client.client.keys import SigningKey
from backend_client.crypto.errors import KeyPlaceError
from backend_client.crypto.pkcs11_place import Place, open_token, parse
from backend_client.crypto.suite import INTERNATIONAL
from central.card_keys import SoftwareCardKeys
from central.hsm import HsmCardKeys, import_master_key, subkey
from central.keys import Keys
from tests.city import City, refused
from tests.hsm import token

RFC_4493_KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A token with a card master key."""
    made = parse(token(tmp_path_factory.mktemp("hsm")).format("card-master"))
    import_master_key(made, RFC_4493_KEY)
    return made


@pytest.fixture(scope="module")
def hsm(place: Place) -> HsmCardKeys:
    """The keys in the token."""
    return HsmCardKeys(place)


def test_the_subkey_is_the_standards() -> None:
    assert subkey(RFC_4493_KEY).hex() == "fbeed618357133667c85e08f7236a8de"  # RFC 4493 section 4


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
@settings(max_examples=40, deadline=None)
def test_the_hsm_agrees_with_software(hsm: HsmCardKeys, card: bytes, data: bytes) -> None:
    software = SoftwareCardKeys(RFC_4493_KEY)
    right = INTERNATIONAL.cmac(software.card_key(card.hex()), data)[:8]
    assert hsm.matches(card.hex(), data, right)
    assert not hsm.matches(card.hex(), data, bytes([right[0] ^ 1]) + right[1:])
    assert not hsm.matches(card.hex(), data, right[:4])


def test_ids_that_are_not_16_bytes_match_nothing(hsm: HsmCardKeys) -> None:
    for wrong in ("", "zz", "00" * 15, "00" * 17):
        assert not hsm.matches(wrong, bytes(16), bytes(8))


def test_the_master_key_derives_and_does_nothing_else(place: Place) -> None:
    with open_token(place).use() as inside:
        key = next(iter(inside.get_objects({Attribute.LABEL: place.object, Attribute.DERIVE: True})))
        assert key[Attribute.SENSITIVE] and not key[Attribute.EXTRACTABLE]
        with pytest.raises(PKCS11Error):
            key[Attribute.VALUE]
        for work, kind in (("sign", Mechanism.AES_CMAC), ("encrypt", Mechanism.AES_ECB)):
            with pytest.raises((PKCS11Error, AttributeError)):
                getattr(key, work)(bytes(16), mechanism=kind)


def test_a_second_ceremony_changes_nothing(place: Place) -> None:
    with pytest.raises(KeyPlaceError, match="already"):
        import_master_key(place, bytes(16))


def uri_of(place: Place) -> str:
    """The same token, another object."""
    return f"pkcs11:token={place.token};object=x?module-path={place.module_path}&pin-source={place.pin_source}"


def test_what_is_wrong_with_a_place_is_said(place: Place, tmp_path: Path) -> None:
    for uri, said in (
        ("file:x", "pkcs11: URI"), ("pkcs11:token=a;object=b", "pkcs11: URI"),
        (f"pkcs11:token=nobody;object=x?module-path={place.module_path}&pin-source={place.pin_source}", "nobody"),
        (f"pkcs11:token={place.token};object=x?module-path=/nowhere.so&pin-source={place.pin_source}", "opened"),
        (f"pkcs11:token={place.token};object=x?module-path={place.module_path}&pin-source={tmp_path}/no", "PIN file"),
        (uri_of(place), "hsm-import"),
    ):  # fmt: skip
        with pytest.raises(KeyPlaceError, match=said):
            HsmCardKeys(parse(uri))
    open_pin = tmp_path / "pin"
    open_pin.write_text("1", encoding="utf-8")
    open_pin.chmod(0o644)
    with pytest.raises(KeyPlaceError, match="chmod 600"):
        _ = Place("t", "o", "m", str(open_pin)).pin


def test_an_old_card_signs_in_through_the_hsm(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    place = parse(token(tmp_path / "hsm").format("card-master"))
    import_master_key(place, Keys(folder / "keys").card_master_key)
    hsm = HsmCardKeys(place)
    city = City(folder, card_keys=hsm)
    card, key = city.old_card(), SigningKey.generate()
    assert city.token(card, key).status_code == 200
    card._key = os.urandom(16)
    assert refused(city.token(card, key), "invalid_grant")
    city.close()


@pytest.mark.expected_log("a key or the cryptography failed")
def test_an_hsm_that_fails_is_a_busy_platform_not_a_refused_card(tmp_path: Path) -> None:
    class Unplugged(SoftwareCardKeys):
        def matches(self, card_id: str, data: bytes, cryptogram: bytes) -> bool:
            raise KeyPlaceError("The token failed; see that it is plugged in.")

    city = City(tmp_path, card_keys=Unplugged(bytes(16)))
    answer = city.token(city.old_card(), SigningKey.generate())
    assert refused(answer, "temporarily_unavailable") and answer.headers["Retry-After"] == "5"
    city.close()


def test_without_a_master_key_only_signing_cards_are_taken(tmp_path: Path) -> None:
    from central.card_keys import NoCardKeys

    city = City(tmp_path, card_keys=NoCardKeys())
    assert refused(city.token(city.old_card(), SigningKey.generate()), "invalid_grant")
    assert city.token(city.card(), SigningKey.generate()).status_code == 200
    city.close()
