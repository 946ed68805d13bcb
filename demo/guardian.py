"""The visit of somebody who acts for an elder or a child: another PIN, the ward's record and paper, and back."""

import json
from dataclasses import replace

from backend_client.contract.access_log import AccessLine
from backend_client.contract.account import Ward, WardsOverview
from demo.driver import VisitFailed
from demo.visits import Visit, all_printed, log_on_screen
from kiosk.session import state as s


def for_an_elder(visit: Visit) -> None:
    """The last of the wards; who has none reads so in a sentence. The ward's own access log then names the guardian."""
    visit.sign_in()
    found = listed(visit)
    if (visit.ward is None) != (not found):
        raise VisitFailed("the list is not what central says")
    if not found:
        visit.driver.say("there is nobody to act for, and the screen says so")
        visit.leave()
        return
    guardian = begin_acting(visit, len(found) - 1).card.masked_name
    if visit.record is not None:
        _print_both(visit)
    own_again(visit)
    visit.leave()
    _told(visit, guardian)


def listed(visit: Visit) -> tuple[Ward, ...]:
    """From the menu to the list of wards."""
    visit.driver.touch("service_guardian")
    screen = visit.driver.until(s.Viewing, 20).screen
    record = screen.record if isinstance(screen, s.Viewing) else None
    if not isinstance(record, WardsOverview):
        raise VisitFailed("the screen shows no list of wards")
    return record.wards


def choose(visit: Visit, place: int) -> s.Acting:
    """From the list to the PIN pad for a ward."""
    visit.driver.touch(f"choice_{place}")
    screen = visit.driver.until(s.PinEntry, 5).screen
    ward = screen.card if isinstance(screen, s.PinEntry) else None
    if not isinstance(ward, s.Acting):
        raise VisitFailed("the pad says of nobody that one acts for them")
    return ward


def begin_acting(visit: Visit, place: int) -> s.Acting:
    """From the list to a ward's menu."""
    ward = choose(visit, place)
    visit.driver.enter_pin(visit.pin)
    visit.driver.until(s.Menu, 20, lambda state: getattr(state.screen, "card", None) == ward)
    if visit.driver.finds("acting_for") is None or visit.driver.finds("service_account") is not None:
        raise VisitFailed("a ward's menu should say for whom, and offer records only")
    visit.driver.say("the PIN once more, menu of the ward")
    return ward


def _print_both(visit: Visit) -> None:
    visit.open_record()
    visit.ask_paper()
    visit.driver.touch("paper_both")
    all_printed(visit.driver.until(s.Done, 60))
    visit.driver.say("the ward's slip and page confirmed by their printers")


def own_again(visit: Visit) -> None:
    """Back to one's own menu, without a PIN, and to one's own record."""
    visit.driver.touch("own")
    visit.driver.until(s.Menu, 5, lambda state: isinstance(getattr(state.screen, "card", None), s.Card))
    if visit.driver.finds("acting_for") is not None:
        raise VisitFailed("a ward's name stands above the guardian's menu")
    visit.driver.touch("service_account")
    visit.driver.until(s.Viewing, 20)
    visit.driver.touch("back")
    visit.driver.until(s.Menu, 5)
    visit.driver.say("back to one's own records, no PIN needed")


def _told(visit: Visit, guardian: str) -> None:
    """The ward comes with their own card and reads who looked."""
    if visit.ward is None:
        return
    card = visit.street.personalise(visit.ward)
    pin = json.loads(card.read_text(encoding="utf-8"))["pin"]
    ward = replace(visit, person=visit.ward, card=card, pin=pin)
    ward.sign_in()
    lines = log_on_screen(ward, "service_access-log")
    while visit.driver.finds("older"):
        lines += log_on_screen(ward, "older")
    _demand(lines, guardian, printed=visit.record is not None)
    visit.driver.say("the ward's access log names who acted for them")
    ward.leave()


def _demand(lines: tuple[AccessLine, ...], guardian: str, *, printed: bool) -> None:
    seen = [line for line in lines if line.operator == guardian]
    papers = [line for line in seen if line.purpose == "document"]
    if not seen or len(papers) != 2 * printed:
        raise VisitFailed(f"the ward's log should name {guardian}, {2 * printed} papers; it has {len(papers)}")
