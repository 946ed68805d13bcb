"""The only executor: carries the core's commands out on worker threads and posts answers back to the Qt loop.

Holds what a visit keeps secret (card data, token) under the visit's number. EndVisit waits for nobody: it has a thread
of its own, and a sign-in that comes back too late is revoked on the spot.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from backend_client.client.central import Central
from backend_client.contract.documents import Medium
from backend_client.contract.masking import masked_id, masked_name
from backend_client.contract.model import Record
from card.errors import CommunicationError, PcscError, SilentCard, WrongPin
from card.records import CardData
from kiosk import account_work, phone_link
from kiosk.card_work import CardDesk
from kiosk.document_work import DocumentDesk, Order
from kiosk.failures import Failure
from kiosk.mapping import EXPECTED, failure_of, fault_of
from kiosk.phone_work import demand_scope, follow
from kiosk.pin_buffer import PinBuffer
from kiosk.pin_change import PinChange
from kiosk.places import Places
from kiosk.services.service import Service, by_phone
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session.state import Card, Paper, PhoneLink, PinFlaw, Place, Printed, Step
from kiosk.sign_in_work import as_guardian, scope_of, sign_in, told
from kiosk.site_work import SiteDesk
from kiosk.sound import Sounds
from kiosk.visit import Visit
from kiosk.workers import Worker, Workers

log = logging.getLogger(__name__)

Post = Callable[[e.Event], None]


class Runtime:
    """One method for each command; what takes time is given to a worker, and its answer is an event."""

    def __init__(
        self,
        post: Post,
        pin: PinBuffer,
        central: Central,
        cards: CardDesk,
        documents: DocumentDesk,
        services: tuple[Service, ...],
        language: Callable[[], str],
        sounds: Sounds,
        ticket_seconds: float,
        card_seconds: float,
        sites: SiteDesk,
    ) -> None:
        self._post, self._pin, self._central = post, pin, central
        self._cards, self._documents, self._language = cards, documents, language
        self._services = {service.id: service for service in services}
        self._visit, self._change = Visit(0, live=False), PinChange()
        self._sounds, self._places, self._ticket_seconds = sounds, Places(), ticket_seconds
        self._workers, self._sites = Workers(post, card_seconds), sites
        self._handlers: dict[type, Callable[..., None]] = {
            c.ReadCard: self._read_card,
            c.SignIn: self._sign_in,
            c.ForgetPin: lambda _command: self._forget_pin(),
            c.LoadRecord: self._load_record,
            c.TurnPage: self._turn_page,
            c.MakeDocument: self._make_document,
            c.EndVisit: self._end_visit,
            c.AskPaper: lambda _command: self._give(Worker.STATUS, self._visit, self._ask_paper),
            c.CheckCard: self._check_card,
            c.MakeCopy: self._make_copy,
            c.KeepPlace: self._keep_place,
            c.DropPlace: lambda _command: self._places.drop(),
            c.TakeOldPin: self._take_old_pin,
            c.JudgeNewPin: self._judge_new_pin,
            c.ChangePin: self._change_pin,
            c.PlaySound: lambda command: self._sounds.play(command.cue),
            c.Report: self._report,
            c.AskPhone: self._ask_phone,
            c.ChangeAccount: self._at_central(account_work.carry_out),
            c.SendCode: self._at_central(phone_link.send_code),
            c.ConfirmCode: self._at_central(phone_link.confirm_code),
            c.ForgetCode: lambda _command: self._visit.expect(None),
            c.OpenSite: self._open_site,
            c.CloseSite: lambda _command: self._sites.close(),
            c.BeginActing: self._begin_acting,
            c.EndActing: self._end_acting,
        }

    def carry_out(self, command: c.Command) -> None:
        """Start a command; returns at once. Called on the Qt thread only."""
        self._handlers[type(command)](command)

    def while_idle(self, work: Callable[[], object]) -> None:
        """Do something while idle, after whatever paper is under way."""
        self._give(Worker.PAPER, self._visit, work)

    def settle(self) -> None:
        """Wait until everything that was asked so far is done; for programs that look at what a visit left."""
        self._workers.settle()

    def stop(self) -> None:
        """End the visit and all workers; waits for what is under way at the printers."""
        self._end_visit(c.EndVisit(self._visit.number))
        self._workers.stop()

    def _give(self, worker: Worker, visit: Visit, work: Callable[[], object]) -> None:
        self._workers.give(worker, visit.number, work)

    def _read_card(self, command: c.ReadCard) -> None:
        visit = self._visit = Visit(command.visit)

        def seen(data: CardData) -> None:
            if not visit.know(data):
                return
            self._places.seen(data.card_id)
            holder = data.holder
            card = Card(masked_name(holder.name), masked_id(holder.id_no), data.generation)
            self._post(e.CardRead(visit.number, card))

        def work() -> None:
            visit.know_certificate(self._cards.read(seen))

        self._give(Worker.CARD, visit, work)

    def _sign_in(self, _command: c.SignIn) -> None:
        visit, pin = self._visit, self._pin.take()
        scope = scope_of(visit, self._services.values(), *self._sites.scopes)
        self._give(
            Worker.CARD,
            visit,
            lambda: sign_in(visit, pin, self._cards, self._central, scope, self._places, self._post),
        )

    def _load_record(self, command: c.LoadRecord) -> None:
        visit, service = self._visit, self._services[command.service]

        def work() -> None:
            session = visit.session
            if session is not None:
                demand_scope(session, service.scope)
                with as_guardian(visit):
                    self._loaded(visit, service, service.query(session))

        self._give(Worker.RECORDS, visit, work)

    def _loaded(self, visit: Visit, service: Service, record: Record) -> None:
        visit.turn_to(record if service.turn is not None else None)
        self._post(e.RecordLoaded(visit.number, service.id, record))

    def _turn_page(self, command: c.TurnPage) -> None:
        visit, service = self._visit, self._services[command.service]

        def work() -> None:
            session, page = visit.session, visit.page
            if session is not None and page is not None and service.turn is not None:
                self._loaded(visit, service, service.turn(session, page, command.older))

        self._give(Worker.RECORDS, visit, work)

    def _make_document(self, command: c.MakeDocument) -> None:
        visit, service = self._visit, self._services[command.service]
        kind, language = service.documents[command.medium], self._language()

        def work() -> None:
            session, id_no = visit.session, visit.person_id_no
            if session is None or id_no is None:
                return
            order = Order(
                kind, command.medium, language, session, id_no, lambda: visit.live,
                lambda step: self._post(e.DocumentStep(visit.number, command.medium, Step(step))),
                command.large_print, visit.remember, visit.ward is not None,
            )  # fmt: skip
            try:
                printed = self._documents.make(order)
            except EXPECTED as error:
                log.warning("document not made: %s", error)
                printed = Printed(kind, command.medium, None, failure_of(error))
            self._post(e.DocumentEnded(visit.number, replace(printed, failure=told(visit, printed.failure))))

        self._give(Worker.PAPER, visit, work)

    def _end_visit(self, _command: c.EndVisit) -> None:
        self._sites.close()
        self._forget_pin()
        self._revoke(self._visit)
        if self._visit.own is not None:
            self._revoke(self._visit.own)

    def _revoke(self, visit: Visit) -> None:
        session = visit.close()
        if session is not None:
            self._give(Worker.END if visit.ward is None else Worker.END_WARD, visit, session.revoke)

    def _begin_acting(self, command: c.BeginActing) -> None:
        self._forget_pin()
        self._visit = self._visit.for_ward(command.visit, command.ward)

    def _end_acting(self, command: c.EndActing) -> None:
        self._forget_pin()
        self._revoke(self._visit)
        own = self._visit.own
        if own is not None:
            self._visit = own.renumbered(command.visit)
        session = self._visit.session
        if session is None or session.seconds_left <= 0:
            self._post(e.OwnSessionOver(command.visit))

    def _check_card(self, command: c.CheckCard) -> None:
        visit = self._visit

        def work() -> None:
            data = visit.card
            if data is None:
                return
            self._cards.check_same(data)
            self._post(e.SameCard(command.visit))

        self._give(Worker.CARD, visit, work)

    def _make_copy(self, command: c.MakeCopy) -> None:
        visit, language = self._visit, self._language()

        def work() -> None:
            issued = visit.document
            if issued is None:
                return
            large, by_proxy = command.large_print, visit.ward is not None
            link = self._documents.leave_copy(self._central, issued, language, large=large, by_proxy=by_proxy)
            self._post(e.CopyReady(visit.number, PhoneLink(link.url)))

        self._give(Worker.PAPER, visit, work)

    def _keep_place(self, command: c.KeepPlace) -> None:
        data = self._visit.card
        if data is not None:
            self._places.keep(data.card_id, Place(command.service, command.medium), self._ticket_seconds)

    def _forget_pin(self) -> None:
        self._pin.clear()
        self._change.clear()

    def _take_old_pin(self, _command: c.TakeOldPin) -> None:
        self._change.clear()
        self._change.old = self._pin.take()

    def _judge_new_pin(self, command: c.JudgeNewPin) -> None:
        data = self._visit.card
        born = data.holder.birth_date if data is not None else None
        born = born if isinstance(born, date) else None
        self._post(e.NewPinJudged(command.visit, self._change.judge(self._pin.take(), born)))

    def _change_pin(self, command: c.ChangePin) -> None:
        visit = self._visit
        if not self._change.confirmed(self._pin.take()):
            self._post(e.NewPinJudged(command.visit, PinFlaw.DIFFERENT))
            return
        old, new = self._change.take()

        def work() -> None:
            data = visit.card
            if data is None:
                old[:], new[:] = bytes(len(old)), bytes(len(new))
                return
            try:
                self._cards.change_pin(data, old, new)
            except WrongPin as error:
                self._post(e.PinRejected(visit.number, error.tries_left))
            except (CommunicationError, PcscError, SilentCard) as error:
                failure = Failure.PIN_CHANGE_UNKNOWN
                log.warning("%s (%s): %s", failure.name, failure.value, error)
                self._post(e.StepFailed(visit.number, failure))
            else:
                self._post(e.PinReplaced(visit.number))

        self._give(Worker.CARD, visit, work)

    def _ask_phone(self, command: c.AskPhone) -> None:
        visit = self._visit = Visit(command.visit)
        own = {service.scope for service in by_phone(self._services.values())}
        scope = " ".join(sorted(own.union(self._sites.scopes)))
        self._give(Worker.PHONE, visit, lambda: follow(self._central, scope, visit, self._post))

    def _at_central(self, work: Callable[[Visit, Any, Post], None]) -> Callable[[c.Command], None]:
        """A handler that does this for the visit, on the records' thread."""

        def begin(command: c.Command) -> None:
            visit = self._visit
            self._give(Worker.RECORDS, visit, lambda: work(visit, command, self._post))

        return begin

    def _open_site(self, command: c.OpenSite) -> None:
        visit, number, language = self._visit, self._sites.expect(), self._language()
        self._give(Worker.SITE, visit, lambda: self._sites.open(number, visit, command.site, language))

    @staticmethod
    def _report(command: c.Report) -> None:
        log.warning("attendant wanted: %s (%s)", command.failure.name, command.failure.value)

    def _ask_paper(self) -> None:
        slip = fault_of(Medium.SLIP, self._documents.thermal.status().fault)
        a4 = fault_of(Medium.A4, self._documents.a4.status().fault)
        self._post(e.PaperReported(Paper(slip, a4)))
