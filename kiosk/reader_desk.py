"""Which reader is served: readers' events as the session's. Pure; one card at a time, wherever it was put in first.

A second card in another reader waits until the first is out; nobody's removal ends another's visit.
"""

from dataclasses import dataclass, field, replace

from card import reader_events as r
from kiosk.failures import Failure
from kiosk.session import events as e

Cards = dict[str, r.CardPresent | r.CardMute]


@dataclass(frozen=True)
class Readers:
    """`there`: readers that are plugged in; `cards`: what is in them, first come first; `blocked`: why none serves."""

    there: frozenset[str] = frozenset()
    cards: Cards = field(default_factory=dict)
    blocked: Failure | None = Failure.READER_ABSENT

    @property
    def served(self) -> str:
        """The reader whose card is served; "" when there is none."""
        return next(iter(self.cards), "")


def follow(readers: Readers, event: r.ReaderEvent) -> tuple[Readers, tuple[e.Event, ...]]:
    """What an event at the readers means: the readers after it, and what the session is told of cards."""
    match event:
        case r.ServiceGone(failure):
            return replace(readers, blocked=Failure[failure.name]), ()
        case r.ServiceBack():
            return replace(readers, blocked=None if readers.there else Failure.READER_ABSENT), ()
        case r.ReaderAdded(reader):
            return replace(readers, there=readers.there | {reader}, blocked=None), ()
        case r.ReaderRemoved(reader):
            there = readers.there - {reader}
            return replace(readers, there=there, blocked=None if there else Failure.READER_ABSENT), ()
        case r.CardAbsent(reader):
            return _taken(readers, reader)
        case r.CardPresent(reader) | r.CardMute(reader):
            after = replace(readers, cards={**readers.cards, reader: event})
            return after, (_told(event),) if after.served == reader else ()


def _taken(readers: Readers, reader: str) -> tuple[Readers, tuple[e.Event, ...]]:
    left = {name: card for name, card in readers.cards.items() if name != reader}
    after = replace(readers, cards=left)
    if reader not in readers.cards:
        return after, (e.CardRemoved(),) if not readers.cards else ()
    if readers.served != reader:
        return after, ()
    return after, (e.CardRemoved(), *(_told(card) for card in [*left.values()][:1]))


def _told(card: r.CardPresent | r.CardMute) -> e.Event:
    return e.CardInserted() if isinstance(card, r.CardPresent) else e.CardRefused(Failure.CARD_MUTE)
