"""Everything that can happen to a visit, as frozen data. Recorded as they come; none holds a PIN or a key, and the

digits of a phone's number and of its code are recorded as others.

Events that answer a command carry the `visit` they belong to; the core drops those of an earlier visit.
"""

from dataclasses import dataclass

from backend_client.contract.documents import Medium
from backend_client.contract.model import Record
from kiosk.failures import Failure
from kiosk.session.number import Digits, LinkTrouble
from kiosk.session.state import (
    AccountChange,
    ByPhone,
    Card,
    Language,
    Paper,
    PhoneCodes,
    PhoneLink,
    PinFlaw,
    Place,
    Printed,
    Site,
    Step,
)


@dataclass(frozen=True)
class Tick:
    """Time passed: seconds on a monotonic clock. Comes about four times a second."""

    now: float


@dataclass(frozen=True)
class CardInserted:
    """A card that answers is in the reader."""


@dataclass(frozen=True)
class CardRefused:
    """Something is in the reader that can't be used: mute, or not powered."""

    failure: Failure


@dataclass(frozen=True)
class CardRemoved:
    """The reader is empty."""


@dataclass(frozen=True)
class ServiceBlocked:
    """The terminal can't serve (no reader, no journal, bad configuration ...); stays until ServiceRestored."""

    failure: Failure


@dataclass(frozen=True)
class ServiceRestored:
    """Whatever blocked the terminal is mended."""


@dataclass(frozen=True)
class PaperReported:
    """The printers' own status, asked for while the terminal is idle and after each print."""

    paper: Paper


@dataclass(frozen=True)
class ClockReported:
    """The machine's clock is `off` seconds behind central's signed date; None: it is right enough (again)."""

    off: int | None


@dataclass(frozen=True)
class CardRead:
    """The card's files were read and decoded."""

    visit: int
    card: Card


@dataclass(frozen=True)
class PinChanged:
    """The PIN pad now holds `length` digits (the digits stay in the pad)."""

    length: int


@dataclass(frozen=True)
class PinSubmitted:
    """The holder confirmed the PIN."""


@dataclass(frozen=True)
class PinRejected:
    """The card refused the PIN; it may be entered again."""

    visit: int
    tries_left: int


@dataclass(frozen=True)
class SignedIn:
    """Central gave a token; the runtime keeps it. `place`: this card's holder waited for a repair and was away."""

    visit: int
    place: Place | None = None


@dataclass(frozen=True)
class StepFailed:
    """A command of this visit failed. `fatal`: the visit can't go on, only the card is left to take."""

    visit: int
    failure: Failure
    fatal: bool = False


@dataclass(frozen=True)
class ServiceChosen:
    """A tile of the menu was touched."""

    service: str


@dataclass(frozen=True)
class RecordLoaded:
    """Central answered with a record."""

    visit: int
    service: str
    record: Record


@dataclass(frozen=True)
class YearChosen:
    """Another year of the contributions; None = totals of all years."""

    year: int | None


@dataclass(frozen=True)
class PageTurned:
    """Another page of a record that comes in pages; what is on the screen is its first."""

    older: bool


@dataclass(frozen=True)
class PrintAsked:
    """The holder wants paper."""


@dataclass(frozen=True)
class PaperChosen:
    """On these media, in this order."""

    media: tuple[Medium, ...]


@dataclass(frozen=True)
class DocumentStep:
    """The journal reached a step for the document being made."""

    visit: int
    medium: Medium
    step: Step


@dataclass(frozen=True)
class DocumentEnded:
    """The document being made was confirmed by its printer, or ended in a failure."""

    visit: int
    printed: Printed


@dataclass(frozen=True)
class WaitTouched:
    """The holder waits until the attendant has cleared the printer."""


@dataclass(frozen=True)
class SameCard:
    """The card in the reader is still the card of this visit."""

    visit: int


@dataclass(frozen=True)
class CopyAsked:
    """The holder wants the document on the phone as well."""


@dataclass(frozen=True)
class CopyReady:
    """Central keeps the holder's files."""

    visit: int
    link: PhoneLink


@dataclass(frozen=True)
class ChangePinChosen:
    """The holder wants another PIN."""


@dataclass(frozen=True)
class NewPinJudged:
    """The new PIN keeps the rules, or the rule it breaks."""

    visit: int
    flaw: PinFlaw | None = None


@dataclass(frozen=True)
class PinReplaced:
    """The card took the new PIN."""

    visit: int


@dataclass(frozen=True)
class MoreTimeTouched:
    """The holder needs more time, now and on the screens to come."""


