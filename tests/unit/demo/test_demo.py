"""The demo's own pieces: what it records is safe, what it checks can fail, its page is guarded."""

import sys
from pathlib import Path

import pytest

from demo.checks import figures, missing_figures
from demo.fault_proxy import MODES, Behaviour, _obey
from demo.page import PAGE, SWITCHES
from demo.parts.process import PartFailed, Process
from demo.plans import PLANS
from tests.samples import contributions, family_planning


@pytest.mark.parametrize("record", [contributions(), family_planning()])
def test_every_printed_figure_is_demanded(record: object) -> None:
    values = figures(record.model_dump(mode="json"))  # type: ignore[attr-defined]
    assert {"990106198504120014", "1985-04-12"} <= values
    assert "110" not in values
    assert missing_figures(record.model_dump(mode="json"), "") != []  # type: ignore[attr-defined]


def test_the_plans_are_those_of_the_contract() -> None:
    assert list(PLANS) == [
        "contributions", "family-planning", "wrong-pin", "card-pulled", "paper-out", "central-down",
        "contributions-gen2", "family-planning-gen2", "paper-refilled", "change-pin", "access-log", "phone-copy",
        "phone-sign-in", "account", "link-phone", "department-site", "guardian",
    ]  # fmt: skip


def test_the_page_throws_known_switches_only() -> None:
    html = PAGE.read_text(encoding="utf-8")
    assert "{screen_port}" in html
    for part, commands in SWITCHES.items():
        assert f"{part}: [[" in html
        assert commands


@pytest.mark.parametrize("mode", MODES)
def test_the_proxy_obeys(mode: str) -> None:
    behaviour = Behaviour()
    assert "error" not in _obey([mode, "2"], behaviour)
    assert behaviour.drops == (2 if mode == "drop-answer" else 0)
    assert "error" in _obey(["dance"], behaviour)


def test_a_part_that_does_not_start_says_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(PartFailed, match="nothing-here"), Process("simulators", "card", str(tmp_path / "nothing-here")):
        pass


def test_a_part_that_is_refused_says_why(tmp_path: Path) -> None:
    with Process("simulators", "thermal", "--port", "0", "--out", str(tmp_path)) as part:
        assert part.ask("status")["paper"] == "ok"
        with pytest.raises(PartFailed, match="known"):
            part.ask("dance")
        with pytest.raises(PartFailed, match="near-end"):
            part.ask("paper none")
    assert part.child.returncode is not None
    assert sys.executable
