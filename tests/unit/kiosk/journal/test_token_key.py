"""The journal's key in a token that misbehaves: each fault is the journal's own error, and says which part it is."""

from pathlib import Path
from typing import Any

import pkcs11
import pytest
from pkcs11 import Mechanism
from pkcs11.exceptions import (
    DeviceError,
    EncryptedDataInvalid,
    GeneralError,
    NoSuchKey,
    NoSuchToken,
    PinIncorrect,
    PKCS11Error,
    UserAlreadyLoggedIn,
)

from kiosk.journal.errors import JournalDamaged, JournalKeyMissing
from kiosk.journal.key import NONCE_BYTES
from kiosk.journal.token_key import TokenKey, TokenPlace


class Token:
    """A token, its slot, session and key in one; `faults` by the name of the call that has them."""

    def __init__(
        self, faults: dict[str, PKCS11Error] | None = None, mechanisms: tuple[Mechanism, ...] = (Mechanism.AES_GCM,)
    ) -> None:
        self.mechanisms, self.faults = mechanisms, faults or {}
        self.slot = self
        self.pins: list[str | None] = []
        self.made: list[dict[Any, Any]] = []

    def _does(self, call: str) -> None:
        if call in self.faults:
            raise self.faults[call]

    def get_token(self, token_label: str) -> "Token":
        self._does("get_token")
        return self

    def get_mechanisms(self) -> tuple[Mechanism, ...]:
        return self.mechanisms

    def open(self, *, rw: bool, user_pin: str | None = None) -> "Token":
        self.pins.append(user_pin)
        if user_pin is not None:
            self._does("login")
        return self

    def get_key(self, **_: object) -> "Token":
        self._does("get_key")
        return self

    def generate_key(self, *_: object, template: dict[Any, Any], **__: object) -> "Token":
        self.made.append(template)
        return self

    def encrypt(self, plain: bytes, **_: object) -> bytes:
        self._does("encrypt")
        return plain[::-1]

    def decrypt(self, sealed: bytes, **_: object) -> bytes:
        self._does("decrypt")
        return sealed[::-1]


@pytest.fixture
def place(tmp_path: Path) -> TokenPlace:
    """Where it should be."""
    (tmp_path / "pin").write_text("123456\n", encoding="ascii")
    return TokenPlace(Path("/maker.so"), "onecard", "journal", tmp_path / "pin")


def opened(monkeypatch: pytest.MonkeyPatch, place: TokenPlace, token: Token) -> TokenKey:
    """The key in this token."""
    monkeypatch.setattr(pkcs11, "lib", lambda _module: token)
    return TokenKey(place)


@pytest.mark.parametrize(
    "fault", [{"get_token": NoSuchToken()}, {"login": PinIncorrect()}, {"get_key": DeviceError()}], ids=str
)
def test_a_token_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, place: TokenPlace, fault: dict[str, PKCS11Error]
) -> None:
    (error,) = fault.values()
    with pytest.raises(JournalKeyMissing, match=f"onecard: {type(error).__name__}"):
        opened(monkeypatch, place, Token(fault))


def test_a_token_without_the_mechanism_is_refused_before_a_login(
    monkeypatch: pytest.MonkeyPatch, place: TokenPlace
) -> None:
    token = Token(mechanisms=(Mechanism.AES_CBC,))
    with pytest.raises(JournalKeyMissing, match="no AES-GCM"):
        opened(monkeypatch, place, token)
    assert token.pins == []


def test_a_pin_file_that_is_gone_is_the_journals_error(monkeypatch: pytest.MonkeyPatch, place: TokenPlace) -> None:
    place.pin_file.unlink()
    with pytest.raises(JournalKeyMissing, match="FileNotFoundError"):
        opened(monkeypatch, place, Token())


def test_a_process_that_is_logged_in_already_opens_without_the_pin(
    monkeypatch: pytest.MonkeyPatch, place: TokenPlace
) -> None:
    token = Token({"login": UserAlreadyLoggedIn()})
    key = opened(monkeypatch, place, token)
    assert token.pins == ["123456", None]
    assert key.unseal("1", key.seal("1", b"plain")) == b"plain"


def test_a_key_is_made_once_and_never_to_be_read(monkeypatch: pytest.MonkeyPatch, place: TokenPlace) -> None:
    fresh, known = Token({"get_key": NoSuchKey()}), Token()
    opened(monkeypatch, place, fresh)
    assert [(one[pkcs11.Attribute.SENSITIVE], one[pkcs11.Attribute.EXTRACTABLE]) for one in fresh.made] == [
        (True, False)
    ]
    opened(monkeypatch, place, known)
    assert known.made == []


@pytest.mark.parametrize("error", [EncryptedDataInvalid(), GeneralError()], ids=lambda error: type(error).__name__)
def test_a_payload_that_does_not_open_was_changed(
    monkeypatch: pytest.MonkeyPatch, place: TokenPlace, error: PKCS11Error
) -> None:
    key = opened(monkeypatch, place, Token({"decrypt": error}))
    with pytest.raises(JournalDamaged, match="a payload was changed"):
        key.unseal("1", bytes(NONCE_BYTES + 5))


def test_a_token_that_was_pulled_is_missing_not_damage(monkeypatch: pytest.MonkeyPatch, place: TokenPlace) -> None:
    key = opened(monkeypatch, place, Token({"decrypt": DeviceError(), "encrypt": DeviceError()}))
    with pytest.raises(JournalKeyMissing, match="DeviceError"):
        key.seal("1", b"plain")
    with pytest.raises(JournalKeyMissing, match="DeviceError"):
        key.unseal("1", bytes(NONCE_BYTES + 5))
