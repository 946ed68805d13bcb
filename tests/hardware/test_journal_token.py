"""The journal's key in a real PKCS#11 token (SoftHSM): sealed there, never readable, refused when it is gone."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from pkcs11 import Attribute, ObjectClass
from pkcs11.exceptions import AttributeSensitive, PKCS11Error

from backend_client.contract.documents import DocumentKind, Medium
from kiosk.config import load_config
from kiosk.journal.entry import Step
from kiosk.journal.errors import JournalDamaged, JournalKeyMissing
from kiosk.journal.journal import Journal
from kiosk.journal.opening import open_journal
from kiosk.journal.token_key import TokenKey, TokenPlace
from tests import hsm

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
SECRET = "许斌嘉 990113199110315431".encode()


@pytest.fixture(scope="session")
def token(tmp_path_factory: pytest.TempPathFactory) -> TokenPlace:
    """A fresh software token with a PIN, of the one pool: its library reads its configuration once a process."""
    uri = hsm.token(tmp_path_factory.mktemp("token"))
    found = re.fullmatch(r"pkcs11:token=([^;]+);.*pin-source=(.+)", uri)
    assert found is not None
    return TokenPlace(MODULE, found[1], "onecard-journal", Path(found[2]))


def test_payloads_are_sealed_in_the_token(token: TokenPlace, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", TokenKey(token))
    number = journal.request(DocumentKind.CONTRIBUTIONS_SLIP, Medium.SLIP).number
    entry = journal.advance(number, Step.ISSUED, doc_no="SY1", payload=SECRET)
    journal.close()
    assert all(SECRET not in path.read_bytes() for path in tmp_path.iterdir())
    assert not (tmp_path / "journal.key").exists()
    again = Journal(tmp_path / "journal.db", TokenKey(token))
    assert again.payload(entry) == SECRET
    again.close()


def test_what_was_changed_or_belongs_to_another_entry_is_refused(token: TokenPlace) -> None:
    key = TokenKey(token)
    sealed = key.seal("entry-1", SECRET)
    assert key.seal("entry-1", SECRET) != sealed
    for name, other in (("entry-1", sealed[:-1] + bytes([sealed[-1] ^ 1])), ("entry-2", sealed), ("entry-1", b"x")):
        with pytest.raises(JournalDamaged):
            key.unseal(name, other)


def test_the_key_itself_can_not_be_read(token: TokenPlace) -> None:
    TokenKey(token)
    opened = pkcs11.lib(str(token.module)).get_token(token_label=token.token).open()
    (key,) = opened.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: token.label})
    with pytest.raises((AttributeSensitive, PKCS11Error)):
        key[Attribute.VALUE]


@pytest.mark.parametrize(
    "change", [{"module": Path("/nowhere.so")}, {"token": "another"}, {"pin_file": Path("/nowhere")}]
)
def test_a_missing_part_is_named(token: TokenPlace, change: dict[str, Any]) -> None:
    with pytest.raises(JournalKeyMissing, match="kiosk doctor"):
        TokenKey(replace(token, **change))


def test_the_configuration_chooses_it(token: TokenPlace, tmp_path: Path) -> None:
    path = tmp_path / "terminal.toml"
    path.write_text(
        f"""[terminal]
id = "T1"
data = "data"
mode = "production"
[card]
reader = "Virtual"
[central]
base_url = "https://central.example.invalid"
seal_keys = "keys.json"
device_key = "device.pem"
software_key = true
[thermal]
host = "127.0.0.1"
[a4]
uri = "ipp://localhost/ipp/print"
[journal]
key = "pkcs11"
module = "{token.module}"
token = "{token.token}"
pin_file = "{token.pin_file}"
""",
        encoding="utf-8",
    )
    journal = open_journal(load_config(path))
    number = journal.request(DocumentKind.CONTRIBUTIONS_SLIP, Medium.SLIP).number
    entry = journal.advance(number, Step.ISSUED, doc_no="SY1", payload=SECRET)
    assert journal.payload(entry) == SECRET
    journal.close()
    assert sorted(found.name for found in (tmp_path / "data").iterdir()) == ["journal.db"]
