"""`bin/demo`: the terminal with the street around it; `--headless` does whole visits without hands."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from demo.parts.process import PartFailed


def demo(
    headless: Annotated[bool, typer.Option("--headless", help="Whole visits without hands.")] = False,
    out: Annotated[Path, typer.Option(help="Folder for what the visits leave.")] = Path("visits"),
    visit: Annotated[list[str] | None, typer.Option(help="Visit by name; may be given several times.")] = None,
    person: Annotated[int | None, typer.Option(min=1, max=38_525_400, help="Resident; default several.")] = None,
    keep_going: Annotated[bool, typer.Option("--keep-going", help="Go on after a visit that failed.")] = False,
    profile: Annotated[
        Literal["international", "gm"], typer.Option(help="Crypto profile of city and terminal; gm is 国密.")
    ] = "international",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the street's page; 0 takes a free one.")] = 0,
) -> None:
    """The terminal with the street around it. Example: bin/demo --headless --out visits --visit contributions"""
    if headless:
        from demo.headless import run
        from demo.plans import PLANS

        unknown = [name for name in visit or [] if name not in PLANS]
        if unknown:
            raise typer.BadParameter(f"There is no visit {unknown[0]!r}; known: {', '.join(PLANS)}.")
        raise typer.Exit(run(out, visit or [], person, keep_going=keep_going, profile=profile))
    from demo.show import show

    raise typer.Exit(show(port, profile))


def main() -> None:
    """Run it; what can't be done is one sentence."""
    try:
        typer.run(demo)
    except (PartFailed, OSError) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
