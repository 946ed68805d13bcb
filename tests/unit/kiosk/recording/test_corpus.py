"""Recorded visits of every kind, replayed: the same screens as ever, and nothing of their persons in the files.

Made by `bin/demo --headless --out OUT`: each `OUT/<visit>/events.jsonl` became `tests/corpus/visits/<visit>.jsonl`.
A change that is meant changes the screens of a recording too; then the corpus is made again and the commit says why.
"""

import json
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from central.synthetic.contributions import contributions
from central.synthetic.dice import DEFAULT_SEED
from central.synthetic.family_planning import family_planning
from central.synthetic.household import wards_of
from central.synthetic.person import Person, person
from demo.plans import PLANS
from kiosk.cli.replay import replay_visit
from kiosk.pin_buffer import PinBuffer
from kiosk.recording.replay import read_recording, replay
from kiosk.screens.window import TerminalWindow
from kiosk.services.catalogue import chosen
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.number import Digits
from tests.unit.kiosk.recording.traces import forms, traces

CORPUS = Path(__file__).resolve().parents[3] / "corpus/visits"
FILES = sorted(CORPUS.glob("*.jsonl"))
SEED = DEFAULT_SEED


def test_there_is_a_recording_of_every_planned_visit() -> None:
    assert {path.stem for path in FILES} == set(PLANS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_recorded_visit_shows_the_same_screens(path: Path, qtbot: QtBot) -> None:
    recording = read_recording(path)
    window = TerminalWindow(lambda _event: None, PinBuffer(), chosen(recording.services), "REPLAY")
    qtbot.addWidget(window)
    for _, state, difference in replay(recording):
        assert difference is None
        window.show_state(state)
        assert window.stack.currentWidget() is window.screen_for(type(state.screen))
    assert isinstance(state.screen, s.Welcome)


def of_person(who: Person) -> list[str]:
    """What names a person."""
    return [who.id_no, who.name, who.phone, who.card_id, who.card_no, who.address, who.id_no[:14], who.card_id[:16]]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_of_the_person_is_in_the_recording(path: Path) -> None:
    plan, content = PLANS[path.stem], path.read_bytes()
    wards = [relation.ward for relation in wards_of(SEED, plan.person)] if plan.for_ward else []
    for who in (person(SEED, number) for number in (plan.person, *wards)):
        for text in of_person(who):
            assert not any(form in content for form in forms(text)), text
        for record in (contributions(SEED, who.number), family_planning(SEED, who.number)):
            if record is not None:
                assert traces(content, record) == []


def test_a_linked_number_is_in_no_recording() -> None:
    """The demo types 990 and the person's number; recordings have the one of nobody, whole and in part."""
    path = CORPUS / "link-phone.jsonl"
    content = path.read_bytes()
    typed = f"990{PLANS[path.stem].person:08}"
    for text in (typed, Digits(typed).grouped(len(typed)), f"12{typed[2:]}", typed[-4:]):
        assert not any(form in content for form in forms(text)), text
    for wanted in (b'"NOT_A_NUMBER"', b'"WRONG_CODE"', b'"CheckingCode"', b'"PhoneSignedIn"', b'"UNLINK_PHONE"'):
        assert wanted in content


def test_the_persons_of_the_corpus_are_those_of_the_cards() -> None:
    """Else the search above would look for somebody else: the number of rows gives them away."""
    lines = [json.loads(line) for line in (CORPUS / "contributions.jsonl").read_text(encoding="utf-8").splitlines()]
    loaded = next(line["event"]["record"] for line in lines[1:] if line["event"]["type"] == "RecordLoaded")
    assert len(loaded["rows"]["rows"]) == len(contributions(SEED, PLANS["contributions"].person).rows)


def test_the_corpus_holds_faults_and_ways_that_change_nothing() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in FILES)
    for wanted in ("SLIP_PAPER_OUT", "CENTRAL_UNREACHABLE", "PIN_LAST_TRY", "AwaitingRepair", "NewPinSet", '"ignored"'):
        assert wanted in text


def test_replay_makes_the_pictures(tmp_path: Path, qtbot: QtBot) -> None:
    del qtbot
    assert replay_visit(CORPUS / "wrong-pin.jsonl", tmp_path) is None
    assert [path.stem.split("-")[1] for path in sorted(tmp_path.glob("*.png"))][-1] == "welcome"


def test_a_replayed_record_is_on_the_screen(qtbot: QtBot) -> None:
    recording = read_recording(CORPUS / "contributions.jsonl")
    window = TerminalWindow(lambda _event: None, PinBuffer(), chosen(recording.services), "REPLAY")
    qtbot.addWidget(window)
    for moment, state, _ in replay(recording):
        window.show_state(state)
        if isinstance(moment.event, e.RecordLoaded):
            break
    texts = {label.text() for label in window.findChildren(QLabel)}
    assert any("1,000.00" in text for text in texts)
