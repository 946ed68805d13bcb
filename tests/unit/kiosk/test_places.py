"""Tickets: for the same card only, once, in time, and nothing of the holder in them."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from backend_client.contract.documents import Medium
from kiosk.places import Places
from kiosk.session.state import Place

CARD, OTHER = "0123456789ABCDEF0123456789ABCDEF", "F" * 32
A4 = Place("contributions", Medium.A4)


class Clock:
    """Time in our hands."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_same_card_gets_its_place_once() -> None:
    places = Places(Clock())
    places.keep(CARD, A4, 300)
    places.seen(CARD)
    assert places.take(CARD) == A4
    assert places.take(CARD) is None


def test_another_card_drops_the_ticket() -> None:
    places = Places(Clock())
    places.keep(CARD, A4, 300)
    places.seen(OTHER)
    assert places.take(CARD) is None


def test_too_late_is_too_late() -> None:
    clock = Clock()
    places = Places(clock)
    places.keep(CARD, A4, 300)
    clock.now += 300
    assert places.take(CARD) is None


def test_a_ticket_that_is_given_up_is_gone() -> None:
    places = Places(Clock())
    places.keep(CARD, A4, 300)
    places.drop()
    places.drop()
    assert places.take(CARD) is None


@given(st.text(alphabet="0123456789ABCDEF", min_size=32, max_size=32))
def test_a_ticket_names_no_card_and_two_terminals_mark_it_differently(card: str) -> None:
    tickets = []
    for _ in range(2):
        places = Places(Clock())
        places.keep(card, A4, 300)
        assert places._ticket is not None
        tickets.append(places._ticket)
    for ticket in tickets:
        assert card not in repr(dataclasses.astuple(ticket))
        assert bytes.fromhex(card) not in ticket.mark
    assert tickets[0].mark != tickets[1].mark
    assert tickets[0].number != tickets[1].number
