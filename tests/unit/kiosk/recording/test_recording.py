"""Recordings: nobody's data in them, whole events back out of them, small, few, and never in a visit's way."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_client.contract.documents import DocumentKind, Medium
from backend_client.contract.model import Message, Record
from kiosk.failures import Failure
from kiosk.recording.codec import NotARecording, decode, encode
from kiosk.recording.mask import masked_command, masked_event, shown
from kiosk.recording.neutral import NotNeutral, neutral
from kiosk.recording.replay import read_recording, replay
from kiosk.recording.tape import Tape, VisitTapes
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.examples import all_events
from kiosk.session.transition import transition
from tests.samples import CARD, ID_NO, access_log, account_overview, contributions, family_planning, wards
from tests.states import screens
from tests.unit.kiosk.recording.traces import forms, traces, values

RECORDS = {"contributions": contributions("欧阳测试"), "family": family_planning("欧阳测试"), "log": access_log(),
           "account": account_overview(), "no-account": account_overview(opened=False),
           "wards": wards()}  # fmt: skip


@pytest.mark.parametrize("name", RECORDS)
def test_a_neutral_record_has_the_shape_and_nobodys_values(name: str) -> None:
    record = RECORDS[name]
    made = neutral(record)
    assert neutral(made) == made
    assert shape(made.model_dump(mode="json")) == shape(record.model_dump(mode="json"))
    assert traces(json.dumps(encode(made), ensure_ascii=False).encode(), record) == []


def shape(value: object) -> object:
    """Lengths of lists and texts, and what is empty."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return (type(value).__name__, value is None)


def test_the_search_for_traces_can_find_some() -> None:
    record = RECORDS["contributions"]
    for form in forms(ID_NO):
        assert traces(b"xx" + form + b"yy", record) == [ID_NO]
    assert "12480.00" in values(record)


def test_every_record_of_the_contract_can_be_made_neutral() -> None:
    assert {type(record) for record in RECORDS.values()} == set(Record.__subclasses__())


class Odd(Message):
    """A form that nothing neutral is known for."""

    code: str
    raw: bytes = b""


def test_a_form_that_is_not_known_is_left_out_of_the_recording() -> None:
    with pytest.raises(NotNeutral, match=r"Odd.raw"):
        neutral(Odd(code="1"))


EVENTS = [e.Tick(1.5), *all_events(3)]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_events_come_back_as_they_were(event: e.Event) -> None:
    masked = masked_event(event)
    again = decode(json.loads(json.dumps(encode(masked))))
    assert again == masked
    assert type(again) is type(event)


@pytest.mark.parametrize("name", screens())
def test_states_come_back_as_they_were(name: str) -> None:
    state = s.State(screens()[name], visit=2, card_in=True, blocked_by=Failure.PCSC_DOWN)
    assert decode(encode(state)) == state
    assert shown(decode(encode(state))) == shown(state)


def test_what_a_card_says_is_never_recorded() -> None:
    event = masked_event(e.CardRead(1, replace(CARD, masked_name="欧**", masked_id_no="440***********1234")))
    assert "欧" not in json.dumps(encode(event), ensure_ascii=False)
    assert "440" not in json.dumps(encode(event))
    ended = s.Printed(DocumentKind.CONTRIBUTIONS_SLIP, Medium.SLIP, "SY440105201701020001")
    assert encode(masked_event(e.DocumentEnded(1, ended)))["printed"]["doc_no"] == "SY" + "0" * 18
    link = s.PhoneLink("https://central.example.invalid/copy/SECRET")
    for value in (encode(masked_event(e.CopyReady(1, link))), shown(s.State(s.ShowingCopy(CARD, "x", link)))):
        assert "SECRET" not in json.dumps(value)


def test_for_whom_somebody_acts_is_never_recorded() -> None:
    """Neither in a state nor in the command that names the ward."""
    ward = s.Acting(CARD, "ab" * 16, "欧**", "440***********1234", s.WardKind.ELDER)
    for value in (encode(masked_command(c.BeginActing(2, ward))), shown(s.State(s.Menu(ward), card_in=True))):
        text = json.dumps(value, ensure_ascii=False)
        assert "ELDER" in text
        assert [trace for trace in ("abab", "欧", "440***", "1234", CARD.masked_id_no) if trace in text] == []


def a_visit() -> list[e.Event]:
    """Someone who sees a record, prints, and goes; with ticks as they come."""
    record = contributions("欧阳测试")
    ended = s.Printed(DocumentKind.CONTRIBUTIONS_SLIP, Medium.SLIP, "SY440105201701020001")
    steps: list[e.Event] = [
        e.CardInserted(), e.CardRead(1, CARD), e.PinChanged(6), e.PinSubmitted(), e.SignedIn(1),
        e.ServiceChosen("contributions"), e.RecordLoaded(1, "contributions", record), e.YearChosen(2016),
        e.LanguageChosen(s.Language.EN), e.PrintAsked(), e.PaperReported(s.Paper()), e.ClockReported(95),
        e.PaperChosen((Medium.SLIP,)), e.DocumentStep(1, Medium.SLIP, s.Step.SENT), e.DocumentEnded(1, ended),
        e.BackTouched(), e.EndTouched(), e.CardRemoved(),
    ]  # fmt: skip
    clock, events = 7_000.0, list[e.Event]()
    for step in steps:
        events += [e.Tick(clock), e.Tick(clock + 0.25), e.Tick(clock + 0.5), step]
        clock += 11.25
    return events


