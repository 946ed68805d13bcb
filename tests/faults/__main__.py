"""`bin/faults`: the whole matrix as Markdown on standard output; exit 1 when anything is doubled, lost or wrong."""

import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import typer

from benchmarks.table import markdown
from tests.faults.points import MEDIA, Point, matrix
from tests.faults.world import Verdict, World

HEAD = Path(__file__).with_name("page.md").read_text(encoding="utf-8")


def rows(verdicts: list[Verdict]) -> list[list[str]]:
    """One line a family and paper."""
    found = []
    families = list(dict.fromkeys(verdict.point.family for verdict in verdicts))
    for family in families:
        for medium in MEDIA:
            ours = [each for each in verdicts if (each.point.family, each.point.medium) == (family, medium)]
            if not ours:
                continue
            steps = Counter(each.step for each in ours)
            ends = [str(steps[step]) for step in ("confirmed", "voided", "unknown", "-")]
            bad = sum(bool(each.problems) for each in ours)
            found.append([family, medium, str(len(ours)), *ends, str(bad)])
    return found


def page(verdicts: list[Verdict], seconds: float) -> str:
    """The Markdown."""
    problems = [problem for verdict in verdicts for problem in verdict.problems]
    doubled, lost = (sum(problem.startswith(word) for problem in problems) for word in ("doubled", "lost"))
    listed = [
        f"- {each.point.medium} {each.point.name}: {'; '.join(each.problems)}" for each in verdicts if each.problems
    ]
    return HEAD.format(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        points=len(verdicts),
        seconds=seconds,
        doubled=doubled,
        lost=lost,
        wrong=len(problems) - doubled - lost,
        table=markdown(("what", "paper", "points", "printed", "void", "unknown", "none", "wrong"), rows(verdicts)),
        problems="\n".join(["", "## Wrong", "", *listed, ""]) if listed else "",
    )


def run_all(world: World, points: list[Point]) -> list[Verdict]:
    """All points, with a line of progress each on standard error."""
    verdicts = []
    for count, point in enumerate(points, start=1):
        verdict = world.run(point)
        verdicts.append(verdict)
        bad = f"  WRONG: {'; '.join(verdict.problems)}" if verdict.problems else ""
        said = (
            f"{verdict.seconds:5.1f} s  {count:4}/{len(points)}  {point.medium:4}  {point.name}: {verdict.step}{bad}\n"
        )
        sys.stderr.write(said)
    return verdicts


def main(every: int = 1, family: str = "") -> None:
    """`--every N`: each N-th point only; `--family NAME`: those only."""
    with World(Path(tempfile.mkdtemp(prefix="onecard-faults-"))) as world:
        points = [point for point in matrix(world.size) if family in ("", point.family)][::every]
        verdicts = run_all(world, points)
    sys.stdout.write(page(verdicts, sum(verdict.seconds for verdict in verdicts)))
    raise SystemExit(any(verdict.problems for verdict in verdicts))


if __name__ == "__main__":
    typer.run(main)
