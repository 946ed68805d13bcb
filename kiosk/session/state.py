"""What the terminal is doing now, as frozen data. Screens are functions of this and of nothing else."""

from dataclasses import dataclass, field
from enum import StrEnum

from backend_client.contract.account import AccountOverview
from backend_client.contract.documents import DocumentKind, Medium
from backend_client.contract.model import Record
from kiosk.failures import Failure
from kiosk.session.number import Digits, LinkTrouble
from kiosk.session.timing import STANDARD, Timing


class Language(StrEnum):
    """Languages of the screens and of the paper."""

    ZH = "zh"
    EN = "en"


@dataclass(frozen=True)
class Ui:
    """How the holder wants the screens and the A4 paper; back to the default when the visit ends."""

    language: Language = Language.ZH
    large_text: bool = False
    large_print: bool = False


@dataclass(frozen=True)
class Paper:
    """What each printer can do now: None when it can print, else why not."""

    slip: Failure | None = None
    a4: Failure | None = None

    def fault(self, medium: Medium) -> Failure | None:
        """Why this medium can't be printed now, or None."""
        return self.slip if medium is Medium.SLIP else self.a4


@dataclass(frozen=True)
class Card:
    """What the screens may know of the card: masked, never the number itself."""

    masked_name: str
    masked_id_no: str
    generation: int


@dataclass(frozen=True)
class ByPhone:
    """Who signed in by phone, masked. There is no card in such a visit, and no PIN."""

    masked_name: str
    masked_id_no: str


class WardKind(StrEnum):
    """What the person for whom somebody acts is to them."""

    CHILD = "child"
    ELDER = "elder"


@dataclass(frozen=True)
class Acting:
    """A ward, masked, in whose session everything on a screen is theirs; `card` is their guardian's.

    `relation`: central's name of the relation, good for this guardian alone.
    """

    card: Card
    relation: str
    masked_name: str
    masked_id_no: str
    kind: WardKind


AtCard = Card | Acting
"""Whose a screen is while a card is in: the holder's own, or a ward's."""
Holder = AtCard | ByPhone


@dataclass(frozen=True)
class PhoneCodes:
    """What the phone opens: `qr` as a symbol, or `address` and then `user_code`. Good for this visit alone."""

    qr: str
    address: str
    user_code: str


@dataclass(frozen=True)
class Printed:
    """One document's end: confirmed (number known), or the failure that ended it."""

    kind: DocumentKind
    medium: Medium
    doc_no: str | None
    failure: Failure | None = None


CLEARABLE = frozenset({
    Failure.SLIP_PAPER_OUT, Failure.SLIP_COVER_OPEN, Failure.SLIP_OFFLINE, Failure.SLIP_MECHANISM,
    Failure.A4_PAPER_OUT, Failure.A4_COVER_OPEN, Failure.A4_OFFLINE, Failure.A4_JAM,
})  # fmt: skip
"""Printers' faults that an attendant clears on the spot. PRINT_UNKNOWN is not one: that paper may exist."""


@dataclass(frozen=True)
class Place:
    """Where a holder goes right after the PIN: a service, and on to its paper when there is a `medium`."""

    service: str
    medium: Medium | None = None


class PinStage(StrEnum):
    """What the pad asks for when the PIN is changed."""

    OLD = "old"
    NEW = "new"
    AGAIN = "again"


class PinFlaw(StrEnum):
    """Why a new PIN is not taken."""

    ALL_EQUAL = "all-equal"
    RUN = "run"
    BIRTH_DATE = "birth-date"
    AS_BEFORE = "as-before"
    DIFFERENT = "different"


class Announced(StrEnum):
    """The end of the session, which no touch moves: not yet told, on the screen, or told."""

    NOT_YET = "not-yet"
    SHOWN = "shown"
    READ = "read"


@dataclass(frozen=True)
class PhoneLink:
    """Where central keeps the holder's files: whoever reads the address has them, so it is never recorded."""

    address: str


class Step(StrEnum):
    """How far one document is, in the journal's words."""

    REQUESTED = "requested"
    ISSUED = "issued"
    SENT = "sent"
    PRINTED = "printed"