@dataclass(frozen=True)
class BackTouched:
    """One screen back."""


@dataclass(frozen=True)
class HomeTouched:
    """Back to the menu."""


@dataclass(frozen=True)
class EndTouched:
    """The holder wants to end the visit."""


@dataclass(frozen=True)
class Touched:
    """The holder is still there: any touch, and the answer to the "still there?" question."""


@dataclass(frozen=True)
class LanguageChosen:
    """Language switch, on every screen."""

    language: Language


@dataclass(frozen=True)
class LargeTextChosen:
    """Text size switch, on every screen."""

    large_text: bool


@dataclass(frozen=True)
class LargePrintChosen:
    """The holder wants A4 documents in large print, or not."""

    large_print: bool


@dataclass(frozen=True)
class PhoneChosen:
    """Somebody without a card wants to sign in by phone."""


@dataclass(frozen=True)
class PhoneAsked:
    """Central gave the codes."""

    visit: int
    codes: PhoneCodes


@dataclass(frozen=True)
class PhoneSignedIn:
    """The phone approved; the runtime keeps the token, which lives for so many seconds and is not renewed."""

    visit: int
    holder: ByPhone
    seconds: int


@dataclass(frozen=True)
class AccountTouched:
    """The holder would like to do this with the account."""

    change: AccountChange


@dataclass(frozen=True)
class AccountConfirmed:
    """Yes: what the question says; for opening, the consent."""


@dataclass(frozen=True)
class AccountLeft:
    """It is done, and central ended the session with it."""

    visit: int


@dataclass(frozen=True)
class DigitsKeyed:
    """The pad for a phone's number or its code now holds these digits."""

    digits: Digits


@dataclass(frozen=True)
class DigitsSubmitted:
    """The holder confirmed them."""


@dataclass(frozen=True)
class CodeWanted:
    """No code came; the holder would like another one."""


@dataclass(frozen=True)
class CodeSent:
    """Central sent a code; the runtime keeps which."""

    visit: int


@dataclass(frozen=True)
class NumberRefused:
    """Central sent no code, and why."""

    visit: int
    trouble: LinkTrouble


@dataclass(frozen=True)
class CodeRefused:
    """The code links nothing; `left`: how often it may still be tried, 0 when it counts no more."""

    visit: int
    left: int


@dataclass(frozen=True)
class SitesReported:
    """The sites that central lists, asked for while the terminal is idle."""

    sites: tuple[Site, ...]


@dataclass(frozen=True)
class SitesTouched:
    """The holder wants one of the city's other systems."""


@dataclass(frozen=True)
class SiteChosen:
    """This one."""

    site: Site


@dataclass(frozen=True)
class SiteShown:
    """Its page is there."""

    visit: int


@dataclass(frozen=True)
class SiteClosed:
    """The page closed itself."""

    visit: int


@dataclass(frozen=True)
class WardChosen:
    """The holder wants to act for the person at this place of the list that is on the screen."""

    place: int


@dataclass(frozen=True)
class OwnTouched:
    """Back from a ward's records to the holder's own."""


@dataclass(frozen=True)
class OwnSessionOver:
    """The holder's own token ran out while they acted for somebody."""

    visit: int


Event = (
    Tick
    | CardInserted
    | CardRefused
    | CardRemoved
    | ServiceBlocked
    | ServiceRestored
    | PaperReported
    | ClockReported
    | CardRead
    | PinChanged
    | PinSubmitted
    | PinRejected
    | SignedIn
    | StepFailed
    | ServiceChosen
    | RecordLoaded
    | YearChosen
    | PageTurned
    | PrintAsked
    | PaperChosen
    | DocumentStep
    | DocumentEnded
    | WaitTouched
    | SameCard
    | CopyAsked
    | CopyReady
    | ChangePinChosen
    | NewPinJudged
    | PinReplaced
    | MoreTimeTouched
    | BackTouched
    | HomeTouched
    | EndTouched
    | Touched
    | LanguageChosen
    | LargeTextChosen
    | LargePrintChosen
    | PhoneChosen
    | PhoneAsked
    | PhoneSignedIn
    | AccountTouched
    | AccountConfirmed
    | AccountLeft
    | DigitsKeyed
    | DigitsSubmitted
    | CodeWanted
    | CodeSent
    | NumberRefused
    | CodeRefused
    | SitesReported
    | SitesTouched
    | SiteChosen
    | SiteShown
    | SiteClosed
    | WardChosen
    | OwnTouched
    | OwnSessionOver
)
