"""`bin/central conformance URL`: the suite on the command line."""

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from central.conformance.outcome import Outcome, State, Violation, as_json, summary

ADDRESS = re.compile(r"https?://[^/\s]+")
if TYPE_CHECKING:
    from central.conformance.platform import Platform

TABLE = """| check | requirement | source |
|---|---|---|
"""


def conformance(
    url: Annotated[str, typer.Argument(help="The platform's base URL, as terminals call it.")] = "",
    credentials: Annotated[Path, typer.Option(help="TOML with test credentials.")] = Path("conformance.toml"),
    only: Annotated[list[str] | None, typer.Option(help="A check by name; may be given more than once.")] = None,
    patient: Annotated[bool, typer.Option("--patient", help="Also checks that take minutes (step-up).")] = False,
    as_json_: Annotated[bool, typer.Option("--json", help="The report as JSON on standard output.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Every check, as a table; asks nobody.")] = False,
) -> None:
    """Ask a platform, from outside, whether it keeps the contract; exits with 0 only when no check failed."""
    from central.conformance.credentials import load
    from central.conformance.platform import Platform
    from central.conformance.suite import checks, run_all

    if listed:
        lines = (f"| `{one.name}` | {one.requirement} | {one.source} |\n" for one in checks())
        sys.stdout.write(TABLE + "".join(lines))
        return
    if not ADDRESS.match(url):
        raise ValueError("Say which platform: its base URL, as in `central conformance https://platform.city.example`.")
    platform = Platform(url, load(credentials), patient=patient)
    try:
        _reach(platform)
        outcomes = run_all(platform, only or ())
    finally:
        platform.close()
    sys.stdout.write(json.dumps(as_json(url, outcomes), ensure_ascii=False) + "\n" if as_json_ else _text(outcomes))
    if any(one.state is State.FAIL for one in outcomes):
        raise typer.Exit(1)


def _reach(platform: "Platform") -> None:
    """ValueError when nobody is there, instead of a hundred failures that all say so."""
    try:
        platform.ask("GET", "/healthz")
    except Violation as violation:
        raise ValueError(
            f"Nothing was checked at {platform.url}: {violation}; look at the address and `ca_file`."
        ) from violation


def _text(outcomes: list[Outcome]) -> str:
    counts = ", ".join(f"{count} {state}" for state, count in summary(outcomes).items())
    return "".join(f"{one.line()}\n" for one in outcomes) + f"{counts}\n"
