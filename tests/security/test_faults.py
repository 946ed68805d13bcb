"""A slice of the fault matrix (`bin/faults` runs it whole), and proof that it can fail."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.journal.entry import Step
from kiosk.journal.journal import Journal
from tests.faults.points import SYNC, Fault, Point, matrix
from tests.faults.world import World, judge, power_cut
from tests.unit.kiosk.test_recovery import left_at

SLICE = 19
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Central, printers and a terminal that may die."""
    with World(tmp_path_factory.mktemp("faults")) as whole:
        yield whole


def test_a_slice_of_the_matrix_leaves_nothing_doubled_lost_or_unaccounted_for(world: World) -> None:
    points = matrix(world.size)
    assert len(points) >= 200
    verdicts = [world.run(point) for point in points[::SLICE]]
    assert {verdict.point.family for verdict in verdicts} == {point.family for point in points}
    assert [verdict for verdict in verdicts if verdict.problems] == []
    assert {verdict.step for verdict in verdicts} == {"confirmed", "voided", "unknown", "-"}


@pytest.mark.parametrize("step", ["requested", "issued", "sent", "printed", "confirmed"])
def test_a_power_cut_right_after_each_step_finds_that_step_on_disk(world: World, step: str) -> None:
    fault = Fault(SYNC, world.size.sync_of(step), after=True, power=True)
    verdict = world.run(Point("sync", f"{step}: power cut after", "a4", disk=fault))
    assert (verdict.ended, verdict.problems) == ("killed", ())
    assert verdict.step == {"requested": "voided", "issued": "voided"}.get(step, verdict.step)


def test_a_torn_paper_is_replaced_by_a_copy_while_the_holder_waits(world: World) -> None:
    point = Point("printer", "paper out, refilled in time", "slip", switch=("out-after 900",), refill=True)
    verdict = world.run(point)
    assert (verdict.step, verdict.whole, verdict.problems) == ("confirmed", 1, ())


@pytest.mark.parametrize("act", ["cupsd SIGTERM", "cupsd SIGKILL"])
def test_a_page_that_a_dying_cupsd_left_is_not_printed_by_the_next(world: World, act: str) -> None:
    point = Point("spooler", act, "a4", cups=True, spooler=("the printer works", act), switch=("delay 0.7",))
    verdict = world.run(point)
    assert (verdict.step, verdict.whole, verdict.problems) == ("confirmed", 2, ())


def test_a_moment_that_never_comes_is_a_wrong_point(world: World) -> None:
    point = Point("spooler", "no spooler", "a4", spooler=("it has the page", "cupsd SIGKILL"))
    assert world.run(point).problems == ("its moment never came",)


def test_what_was_not_synced_is_gone_after_a_power_cut(tmp_path: Path) -> None:
    data, shadow = tmp_path / "disk" / "terminal", tmp_path / "shadow"
    for folder in (data, shadow):
        folder.mkdir(parents=True)
    (data / "kept").write_text("new")
    (data / "forgotten").write_text("x")
    names = {path: path.stat().st_ino for path in (data.parent, data, data / "kept")}
    (shadow / str(names[data.parent])).write_text(f"{names[data]} terminal\n")
    (shadow / str(names[data])).write_text(f"{names[data / 'kept']} kept\n")
    (shadow / str(names[data / "kept"])).write_text("old")
    power_cut(data, shadow)
    assert {path.name: path.read_text() for path in data.iterdir()} == {"kept": "old"}


@pytest.mark.parametrize(
    ("central", "papers", "complaint"),
    [
        ({"SB1": "printed"}, {"SB1": 2}, "doubled: 2 papers of SB1"),
        ({"SB1": "printed"}, {}, "false yes"),
        ({"SB1": "voided"}, {"SB1": 1}, "SB1 is confirmed here, voided at central"),
        ({"SB1": "printed", "SB2": "issued"}, {"SB1": 1}, "lost: SB2"),
        ({"SB1": "printed"}, {"SB1": 1, "SB9": 1}, "unaccounted: a paper of SB9"),
        ({}, {"SB1": 1}, "made up: SB1"),
    ],
)
def test_the_judge_sees_what_is_wrong(
    tmp_path: Path, central: dict[str, str], papers: dict[str, int], complaint: str
) -> None:
    journal = Journal(tmp_path / "journal.db", tmp_path / "journal.key")
    entry = left_at(journal, Step.PRINTED)
    journal.advance(entry.number, Step.CONFIRMED)
    journal.close()
    _, problems = judge(tmp_path, central, Counter(papers))
    assert any(problem.startswith(complaint) for problem in problems), problems
    assert judge(tmp_path, {"SB1": "printed"}, Counter({"SB1": 1}))[1] == []
