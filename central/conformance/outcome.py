"""A check and how it ends."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Violation(Exception):
    """The platform breaks the rule; the message says how, without anything personal."""


class Skip(Exception):
    """The check can't be made; the message says why."""


class State(StrEnum):
    """How a check ended."""

    PASS = "pass"
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Outcome:
    """One check's line in the report. `source`: where the requirement stands."""

    name: str
    requirement: str
    source: str
    state: State
    detail: str = ""

    def line(self) -> str:
        """For people."""
        tail = f"\n        {self.detail}\n        source: {self.source}" if self.detail else ""
        return f"{self.state.value:7} {self.name}: {self.requirement}{tail}"


def summary(outcomes: list[Outcome]) -> dict[str, int]:
    """How many ended in which way."""
    return {state.value: sum(one.state is state for one in outcomes) for state in State}


def as_json(url: str, outcomes: list[Outcome]) -> dict[str, Any]:
    """The report for machines."""
    return {"url": url, "summary": summary(outcomes), "checks": [asdict(one) for one in outcomes]}
