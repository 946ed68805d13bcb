"""The crypto profile of a terminal: one word, what follows from it, and what `doctor` says of it."""

import ctypes
import json
from pathlib import Path
from typing import get_args

import pytest

from backend_client.crypto import gm
from backend_client.crypto.errors import CryptoError
from backend_client.crypto.sm2_key import Sm2Key
from backend_client.crypto.suite import SUITES
from kiosk.card_work import CARD_ALGORITHMS
from kiosk.cli import doctor
from kiosk.config import Config, TerminalSection, load_config
from tests.unit.kiosk.test_config import GOOD, written

SM2: dict[str, object] = Sm2Key(*gm.sm2_generate()).jwk
ES256: dict[str, object] = {"kty": "EC", "crv": "P-256", "kid": "es", "alg": "ES256"}


def terminal(folder: Path, profile: str, *pinned: dict[str, object]) -> Config:
    """A terminal with this word in its configuration, and these seal keys."""
    (folder / "keys.json").write_text(json.dumps({"keys": pinned}), encoding="utf-8")
    return load_config(written(folder, GOOD.replace('data = "data"', f'data = "data"\nprofile = "{profile}"')))


def test_the_words_are_those_of_the_suites() -> None:
    words = set(get_args(TerminalSection.model_fields["profile"].annotation))
    assert words == set(CARD_ALGORITHMS) == {suite.name for suite in SUITES}


@pytest.mark.parametrize(
    ("profile", "pinned", "ok", "said"),
    [
        ("gm", [SM2], True, "signed with SM2SM3"), ("gm", [ES256, SM2], True, "signed with SM2SM3"),
        ("gm", [ES256], False, "no seal key of it is pinned"), ("gm", [], False, "central keys"),
        ("international", [ES256], True, "signed with ES256"), ("international", [SM2], False, "says international"),
    ],
)  # fmt: skip
def test_doctor_says_it(tmp_path: Path, profile: str, pinned: list[dict[str, object]], ok: bool, said: str) -> None:
    found = doctor._profile(terminal(tmp_path, profile, *pinned))
    assert (found.part, found.ok) == ("profile", ok) and said in found.sentence


def test_doctor_says_when_there_is_no_sm2_on_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: object) -> None:
        raise OSError

    gm._library.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", absent)
    found = doctor._profile(terminal(tmp_path, "gm", SM2))
    assert not found.ok and "libcrypto" in found.sentence
    with pytest.raises(CryptoError):
        gm.sm2_generate()
    assert doctor._profile(terminal(tmp_path, "international", ES256)).ok
