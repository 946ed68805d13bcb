"""The visit that opens an account by card, and closes it."""

from backend_client.contract.account import AccountOverview
from demo.driver import VisitFailed
from demo.visits import Visit, log_on_screen
from kiosk.session import state as s


def account(visit: Visit) -> None:
    """Read the notice, say no, read it again and agree; then the account is open, and is closed."""
    visit.sign_in()
    _see(visit, opened=False)
    for answer in ("account_no", "account_yes"):
        visit.driver.touch("account_open")
        visit.driver.until(s.AccountQuestion, 5)
        visit.driver.touch(answer)
        visit.driver.until(s.Viewing, 20)
    found = shown_account(visit)
    if found.account is None or found.notice is not None:
        raise VisitFailed("the account should be open")
    visit.driver.say(f"account opened, consent to the notice of {found.account.notice_version}")
    visit.driver.touch("account_close")
    visit.driver.until(s.AccountQuestion, 5)
    visit.driver.touch("account_yes")
    visit.driver.until(s.AccountOver, 20)
    visit.driver.say("account closed, the session with it")
    visit.pull()
    visit.sign_in()
    _see(visit, opened=False)
    visit.driver.say("no account any more, the card signs in as before")
    _told(visit)
    visit.leave()


def _told(visit: Visit) -> None:
    """Every look at the account is in the access log, as every look at a record is."""
    visit.driver.touch("back")
    visit.driver.until(s.Menu, 5)
    lines = log_on_screen(visit, "service_access-log")
    if not any((line.purpose, line.theme_code, line.operator) == ("query", "0002", "self") for line in lines):
        raise VisitFailed("the access log should tell that the account was looked at")
    visit.driver.say("the access log tells who looked at the account")


def _see(visit: Visit, *, opened: bool) -> None:
    visit.driver.touch("service_account")
    visit.driver.until(s.Viewing, 20)
    if (shown_account(visit).account is not None) != opened:
        raise VisitFailed(f"an account should {'be' if opened else 'not be'} there")


def shown_account(visit: Visit) -> AccountOverview:
    screen = visit.driver.state.screen
    record = screen.record if isinstance(screen, s.Viewing) else None
    if not isinstance(record, AccountOverview):
        raise VisitFailed("the screen shows no account")
    return record
