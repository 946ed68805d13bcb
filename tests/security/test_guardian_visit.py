"""A ward's session at a real terminal: it ends with the card, belongs to that card alone, and leaves nothing behind."""

import sqlite3
import subprocess
import time
from dataclasses import replace

import pytest
from PyQt6.QtWidgets import QLabel

from backend_client.client.central import HolderSession
from demo.checks import forms, leaks, live_tokens, named_in
from demo.driver import Driver
from demo.guardian import begin_acting, choose, listed, own_again
from demo.street import Street
from demo.visits import Visit, all_printed
from kiosk.failures import Failure
from kiosk.recording.replay import read_recording, replay
from kiosk.session import state as s
from tests.parts import visitor

pytestmark = [pytest.mark.timeout(180), pytest.mark.expected_log("kiosk.(runtime|workers): |token not revoked")]

PERSONS = {"elder": 32, "child": 13, "withdrawn": 58, "swapped": 63, "refused": 65, "printed": 103}
"""Somebody else for what stays: a withdrawn relation, a spoilt card. Each has a ward."""


def guardian(driver: Driver, street: Street, who: str = "elder") -> Visit:
    """Somebody with a ward; the record is the ward's."""
    person = PERSONS[who]
    ward = street.central.wards(person)[-1]
    visit = visitor(driver, street, person)
    return replace(visit, ward=ward, record=street.central.record(ward, "contributions"))


def at_the_list(visit: Visit) -> int:
    """Signed in; the last place of the list."""
    visit.sign_in()
    return len(listed(visit)) - 1


def sessions(visit: Visit) -> tuple[HolderSession, HolderSession]:
    """The ward's and the guardian's own."""
    acting = visit.driver.terminal.runtime._visit
    assert acting.own is not None and acting.session is not None and acting.own.session is not None
    return acting.session, acting.own.session


def ended_within_a_second(visit: Visit) -> None:
    """Central takes neither token any more."""
    deadline = time.monotonic() + 1.0
    while live_tokens(visit) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert live_tokens(visit) == 0


def nothing_is_left(visit: Visit) -> None:
    """No token, no digit, no trace of either, also in no recording."""
    visit.driver.terminal.runtime.settle()
    assert live_tokens(visit) == 0
    assert len(visit.driver.terminal.pin) == 0
    assert leaks(visit) == []


@pytest.mark.parametrize("place", ["pad", "menu", "viewing", "printing", "done"])
def test_pulling_the_card_ends_both_sessions(driver: Driver, street: Street, place: str) -> None:
    visit = guardian(driver, street)
    last = at_the_list(visit)
    if place == "pad":
        choose(visit, last)
    else:
        begin_acting(visit, last)
        both = sessions(visit)
        assert live_tokens(visit) == 2
    if place in ("viewing", "printing", "done"):
        visit.open_record()
    if place in ("printing", "done"):
        visit.ask_paper()
        visit.driver.touch("paper_both")
        visit.driver.until(s.Printing, 5)
    if place == "done":
        visit.driver.until(s.Done, 60)
    street.card.remove()
    state = driver.until(s.Welcome, 5)
    ended_within_a_second(visit)
    assert state == s.State(
        paper=state.paper, sites=state.sites, visit=state.visit, now=state.now, deadline=state.deadline
    )
    if place != "pad":
        assert [session.holder for session in both] == [None, None]
    nothing_is_left(visit)


def test_time_that_runs_out_in_a_wards_session_ends_both(driver: Driver, street: Street) -> None:
    visit = guardian(driver, street, "child")
    begin_acting(visit, at_the_list(visit))
    driver.touch("end")
    driver.until(s.TakeCard, 5)
    ended_within_a_second(visit)
    visit.pull()
    nothing_is_left(visit)


def test_the_way_back_ends_the_wards_session_alone(driver: Driver, street: Street) -> None:
    visit = guardian(driver, street, "child")
    begin_acting(visit, at_the_list(visit))
    ward, own = sessions(visit)
    own_again(visit)
    driver.terminal.runtime.settle()
    assert live_tokens(visit) == 1
    assert ward.holder is None and own.holder is not None
    visit.leave()
    nothing_is_left(visit)


def test_another_card_at_the_pad_for_a_ward_gets_a_visit_of_its_own(driver: Driver, street: Street) -> None:
    """Both sessions end with the first card, and the pad is the other holder's."""
    visit = guardian(driver, street, "swapped")
    choose(visit, at_the_list(visit))
    street.card.remove()
    driver.until(s.Welcome, 5)  # a change between two looks of pcscd is the next test
    ended_within_a_second(visit)
    street.card.insert(street.personalise(4))
    state = driver.until(s.PinEntry, 15)
    assert isinstance(state.screen, s.PinEntry) and isinstance(state.screen.card, s.Card)
    assert state.signed_in_at is None
    visit.pull()
    nothing_is_left(visit)


