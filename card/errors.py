"""What can go wrong with a card, as one hierarchy. Messages hold no personal data.

CardError
├── ReaderMissing        no such reader: plug it in or name another
├── ServiceStopped       pcscd is not running: start it
├── MuteCard             the card does not answer: turn it round, clean its contacts
├── RemovedCard          pulled while in use: put it in again
├── CardInUse            another program holds it: end that program
├── UnsupportedCard      not a social-security card
├── CommunicationError   the card answered with an unexpected status word
├── RecordError          a record can't be used
│   ├── MissingRecord · TornRecord · EmptyRecord · NotGbk · WrongCheckDigit
│   └── ContradictoryCard    two records can't both be true
├── ExpiredCard          past its 有效期
├── SwappedCard          another card than the one that was read
└── PinError
    ├── WrongPin         tries left known
    ├── LastTry          one try left: refused before anything was sent
    └── BlockedPin       no tries left
"""

from datetime import date


class CardError(Exception):
    """Parent of all errors of this package."""


class ReaderMissing(CardError):
    """The reader is not there."""

    def __init__(self) -> None:
        super().__init__("The card reader is not there; plug it in or name another reader.")


class ServiceStopped(CardError):
    """pcscd is gone."""

    def __init__(self) -> None:
        super().__init__("The smart-card service is not running; start pcscd.")


class MuteCard(CardError):
    """The card gives no answer to reset."""

    def __init__(self) -> None:
        super().__init__("The card does not answer; turn it round or clean its contacts.")


class RemovedCard(CardError):
    """The card was pulled while it was in use."""

    def __init__(self) -> None:
        super().__init__("The card was pulled while it was in use; put it in again.")


class CardInUse(CardError):
    """Another program holds the card."""

    def __init__(self) -> None:
        super().__init__("Another program holds the card; end that program.")


class UnsupportedCard(CardError):
    """There is no social-security application on this card."""

    def __init__(self) -> None:
        super().__init__("This is not a social-security card that this terminal reads; use a social-security card.")


class CommunicationError(CardError):
    """An unexpected status word, or a failed transmission (`sw` 0)."""

    def __init__(self, sw: int, doing: str) -> None:
        self.sw = sw
        super().__init__(f"The card answered {sw:04X} to {doing}; take it out and put it in again.")


class RecordError(CardError):
    """A record of the card can't be used; `tag` names it (0x01 to 0x0D)."""

    problem = "can't be used"

    def __init__(self, tag: int) -> None:
        self.tag = tag
        super().__init__(f"Record {tag:02X} of the card {self.problem}; have the card checked at a service counter.")


class MissingRecord(RecordError):
    """The card has no such record."""

    problem = "is missing"


class TornRecord(RecordError):
    """Tag, length and value don't fit together, or the value can't have this form."""

    problem = "is damaged"


class EmptyRecord(RecordError):
    """A record that must be there holds nothing."""

    problem = "is empty"


class NotGbk(RecordError):
    """A name that is not text in GBK."""

    problem = "is not Chinese text (GBK)"


class WrongCheckDigit(RecordError):
    """The identity number's last character is not what the first seventeen give (GB 11643)."""

    problem = "has a wrong check digit"


class ContradictoryCard(RecordError):
    """Records `tag` and `other` can't both be true; neither value is told."""

    def __init__(self, tag: int, other: int) -> None:
        self.other = other
        self.problem = f"contradicts record {other:02X}"
        super().__init__(tag)


class ExpiredCard(CardError):
    """The card's term is over."""

    def __init__(self, expires: date) -> None:
        self.expires = expires
        super().__init__(f"The card was valid until {expires.isoformat()}; renew it at a service counter.")


class SwappedCard(CardError):
    """The card identification code is not that of the card that was read."""

    def __init__(self) -> None:
        super().__init__("Another card is in the reader than the one that was read; start again.")


class PinError(CardError):
    """The PIN was not accepted."""


class WrongPin(PinError):
    """The card refused the PIN."""

    def __init__(self, tries_left: int) -> None:
        self.tries_left = tries_left
        super().__init__(f"The PIN is wrong; {tries_left} tries are left.")


class LastTry(PinError):
    """Only one try is left; nothing was sent, so that no terminal ever blocks a card."""

    def __init__(self) -> None:
        super().__init__("Only one PIN try is left; have the PIN reset at a service counter.")


class BlockedPin(PinError):
    """No tries are left."""

    def __init__(self) -> None:
        super().__init__("The PIN is blocked; have it unblocked at a service counter.")
