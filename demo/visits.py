"""Whole visits, each a few lines over the driver's hands and the street's parts."""

from dataclasses import dataclass
from pathlib import Path

import requests

from backend_client.contract.access_log import AccessLine, AccessLog
from demo.driver import Driver, VisitFailed
from demo.street import Street
from kiosk.failures import Failure
from kiosk.session import state as s

REMOVAL_SECONDS = 5.0


@dataclass(frozen=True)
class Visit:
    """Someone at the terminal, and the record that central has of them; of their `ward`, when they come for one."""

    driver: Driver
    street: Street
    person: int
    card: Path
    pin: str
    record_kind: str
    record: object
    ward: int | None = None

    def begin(self) -> None:
        """Put the card in, until the PIN pad is there."""
        self.driver.until(s.Welcome, 15)
        self.street.card.ask(f"swap {self.card}")
        self.driver.tap()
        self.street.card.insert()
        self.driver.until(s.PinEntry, 15)
        self.driver.say("card read, PIN pad")

    def sign_in(self) -> None:
        """From the street to the menu."""
        self.begin()
        self.driver.enter_pin(self.pin)
        self.driver.until(s.Menu, 20)
        self.driver.marks["menu"] = self.driver.since_tap()
        self.driver.say("signed in, menu")

    def open_record(self) -> None:
        """From the menu to the record."""
        self.driver.touch(f"service_{self.record_kind}")
        self.driver.until(s.Viewing, 20)
        self.driver.say(f"{self.record_kind} on the screen")

    def ask_paper(self) -> None:
        """From the record to the choice of paper, once both printers' status is known."""
        self.driver.touch("print")
        self.driver.until(s.ChoosePaper, 10)

    def leave(self) -> None:
        """End the visit and take the card."""
        self.driver.touch("end" if not isinstance(self.driver.state.screen, s.Done) else "finish")
        self.driver.until(s.TakeCard, 5)
        self.pull()

    def pull(self) -> None:
        """Take the card, wherever the visit is."""
        self.street.card.remove()
        self.driver.until(s.Welcome, REMOVAL_SECONDS)
        self.driver.say("card taken, welcome screen")

    def fails_with(self, failure: Failure) -> None:
        """The failure screen says this and nothing else."""
        state = self.driver.until(s.Failed, 40)
        shown = state.screen.failure if isinstance(state.screen, s.Failed) else None
        if shown is not failure:
            raise VisitFailed(f"expected the failure {failure.name}, the screen says {shown and shown.name}")
        self.driver.say(f"failure {failure.name} shown")


def _opened(visit: Visit) -> bool:
    """Signed in, with the record on the screen; a resident without one is told so, and the visit is over."""
    visit.sign_in()
    if visit.record is None:
        no_record(visit)
        return False
    visit.open_record()
    return True


def whole(visit: Visit) -> None:
    """Look at the record in both ways, print both papers, go."""
    if not _opened(visit):
        return
    if visit.record_kind == "contributions" and isinstance(visit.record, dict) and visit.record["rows"]:
        visit.driver.touch(f"year_{visit.record['rows'][0]['fee_ym'][:4]}")
        visit.driver.until(s.Viewing, 5, lambda state: getattr(state.screen, "year", None) is not None)
        visit.driver.touch("year_all")
        visit.driver.until(s.Viewing, 5, lambda state: getattr(state.screen, "year", 0) is None)
    visit.ask_paper()
    visit.driver.touch("paper_both")
    visit.driver.until(s.Printing, 5)
    state = visit.driver.until(s.Done, 60)
    all_printed(state)
    visit.driver.say("slip and page confirmed by their printers")
    visit.leave()


def all_printed(state: s.State) -> None:
    """VisitFailed unless every paper came out."""
    ended = state.screen.ended if isinstance(state.screen, s.Done) else ()
    for printed in ended:
        if printed.failure is not None:
            raise VisitFailed(f"{printed.medium.value} was not printed: {printed.failure.name}")


def in_english(visit: Visit) -> None:
    """The same in English: the language is switched on the first screen."""
    visit.driver.until(s.Welcome, 15)
    visit.driver.touch("language")
    visit.driver.until(s.Welcome, 5, lambda state: state.ui.language is s.Language.EN)
    whole(visit)


def no_record(visit: Visit) -> None:
    """A resident about whom there is no such record."""
    visit.driver.touch(f"service_{visit.record_kind}")
    visit.fails_with(Failure.NO_RECORD)
    visit.driver.touch("home")
    visit.driver.until(s.Menu, 5)
    visit.leave()


def wrong_pin(visit: Visit) -> None:
    """Two wrong PINs; the third try is never spent."""
    wrong = f"{(int(visit.pin) + 1) % 1_000_000:06}"
    visit.begin()
    visit.driver.enter_pin(wrong)
    visit.driver.until(s.PinEntry, 15, lambda state: getattr(state.screen, "failure", None) is Failure.PIN_WRONG)
    visit.driver.say("wrong PIN, two tries left")
    visit.driver.enter_pin(wrong)
    visit.fails_with(Failure.PIN_LAST_TRY)
    left = visit.street.card.ask("status")["tries_left"]
    if left != 1:
        raise VisitFailed(f"one try should be left on the card, there are {left}")
    visit.pull()


def card_pulled(visit: Visit) -> None:
    """The card is pulled while the record is on the screen."""
    if not _opened(visit):
        return
    visit.pull()


