"""Two looks at the readers become events: nothing is skipped, nobody's card is taken for another's."""

from hypothesis import given
from hypothesis import strategies as st

from card.reader_events import (
    CardAbsent,
    CardMute,
    CardPresent,
    Look,
    ReaderAdded,
    ReaderEvent,
    ReaderRemoved,
    card_event,
    changes,
    look,
)

READERS = st.sampled_from(["Reader A", "Reader B"])


def looks() -> st.SearchStrategy[dict[str, Look]]:
    """What PC/SC may say about up to two readers."""
    state = st.tuples(
        st.sampled_from([0x12, 0x22, 0x222, 0x422]), st.integers(0, 3), st.sampled_from([b"\x3b", b"\x3f"])
    )
    return st.dictionaries(READERS, state).map(
        lambda found: {name: look(name, bits | count << 16, atr) for name, (bits, count, atr) in found.items()}
    )


def test_state_bits_become_events() -> None:
    assert card_event("R", 0x22, b"\x3b") == CardPresent("R", b"\x3b")
    assert card_event("R", 0x222, b"") == CardMute("R")
    assert card_event("R", 0x12, b"") == CardAbsent("R")


def test_a_card_exchanged_unseen_is_an_absence_and_a_presence() -> None:
    card = CardPresent("R", b"\x3b")
    told = list(changes({"R": Look(card, 5)}, {"R": Look(card, 7)}))
    assert told == [CardAbsent("R"), card]


def test_a_card_that_answers_a_warm_reset_otherwise_is_the_same_card() -> None:
    """We reset it after each use; a look that something else causes then must not end its visit."""
    cold, warm = CardPresent("R", b"\x3b\x80\x01\x81"), CardPresent("R", b"\x3b\x00")
    assert list(changes({"R": Look(cold, 5)}, {"R": Look(warm, 5)})) == []
    assert list(changes({"R": Look(CardMute("R"), 5)}, {"R": Look(warm, 5)})) == [CardAbsent("R"), warm]


def test_the_counter_may_wrap() -> None:
    card = CardPresent("R", b"\x3b")
    assert look("R", 0x22 | 0x10001 << 16, b"\x3b").counter == 1
    assert list(changes({"R": Look(card, 0xFFFF)}, {"R": Look(card, 1)})) == [CardAbsent("R"), card]


def test_a_reader_unplugged_takes_its_card_along() -> None:
    told = list(changes({"R": Look(CardPresent("R", b""), 1)}, {}))
    assert told == [CardAbsent("R"), ReaderRemoved("R")]


def test_nothing_new_is_nothing_told() -> None:
    seen = {"R": Look(CardPresent("R", b""), 1), "S": Look(CardAbsent("S"), 0)}
    assert list(changes(seen, seen)) == []
    assert list(changes(seen, {**seen, "S": Look(CardAbsent("S"), 4)})) == []


@given(st.lists(looks(), max_size=8))
def test_told_events_alternate_for_each_reader(history: list[dict[str, Look]]) -> None:
    """Added before anything, removed after everything, never two cards without an absence between them."""
    told: list[ReaderEvent] = []
    before: dict[str, Look] = {}
    for now in history:
        told += changes(before, now)
        before = now
    there: dict[str, ReaderEvent | None] = {}
    for event in told:
        name = getattr(event, "reader")  # noqa: B009  # every event here has one
        match event:
            case ReaderAdded():
                assert name not in there
                there[name] = None
            case ReaderRemoved():
                assert isinstance(there.pop(name), CardAbsent | None)
            case CardAbsent():
                there[name] = event
            case _:
                assert isinstance(there[name], CardAbsent | None)
                there[name] = event
    assert {name: type(card) for name, card in there.items()} == {n: type(seen.card) for n, seen in before.items()}
