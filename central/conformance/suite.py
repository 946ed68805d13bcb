"""All checks, in the order in which they are made."""

from collections.abc import Collection

from central.conformance import (
    discovery,
    documents,
    possession,
    records,
    refusals,
    sessions,
    sign_in,
    step_up,
)
from central.conformance.check import CHECKS, Check, one
from central.conformance.outcome import Outcome
from central.conformance.platform import Platform

PARTS = [part.__name__ for part in (discovery, sign_in, possession, sessions, records, documents, refusals, step_up)]


def checks() -> list[Check]:
    """Every check."""
    return sorted(CHECKS, key=lambda check: PARTS.index(check.run.__module__))


def run_all(platform: Platform, only: Collection[str] = ()) -> list[Outcome]:
    """All checks, or those that are named; LookupError for a name that is none."""
    unknown = set(only) - {check.name for check in CHECKS}
    if unknown:
        raise LookupError(f"There is no check {sorted(unknown)[0]!r}; `--list` names them all.")
    return [one(check, platform) for check in checks() if not only or check.name in only]
