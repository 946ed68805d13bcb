"""The visit that links a phone at the terminal, signs in by it without the card, and removes it again."""

import sqlite3

from demo.account import shown_account
from demo.checks import demand, leaks
from demo.phone import Phone, signed_in
from demo.visits import Visit
from kiosk.session import state as s
from kiosk.session.number import Digits, LinkTrouble


def link_phone(visit: Visit) -> None:
    """A mistyped number, a mistyped code, then the right ones; the phone opens the terminal; then it is removed."""
    phone = unlinked(visit)
    code = _link(visit, phone)
    visit.pull()
    signed_in(visit, phone)
    visit.driver.touch("finish")
    visit.driver.until(s.Welcome, 5)
    visit.sign_in()
    _see(visit)
    _answer(visit, "account_unlink-phone")
    account = shown_account(visit).account
    demand(account is not None and account.phone is None and not _linked(phone), "the number should be gone")
    visit.driver.say("phone removed")
    visit.leave()
    traces = leaks(visit, phone.number, Digits(phone.number).grouped(len(phone.number)), code)
    demand(not traces, f"traces of the number or its code in {traces}")


def unlinked(visit: Visit) -> Phone:
    """The holder's phone; their account is on the screen, without a number."""
    visit.sign_in()
    _see(visit)
    if shown_account(visit).account is None:
        _answer(visit, "account_open")
    elif visit.driver.finds("account_unlink-phone"):
        _answer(visit, "account_unlink-phone")
    phone = Phone(visit, f"990{visit.person % 100_000_000:08}")
    phone.a_minute_later()
    return phone


def _see(visit: Visit) -> None:
    visit.driver.touch("service_account")
    visit.driver.until(s.Viewing, 20)


def _answer(visit: Visit, change: str) -> None:
    """Ask for a change, and say yes to its question."""
    visit.driver.touch(change)
    visit.driver.until(s.AccountQuestion, 5)
    visit.driver.touch("account_yes")
    visit.driver.until(s.Viewing, 20)


def _link(visit: Visit, phone: Phone) -> str:
    """From the account and back to it, the number linked; gives the code that did it."""
    driver = visit.driver
    driver.touch("account_link-phone")
    driver.until(s.NumberEntry, 5)
    _send(visit, f"12{phone.number[2:]}")
    driver.until(s.NumberEntry, 5, lambda state: _trouble(state) is LinkTrouble.NOT_A_NUMBER)
    driver.touch("digit_clear")
    before = phone.texts
    _send(visit, phone.number)
    driver.until(s.CodeEntry, 20)
    driver.say("the number was mistyped, then sent a code")
    code = phone.code(before)
    _send(visit, f"{(int(code) + 1) % 10**6:06}")
    driver.until(s.CodeEntry, 20, lambda state: _trouble(state) is LinkTrouble.WRONG_CODE)
    _send(visit, code)
    driver.until(s.Viewing, 20)
    account, masked = shown_account(visit).account, f"{phone.number[:3]}****{phone.number[-4:]}"
    demand(account is not None and account.phone == masked, "the number should be linked")
    driver.say("a wrong code was told, the right one linked the phone")
    return code


def _trouble(state: s.State) -> LinkTrouble | None:
    return getattr(state.screen, "trouble", None)


def enter(visit: Visit, digits: str) -> None:
    """Key by key; nothing is sent yet."""
    for length in range(1, len(digits) + 1):
        visit.driver.touch(f"digit_{digits[length - 1]}")
        typed = Digits(digits[:length])
        kind = type(visit.driver.state.screen)
        visit.driver.until(kind, 5, lambda state, typed=typed: getattr(state.screen, "digits", None) == typed)  # type: ignore[misc]


def _send(visit: Visit, digits: str) -> None:
    """Type them, and off."""
    enter(visit, digits)
    visit.driver.touch("digits_ok")


def _linked(phone: Phone) -> bool:
    """Does any account have this number? A phone sign-in asks just that."""
    with sqlite3.connect(phone.visit.street.central.database.removeprefix("sqlite:///")) as connection:
        question = "SELECT count(*) FROM accounts WHERE phone = ?"
        count: int = connection.execute(question, (phone.number,)).fetchone()[0]
    connection.close()
    return count > 0
