"""Every duration of a visit, in one table: default, least, most, in seconds. The terminal's `[timing]` may change them.

WCAG 2.2, 2.2.1 asks for at least 20 s to answer a warning and for ten times the default on request: `warning` can't be
set shorter, and `PATIENCE_MOST` is how often "I need more time" may lengthen a holder's time-outs.
"""

from dataclasses import dataclass, field, fields

PATIENCE_MOST = 10


def seconds(default: float, least: float, most: float) -> float:
    """A field of the table."""
    made: float = field(default=default, metadata={"least": least, "most": most})
    return made


@dataclass(frozen=True)
class Timing:
    """Holders' time-outs (extendable), guards of the machine's parts, and the rhythm of reminders."""

    pin_entry: float = seconds(65, 40, 300)
    menu: float = seconds(80, 40, 300)
    viewing: float = seconds(110, 40, 600)
    choose_paper: float = seconds(80, 40, 300)
    done: float = seconds(45, 40, 300)
    failed: float = seconds(45, 40, 300)
    change_pin: float = seconds(80, 40, 300)
    repair: float = seconds(300, 60, 600)
    showing_copy: float = seconds(110, 40, 300)
    showing_phone: float = seconds(180, 40, 300)
    account_question: float = seconds(180, 60, 600)
    number_entry: float = seconds(110, 40, 300)
    code_entry: float = seconds(180, 60, 600)
    at_site: float = seconds(110, 40, 600)

    warning: float = seconds(20, 20, 60)
    session: float = seconds(900, 120, 900)
    session_notice: float = seconds(60, 30, 110)

    reading: float = seconds(15, 5, 60)
    signing_in: float = seconds(30, 10, 120)
    loading: float = seconds(30, 10, 120)
    printing: float = seconds(240, 60, 900)
    resuming: float = seconds(15, 5, 60)
    changing_pin: float = seconds(20, 5, 60)
    making_copy: float = seconds(30, 10, 120)
    asking_phone: float = seconds(30, 10, 120)
    changing_account: float = seconds(30, 10, 120)
    opening_site: float = seconds(45, 30, 120)

    idle_paper: float = seconds(10, 2, 120)
    repair_paper: float = seconds(3, 1, 30)
    reminder: float = seconds(5, 1, 30)
    forgotten: float = seconds(20, 2, 120)
    forgotten_reminder: float = seconds(15, 1, 120)
    forgotten_report: float = seconds(120, 3, 1800)


STANDARD = Timing()


@dataclass(frozen=True)
class Bounds:
    """What a configuration may choose for one duration."""

    default: float
    least: float
    most: float


BOUNDS: dict[str, Bounds] = {
    one.name: Bounds(float(str(one.default)), one.metadata["least"], one.metadata["most"]) for one in fields(Timing)
}
