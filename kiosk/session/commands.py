"""What the core asks of the runtime, as frozen data. The runtime carries them out on worker threads."""

from dataclasses import dataclass
from enum import StrEnum

from backend_client.contract.documents import Medium
from kiosk.failures import Failure
from kiosk.session.number import Digits
from kiosk.session.state import AccountChange, Acting


@dataclass(frozen=True)
class ReadCard:
    """Open the card, read EF05 and EF06. Answer: CardRead or StepFailed."""

    visit: int


@dataclass(frozen=True)
class SignIn:
    """Take the PIN, VERIFY, let the card prove itself, get a token. Answer: SignedIn, PinRejected or StepFailed."""

    visit: int


@dataclass(frozen=True)
class ForgetPin:
    """Zero the pad's buffer, and what a change of PIN had kept."""


@dataclass(frozen=True)
class LoadRecord:
    """Ask central for the service's record. Answer: RecordLoaded or StepFailed."""

    visit: int
    service: str


@dataclass(frozen=True)
class TurnPage:
    """Ask central for the page beside the one that was loaded last. Answer: RecordLoaded or StepFailed."""

    visit: int
    service: str
    older: bool


@dataclass(frozen=True)
class MakeDocument:
    """Request, issue, send, follow, confirm: one document. Answer: DocumentStep..., then DocumentEnded."""

    visit: int
    service: str
    medium: Medium
    large_print: bool = False


@dataclass(frozen=True)
class EndVisit:
    """Revoke the token, drop the session key, zero the PIN, reset the card. Always possible, never fails."""

    visit: int


@dataclass(frozen=True)
class AskPaper:
    """Ask both printers for their status. Answer: PaperReported."""


@dataclass(frozen=True)
class CheckCard:
    """Is the card in the reader still the card of this visit? Answer: SameCard or StepFailed."""

    visit: int


@dataclass(frozen=True)
class MakeCopy:
    """Make and sign the holder's files of the last page that came out. Answer: CopyReady or StepFailed."""

    visit: int
    large_print: bool = False


@dataclass(frozen=True)
class KeepPlace:
    """Keep a ticket for this card: if it comes back in time, its holder goes on at this paper after the PIN."""

    visit: int
    service: str
    medium: Medium


@dataclass(frozen=True)
class DropPlace:
    """The ticket is not needed any more."""


@dataclass(frozen=True)
class TakeOldPin:
    """Move the pad's digits to where a change of PIN keeps the old one."""

    visit: int


@dataclass(frozen=True)
class JudgeNewPin:
    """Take the pad's digits as the new PIN, unless they break a rule. Answer: NewPinJudged."""

    visit: int


@dataclass(frozen=True)
class ChangePin:
    """Compare the pad's digits with the new PIN; then the card. Answer: NewPinJudged (different), PinReplaced,

    PinRejected or StepFailed.
    """

    visit: int


@dataclass(frozen=True)
class ChangeAccount:
    """Ask central for it. `version`, `digest`: of the notice as it was shown. Answer: RecordLoaded with the account as

    it is then, AccountLeft or StepFailed.
    """

    visit: int
    change: AccountChange
    version: str = ""
    digest: str = ""


@dataclass(frozen=True)
class SendCode:
    """Have central send a code to this number. Answer: CodeSent, NumberRefused or StepFailed."""

    visit: int
    number: Digits


@dataclass(frozen=True)
class ConfirmCode:
    """Link the number whose code this is. Answer: RecordLoaded with the account as it is then, CodeRefused or

    StepFailed.
    """

    visit: int
    code: Digits


@dataclass(frozen=True)
class ForgetCode:
    """Drop what is kept of a code that was sent."""


@dataclass(frozen=True)
class OpenSite:
    """Get a ticket for this site and open its page. Answer: SiteShown, Touched..., SiteClosed or StepFailed."""

    visit: int
    site: str


@dataclass(frozen=True)
class CloseSite:
    """End the page's program at once. EndVisit does it too."""

    visit: int


class Cue(StrEnum):
    """What a sound says."""

    TAKE_CARD = "take-card"
    CARD_FORGOTTEN = "card-forgotten"


@dataclass(frozen=True)
class PlaySound:
    """Let it be heard."""

    cue: Cue


@dataclass(frozen=True)
class Report:
    """Tell the attendant: a log line with the failure's code."""

    failure: Failure


@dataclass(frozen=True)
class AskPhone:
    """Get codes from central, then ask until the phone answered. Answer: PhoneAsked, PhoneSignedIn or StepFailed."""

    visit: int


@dataclass(frozen=True)
class BeginActing:
    """From here on this visit is the ward's: the next SignIn is for them. The holder's own session waits behind it."""

    visit: int
    ward: Acting


@dataclass(frozen=True)
class EndActing:
    """Revoke the ward's token; this visit is the holder's own session again. Answer: OwnSessionOver when it is over."""

    visit: int


Command = (
    ReadCard
    | SignIn
    | ForgetPin
    | LoadRecord
    | TurnPage
    | MakeDocument
    | EndVisit
    | AskPaper
    | CheckCard
    | MakeCopy
    | KeepPlace
    | DropPlace
    | TakeOldPin
    | JudgeNewPin
    | ChangePin
    | PlaySound
    | Report
    | AskPhone
    | ChangeAccount
    | SendCode
    | ConfirmCode
    | ForgetCode
    | OpenSite
    | CloseSite
    | BeginActing
    | EndActing
)