def test_a_card_that_the_reader_did_not_see_come_is_refused_at_the_pad_for_a_ward(
    driver: Driver, street: Street
) -> None:
    """The card that answers is not the one that was read: no PIN goes to it, and the visit ends."""
    visit = guardian(driver, street, "swapped")
    choose(visit, at_the_list(visit))
    acting = driver.terminal.runtime._visit
    assert acting.card is not None
    acting.card = replace(acting.card, card_id="0" * 32)
    driver.enter_pin(visit.pin)
    visit.fails_with(Failure.CARD_SWAPPED)
    ended_within_a_second(visit)
    assert street.card.ask("status")["tries_left"] == 3
    visit.pull()
    nothing_is_left(visit)


def test_a_relation_that_is_withdrawn_meanwhile_ends_in_a_sentence_and_shows_nothing(
    driver: Driver, street: Street
) -> None:
    visit = guardian(driver, street, "withdrawn")
    ward = begin_acting(visit, at_the_list(visit))
    visit.open_record()
    street.central.run("end-guardianship", "--person", str(visit.ward))
    driver.touch("back")
    driver.until(s.Menu, 5)
    driver.touch("service_contributions")
    visit.fails_with(Failure.ACTING_OVER)
    shown = [label.text() for label in driver.terminal.window.findChildren(QLabel) if label.isVisible()]
    assert not any(ward.masked_name in text or ward.masked_id_no in text for text in shown)
    driver.touch("home")
    screen = driver.until(s.Menu, 5).screen
    assert isinstance(screen, s.Menu) and isinstance(screen.card, s.Card)
    assert visit.ward not in street.central.wards(visit.person)
    visit.leave()
    nothing_is_left(visit)


def test_a_relation_that_is_withdrawn_before_the_pin_is_entered_is_refused(driver: Driver, street: Street) -> None:
    """Central says not_a_guardian; nothing of the ward was shown."""
    visit = guardian(driver, street, "refused")
    choose(visit, at_the_list(visit))
    street.central.run("end-guardianship", "--person", str(visit.ward))
    driver.enter_pin(visit.pin)
    visit.fails_with(Failure.ACTING_OVER)
    assert live_tokens(visit) == 1
    visit.leave()
    nothing_is_left(visit)


def test_the_paper_is_the_wards_once_and_says_that_it_was_asked_for_by_proxy(driver: Driver, street: Street) -> None:
    visit = guardian(driver, street, "printed")
    kept = driver.terminal.journal
    earlier = kept.open_entries()
    pages = len(street.a4.pages)
    begin_acting(visit, at_the_list(visit))
    visit.open_record()
    visit.ask_paper()
    driver.touch("paper_a4")
    all_printed(driver.until(s.Done, 60))
    own_again(visit)
    visit.leave()
    (page,) = street.a4.pages[pages:]
    text = subprocess.run(["pdftotext", "-layout", str(page["pdf"]), "-"], capture_output=True, text=True, check=True)
    name, id_no = named_in(visit.record)
    own_name, own_id_no = named_in(street.central.record(visit.person, "contributions"))
    assert name in text.stdout and id_no in text.stdout and "由代办人为" in text.stdout
    assert own_name not in text.stdout and own_id_no not in text.stdout
    assert street.central.verify(str(page["pdf"]))["state"] == "valid"
    assert kept.verify() == [] and kept.open_entries() == earlier
    nothing_is_left(visit)


def test_a_recording_of_the_visit_holds_nobody(driver: Driver, street: Street) -> None:
    """Neither the guardian nor the ward, nor their relation; and it replays."""
    visit = guardian(driver, street)
    ward = begin_acting(visit, at_the_list(visit))
    visit.open_record()
    own_again(visit)
    visit.leave()
    path = max((street.data / "visits").glob("visit-*.jsonl"))
    content = path.read_bytes()
    persons = [named_in(visit.record), named_in(street.central.record(visit.person, "contributions"))]
    secrets = [*(text for one in persons for text in one), ward.relation, ward.masked_id_no[-4:], ward.masked_name]
    assert b"BeginActing" in content and b"EndActing" in content
    assert [text for text in secrets for form in forms(text) if form in content] == []
    assert [difference for _, _, difference in replay(read_recording(path)) if difference] == []


def test_the_wards_access_log_at_central_names_the_guardian(driver: Driver, street: Street) -> None:
    """Masked, beside what was looked at; the guardian's own log has nothing of the ward."""
    visit = guardian(driver, street)
    begin_acting(visit, at_the_list(visit))
    visit.open_record()
    visit.leave()
    driver.terminal.runtime.settle()
    database = street.central.database.removeprefix("sqlite:///")
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT count(*) FROM sessions WHERE person = ? AND holder = ?", (visit.ward, 32))
        assert rows.fetchone()[0] >= 1
    connection.close()
