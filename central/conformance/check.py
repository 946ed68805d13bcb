"""The register of checks, and what they are written with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from central.conformance.outcome import Outcome, Skip, State, Violation
from central.conformance.platform import Answer, Platform

Run = Callable[[Platform], None]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Check:
    """A rule of the contract: `run` returns, or raises Violation or Skip."""

    name: str
    requirement: str
    source: str
    run: Run


CHECKS: list[Check] = []


def check(name: str, requirement: str, source: str) -> Callable[[Run], Run]:
    """Put a function into the register."""

    def add(run: Run) -> Run:
        if any(one.name == name for one in CHECKS):
            raise ValueError(f"There are two checks {name!r}; rename one.")
        CHECKS.append(Check(name, requirement, source, run))
        return run

    return add


def one(check: Check, platform: Platform) -> Outcome:
    """Make one check; an answer that can't even be read is a violation."""
    try:
        check.run(platform)
        state, detail = State.PASS, ""
    except Violation as violation:
        state, detail = State.FAIL, str(violation)
    except Skip as skip:
        state, detail = State.SKIPPED, str(skip)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        state, detail = State.FAIL, f"{error.title}: {place or 'body'}: {first['msg']}"
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        state, detail = State.FAIL, f"the answer can't be read: {type(error).__name__}"
    return Outcome(check.name, check.requirement, check.source, state, detail)


def demand(holds: bool, sentence: str) -> None:
    """Violation unless it holds."""
    if not holds:
        raise Violation(sentence)


def ok(answer: Answer, status: int = 200) -> Answer:
    """The answer, if it has this status."""
    demand(answer.status == status, f"status {answer.status} {answer.error}, expected {status}".replace("  ", " "))
    return answer


def model(answer: Answer, kind: type[Model], status: int = 200) -> Model:
    """The answer as a model of the contract."""
    return kind.model_validate_json(ok(answer, status).body)


def refused(answer: Answer, *codes: str, status: int | None = None) -> Answer:
    """The answer, if it is a refusal with one of these OAuth errors."""
    was = f"{answer.status} {answer.error}"
    demand(400 <= answer.status < 500, f"not refused: status {answer.status}")
    demand(status in (None, answer.status), f"refused with {was}, expected status {status}")
    demand(answer.error in codes, f"refused with {was}, expected {' or '.join(codes)}")
    return answer
