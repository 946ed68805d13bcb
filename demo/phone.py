"""A resident's phone: an account with its number, the SMS codes, and the pages that central shows it. Real HTTP."""

import html
import re
import sqlite3
from dataclasses import dataclass, field

import requests

from backend_client.client.account import AccountDesk
from backend_client.client.errors import Refused
from backend_client.contract.access_log import AccessLog
from card.pin import PIN_KINDS
from card.records import CardData
from demo.driver import VisitFailed
from demo.visits import Visit
from kiosk.card_work import CARD_ALGORITHMS, CardDesk
from kiosk.failures import Failure
from kiosk.session import state as s

READ_SECONDS = 15.0


@dataclass
class Phone:
    """A phone with this number, in the hands of whoever comes with the visit."""

    visit: Visit
    number: str
    browser: requests.Session = field(default_factory=requests.Session)

    def link(self) -> None:
        """Open an account and link the number, with the card that is in the reader."""
        config, central = self.visit.driver.terminal.config, self.visit.driver.terminal.central
        reader, algorithm = self.visit.street.slot.reader, CARD_ALGORITHMS[config.terminal.profile]
        self.visit.driver.terminal.runtime.settle()  # it reads the card's certificate beside the PIN pad
        desk = CardDesk(lambda: reader, "test", PIN_KINDS[config.card.pin], READ_SECONDS, algorithm)
        read: list[CardData] = []
        certificate = desk.read(read.append)
        pin = bytearray(self.visit.pin.encode())
        with desk.sign_in(read[0], certificate, pin, central, "acct.open account.change") as session:
            account, before = AccountDesk(session), self.texts
            self.a_minute_later()
            try:
                account.open(account.notice())
            except Refused as error:
                if error.code != "account_exists":  # somebody who came before
                    raise
            account.confirm_phone(account.link_phone(self.number), self.code(before))

    def a_minute_later(self) -> None:
        """Central sends one text a minute to a number: the last one is older now, so that no visit waits."""
        database = self.visit.street.central.database.removeprefix("sqlite:///")
        with sqlite3.connect(database) as connection:
            connection.execute("UPDATE phone_checks SET sent = sent - 60 WHERE phone = ?", (self.number,))
        connection.close()

    @property
    def texts(self) -> int:
        """How many lines central has said so far."""
        return len(self.visit.street.central.lines)

    def code(self, after: int) -> str:
        """The code of the next text to this number."""
        line = self.visit.street.central.wait_for("sms", after)
        found = re.search(r"\d{6}", str(line["text"]))
        if line["to"] != self.number or found is None:
            raise VisitFailed("the text is another phone's, or has no code")
        return found.group()

    def open(self, codes: s.PhoneCodes) -> None:
        """Scan the symbol: the page must show the code of the terminal's screen."""
        page = self._page(self.browser.get(codes.qr, timeout=10))
        if codes.user_code not in page:
            raise VisitFailed("the phone shows another code than the terminal")

    def approve(self, codes: s.PhoneCodes) -> None:
        """Scan, type the number and the code that comes, agree."""
        self.open(codes)
        self.a_minute_later()
        before = self.texts
        page = self._send(codes, "/phone", user_code=codes.user_code, phone=self.number, action="send")
        check = re.search(r'name="check_id" value="([^"]+)"', page)
        if check is None:
            raise VisitFailed("the phone's page has no check")
        known = {"user_code": codes.user_code, "check_id": html.unescape(check.group(1))}
        self._send(codes, "/decide", **known, code=self.code(before), action="approve")

    def refuse(self, codes: s.PhoneCodes) -> None:
        """Scan, and say no."""
        self.open(codes)
        self._send(codes, "/decide", user_code=codes.user_code, action="refuse")

    def _send(self, codes: s.PhoneCodes, path: str, **fields: str) -> str:
        headers = {"Origin": codes.address.removesuffix("/device")}
        return self._page(self.browser.post(f"{codes.address}{path}", data=fields, headers=headers, timeout=10))

    @staticmethod
    def _page(answer: requests.Response) -> str:
        if not answer.ok:
            raise VisitFailed(f"the phone's page answers {answer.status_code}")
        return answer.text


def phone_of(visit: Visit) -> Phone:
    """The holder's phone, linked to their account with the card."""
    phone = Phone(visit, f"990{visit.person % 100_000_000:08}")
    visit.begin()
    phone.link()
    visit.pull()
    visit.driver.say("account opened, phone linked")
    return phone


def ask(visit: Visit) -> s.PhoneCodes:
    """Start a phone sign-in at the terminal; the codes on its screen."""
    visit.driver.until(s.Welcome, 15)
    visit.driver.tap()
    visit.driver.touch("phone")
    screen = visit.driver.until(s.ShowingPhone, 20).screen
    if not isinstance(screen, s.ShowingPhone):
        raise VisitFailed("no codes")
    return screen.codes


def signed_in(visit: Visit, phone: Phone) -> None:
    """From the welcome screen to the menu, without a card."""
    phone.approve(ask(visit))
    screen = visit.driver.until(s.Menu, 40).screen
    if not (isinstance(screen, s.Menu) and isinstance(screen.card, s.ByPhone)):
        raise VisitFailed("the menu is not a phone's")
    visit.driver.say("the phone approved, menu without a card")


def sign_in_by_phone(visit: Visit) -> None:
    """Refused on the phone; then approved: the access log opens, what needs the card says so, and "finish" ends it."""
    phone = phone_of(visit)
    phone.refuse(ask(visit))
    visit.fails_with(Failure.PHONE_REFUSED)
    visit.driver.touch("finish")
    signed_in(visit, phone)
    visit.driver.touch("service_contributions")
    visit.fails_with(Failure.CARD_NEEDED)
    visit.driver.touch("home")
    visit.driver.until(s.Menu, 5)
    visit.driver.touch("service_access-log")
    screen = visit.driver.until(s.Viewing, 20).screen
    record = screen.record if isinstance(screen, s.Viewing) else None
    told = [(line.purpose, line.channel) for line in record.lines[:2]] if isinstance(record, AccessLog) else []
    if told != [("query", "phone"), ("sign-in", "phone")]:
        raise VisitFailed(f"the access log should begin with this visit, it says {told}")
    visit.driver.say("the access log tells of this sign-in")
    visit.driver.touch("back")
    visit.driver.until(s.Menu, 5)
    visit.driver.touch("finish")
    visit.driver.until(s.Welcome, 5)
    visit.driver.say("finished, welcome screen")
