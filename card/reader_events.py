"""What can happen at readers, and how two looks at them become events. Pure: no PC/SC call is made here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from card.failures import CardFailure

STATE_CHANGED, STATE_PRESENT, STATE_MUTE = 0x0002, 0x0020, 0x0200
"""SCARD_STATE_* of pcsclite.h; the upper 16 bits of a state count a reader's insertions and removals."""


@dataclass(frozen=True)
class ServiceGone:
    """No reader can be watched: pcscd is not running, or `failure` says why it doesn't serve us."""

    failure: CardFailure = CardFailure.PCSC_DOWN


@dataclass(frozen=True)
class ServiceBack:
    """pcscd answers (again)."""


@dataclass(frozen=True)
class ReaderAdded:
    """A reader that we watch is there."""

    reader: str


@dataclass(frozen=True)
class ReaderRemoved:
    """A reader that we watched is gone."""

    reader: str


@dataclass(frozen=True)
class CardPresent:
    """A card that answered its reset is in."""

    reader: str
    atr: bytes


@dataclass(frozen=True)
class CardMute:
    """Something is in the reader and does not answer."""

    reader: str


@dataclass(frozen=True)
class CardAbsent:
    """The reader is empty."""

    reader: str


CardEvent = CardPresent | CardMute | CardAbsent
ReaderEvent = ServiceGone | ServiceBack | ReaderAdded | ReaderRemoved | CardEvent


@dataclass(frozen=True)
class Look:
    """One reader as PC/SC last described it: its card, and its counter of insertions and removals (wraps at 65,536)."""

    card: CardEvent
    counter: int


def card_event(reader: str, state: int, atr: bytes) -> CardEvent:
    """What a reader's state bits say about its card."""
    if state & STATE_MUTE:
        return CardMute(reader)
    if state & STATE_PRESENT:
        return CardPresent(reader, atr)
    return CardAbsent(reader)


def look(reader: str, state: int, atr: bytes) -> Look:
    """A reader's state, as PC/SC gives it."""
    return Look(card_event(reader, state, atr), state >> 16 & 0xFFFF)


def changes(before: Mapping[str, Look], after: Mapping[str, Look]) -> Iterator[ReaderEvent]:
    """What happened between two looks, in an order that never skips an absence: another card is another visit."""
    for reader in before.keys() - after.keys():
        yield from _leave(before[reader])
        yield ReaderRemoved(reader)
    for reader, now in after.items():
        if reader not in before:
            yield ReaderAdded(reader)
            yield now.card
        else:
            yield from _change(before[reader], now)


def _leave(then: Look) -> Iterator[CardEvent]:
    if not isinstance(then.card, CardAbsent):
        yield CardAbsent(then.card.reader)


def _change(then: Look, now: Look) -> Iterator[CardEvent]:
    """The counter tells of a card that was exchanged while nobody looked, even for one that looks the same.

    A card that nobody took out may have another ATR when warm than when cold (ISO 7816-3, 6.2): it is the same card.
    """
    alike = type(then.card) is type(now.card)
    if alike and (then.counter == now.counter or isinstance(now.card, CardAbsent)):
        return
    if not isinstance(now.card, CardAbsent):
        yield from _leave(then)
    yield now.card
