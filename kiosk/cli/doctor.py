"""`kiosk doctor`: every part of the terminal, one sentence each, with the next step where something is missing."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from card.errors import CardError
from city import Endpoint
from kiosk.config import Config, ConfigurationError, load_config, load_seal_keys
from kiosk.journal.errors import JournalError
from printing.errors import PrintingError
from printing.outcome import PrinterStatus


@dataclass(frozen=True)
class Finding:
    """One part of the terminal."""

    part: str
    ok: bool
    sentence: str


def examine(config_path: Path, *, fix: bool) -> list[Finding]:
    """All findings; the parts that need a configuration are left out when there is none."""
    findings = [_fonts(), _reader("")]
    try:
        config = load_config(config_path)
    except ConfigurationError as error:
        return [*findings, Finding("configuration", False, str(error))]
    findings[1] = _reader(config.card.reader)
    if fix:
        config.terminal.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    findings.append(Finding("configuration", True, f"{config_path} is valid."))
    return [*findings, *(check(config) for check in CHECKS)]


def _fonts() -> Finding:
    from printing import fonts

    try:
        for _name, file_name in fonts.CHAIN:
            fonts.font_file(file_name)
    except PrintingError as error:
        return Finding("fonts", False, str(error))
    return Finding("fonts", True, "All fonts are installed.")


def _reader(part: str) -> Finding:
    from kiosk.cli.card import reader_named

    try:
        return Finding("reader", True, f"{reader_named(part)} is there.")
    except CardError as error:
        return Finding("reader", False, str(error))


def _keys(config: Config) -> Finding:
    from backend_client.client.keys import KeyFileError
    from kiosk.central_access import device_key

    try:
        place = device_key(config).place
        count = len(load_seal_keys(config.central.seal_keys))
    except (KeyFileError, ConfigurationError) as error:
        return Finding("keys", False, str(error))
    allowed = " (software_key = true)" if config.central.software_key else ""
    return Finding("keys", True, f"The device key lies {place}{allowed}; {count} seal key(s) are pinned.")


def _profile(config: Config) -> Finding:
    from backend_client.crypto.errors import CryptoError
    from backend_client.crypto.suite import suite_named

    name = config.terminal.profile
    try:
        suite = suite_named(name)
        suite.generate()
        pinned = load_seal_keys(config.central.seal_keys).values()
    except (CryptoError, ConfigurationError) as error:
        return Finding("profile", False, str(error))
    if not any(key.get("crv") == suite.curve for key in pinned):
        sentence = (
            f"It is {name}, and no seal key of it is pinned; fetch `central keys`, or see that central says {name}."
        )
        return Finding("profile", False, sentence)
    return Finding("profile", True, f"It is {name}: cards and documents are signed with {suite.jws}.")


def _certificate(config: Config) -> Finding:
    from backend_client.client import enrolment
    from backend_client.client.keys import KeyFileError
    from kiosk.central_access import tls_context

    path = config.central.certificate
    if path is None:
        return Finding("certificate", True, "None is configured; central knows this terminal by its key alone.")
    try:
        present = enrolment.read(path)
        tls_context(config)
    except (KeyFileError, OSError, ValueError) as error:
        return Finding("certificate", False, f"{path} can't be used ({error}); run `kiosk enrol CODE`.")
    until = f"valid until {present.not_valid_after_utc:%Y-%m-%d}"
    if enrolment.needs_renewal(present):
        return Finding("certificate", False, f"It is {until}; run `kiosk enrol --renew`.")
    return Finding("certificate", True, f"It is {until}.")


def _central(config: Config) -> Finding:
    from backend_client.client.clock import MAX_DIFFERENCE
    from backend_client.client.errors import CentralError
    from backend_client.client.keys import KeyFileError
    from backend_client.client.transport import Call, Transport
    from kiosk.central_access import settings_of

    try:
        transport = Transport(settings_of(config))
    except KeyFileError as error:
        return Finding("central", False, str(error))
    try:
        answer = transport.once(Call("GET", Endpoint.HEALTH))
    except CentralError as error:
        return Finding("central", False, str(error))
    finally:
        transport.close()
    ok = answer.status == 200
    off = (answer.server_time or time.time()) - time.time()
    if abs(off) > MAX_DIFFERENCE:
        return Finding("central", False, f"This machine's clock is {-off:+.0f} s off central's; set it.")
    return Finding("central", ok, f"{config.central.base_url} answers {answer.status}.")


def _condition(part: str, where: str, status: PrinterStatus) -> Finding:
    said = "is ready" if status.fault is None else f"says {status.fault.value}; look at the printer"
    notes = [f"{status.sheets} sheets"] if status.sheets is not None else []
    notes += ["paper is low"] if status.paper_low else []
    notes += [f"{each.name} {each.percent} %" for each in status.supplies if each.percent is not None]
    return Finding(part, status.fault is None, f"{where} {said}{': ' if notes else ''}{', '.join(notes)}.")


def _thermal(config: Config) -> Finding:
    from kiosk.printers import slip_printer

    where = str(config.thermal.device or f"{config.thermal.host}:{config.thermal.port}")
    return _condition("slip printer", where, slip_printer(config).status())


def _a4(config: Config) -> Finding:
    from kiosk.printers import printers

    return _condition("A4 printer", config.a4.uri, printers(config).a4.status())


def _spooler(config: Config) -> Finding:
    from kiosk.printers import spooler

    between = spooler(config)
    if between is None:
        return Finding("spooler", True, "Pages go to the A4 printer without a spooler.")
    try:
        between.check()
    except PrintingError as error:
        return Finding("spooler", False, str(error))
    return Finding("spooler", True, f"cupsd can run with its spool in memory at {between.root}.")


def _sites(config: Config) -> Finding:
    from kiosk.site_work import installed

    offered = "The city's other systems are"
    if not config.terminal.sites:
        return Finding("sites", True, f"{offered} not offered here (sites = false).")
    if not installed():
        return Finding("sites", True, f"{offered} not offered here: their view, PyQt6-WebEngine, is not installed.")
    return Finding("sites", True, f"{offered} offered, where central lists any.")


def _journal(config: Config) -> Finding:
    from kiosk.journal.opening import open_journal

    try:
        journal = open_journal(config)
        problems, waiting = journal.verify(), len(journal.open_entries())
        journal.close()
    except JournalError as error:
        return Finding("journal", False, str(error))
    if problems:
        return Finding("journal", False, f"{problems[0]}; keep the file and tell the operator.")
    return Finding("journal", True, f"The journal is whole, {waiting} document(s) are open.")


CHECKS: tuple[Callable[[Config], Finding], ...] = (
    _keys,
    _profile,
    _certificate,
    _central,
    _thermal,
    _a4,
    _spooler,
    _sites,
    _journal,
)
