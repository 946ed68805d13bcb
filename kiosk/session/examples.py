"""Events and values of nobody, for walking through the table: tests and docs use them. No I/O, no person."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from backend_client.contract.account import Account, AccountOverview, Notice, SessionInfo, Ward, WardsOverview
from backend_client.contract.contributions import Contributions, InsuredPerson
from backend_client.contract.documents import DocumentKind, Medium
from kiosk.failures import Failure
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.number import Digits, LinkTrouble

SITE = s.Site("housing", "住建局（测试）", "Housing authority (test)")
NOBODY_ID, NOBODY_NAME = "990" + "0" * 15, "测某"
CARD = s.Card("测*", "990***********0000", 3)
SERVICE, OTHER_SERVICE = "contributions", "family-planning"
CUTOFF = datetime(2016, 12, 31, 15, 59, 59, tzinfo=UTC)
RECORD = Contributions(
    record_id="0", subject_id_no=NOBODY_ID, source_unit="测试", theme_code="S001", updated_at=CUTOFF, is_test=True,
    person=InsuredPerson(
        person_no="0", id_no=NOBODY_ID, name=NOBODY_NAME, sex="1", ethnic="01", birth_date=date(2000, 1, 1),
        hukou_type="10", card_no="T00000000", first_insured=None,
    ),
    enrolments=(), rows=(), pension_acc=None, medical_acc=None, data_cutoff=CUTOFF,
)  # fmt: skip
ENVELOPE = {
    "record_id": "0", "subject_id_no": NOBODY_ID, "source_unit": "", "theme_code": "A002", "updated_at": CUTOFF,
    "is_test": True,
}  # fmt: skip
NO_ACCOUNT = AccountOverview(**ENVELOPE, notice=Notice(version="2000-01-01", zh="测", en="0", digest="0" * 64))
SESSIONS = tuple(
    SessionInfo(sid=sid, device="0", acr="phone", started=CUTOFF, auth_time=CUTOFF, current=sid == "0", acting=False)
    for sid in ("0", "1")
)
WITH_ACCOUNT = AccountOverview(
    **ENVELOPE, sessions=SESSIONS,
    account=Account(account_id="0" * 32, state="open", level=2, opened_at=CUTOFF, opened_terminal="0",
                    notice_version="2000-01-01", consent_at=CUTOFF),
)  # fmt: skip
WITH_PHONE = WITH_ACCOUNT.model_copy(
    update={"account": WITH_ACCOUNT.account and WITH_ACCOUNT.account.model_copy(update={"phone": "0" * 11})}
)
NUMBER, NO_NUMBER, CODE = Digits("99000000000"), Digits("0" * 11), Digits("0" * 6)
WARDS = WardsOverview(
    **ENVELOPE,
    wards=(Ward(relation_id="0" * 32, name="测*", id_no="990***********0000", kind="child", basis="HK0"),
           Ward(relation_id="1" * 32, name="测**", id_no="990***********0001", kind="elder", basis="GZ0")),
)  # fmt: skip
ACTING = s.Acting(CARD, "0" * 32, "测*", "990***********0000", s.WardKind.CHILD)
KINDS = {Medium.SLIP: DocumentKind.CONTRIBUTIONS_SLIP, Medium.A4: DocumentKind.CONTRIBUTIONS_STATEMENT}
FAULTS = {Medium.SLIP: Failure.SLIP_PAPER_OUT, Medium.A4: Failure.A4_JAM}
PHONE = s.ByPhone("测*", "990***********0000")
CODES = s.PhoneCodes(
    "https://central.example.invalid/device?user_code=BCDF-GHJK", "https://central.example.invalid/device", "BCDF-GHJK"
)
LINK = s.PhoneLink("https://central.example.invalid/copy/0")
CHOICES = ((Medium.SLIP,), (Medium.A4,), (Medium.SLIP, Medium.A4), ())
TELLING = (
    Failure.CENTRAL_SLOW, Failure.SESSION_EXPIRED, Failure.CARD_SWAPPED, Failure.PIN_BLOCKED, Failure.ACTING_OVER,
)  # fmt: skip
"""One failure for each way in which a step looks at failures."""


def printed(medium: Medium, failure: Failure | None = None) -> s.Printed:
    """A document's end."""
    return s.Printed(KINDS[medium], medium, "SY0", failure)


