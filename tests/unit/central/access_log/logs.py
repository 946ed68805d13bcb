"""A log on a fresh database, without HTTP: for tests of chains, heads and files."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey
from sqlalchemy import Engine

from central.access_log.appending import Appender, Entry
from central.access_log.chain import Line
from central.access_log.export import export
from central.access_log.verify import verify
from central.access_log.witness import Witness
from central.storage import open_storage

KEY = ECKey.import_key(ec.derive_private_key(20161231, ec.SECP256R1()), {"kid": "log"})
LINE = Line(
    subject="", dept="海珠区卫计局", operator="张*", purpose="", project_no="P2016110800031",
    theme_code="0301", fields=("reg_kind", "reg_date"), channel="office", legal_basis="consent", result="ok",
)  # fmt: skip


def subject(person: int) -> str:
    """How these logs name a person."""
    return f"subject-{person}"


def entry(person: int, counted: tuple[str, str, int] | None = None, purpose: str = "核验婚姻") -> Entry:
    """A line about a person."""
    return Entry(person, replace(LINE, subject=subject(person), purpose=purpose), counted)


class Log:
    """A database, a key, and what central keeps beside its keys. `again` is the same after a restart."""

    def __init__(self, folder: Path, url: str = "", clock: Callable[[], float] | None = None) -> None:
        self.folder, self.url = folder, url or f"sqlite:///{folder}/log.db"
        self.engine: Engine = open_storage(self.url)
        self._clock = clock
        self.again()

    def again(self) -> None:
        """As after a restart: nothing in memory."""
        witness = Witness(self.folder / "heads", KEY)
        self.appender = Appender(self.engine, KEY, witness, *([self._clock] if self._clock else []))

    def add(self, person: int, count: int = 1, purpose: str = "") -> None:
        """So many readings of one person."""
        for number in range(count):
            self.appender.append(entry(person, purpose=purpose or f"{number}"))

    def file(self) -> list[str]:
        """What an auditor gets."""
        return list(export(self.engine, self.appender, subject))


def problems(texts: Iterable[str], *also: str) -> set[tuple[str, int, int]]:
    """What is found wrong in a file."""
    return {(one.kind, one.shard, one.number) for one in verify(texts, [KEY], also).problems}


def split(texts: list[str]) -> tuple[list[str], list[str]]:
    """The beginning with the heads, and the lines."""
    first = next(at for at, text in enumerate(texts) if "body" in json.loads(text))
    return texts[:first], texts[first:]


def heads_of(texts: list[str]) -> list[str]:
    """The signed heads of a file."""
    return [json.loads(text)["head"] for text in split(texts)[0][1:]]
