"""One state for each screen, by the name that its picture has."""

from backend_client.contract.documents import DocumentKind, Medium
from kiosk.failures import Failure
from kiosk.session import state as s
from kiosk.session.examples import CODES, PHONE, SITE
from kiosk.session.number import Digits, LinkTrouble
from tests.samples import CARD, CHILD, ELDER, access_log, account_overview, contributions, family_planning, wards

SLIP = s.Printed(DocumentKind.CONTRIBUTIONS_SLIP, Medium.SLIP, "SY440105201701020001")
A4 = s.Printed(DocumentKind.CONTRIBUTIONS_STATEMENT, Medium.A4, "SB440105201701020001")
JAMMED = s.Printed(DocumentKind.CONTRIBUTIONS_STATEMENT, Medium.A4, "SB440105201701020001", Failure.A4_JAM)
TORN = s.Printed(DocumentKind.CONTRIBUTIONS_SLIP, Medium.SLIP, None, Failure.SLIP_PAPER_OUT)


def screens() -> dict[str, s.Screen]:
    """Every screen, the richer ones in several forms."""
    record, family = contributions(), family_planning()
    both = (Medium.SLIP, Medium.A4)
    return {
        "out-of-service": s.OutOfService(Failure.READER_ABSENT),
        "welcome": s.Welcome(),
        "reading": s.Reading(),
        "pin": s.PinEntry(CARD, 3),
        "pin-wrong": s.PinEntry(CARD, 0, 2, Failure.PIN_WRONG),
        "signing-in": s.SigningIn(CARD),
        "menu": s.Menu(CARD),
        "loading": s.Loading(CARD, "contributions"),
        "viewing-contributions": s.Viewing(CARD, "contributions", record),
        "viewing-year": s.Viewing(CARD, "contributions", record, 2016),
        "viewing-empty": s.Viewing(CARD, "contributions", contributions(rows=())),
        "viewing-family": s.Viewing(CARD, "family-planning", family),
        "viewing-log": s.Viewing(CARD, "access-log", access_log()),
        "viewing-log-last": s.Viewing(CARD, "access-log", access_log(first=False)),
        "viewing-account": s.Viewing(CARD, "account", account_overview()),
        "viewing-no-account": s.Viewing(CARD, "account", account_overview(opened=False, others=False)),
        "viewing-account-no-phone": s.Viewing(CARD, "account", account_overview(phone=None)),
        **account_screens(),
        **linking_screens(),
        "menu-sites": s.Menu(CARD),
        "choosing-site": s.ChoosingSite(CARD),
        "choosing-site-phone": s.ChoosingSite(PHONE),
        "opening-site": s.OpeningSite(CARD, SITE),
        "at-site": s.AtSite(CARD, SITE),
        **guardian_screens(),
        "choose-paper": s.ChoosePaper(CARD, "contributions", record),
        "printing": s.Printing(CARD, "contributions", both, s.Step.SENT),
        "printing-second": s.Printing(CARD, "contributions", (Medium.A4,), s.Step.ISSUED, (SLIP,)),
        "done": s.Done(CARD, "contributions", (SLIP, A4)),
        "done-some": s.Done(CARD, "contributions", (TORN, A4)),
        "done-none": s.Done(CARD, "contributions", (JAMMED,)),
        "awaiting-repair": s.AwaitingRepair(CARD, "contributions", Medium.A4, (SLIP, JAMMED)),
        "resuming": s.Resuming(CARD, "contributions", Medium.A4, (SLIP, JAMMED)),
        "making-copy": s.MakingCopy(CARD, "contributions"),
        "showing-copy": s.ShowingCopy(CARD, "contributions", s.PhoneLink("https://x.example.invalid/copy/" + "A" * 22)),
        "pin-expired": s.PinEntry(CARD, 0, failure=Failure.SESSION_EXPIRED, then=s.Place("contributions")),
        "change-pin-old": s.ChangePin(CARD, length=2),
        "change-pin-old-wrong": s.ChangePin(CARD, tries_left=2),
        "change-pin-new": s.ChangePin(CARD, s.PinStage.NEW, 4),
        "change-pin-flaw": s.ChangePin(CARD, s.PinStage.NEW, flaw=s.PinFlaw.DIFFERENT),
        "change-pin-again": s.ChangePin(CARD, s.PinStage.AGAIN, 6),
        "changing-pin": s.ChangingPin(CARD),
        "new-pin-set": s.NewPinSet(CARD),
        "asking-phone": s.AskingPhone(),
        "showing-phone": s.ShowingPhone(CODES),
        "menu-phone": s.Menu(PHONE),
        "loading-phone": s.Loading(PHONE, "access-log"),
        "viewing-log-phone": s.Viewing(PHONE, "access-log", access_log()),
        "failed-card-needed-home": s.Failed(Failure.CARD_NEEDED, PHONE),
        "take-card": s.TakeCard(),
        "card-forgotten": s.CardForgotten(),
        **{f"failed-{failure.name.lower().replace('_', '-')}": s.Failed(failure) for failure in Failure},
        "failed-home": s.Failed(Failure.NO_RECORD, CARD),
    }


