"""The screens' sentences, one TOML a language. Failures' sentences are in `kiosk/failures.toml`."""

import tomllib
from functools import cache
from pathlib import Path

from city import WORDS

LANGUAGES = ("zh", "en")


@cache
def catalogue(language: str) -> dict[str, str]:
    """All texts of a language by key."""
    return tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text(encoding="utf-8"))


def text(key: str, language: str, **values: object) -> str:
    """One text with its values and the city's words filled in; KeyError for a key that no catalogue has."""
    return catalogue(language)[key].format(**WORDS[language] | values)