def recorded(tapes: VisitTapes, events: list[e.Event], start: s.State | None = None) -> s.State:
    """Feed the events to the core and the recorder."""
    state = start or s.State()
    for event in events:
        after, commands = transition(state, event)
        tapes.note(event, state, after, commands)
        state = after
    return state


def test_a_visit_replays_to_the_same_screens(tmp_path: Path) -> None:
    recorded(VisitTapes(tmp_path, 5, ("contributions",)), a_visit())
    (path,) = tmp_path.glob("*.jsonl")
    recording = read_recording(path)
    seen = list(replay(recording))
    assert [difference for _, _, difference in seen if difference] == []
    assert [state.clock_off for _, state, _ in seen][-1] == 95
    kinds = [type(state.screen).__name__ for _, state, _ in seen]
    assert {"Reading", "Viewing", "Printing", "Done", "TakeCard", "Welcome"} <= set(kinds)
    assert len([moment for moment in recording.moments if isinstance(moment.event, e.Tick)]) < 3 * 18
    assert traces(path.read_bytes(), contributions("欧阳测试")) == []
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert "NOT_OFFERED" in path.read_text(encoding="utf-8")


def test_the_first_difference_is_named(tmp_path: Path) -> None:
    recorded(VisitTapes(tmp_path, 5, ("contributions",)), a_visit())
    (path,) = tmp_path.glob("*.jsonl")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"type":"SigningIn"', '"type":"Menu"', 1), encoding="utf-8")
    differences = [difference for _, _, difference in replay(read_recording(path)) if difference]
    assert "PinSubmitted: screen was" in differences[0]
    path.write_text(text.replace('"type":"LoadRecord"', '"type":"SignIn"', 1), encoding="utf-8")
    differences = [difference for _, _, difference in replay(read_recording(path)) if difference]
    assert "asked for" in differences[0]


@pytest.mark.parametrize("text", ["", "{}", "[]", "nonsense", '{"recording": 99}', '{"recording":1,"services":[]}'])
def test_what_is_no_recording_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(text)
    with pytest.raises(NotARecording, match=str(path)):
        read_recording(path)


KEYS = st.sampled_from(["type", "record", "now", "visit", "card"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["Tick", "CardRead", "Contributions"])


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner)))
def test_any_json_is_an_event_or_no_recording(value: object) -> None:
    try:
        decode(value)
    except NotARecording:
        pass


def test_the_last_visits_are_kept(tmp_path: Path) -> None:
    tapes = VisitTapes(tmp_path, 3, ("contributions",))
    for _ in range(5):
        recorded(tapes, [e.CardInserted(), e.CardRemoved()])
    assert [path.name for path in sorted(tmp_path.iterdir())] == [f"visit-{n:06}.jsonl" for n in (3, 4, 5)]
    recorded(VisitTapes(tmp_path, 3, ("contributions",)), [e.CardInserted(), e.CardRemoved()])
    assert sorted(path.name for path in tmp_path.iterdir())[-1] == "visit-000006.jsonl"


def test_idle_time_is_not_recorded(tmp_path: Path) -> None:
    recorded(VisitTapes(tmp_path, 3, ("contributions",)), [e.Tick(1.0), e.Tick(99.0), e.PaperReported(s.Paper())])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.expected_log("kiosk.recording.tape: visits are not recorded")
def test_a_disk_that_takes_nothing_disturbs_no_visit(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    tapes = VisitTapes(blocked / "visits", 3, ("contributions",))
    assert recorded(tapes, [e.CardInserted(), e.CardRemoved()]).screen == s.Welcome()


def test_a_tape_may_begin_in_the_middle() -> None:
    lines: list[str] = []
    middle = s.State(s.Menu(CARD), card_in=True, visit=4, now=1000.0, deadline=1080.0, signed_in_at=990.0)
    tape = Tape(lines.append, middle, ("contributions",), lambda: 0)
    tick = e.Tick(1081.0)
    after, commands = transition(middle, tick)
    tape.note(tick, middle, after, commands)
    assert json.loads(lines[0])["state"]["deadline"] == 80.0
    assert json.loads(lines[1])["shown"]["screen"] == {"type": "TakeCard", "reminders": 0}
    assert commands == (c.EndVisit(4), c.PlaySound(c.Cue.TAKE_CARD))


def test_money_and_days_are_replaced() -> None:
    made = neutral(contributions())
    assert {row.base for row in made.rows} == {Decimal("1000.00")}
    assert made.person.birth_date == date(2000, 1, 1)