class AccountChange(StrEnum):
    """What a holder may do with the account here, each after a question; linking a phone after its number."""

    OPEN = "open"
    LINK_PHONE = "link-phone"
    UNLINK_PHONE = "unlink-phone"
    CLOSE = "close"
    END_OTHERS = "end-others"
    FREEZE = "freeze"


@dataclass(frozen=True)
class Site:
    """Another department's site, as the city calls it. `card`: a phone sign-in is not enough for it."""

    ident: str
    zh: str
    en: str
    card: bool = False


@dataclass(frozen=True)
class OutOfService:
    """The terminal can't serve anyone until `failure` is gone."""

    failure: Failure


@dataclass(frozen=True)
class Welcome:
    """Nobody is here; waiting for a card."""


@dataclass(frozen=True)
class Reading:
    """A card is in and is being read."""


@dataclass(frozen=True)
class PinEntry:
    """The PIN pad; `length` digits are in the pad's own buffer, `tries_left` known after a wrong PIN.

    `then`: where to go on when the token ran out in the middle of the visit.
    """

    card: AtCard
    length: int = 0
    tries_left: int | None = None
    failure: Failure | None = None
    then: Place | None = None


@dataclass(frozen=True)
class SigningIn:
    """PIN, signature and token are under way."""

    card: AtCard
    then: Place | None = None


@dataclass(frozen=True)
class Menu:
    """Signed in; the services that this terminal offers."""

    card: Holder


@dataclass(frozen=True)
class Loading:
    """A record was asked for. `to_paper`: the holder comes back for a paper and goes straight on to its choice."""

    card: Holder
    service: str
    to_paper: bool = False


@dataclass(frozen=True)
class Viewing:
    """A record on the screen. `year`: the contributions' calendar year shown; None = totals of all years."""

    card: Holder
    service: str
    record: Record
    year: int | None = None


@dataclass(frozen=True)
class ChoosePaper:
    """Slip, A4 page, or both."""

    card: AtCard
    service: str
    record: Record
    year: int | None = None


@dataclass(frozen=True)
class Printing:
    """Documents are made one after the other: `media` still to do (first = now), `ended` behind us."""

    card: AtCard
    service: str
    media: tuple[Medium, ...]
    step: Step = Step.REQUESTED
    ended: tuple[Printed, ...] = ()


@dataclass(frozen=True)
class Done:
    """Take your paper; go on with another service or end the visit."""

    card: AtCard
    service: str
    ended: tuple[Printed, ...]


@dataclass(frozen=True)
class AwaitingRepair:
    """A printer's fault is being cleared; the holder waits with the card in. `ask_at`: when the printers are asked."""

    card: AtCard
    service: str
    medium: Medium
    ended: tuple[Printed, ...]
    ask_at: float | None = None


@dataclass(frozen=True)
class Resuming:
    """The printer is ready again; is it still the same card?"""

    card: AtCard
    service: str
    medium: Medium
    ended: tuple[Printed, ...]


@dataclass(frozen=True)
class MakingCopy:
    """The files for the holder's phone are being made and signed."""

    card: AtCard
    service: str


@dataclass(frozen=True)
class ShowingCopy:
    """Their address, as a symbol to scan; gone with this screen."""

    card: AtCard
    service: str
    link: PhoneLink


@dataclass(frozen=True)
class ChangePin:
    """The pad for another PIN: old, new, new again. The digits are elsewhere; here is their count."""

    card: Card
    stage: PinStage = PinStage.OLD
    length: int = 0
    tries_left: int | None = None
    flaw: PinFlaw | None = None


@dataclass(frozen=True)
class ChangingPin:
    """The card takes the new PIN."""

    card: Card


@dataclass(frozen=True)
class NewPinSet:
    """The card took the new PIN."""

    card: Card


@dataclass(frozen=True)
class Failed:
    """Something went wrong. With `card` the holder may go back to the menu, else only the card is left to take."""

    failure: Failure
    card: Holder | None = None


@dataclass(frozen=True)
class TakeCard:
    """The visit is over, nothing of the holder is left here; waiting until the card is out."""

    reminders: int = 0


@dataclass(frozen=True)
class CardForgotten:
    """Nobody took the card. Whoever comes now sees nothing of its holder; `reported`: the attendant was told."""

    reminders: int = 0
    reported: bool = False


