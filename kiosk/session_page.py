"""`python -m kiosk.session_page > docs/session.md`: the state diagram, drawn from the tables that the core runs on."""

import sys

from kiosk.failures import Failure
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.steps import HOLDER_STEPS
from kiosk.session.timing import LIMITS
from kiosk.session.transition import ALWAYS

HEAD = """# The visit, drawn from its tables

Made from `kiosk/session` by `python -m kiosk.session_page`; a test keeps it current.

Which events a screen expects (anything else changes nothing):

```mermaid
stateDiagram-v2
    [*] --> Welcome
    Welcome --> Reading: CardInserted
    Reading --> PinEntry: CardRead
    PinEntry --> SigningIn: PinSubmitted
    SigningIn --> PinEntry: PinRejected
    SigningIn --> Menu: SignedIn
    Menu --> Loading: ServiceChosen
    Loading --> Viewing: RecordLoaded
    Viewing --> ChoosePaper: PrintAsked
    ChoosePaper --> Printing: PaperChosen
    Printing --> Printing: DocumentEnded, more to do
    Printing --> Done: DocumentEnded, the last
    Done --> Menu: HomeTouched
    Loading --> Failed: StepFailed
    Failed --> Menu: HomeTouched, when the visit goes on
    Done --> TakeCard: EndTouched
    TakeCard --> Welcome: CardRemoved
```

On every screen: """

Row = tuple[str, str, str]


def _limit(screen: type) -> str:
    limit = LIMITS[screen]
    end = f"ends as {limit.failure.name}" if isinstance(limit.failure, Failure) else "ends the visit"
    if screen in (s.Welcome, s.OutOfService):
        end = "asks the printers again"
    if screen is s.TakeCard:
        end = "asks again"
    return f"{limit.seconds:.0f} s, {'asks before, ' if limit.asks else ''}{end}"


def _rows() -> list[Row]:
    screens = sorted(LIMITS, key=lambda screen: list(s.Screen.__args__).index(screen))
    return [
        (
            screen.__name__,
            ", ".join(event.__name__ for where, event in HOLDER_STEPS if where is screen) or "—",
            _limit(screen),
        )
        for screen in screens
    ]


def page() -> str:
    """The page in Markdown."""
    always = ", ".join([*(event.__name__ for event in ALWAYS), e.Tick.__name__, e.Touched.__name__])
    table = "".join(f"| {' | '.join(row)} |\n" for row in _rows())
    return f"{HEAD}{always}.\n\n| screen | expects | time |\n|---|---|---|\n{table}"


if __name__ == "__main__":
    sys.stdout.write(page())
