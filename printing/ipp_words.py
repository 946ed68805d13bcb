"""What an IPP printer's attributes mean: faults, paper and supplies, the end of a job. Pure; no connection.

RFC 8011 (sections 5.3.7, 5.4.12), PWG 5100.9 (printer-alert words), PWG 5100.13 (printer-input-tray, printer-supply).
"""

from dataclasses import dataclass
from typing import Any

from printing.outcome import End, Outcome, PrinterFault, PrinterStatus, Supply

CANCELED, ABORTED, COMPLETED = 7, 8, 9
FINAL = (CANCELED, ABORTED, COMPLETED)
A4_MEDIA = "iso_a4_210x297mm"
A4_SIZE = (21000, 29700)  # hundredths of a millimetre (PWG 5100.3)
PROCESSING = 4  # printer-state (RFC 8011 section 5.4.11)
AT_LEAST_ONE = -3  # prtInputCurrentLevel (RFC 3805)
REASONS = (
    ("media-empty", PrinterFault.PAPER_OUT),
    ("media-needed", PrinterFault.PAPER_OUT),
    ("input-tray-missing", PrinterFault.PAPER_OUT),
    ("media-jam", PrinterFault.JAM),
    ("cover-open", PrinterFault.COVER_OPEN),
    ("door-open", PrinterFault.COVER_OPEN),
    ("interlock-open", PrinterFault.COVER_OPEN),
    ("marker-supply-empty", PrinterFault.MECHANISM),
    ("toner-empty", PrinterFault.MECHANISM),
    ("developer-empty", PrinterFault.MECHANISM),
    ("marker-waste-full", PrinterFault.MECHANISM),
    ("output-area-full", PrinterFault.MECHANISM),
    ("output-tray-missing", PrinterFault.MECHANISM),
    ("opc-life-over", PrinterFault.MECHANISM),
    ("fuser-over-temp", PrinterFault.MECHANISM),
    ("paused", PrinterFault.OFFLINE),
    ("shutdown", PrinterFault.OFFLINE),
)
LOW = ("media-low",)
COUNTERS = {"printer-impressions-completed": "impressions", "printer-media-sheets-completed": "sheets"}
UP, AT, MARGIN_SECONDS, DRIFT_SECONDS = "up", "at", 5, 60
PAGES = "pages"
WANTED = (
    "printer-state", "printer-state-reasons", "printer-is-accepting-jobs", "media-ready", "media-col-ready",
    "printer-input-tray", "printer-supply", "printer-supply-description", "marker-names", "marker-levels",
    "marker-low-levels", "sides-supported", "printer-up-time", *COUNTERS,
)  # fmt: skip

Attributes = dict[str, Any]


def many(value: object) -> list[Any]:
    """An attribute's values, whether it has none, one or several."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def status_from(reasons: list[str]) -> PrinterStatus:
    """printer-state-reasons as a status.

    A -report doesn't stop printing (an empty by-pass tray); -error and -warning are taken alike, because ippeveprinter
    calls everything a warning (measured).
    """
    grave = [reason for reason in reasons if not reason.endswith("-report")]
    for prefix, fault in REASONS:
        if any(reason.startswith(prefix) for reason in grave):
            return PrinterStatus(fault)
    return PrinterStatus(None, any(reason.startswith(LOW) for reason in reasons))


def status_of(printer: Attributes) -> PrinterStatus:
    """All that the printer says of itself; what it doesn't say is unknown, never bad news."""
    said = status_from([str(reason) for reason in many(printer.get("printer-state-reasons"))])
    fault = said.fault
    if fault is None and printer.get("printer-is-accepting-jobs") is False:
        fault = PrinterFault.OFFLINE
    if fault is None and not _a4_loaded(printer):
        fault = PrinterFault.PAPER_OUT
    return PrinterStatus(
        fault,
        said.paper_low,
        _sheets(printer),
        supplies(printer),
        _counted(printer),
        "two-sided-long-edge" in many(printer.get("sides-supported")),
        printer.get("printer-state") == PROCESSING,
    )


def _a4_loaded(printer: Attributes) -> bool:
    names, trays = many(printer.get("media-ready")), many(printer.get("media-col-ready"))
    sizes = [(size.get("x-dimension"), size.get("y-dimension")) for tray in trays if (size := _size(tray))]
    return (not names and not sizes) or A4_MEDIA in names or A4_SIZE in sizes


def _size(tray: object) -> Attributes | None:
    size = tray.get("media-size") if isinstance(tray, dict) else None
    return size if isinstance(size, dict) else None