def account_screens() -> dict[str, s.Screen]:
    """What a holder may do with the account, asked, under way and done."""
    none, some = account_overview(opened=False, others=False), account_overview()
    change = s.AccountChange
    asked = {
        f"account-question-{one.value}": s.AccountQuestion(CARD, "account", none if one is change.OPEN else some, one)
        for one in change
        if one is not change.LINK_PHONE
    }
    renewed = s.AccountQuestion(CARD, "account", none, change.OPEN, renewed=True)
    return {
        **asked, "account-question-renewed": renewed,
        "changing-account": s.ChangingAccount(CARD, "account", change.OPEN),
        "account-closed": s.AccountOver(change.CLOSE), "account-frozen": s.AccountOver(change.FREEZE),
    }  # fmt: skip


TYPED_NUMBER, TYPED_CODE = Digits("13800005678"), Digits("246813")


def linking_screens() -> dict[str, s.Screen]:
    """Linking a phone: its number, the code, and everything that may be wrong with them."""
    record, number = account_overview(phone=None, others=False), TYPED_NUMBER
    of_number = (LinkTrouble.NOT_A_NUMBER, LinkTrouble.TOO_SOON, LinkTrouble.TOO_MANY, LinkTrouble.NO_SMS)
    of_code = {
        LinkTrouble.TOO_SOON: None,
        LinkTrouble.TOO_MANY: None,
        LinkTrouble.NO_SMS: None,
        LinkTrouble.WRONG_CODE: 4,
        LinkTrouble.CODE_OVER: 0,
    }
    return {
        "number-entry": s.NumberEntry(CARD, "account", record, Digits("1380000")),
        **{f"number-entry-{one.value}": s.NumberEntry(CARD, "account", record, number, trouble=one)
           for one in of_number},
        "sending-code": s.SendingCode(CARD, "account", record, number),
        "code-entry": s.CodeEntry(CARD, "account", record, number, TYPED_CODE),
        **{f"code-entry-{one.value}": s.CodeEntry(CARD, "account", record, number, trouble=one, left=left)
           for one, left in of_code.items()},
        "checking-code": s.CheckingCode(CARD, "account", record, number),
    }  # fmt: skip


def guardian_screens() -> dict[str, s.Screen]:
    """Whom to act for, and every screen of a ward's session, with the way back."""
    record, family, elder = contributions(), family_planning(), ELDER
    link = s.PhoneLink("https://x.example.invalid/copy/" + "A" * 22)
    ward: dict[str, s.Screen] = {
        "pin": s.PinEntry(elder, 2), "pin-wrong": s.PinEntry(CHILD, 0, 2, Failure.PIN_WRONG),
        "signing-in": s.SigningIn(elder), "menu": s.Menu(CHILD), "loading": s.Loading(elder, "contributions"),
        "viewing-contributions": s.Viewing(elder, "contributions", record),
        "viewing-family": s.Viewing(elder, "family-planning", family),
        "choose-paper": s.ChoosePaper(elder, "contributions", record),
        "printing": s.Printing(elder, "contributions", (Medium.SLIP, Medium.A4), s.Step.SENT),
        "done": s.Done(elder, "contributions", (SLIP, A4)), "done-some": s.Done(CHILD, "contributions", (TORN, A4)),
        "awaiting-repair": s.AwaitingRepair(elder, "contributions", Medium.A4, (SLIP, JAMMED)),
        "resuming": s.Resuming(elder, "contributions", Medium.A4, (SLIP, JAMMED)),
        "making-copy": s.MakingCopy(elder, "contributions"),
        "showing-copy": s.ShowingCopy(elder, "contributions", link),
        "no-record": s.Failed(Failure.NO_RECORD, elder),
    }  # fmt: skip
    return {
        "viewing-wards": s.Viewing(CARD, "guardian", wards()),
        "viewing-no-wards": s.Viewing(CARD, "guardian", wards(())),
        **{f"ward-{name}": screen for name, screen in ward.items()},
        "failed-acting-over-home": s.Failed(Failure.ACTING_OVER, CARD),
    }
