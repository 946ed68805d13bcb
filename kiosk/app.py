"""The composition root: joins card, client, printing, journal and screens, and runs the loop

event → transition → new state → screen, and commands → runtime → events.
"""

import logging
import threading
import time
from collections.abc import Callable

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal

from backend_client.client.central import Central
from backend_client.client.errors import CentralError
from backend_client.client.keys import KeyFileError
from card.pin import PIN_KINDS
from card.reader import ReaderEvent, ReaderWatch
from kiosk.card_work import CARD_ALGORITHMS, CardDesk
from kiosk.central_access import device_key, renewed, settings_of, tls_context
from kiosk.config import Config, load_seal_keys
from kiosk.document_work import DocumentDesk
from kiosk.failures import Failure
from kiosk.journal.alone import Alone
from kiosk.journal.errors import JournalError
from kiosk.journal.opening import open_journal
from kiosk.mapping import failure_of
from kiosk.pin_buffer import PinBuffer
from kiosk.printers import Printers, printers, setting
from kiosk.reader_desk import Readers, follow
from kiosk.recording.tape import VisitTapes
from kiosk.recovery import Recovery, try_reconcile
from kiosk.runtime import Runtime
from kiosk.screens.window import TerminalWindow
from kiosk.services.catalogue import chosen
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session.state import OutOfService, State, Welcome
from kiosk.session.timing import Timing
from kiosk.session.transition import transition
from kiosk.site_work import PROGRAM, SiteDesk, installed, listed
from kiosk.sound import AlsaSounds
from printing.errors import PrintingError

log = logging.getLogger(__name__)

TICK_MS = 250
"""Ticks are on CLOCK_BOOTTIME, which goes on while the machine sleeps: a visit does not outlive a suspend."""
RECOVERY_MS = 15_000
RENEWAL_MS = 3_600_000
SITES_MS = 60_000
READ_SHARE = 0.8
"""Of the session's limit for a card that is being read: a silent card has its name before the session gives up."""
CARD_MARGIN_SECONDS = 1.0
Observer = Callable[[e.Event, State, State, tuple[c.Command, ...]], None]