def paper_out(visit: Visit) -> None:
    """The slip printer runs out in the middle; the page still comes; the slip's number is void."""
    if not _opened(visit):
        return
    visit.ask_paper()
    visit.street.thermal.ask("out-after 400")
    visit.driver.touch("paper_both")
    state = visit.driver.until(s.Done, 60)
    ended = {p.medium: p.failure for p in state.screen.ended} if isinstance(state.screen, s.Done) else {}
    if list(ended.values()) != [Failure.SLIP_PAPER_OUT, None]:
        raise VisitFailed(f"expected a torn slip and a whole page, there is {ended}")
    visit.driver.say("slip torn and void, page confirmed")
    visit.street.thermal.ask("paper ok")
    visit.leave()
    visit.driver.until(s.Welcome, 20, lambda state: state.paper.slip is None)


def central_down(visit: Visit) -> None:
    """Central is gone: said so; when it is back, the same card signs in."""
    visit.street.proxy.ask("down")
    visit.begin()
    visit.driver.enter_pin(visit.pin)
    visit.fails_with(Failure.CENTRAL_UNREACHABLE)
    visit.pull()
    visit.street.proxy.ask("ok")
    visit.sign_in()
    visit.leave()


def paper_refilled(visit: Visit) -> None:
    """The slip printer runs out; the holder waits with the card in, paper is put in, and a new slip is made."""
    if not _opened(visit):
        return
    visit.ask_paper()
    visit.street.thermal.ask("out-after 400")
    visit.driver.touch("paper_slip")
    visit.driver.until(s.Done, 60)
    visit.driver.touch("wait")
    visit.driver.until(s.AwaitingRepair, 5)
    visit.driver.say("slip torn and void, waiting for paper")
    visit.street.thermal.ask("paper ok")
    visit.driver.until(s.Printing, 20)
    all_printed(visit.driver.until(s.Done, 60))
    visit.driver.say("paper is back, the same card, a new slip confirmed")
    visit.leave()


def change_pin(visit: Visit) -> None:
    """A weak PIN is refused, a good one is taken, and it is the one that signs in."""
    new = "135791" if visit.pin != "135791" else "135792"
    visit.sign_in()
    visit.driver.touch("change_pin")
    visit.driver.enter_pin(visit.pin)
    for entered, flaw in (("123456", s.PinFlaw.RUN), (visit.pin, s.PinFlaw.AS_BEFORE)):
        visit.driver.until(s.ChangePin, 5, lambda state: getattr(state.screen, "length", 6) == 0)
        visit.driver.enter_pin(entered)
        visit.driver.until(s.ChangePin, 5, lambda state, flaw=flaw: getattr(state.screen, "flaw", None) is flaw)  # type: ignore[misc]
    for stage in (s.PinStage.NEW, s.PinStage.AGAIN):
        visit.driver.until(s.ChangePin, 5, lambda state, stage=stage: getattr(state.screen, "stage", None) is stage)  # type: ignore[misc]
        visit.driver.enter_pin(new)
    visit.driver.until(s.NewPinSet, 10)
    visit.driver.say("the card took the new PIN")
    visit.leave()
    visit.street.card.insert()
    visit.driver.until(s.PinEntry, 15)
    visit.driver.enter_pin(new)
    visit.driver.until(s.Menu, 20)
    visit.driver.say("signed in with it")
    visit.leave()


def access_log(visit: Visit) -> None:
    """Look at the record four times and print a slip; the log then says so, and once that it was looked at."""
    if not _opened(visit):
        return
    for _ in range(3):
        visit.driver.touch("back")
        visit.driver.until(s.Menu, 5)
        visit.open_record()
    visit.ask_paper()
    visit.driver.touch("paper_slip")
    all_printed(visit.driver.until(s.Done, 60))
    visit.driver.touch("continue")
    visit.driver.until(s.Menu, 5)
    lines = log_on_screen(visit, "service_access-log")
    while visit.driver.finds("older"):
        lines += log_on_screen(visit, "older")
    found = [(line.purpose, line.theme_code) for line in lines[:7] if line.operator == "self"]
    if found != [("query", "0001"), ("document", "0202"), *[("query", "0202")] * 4, ("sign-in", "0101")]:
        raise VisitFailed(f"the log should tell this visit, it says {found}")
    if len({line.number for line in lines}) != len(lines):
        raise VisitFailed("a line stands on two pages")
    visit.driver.say(f"the log tells this visit, {len(lines)} lines in all")
    log_on_screen(visit, "newer")
    visit.leave()


def log_on_screen(visit: Visit, target: str) -> tuple[AccessLine, ...]:
    """Touch, and what the log's page then says."""
    before = visit.driver.state.screen
    visit.driver.touch(target)
    state = visit.driver.until(s.Viewing, 20, lambda state: state.screen != before)
    record = state.screen.record if isinstance(state.screen, s.Viewing) else None
    if not isinstance(record, AccessLog):
        raise VisitFailed("the screen shows no access log")
    return record.lines


def phone_copy(visit: Visit) -> None:
    """A page in large print, and its files on the phone: both valid, and gone from central's page by themselves."""
    if not _opened(visit):
        return
    visit.ask_paper()
    visit.driver.touch("large_print")
    visit.driver.until(s.ChoosePaper, 5, lambda state: state.ui.large_print)
    visit.driver.touch("paper_a4")
    all_printed(visit.driver.until(s.Done, 60))
    visit.driver.touch("copy")
    screen = visit.driver.until(s.ShowingCopy, 30).screen
    address = screen.link.address if isinstance(screen, s.ShowingCopy) else ""
    for kind in ("pdf", "ofd"):
        file = visit.street.folder / f"phone.{kind}"
        answer = requests.get(f"{address}/{kind}", timeout=10)
        file.write_bytes(answer.content)
        verdict = visit.street.central.verify(str(file)) if answer.ok else {"state": answer.status_code}
        file.unlink()
        if verdict["state"] != "valid":
            raise VisitFailed(f"central calls the phone's {kind} {verdict['state']}")
    visit.driver.say("page in large print, PDF and OFD on the phone")
    visit.leave()
