"""What the core asks of the runtime, as frozen data. The runtime carries them out on worker threads."""

from dataclasses import dataclass

from backend_client.contract.documents import Medium


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
    """Zero the pad's buffer."""


@dataclass(frozen=True)
class LoadRecord:
    """Ask central for the service's record. Answer: RecordLoaded or StepFailed."""

    visit: int
    service: str


@dataclass(frozen=True)
class MakeDocument:
    """Request, issue, send, follow, confirm: one document. Answer: DocumentStep..., then DocumentEnded."""

    visit: int
    service: str
    medium: Medium


@dataclass(frozen=True)
class EndVisit:
    """Revoke the token, drop the session key, zero the PIN, reset the card. Always possible, never fails."""

    visit: int


@dataclass(frozen=True)
class AskPaper:
    """Ask both printers for their status. Answer: PaperReported."""


Command = ReadCard | SignIn | ForgetPin | LoadRecord | MakeDocument | EndVisit | AskPaper