def _fields(text: object) -> dict[str, str]:
    """`name=value;…` of an octetString attribute."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return dict(part.split("=", 1) for part in str(text).split(";") if "=" in part)


def _number(text: str | None) -> int | None:
    try:
        return int(text or "")
    except ValueError:
        return None


def _sheets(printer: Attributes) -> int | None:
    """Sheets in the trays that feed by themselves, when at least one of them counts; None otherwise."""
    levels = []
    for tray in map(_fields, many(printer.get("printer-input-tray"))):
        level = _number(tray.get("level"))
        if level is not None and "Manual" not in tray.get("type", ""):
            levels.append(level)
    if AT_LEAST_ONE in levels:
        return None
    counted = [level for level in levels if level >= 0]
    return sum(counted) if counted else None


def supplies(printer: Attributes) -> tuple[Supply, ...]:
    """Levels from printer-supply (PWG 5100.13), or from marker-levels where a printer has only those."""
    names = [str(name) for name in many(printer.get("printer-supply-description"))]
    found = [_fields(text) for text in many(printer.get("printer-supply"))]
    if found:
        return tuple(_supply(names[index] if index < len(names) else "", each) for index, each in enumerate(found))
    levels = [level for level in many(printer.get("marker-levels")) if isinstance(level, int)]
    markers = [str(name) for name in many(printer.get("marker-names"))]
    lows = [low for low in many(printer.get("marker-low-levels")) if isinstance(low, int)]
    return tuple(
        Supply(name, level if level >= 0 else None, 0 <= level <= low)
        for name, level, low in zip(markers, levels, lows or [10] * len(levels), strict=False)
    )


def _supply(name: str, fields: dict[str, str]) -> Supply:
    level, most = _number(fields.get("level")), _number(fields.get("maxcapacity"))
    waste = "Filled" in fields.get("class", "")
    if level is None or level < 0 or not most or most < 0:
        return Supply(name or fields.get("type", ""), None, False)
    left = round(100 * level / most)
    percent = 100 - left if waste else left
    return Supply(name or fields.get("type", ""), percent, percent <= 10)


def _counted(printer: Attributes) -> str:
    """`impressions=12 up=3600`; the seconds since it was switched on tell later whether it was off meanwhile."""
    for attribute, name in COUNTERS.items():
        value, up = printer.get(attribute), printer.get("printer-up-time")
        if isinstance(value, int):
            return f"{name}={value}" + (f" {UP}={up}" if isinstance(up, int) else "")
    return ""


def noted(text: str) -> dict[str, int]:
    """`pages=5 impressions=12` as the journal has it."""
    parts = (part.partition("=") for part in text.split())
    return {name: number for name, _, value in parts if (number := _number(value)) is not None}


def moved(before: str, after: str) -> int | None:
    """By how much a counter moved; None when it was not counted the same way both times, or ran backwards."""
    start, end = noted(before), noted(after)
    for name in COUNTERS.values():
        if name in start and name in end:
            return end[name] - start[name] if end[name] >= start[name] else None
    return None


def stayed_on(before: str, after: str, now: int) -> bool:
    """Was it never switched off between? Counters are kept in steps, a power cut may set them back.

    `before` was noted at the second `at=` of our clock. It was switched on before that, and up-time and clock went on
    alike since (a clock of ours that jumped proves nothing).
    """
    start, end = noted(before), noted(after)
    if not (UP in start and AT in start and UP in end):
        return False
    since = now - start[AT]
    return end[UP] > since + MARGIN_SECONDS and abs(end[UP] - start[UP] - since) <= DRIFT_SECONDS


@dataclass(frozen=True)
class Job:
    """A job in the printer's words. `impressions` None: it doesn't count them."""

    id: int
    name: str
    state: int
    reasons: tuple[str, ...]
    impressions: int | None

    @property
    def final(self) -> bool:
        """Its state changes no more."""
        return self.state in FINAL


def job_from(attributes: Attributes) -> Job:
    """Job attributes of RFC 8011 section 5.3."""
    impressions = attributes.get("job-impressions-completed")
    return Job(
        int(attributes.get("job-id", 0)),
        str(attributes.get("job-name", "")),
        int(attributes["job-state"]),
        tuple(str(reason) for reason in many(attributes.get("job-state-reasons"))),
        impressions if isinstance(impressions, int) else None,
    )


def end_of(state: int, reasons: list[str], impressions: int | None = None, pages: int | None = None) -> Outcome:
    """The printer's last word on a job. A count of 0 at a completed job means that it doesn't count."""
    short = bool(impressions) and pages is not None and (impressions or 0) < pages
    if state == COMPLETED and (short or any("missing" in reason or "error" in reason for reason in reasons)):
        return Outcome(End.UNKNOWN, PrinterFault.ABORTED, "the printer completed the job with errors")
    if state == COMPLETED:
        return Outcome(End.PRINTED, None, "the printer completed the job")
    if impressions and pages is not None and impressions >= pages:
        return Outcome(End.UNKNOWN, PrinterFault.ABORTED, f"the job ended early, but {impressions} pages were counted")
    return Outcome(End.FAILED, PrinterFault.ABORTED, _why(state, reasons))


def _why(state: int, reasons: list[str]) -> str:
    """Canceled by whom, or aborted, told apart (RFC 8011 section 5.3.8)."""
    if state == CANCELED:
        who = next((reason for reason in reasons if reason.startswith("job-canceled")), "job-canceled")
        return f"the job was canceled ({who}, state {state})"
    return f"the printer ended the job (state {state})"
