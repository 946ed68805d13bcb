"""The chain: a line's body as bytes, and the digest that ties it to all lines before it. No database, no keys."""

import hashlib
import json
from dataclasses import dataclass

SHARDS = 16
START = "0" * 64
HEAD_TYP = "access-log-head+jwt"


@dataclass(frozen=True)
class Line:
    """Who read what of whom (services.md section 11). `subject` and `operator`: nobody is named to an auditor.

    `dept`: the client or department that read; `operator`: `self`, a guardian's masked name, or empty where a machine
    or somebody unknown read; `project_no`: the document's number; `legal_basis`: consent or statute; `result`: ok,
    denied or empty.
    """

    subject: str
    dept: str
    operator: str
    purpose: str
    project_no: str | None
    theme_code: str
    fields: tuple[str, ...]
    channel: str
    legal_basis: str
    result: str


@dataclass(frozen=True)
class Head:
    """How far a chain goes: its number of lines, and the link of the last one."""

    shard: int
    number: int
    chain: str


def shard_of(person: int) -> int:
    """Which chain a person's lines stand in, so that readers of different people don't wait for each other's."""
    return person % SHARDS


def body_of(shard: int, number: int, at: str, line: Line) -> str:
    """The text that the chain covers: JSON with sorted keys and no blanks. `at`: ISO 8601 with offset."""
    fields = {"shard": shard, "number": number, "at": at, **vars(line)}
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def link(previous: str, body: str) -> str:
    """The chain's next value: SHA-256(previous, as 32 bytes, ‖ SHA-256(body)), in hex."""
    return hashlib.sha256(bytes.fromhex(previous) + hashlib.sha256(body.encode()).digest()).hexdigest()
