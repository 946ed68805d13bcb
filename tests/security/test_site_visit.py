"""Another department's site at a real terminal: whatever ends the visit ends its page, and nothing of it is left."""

import os
import signal
from collections.abc import Iterator
from itertools import count

import pytest

from demo.checks import leaks, live_tokens
from demo.driver import Driver
from demo.parts.site import DepartmentSite
from demo.phone import phone_of, signed_in
from demo.site import approve, listed_site, open_site
from demo.street import Street
from demo.visits import Visit
from kiosk.failures import Failure
from kiosk.session import state as s
from kiosk.site_view.program import resident
from tests.parts import visitor

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.expected_log("kiosk.(runtime|workers|site_work): |token not revoked"),
]


PERSONS = count(4001)
"""Each test has its own: central sends a code to one number once a minute."""


@pytest.fixture
def visit(driver: Driver, street: Street) -> Visit:
    """A resident with a card, outside the reader."""
    return visitor(driver, street, next(PERSONS))


@pytest.fixture
def site(visit: Visit) -> Iterator[DepartmentSite]:
    """The housing authority's site."""
    with listed_site(visit) as running:
        yield running


def page_of(visit: Visit) -> int:
    """The process group of the view."""
    child = visit.driver.terminal.sites._child
    assert child is not None and resident(child.pid)
    return child.pid


def nothing_is_left(visit: Visit, page: int) -> None:
    """No process, no token, no trace of the holder or of the address; settle would wait for a page that goes on."""
    visit.driver.terminal.runtime.settle()
    assert resident(page) == 0
    assert live_tokens(visit) == 0
    assert leaks(visit) == []
    written = b"".join(path.read_bytes() for path in visit.street.data.rglob("*") if path.is_file())
    assert b"login_hint" not in written and b"AtSite" in written


def test_a_pulled_card_ends_the_page_and_the_sign_in_there(visit: Visit, site: DepartmentSite) -> None:
    visit.sign_in()
    open_site(visit)
    approve(visit, site)
    page, before = page_of(visit), len(site.lines)
    visit.pull()
    assert site.wait_for("signed-out", before)["people"] == 1
    nothing_is_left(visit, page)


def test_back_to_the_menu_ends_the_page_and_another_may_be_opened(visit: Visit, site: DepartmentSite) -> None:
    visit.sign_in()
    open_site(visit)
    first = page_of(visit)
    visit.driver.touch("site_back")
    visit.driver.until(s.Menu, 5)
    open_site(visit)
    second = page_of(visit)
    assert first != second and resident(first) == 0
    approve(visit, site)
    visit.leave()
    nothing_is_left(visit, second)


def test_a_page_that_dies_is_said_to_have_and_the_visit_goes_on(visit: Visit, site: DepartmentSite) -> None:
    visit.sign_in()
    open_site(visit)
    page = page_of(visit)
    os.kill(page, signal.SIGKILL)
    visit.fails_with(Failure.SITE_ENDED)
    visit.driver.touch("home")
    visit.driver.until(s.Menu, 5)
    visit.open_record()
    visit.leave()
    nothing_is_left(visit, page)


def test_a_site_that_is_down_and_one_that_never_answers(visit: Visit, site: DepartmentSite) -> None:
    visit.driver.terminal.sites._patience = 5.0
    visit.sign_in()
    for stop, failure in ((signal.SIGSTOP, Failure.SITE_SLOW), (signal.SIGKILL, Failure.SITE_DOWN)):
        os.kill(site.child.pid, stop)
        visit.driver.touch("sites")
        visit.driver.until(s.ChoosingSite, 5)
        visit.driver.touch("site_housing")
        visit.fails_with(failure)
        visit.driver.touch("home")
        visit.driver.until(s.Menu, 5)
    visit.leave()


def test_a_card_that_is_put_in_ends_the_page_of_a_phones_visit(visit: Visit, site: DepartmentSite) -> None:
    signed_in(visit, phone_of(visit))
    open_site(visit)
    approve(visit, site)
    page, before = page_of(visit), len(site.lines)
    visit.street.card.insert()
    visit.driver.until(s.PinEntry, 15)
    site.wait_for("signed-out", before)
    visit.pull()
    nothing_is_left(visit, page)


def test_a_site_for_cards_takes_no_phone(visit: Visit) -> None:
    with listed_site(visit, "--card-only"):
        visit.driver.terminal.list_sites()
        visit.driver.until(s.Welcome, 20, lambda state: state.sites[0].card)
        signed_in(visit, phone_of(visit))
        visit.driver.touch("sites")
        visit.driver.until(s.ChoosingSite, 5)
        visit.driver.touch("site_housing")
        visit.fails_with(Failure.CARD_NEEDED)
        visit.driver.touch("home")
        visit.driver.until(s.Menu, 5)
        visit.driver.touch("finish")
        visit.driver.until(s.Welcome, 5)
