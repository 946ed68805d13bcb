"""Which reader is served: one card at a time, and nobody's removal ends another's visit."""

from hypothesis import given
from hypothesis import strategies as st

from card import reader_events as r
from card.failures import CardFailure
from card.reader_events import Look, changes, look
from kiosk.failures import Failure
from kiosk.reader_desk import Readers, follow
from kiosk.session import events as e

A, B = "Reader A", "Reader B"


def told(*events: r.ReaderEvent, readers: Readers | None = None) -> tuple[Readers, list[e.Event]]:
    """Follow events, from a terminal that just started."""
    now, all_told = readers or Readers(), list[e.Event]()
    for event in events:
        now, some = follow(now, event)
        all_told += some
    return now, all_told


PLUGGED = (r.ServiceBack(), r.ReaderAdded(A), r.CardAbsent(A), r.ReaderAdded(B), r.CardAbsent(B))
IN_A, IN_B = r.CardPresent(A, b"\x3b"), r.CardPresent(B, b"\x3f")


def test_a_terminal_serves_when_a_reader_is_there() -> None:
    assert Readers().blocked is Failure.READER_ABSENT
    readers, events = told(*PLUGGED)
    assert (readers.blocked, events) == (None, [e.CardRemoved(), e.CardRemoved()])


def test_the_second_card_waits_until_the_first_is_out() -> None:
    readers, _ = told(*PLUGGED)
    readers, events = told(IN_A, IN_B, readers=readers)
    assert (readers.served, events) == (A, [e.CardInserted()])
    readers, events = told(r.CardAbsent(B), IN_B, r.CardAbsent(A), readers=readers)
    assert (readers.served, events) == (B, [e.CardRemoved(), e.CardInserted()])


def test_a_second_reader_may_go_without_ending_the_visit() -> None:
    readers, _ = told(*PLUGGED, IN_A)
    readers, events = told(r.ReaderRemoved(B), readers=readers)
    assert (readers.blocked, events) == (None, [])
    readers, events = told(r.CardAbsent(A), r.ReaderRemoved(A), readers=readers)
    assert (readers.blocked, events) == (Failure.READER_ABSENT, [e.CardRemoved()])


def test_a_mute_card_is_refused_and_its_removal_told() -> None:
    readers, _ = told(*PLUGGED)
    _, events = told(r.CardMute(A), r.CardAbsent(A), readers=readers)
    assert events == [e.CardRefused(Failure.CARD_MUTE), e.CardRemoved()]


def test_without_pcscd_nobody_is_served() -> None:
    readers, _ = told(*PLUGGED, IN_A)
    readers, events = told(r.CardAbsent(A), r.ReaderRemoved(A), r.ReaderRemoved(B), r.ServiceGone(), readers=readers)
    assert (readers.blocked, readers.served, events) == (Failure.PCSC_DOWN, "", [e.CardRemoved()])
    readers, _ = told(r.ServiceBack(), readers=readers)
    assert readers.blocked is Failure.READER_ABSENT


STATE = st.tuples(st.sampled_from([0x12, 0x22, 0x222]), st.integers(0, 2))
LOOKS = st.dictionaries(st.sampled_from([A, B]), STATE).map(
    lambda found: {name: look(name, bits | count << 16, b"\x3b") for name, (bits, count) in found.items()}
)


@given(st.lists(LOOKS, max_size=10))
def test_the_session_never_hears_of_two_cards_at_once(history: list[dict[str, Look]]) -> None:
    readers, before, inside = Readers(), dict[str, Look](), False
    for now in history:
        for event in changes(before, now):
            readers, some = follow(readers, event)
            for one in some:
                assert isinstance(one, e.CardRemoved) or not inside
                inside = not isinstance(one, e.CardRemoved)
        before = now
        assert inside == bool(readers.served)
        assert (readers.blocked is None) == bool(now)
        assert set(readers.cards) == {name for name, seen in now.items() if not isinstance(seen.card, r.CardAbsent)}


def test_a_daemon_that_refuses_us_is_no_daemon_that_is_gone() -> None:
    readers, _ = told(r.ReaderAdded(A), r.ServiceGone(CardFailure.PCSC_REFUSED))
    assert readers.blocked is Failure.PCSC_REFUSED
