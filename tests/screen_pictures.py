"""`python -m tests.screen_pictures OUT`: a picture of every screen in both languages, for the docs and for judging."""

import os
import sys
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PyQt6.QtWidgets import QApplication

from kiosk.config import TerminalSection
from kiosk.failures import Failure
from kiosk.pin_buffer import PinBuffer
from kiosk.screens.window import TerminalWindow
from kiosk.services.catalogue import chosen
from kiosk.session.examples import SITE
from kiosk.session.state import Announced, Language, Paper, Site, State, Ui
from tests.states import screens

TAX = Site("tax", "税务局个人所得税查询（测试）", "Tax office, income tax (test)", card=True)

PORTRAIT = (1080, 1920)


def main(out: Path, *, large: bool) -> None:
    """Write NAME-LANGUAGE.png for every screen."""
    application = QApplication.instance() or QApplication([])
    services = chosen(TerminalSection.model_fields["services"].default)
    window = TerminalWindow(lambda _event: None, PinBuffer(), services, "T44010500001")
    window.resize(*PORTRAIT)
    window.show()
    out.mkdir(parents=True, exist_ok=True)
    for name, state in states().items():
        for language in Language:
            window.show_state(replace(state, ui=Ui(language, large)))
            for _ in range(2):  # a layout that wraps needs a second pass
                application.processEvents()
            window.grab().save(str(out / f"{name}-{language.value}.png"))


def states() -> dict[str, State]:
    """Every screen, and the questions that stand over one."""
    short = Paper(slip=Failure.SLIP_PAPER_OUT)
    plain = {name: State(screen, card_in=True, deadline=75.0) for name, screen in screens().items()}
    plain |= {name: replace(plain[name], card_in=False) for name in plain if name.endswith("-phone")}
    plain |= {name: replace(plain[name], card_in=False) for name in ("failed-phone-refused", "failed-phone-over")}
    plain |= {name: replace(plain[name], paper=short) for name in ("welcome", "choose-paper")}
    plain |= {name: replace(plain[name], sites=(SITE, TAX)) for name in plain if "-site" in name or name == "menu"}
    asked = replace(plain["menu"], deadline=12.0, warned=True)
    ending = replace(plain["menu"], signed_in_at=48.0 - asked.timing.session, ending=Announced.SHOWN)
    by_phone = replace(
        plain["menu-phone"], deadline=90.0, sign_in_seconds=300, signed_in_at=-252.0, ending=Announced.SHOWN
    )
    closed = replace(plain["out-of-service"], card_in=False)
    clocks = {
        f"{name}-clock": replace(state, card_in=False, clock_off=off)
        for name, state, off in (("welcome", plain["welcome"], 95), ("out-of-service", closed, -1_760_000_000))
    }
    return {**plain, "out-of-service": closed, "out-with-card": plain["out-of-service"], "still-there": asked,
            "session-ending": ending, "session-ending-phone": by_phone, **clocks}  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]), large="--large" in sys.argv)