@dataclass(frozen=True)
class AskingPhone:
    """Central is asked for the codes that a phone opens."""


@dataclass(frozen=True)
class ShowingPhone:
    """The codes, until the phone has answered."""

    codes: PhoneCodes


@dataclass(frozen=True)
class AccountQuestion:
    """Is it wanted? Before opening: with the whole notice of `record`; `renewed`: it is not the one they agreed to."""

    card: Card
    service: str
    record: AccountOverview
    change: AccountChange
    renewed: bool = False


@dataclass(frozen=True)
class ChangingAccount:
    """Central does it."""

    card: Card
    service: str
    change: AccountChange


@dataclass(frozen=True)
class AccountOver:
    """The account is closed, or the card frozen; the session ended with it and only the card is left to take."""

    change: AccountChange


@dataclass(frozen=True)
class NumberEntry:
    """The number of the holder's phone, on a pad. `sent`: a code went to just these digits, untouched since."""

    card: Card
    service: str
    record: AccountOverview
    digits: Digits = field(default_factory=Digits)
    sent: bool = False
    trouble: LinkTrouble | None = None


@dataclass(frozen=True)
class SendingCode:
    """Central sends a code to `number`; `again`: after another one."""

    card: Card
    service: str
    record: AccountOverview
    number: Digits
    again: bool = False


@dataclass(frozen=True)
class CodeEntry:
    """The code that came to `number`. `left`: the tries it has after a wrong one."""

    card: Card
    service: str
    record: AccountOverview
    number: Digits
    digits: Digits = field(default_factory=Digits)
    trouble: LinkTrouble | None = None
    left: int | None = None


@dataclass(frozen=True)
class CheckingCode:
    """Central compares the code, and links `number` when it is the right one."""

    card: Card
    service: str
    record: AccountOverview
    number: Digits


@dataclass(frozen=True)
class ChoosingSite:
    """Which of the city's other systems?"""

    card: Holder


@dataclass(frozen=True)
class OpeningSite:
    """A ticket is fetched, and a program of its own opens the site's page."""

    card: Holder
    site: Site


@dataclass(frozen=True)
class AtSite:
    """The site's page is on the screen, in that program's window; around it is the terminal."""

    card: Holder
    site: Site


Screen = (
    OutOfService
    | Welcome
    | Reading
    | PinEntry
    | SigningIn
    | Menu
    | Loading
    | Viewing
    | ChoosePaper
    | Printing
    | Done
    | AwaitingRepair
    | Resuming
    | MakingCopy
    | ShowingCopy
    | ChangePin
    | ChangingPin
    | NewPinSet
    | Failed
    | TakeCard
    | CardForgotten
    | AskingPhone
    | ShowingPhone
    | AccountQuestion
    | ChangingAccount
    | AccountOver
    | NumberEntry
    | SendingCode
    | CodeEntry
    | CheckingCode
    | ChoosingSite
    | OpeningSite
    | AtSite
)


@dataclass(frozen=True)
class State:
    """The whole terminal. `visit` counts visits, so that a late answer to an earlier holder is never shown.

    `sites`: what central lists, for every holder the same.
    `deadline` is when the screen times out, `warned` that the "still there?" question is shown;
    both on the monotonic clock of the Tick events, in seconds. `now` is the last Tick. `patience` multiplies the
    holder's time-outs (1 to 10, "I need more time"); `ending` is the notice of the session's own end;
    `sign_in_seconds` how long a sign-in lasts that can't be renewed, when that is less than a session. `clock_off`:
    by how many seconds the machine's clock is behind central's signed date, None when it is right enough.
    """

    screen: Screen = field(default_factory=Welcome)
    ui: Ui = field(default_factory=Ui)
    paper: Paper = field(default_factory=Paper)
    sites: tuple[Site, ...] = ()
    visit: int = 0
    card_in: bool = False
    now: float = 0.0
    deadline: float | None = None
    warned: bool = False
    signed_in_at: float | None = None
    sign_in_seconds: int | None = None
    blocked_by: Failure | None = None
    patience: int = 1
    ending: Announced = Announced.NOT_YET
    clock_off: int | None = None
    timing: Timing = STANDARD
