"""What can go wrong with a card, as one hierarchy. Each error names its CardFailure; messages hold no personal data.

CardError
├── PcscError            a PC/SC call failed: reader, daemon, or the card as the reader sees it
├── SilentCard           no answer in time
├── UnsupportedCard      not a social-security card
├── InvalidatedCard      its application was locked by the issuer
├── ProtectedCard        its records are not free to read
├── CommunicationError   the card answered with an unexpected status word
├── RecordError          a record can't be used
│   ├── MissingRecord · TornRecord · EmptyRecord · NotGbk · WrongCheckDigit
│   └── ContradictoryCard    two records can't both be true
├── ExpiredCard          past its 有效期
├── SwappedCard          another card than the one that was read
└── PinError
    ├── WrongPin         tries left known
    ├── LastTry          one try left: refused before anything was sent
    ├── BlockedPin       no tries left
    ├── UnusablePin      the card has no PIN in use, or takes another coding
    └── PinNotChanged    the card does not take the new PIN
"""

from datetime import date

from card.failures import CardFailure, english
from card.status_words import meaning


class CardError(Exception):
    """Parent of all errors of this package. `failure` names it for holder and attendant."""

    failure: CardFailure = CardFailure.CARD_COMMUNICATION


class PcscError(CardError):
    """A PC/SC call failed; `code` is its return code, unsigned."""

    def __init__(self, failure: CardFailure, code: int, doing: str) -> None:
        self.failure, self.code = failure, code
        super().__init__(f"{english(failure)} (PC/SC {code:08X} while {doing})")


class SilentCard(CardError):
    """No answer in time."""

    failure = CardFailure.CARD_SILENT

    def __init__(self, doing: str) -> None:
        super().__init__(f"The card gave no answer to {doing}; take it out and put it in again.")


class UnsupportedCard(CardError):
    """There is no social-security application on this card."""

    failure = CardFailure.CARD_UNSUPPORTED

    def __init__(self) -> None:
        super().__init__("This is not a social-security card that this terminal reads; use a social-security card.")


class InvalidatedCard(CardError):
    """The issuer locked the card's application."""

    failure = CardFailure.CARD_INVALIDATED

    def __init__(self) -> None:
        super().__init__("The card's application is locked; have it unlocked or replaced at a card counter.")


class ProtectedCard(CardError):
    """The card wants a PIN or a key before it gives a record that others give freely."""

    failure = CardFailure.CARD_PROTECTED

    def __init__(self, tag: int) -> None:
        self.tag = tag
        super().__init__(f"The card does not give record {tag:02X} without a PIN or key; use a service counter.")


class CommunicationError(CardError):
    """An unexpected status word (`sw`; 0 = none at all)."""

    def __init__(self, sw: int, doing: str) -> None:
        self.sw = sw
        super().__init__(f"The card answered {sw:04X} ({meaning(sw)}) to {doing}; take it out and put it in again.")


class RecordError(CardError):
    """A record of the card can't be used; `tag` names it (0x01 to 0x0D)."""

    problem: str = "can't be used"

    def __init__(self, tag: int) -> None:
        self.tag = tag
        super().__init__(f"Record {tag:02X} of the card {self.problem}; have the card checked at a service counter.")


class MissingRecord(RecordError):
    """The card has no such record."""

    failure = CardFailure.CARD_EMPTY_RECORD
    problem = "is missing"


class TornRecord(RecordError):
    """Tag, length and value don't fit together, or the value can't have this form."""

    failure = CardFailure.CARD_TORN_RECORD
    problem = "is damaged"


class EmptyRecord(RecordError):
    """A record that must be there holds nothing."""

    failure = CardFailure.CARD_EMPTY_RECORD
    problem = "is empty"


class NotGbk(RecordError):
    """A name that is not text in GBK."""

    failure = CardFailure.CARD_NOT_GBK
    problem = "is not Chinese text (GBK)"


class WrongCheckDigit(RecordError):
    """The identity number's last character is not what the first seventeen give (GB 11643)."""

    failure = CardFailure.CARD_CHECK_DIGIT
    problem = "has a wrong check digit"


class ContradictoryCard(RecordError):
    """Records `tag` and `other` can't both be true; neither value is told."""

    failure = CardFailure.CARD_CONTRADICTORY

    def __init__(self, tag: int, other: int) -> None:
        self.other = other
        self.problem = f"contradicts record {other:02X}"
        super().__init__(tag)


class ExpiredCard(CardError):
    """The card's term is over."""

    failure = CardFailure.CARD_EXPIRED

    def __init__(self, expires: date) -> None:
        self.expires = expires
        super().__init__(f"The card was valid until {expires.isoformat()}; renew it at a service counter.")


class SwappedCard(CardError):
    """The card identification code is not that of the card that was read."""

    failure = CardFailure.CARD_SWAPPED

    def __init__(self) -> None:
        super().__init__("Another card is in the reader than the one that was read; start again.")


class PinError(CardError):
    """The PIN was not accepted."""


class WrongPin(PinError):
    """The card refused the PIN."""

    failure = CardFailure.PIN_WRONG

    def __init__(self, tries_left: int) -> None:
        self.tries_left = tries_left
        super().__init__(f"The PIN is wrong; {tries_left} tries are left.")


class LastTry(PinError):
    """Only one try is left; nothing was sent, so that no terminal ever blocks a card."""

    failure = CardFailure.PIN_LAST_TRY

    def __init__(self) -> None:
        super().__init__("Only one PIN try is left; have the PIN reset at a service counter.")


class BlockedPin(PinError):
    """No tries are left. This terminal never unblocks: that takes the holder's identity card and a counter."""

    failure = CardFailure.PIN_BLOCKED

    def __init__(self) -> None:
        super().__init__("The PIN is blocked; have it unblocked at a service counter.")


class UnusablePin(PinError):
    """The card has no PIN in use, or expects another coding; no try was spent."""

    failure = CardFailure.PIN_UNUSABLE

    def __init__(self, sw: int) -> None:
        self.sw = sw
        super().__init__(
            f"The card takes no PIN of this kind ({sw:04X}, {meaning(sw)}); set one at a card counter, or set card.pin."
        )


class PinNotChanged(PinError):
    """The card keeps the old PIN."""

    failure = CardFailure.PIN_NOT_CHANGED

    def __init__(self, sw: int) -> None:
        self.sw = sw
        super().__init__(f"The card does not take the new PIN ({sw:04X}, {meaning(sw)}); the old one is still valid.")