class Terminal(QObject):
    """One terminal. Needs a QApplication; everything it starts ends in `stop`."""

    _posted = pyqtSignal(object)

    def __init__(
        self, config: Config, *, observer: Observer | None = None, site_program: tuple[str, ...] = PROGRAM
    ) -> None:
        super().__init__()
        self.config = config
        timing = Timing(**config.timing.model_dump())
        absent = Failure.READER_ABSENT
        self.state = State(screen=OutOfService(absent), blocked_by=absent, timing=timing)
        self._observer = observer
        self._tapes = self._recorder(config)
        self._blockers: dict[str, Failure] = {"reader": Failure.READER_ABSENT}
        self._blocking = threading.Lock()
        self._readers, self._stopped = Readers(), False
        self.pin = PinBuffer()
        services = chosen(config.terminal.services)
        self.central = self._connect(config)
        self._alone = Alone(config.journal_path)
        self.journal = open_journal(config)
        at = printers(config)
        self.recovery = Recovery(self.journal, self.central, at.a4, at.thermal, at.others)
        self.window = TerminalWindow(self.post, self.pin, services, config.terminal.id, config.pin_counter.model_dump())
        self.sites = SiteDesk(config.central.audience or config.central.base_url, self.post, site_program)
        self.runtime = Runtime(
            self.post,
            self.pin,
            self.central,
            self._card_desk(timing),
            self._document_desk(at),
            services,
            lambda: self.state.ui.language.value,
            AlsaSounds(config.sound.volume / 100, config.sound.device),
            timing.repair,
            max(timing.reading, timing.signing_in, timing.resuming, timing.changing_pin) + CARD_MARGIN_SECONDS,
            self.sites,
        )
        self._posted.connect(self._handle, type=Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]
        self._watch = ReaderWatch(config.card.reader, self._on_reader)
        self._ticks = self._every(TICK_MS, self._tick)
        self._recoveries = self._every(RECOVERY_MS, self._recover_when_idle)
        self._renewals = self._every(RENEWAL_MS, self._renew_when_idle)
        self._site_lists = self._every(SITES_MS, self._list_sites_when_idle)

    def _card_desk(self, timing: Timing) -> CardDesk:
        return CardDesk(
            lambda: self._readers.served,
            self.config.terminal.mode,
            PIN_KINDS[self.config.card.pin],
            READ_SHARE * timing.reading,
            CARD_ALGORITHMS[self.config.terminal.profile],
        )

    def _document_desk(self, at: Printers) -> DocumentDesk:
        return DocumentDesk(
            self.journal,
            at.thermal,
            at.a4,
            self.recovery,
            others=at.others,
            others_for=at.others_for,
            reprint_wait=self.config.a4.reprint_wait,
            setting=setting(self.config),
        )

    @staticmethod
    def _connect(config: Config) -> Central:
        settings = settings_of(config, load_seal_keys(config.central.seal_keys))
        return Central(settings, device_key(config))

    @staticmethod
    def _recorder(config: Config) -> VisitTapes | None:
        folder, services = config.terminal.data / "visits", config.terminal.services
        return VisitTapes(folder, config.visits.keep, services) if config.visits.record else None

    def _every(self, milliseconds: int, work: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(milliseconds)
        timer.timeout.connect(work)
        return timer

    def start(self) -> None:
        """Show the first screen, then watch the reader; recovery and warming run behind it."""
        problems = self.journal.verify()
        if problems:
            log.error("journal: %s", "; ".join(problems[:3]))
            self._blockers["journal"] = Failure.JOURNAL_DAMAGED
        self.window.show_state(self.state)
        self._watch.start()
        self._ticks.start()
        self._recoveries.start()
        self._renewals.start()
        self._site_lists.start()
        self.runtime.while_idle(self._recover)
        self.runtime.while_idle(self._renew)
        self.runtime.while_idle(self._warm)
        self._list_sites_when_idle()

    def stop(self) -> None:
        """End the visit, the threads and the connections; events that are still on their way are dropped."""
        self._stopped = True
        self._ticks.stop()
        self._recoveries.stop()
        self._renewals.stop()
        self._site_lists.stop()
        self._watch.stop()
        self.runtime.stop()
        self.central.close()
        self.journal.close()
        self._alone.release()

    def post(self, event: e.Event) -> None:
        """Put an event into the Qt loop; from any thread."""
        self._posted.emit(event)

    def _handle(self, event: e.Event) -> None:
        if self._stopped:
            return
        before = self.state
        self.state, commands = transition(before, event)
        try:
            self._show(before, event)
        finally:  # a screen that can't be shown keeps no session open
            for command in commands:
                self.runtime.carry_out(command)
        if self._tapes is not None:
            self._tapes.note(event, before, self.state, commands)
        if self._observer is not None:
            self._observer(event, before, self.state, commands)

    def _show(self, before: State, event: e.Event) -> None:
        if self.state is before:
            return
        if type(self.state.screen) is not type(before.screen):
            log.info("screen: %s after %s", type(self.state.screen).__name__, type(event).__name__)
        self.window.show_state(self.state)
        self.sites.place(self.window.room_for_site())

    def _on_reader(self, event: ReaderEvent) -> None:
        """On the reader's thread: what happened there, in the session's words."""
        before = self._readers
        self._readers, told = follow(before, event)
        for one in told:
            self.post(one)
        if self._readers.blocked != before.blocked:
            self._settle_blocker("reader", self._readers.blocked)

    def _settle_blocker(self, who: str, failure: Failure | None) -> None:
        """A part of the terminal fails, or is well again; the session knows of one trouble at a time."""
        with self._blocking:
            self._blockers = {name: why for name, why in self._blockers.items() if name != who}
            if failure is not None:
                self._blockers = {who: failure, **self._blockers}
            left = next(iter(self._blockers.values()), None)
            self.post(e.ServiceRestored() if left is None else e.ServiceBlocked(left))

    def _tick(self) -> None:
        self.post(e.Tick(time.clock_gettime(time.CLOCK_BOOTTIME)))
        off = round(self.central.clock.difference) or None
        if off != self.state.clock_off:
            self.post(e.ClockReported(off))

    def _recover_when_idle(self) -> None:
        if isinstance(self.state.screen, Welcome | OutOfService):
            self.runtime.while_idle(self._recover)

    def _recover(self) -> None:
        try:
            try_reconcile(self.recovery)
        except JournalError as error:
            log.error("recovery: %s", error)
            self._settle_blocker("journal", failure_of(error))

    def _renew_when_idle(self) -> None:
        if isinstance(self.state.screen, Welcome | OutOfService):
            self.runtime.while_idle(self._renew)
            self.runtime.while_idle(self._warm)

    def _renew(self) -> None:
        """The next certificate, an hour's tries away from its end; a visit that began meanwhile signs in anew."""
        try:
            until = renewed(self.config)
            tls = tls_context(self.config)
        except (CentralError, KeyFileError, OSError, ValueError) as error:
            log.warning("the certificate is not renewed: %s", error)
            return
        if until is not None and tls is not None:
            self.central.use_certificate(tls)
            log.info("the certificate is renewed until %s", f"{until:%Y-%m-%d}")

    def _list_sites_when_idle(self) -> None:
        idle = isinstance(self.state.screen, Welcome | OutOfService)
        if idle and self.config.terminal.sites and installed():
            self.runtime.while_idle(self.list_sites)

    def list_sites(self) -> None:
        """Ask central for the city's other systems; what it says holds until it says something else."""
        try:
            sites = listed(self.central)
        except CentralError as error:
            log.info("sites are not listed: %s", error)
            return
        self.sites.offered = bool(sites)
        if sites != self.state.sites:
            self.post(e.SitesReported(sites))

    def _warm(self) -> None:
        """Fonts and connection are there for the next visit; a clock that went wrong meanwhile is found."""
        import printing

        try:
            printing.warm()
            self.central.warm()
        except (CentralError, PrintingError) as error:
            log.info("not warm yet: %s", type(error).__name__)