def answers(visit: int, failures: Iterable[Failure] = TELLING) -> list[e.Event]:
    """What the runtime may answer to this visit, good and bad."""
    ends = [printed(m, why) for m in Medium for why in (None, FAULTS[m], Failure.PRINT_UNKNOWN)]
    return [
        e.CardRead(visit, CARD),
        *(e.PinRejected(visit, left) for left in (2, 1)),
        *(e.SignedIn(visit, place) for place in (None, s.Place(SERVICE), s.Place(SERVICE, Medium.SLIP))),
        *(e.StepFailed(visit, failure) for failure in failures),
        e.StepFailed(visit, Failure.TERMINAL_FAULT, fatal=True),
        *(e.RecordLoaded(visit, service, RECORD) for service in (SERVICE, OTHER_SERVICE)),
        *(e.RecordLoaded(visit, SERVICE, one) for one in (NO_ACCOUNT, WITH_ACCOUNT, WITH_PHONE, WARDS)),
        *(e.DocumentStep(visit, medium, step) for medium in Medium for step in (s.Step.SENT,)),
        *(e.DocumentEnded(visit, one) for one in ends),
        e.SameCard(visit),
        e.CopyReady(visit, LINK),
        *(e.NewPinJudged(visit, flaw) for flaw in (None, s.PinFlaw.RUN)),
        e.PinReplaced(visit),
        e.PhoneAsked(visit, CODES),
        e.PhoneSignedIn(visit, PHONE, 300),
        e.AccountLeft(visit),
        e.CodeSent(visit),
        e.NumberRefused(visit, LinkTrouble.TOO_SOON),
        *(e.CodeRefused(visit, left) for left in (4, 0)),
        e.SiteShown(visit),
        e.SiteClosed(visit),
        e.OwnSessionOver(visit),
    ]


def touches() -> list[e.Event]:
    """What a holder may touch, where it is offered or where it is not."""
    return [
        *(e.PinChanged(length) for length in (0, 5, 6)),
        e.PinSubmitted(), e.ServiceChosen(SERVICE), *(e.YearChosen(year) for year in (2016, None)),
        *(e.PageTurned(older) for older in (True, False)), e.PrintAsked(),
        *(e.PaperChosen(media) for media in CHOICES), e.WaitTouched(), e.CopyAsked(), e.ChangePinChosen(),
        e.MoreTimeTouched(), e.BackTouched(), e.HomeTouched(), e.EndTouched(), e.Touched(),
        *(e.LanguageChosen(language) for language in s.Language), *(e.LargeTextChosen(on) for on in (True, False)),
        *(e.LargePrintChosen(on) for on in (True, False)), e.PhoneChosen(),
        *(e.AccountTouched(change) for change in s.AccountChange), e.AccountConfirmed(),
        *(e.DigitsKeyed(digits) for digits in (Digits(), CODE, NUMBER, NO_NUMBER)),
        e.DigitsSubmitted(), e.CodeWanted(),
        e.SitesTouched(), e.SiteChosen(SITE),
        *(e.WardChosen(place) for place in (0, 2)), e.OwnTouched(),
    ]  # fmt: skip


def troubles() -> list[e.Event]:
    """What happens to the terminal itself."""
    papers = (s.Paper(), s.Paper(slip=FAULTS[Medium.SLIP]), s.Paper(a4=FAULTS[Medium.A4]))
    return [
        e.CardInserted(), e.CardRefused(Failure.CARD_MUTE), e.CardRemoved(), e.ServiceBlocked(Failure.PCSC_DOWN),
        e.ServiceBlocked(Failure.JOURNAL_DAMAGED), e.ServiceRestored(), *(e.PaperReported(paper) for paper in papers),
        *(e.ClockReported(off) for off in (95, None)),
        *(e.SitesReported(sites) for sites in ((), (SITE,))),
    ]  # fmt: skip


def all_events(visit: int, failures: Iterable[Failure] = TELLING) -> list[e.Event]:
    """Every event but Tick, in its telling forms."""
    return [*troubles(), *answers(visit, failures), *touches()]
