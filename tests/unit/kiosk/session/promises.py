"""What the session promises (docs/architecture.md), as functions over one edge: None, or what broke in a sentence.

The walk asks them on every edge of every reachable state; the long random visits ask them on every step.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache

from backend_client.contract.model import Record
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.account_steps import shown_digest
from kiosk.session.clock import LIMITS, Kind
from kiosk.session.number import Digits
from kiosk.session.transition import transition
from kiosk.session.walk import Edge, ticks
from tests.unit.kiosk.session import guardian_promises

IDLE, LEFT = (s.Welcome, s.OutOfService), (s.TakeCard, s.CardForgotten)
SIGNED_IN = (
    s.Menu, s.Loading, s.Viewing, s.ChoosePaper, s.Printing, s.Done, s.AwaitingRepair, s.Resuming, s.ChangePin,
    s.ChangingPin, s.NewPinSet, s.MakingCopy, s.ShowingCopy, s.AccountQuestion, s.ChangingAccount,
    s.NumberEntry, s.SendingCode, s.CodeEntry, s.CheckingCode,
    s.ChoosingSite, s.OpeningSite, s.AtSite,
)  # fmt: skip


@cache
def personal(screen: s.Screen) -> bool:
    """Is there a card, a record or a document's number on a screen? (Nothing else in a state can hold one.)"""
    return holds_person(screen)


@cache
def typed(screen: s.Screen) -> bool:
    """Are there digits of a phone's number or its code on a screen?"""
    return holds(screen, (Digits,))


OF_PERSONS = (s.Card, s.ByPhone, s.Acting, s.PhoneCodes, Record, s.Printed, s.PhoneLink, Digits)


def holds_person(value: object) -> bool:
    """Is there a card, a record, a document's or a phone's number anywhere in a value?"""
    return holds(value, OF_PERSONS)


def holds(value: object, kinds: tuple[type, ...]) -> bool:
    """Is there anything of these kinds anywhere in a value?"""
    if isinstance(value, kinds):
        return True
    if isinstance(value, tuple):
        return any(holds(item, kinds) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return any(holds(getattr(value, field.name), kinds) for field in fields(value))
    return False


def without_card(screen: s.Screen) -> bool:
    """Is this a screen of a visit by phone?"""
    return isinstance(screen, s.AskingPhone | s.ShowingPhone) or isinstance(getattr(screen, "card", None), s.ByPhone)


OF_CARDS = (c.SignIn, c.CheckCard, c.ChangePin, c.TakeOldPin, c.JudgeNewPin, c.KeepPlace, c.MakeDocument, c.MakeCopy)
OF_PHONES = (
    s.AskingPhone, s.ShowingPhone, s.Menu, s.Loading, s.Viewing, s.Failed, s.ChoosingSite, s.OpeningSite, s.AtSite,
)  # fmt: skip


def a_phone_visit_has_no_card(edge: Edge) -> str | None:
    """No card's data in it, nothing asked of a card, and neither kind of visit goes on as the other."""
    before, after = edge.before, edge.after
    if without_card(after.screen) and (after.card_in or not isinstance(after.screen, OF_PHONES)):
        return "a phone's visit with a card"
    if isinstance(getattr(after.screen, "card", None), s.AtCard) and not after.card_in:
        return "a card's visit without a card"
    if without_card(before.screen) and any(isinstance(command, OF_CARDS) for command in edge.commands):
        return "a card was asked in a phone's visit"
    if without_card(before.screen) and after.card_in and not ended(edge):
        return "a card joined a phone's visit"
    return None


def ended(edge: Edge) -> bool:
    """Was the visit that stood here ended?"""
    return c.EndVisit(edge.before.visit) in edge.commands


def card_removed_leaves_nothing(edge: Edge) -> str | None:
    """Within one transition, in any state."""
    if not isinstance(edge.event, e.CardRemoved) or not edge.before.card_in:
        return None
    after = edge.after
    clean = s.State(
        screen=after.screen, paper=after.paper, visit=after.visit, now=after.now, deadline=after.deadline,
        blocked_by=after.blocked_by, clock_off=edge.before.clock_off, sites=after.sites,
    )  # fmt: skip
    if after != clean or not isinstance(after.screen, IDLE):
        return "something of the holder is left after the card was removed"
    return None if ended(edge) else "a removed card did not end the visit"


def nothing_personal_without_a_card(edge: Edge) -> str | None:
    """Holders' data are where a card is, and only in their own screens."""
    after = edge.after
    phone = without_card(after.screen)
    told = isinstance(after.screen, s.Failed) and not personal(after.screen)
    if not after.card_in and not isinstance(after.screen, IDLE) and not (phone or told):
        return "a holder's screen without a card"
    if personal(after.screen) and ((not after.card_in and not phone) or isinstance(after.screen, (*IDLE, *LEFT))):
        return "somebody's data where nobody should be"
    return None


def an_end_is_an_end(edge: Edge) -> str | None:
    """Whoever leaves is signed out; what is kept is asked for nothing more."""
    if personal(edge.before.screen) and not personal(edge.after.screen) and not ended(edge):
        return "a visit ended without EndVisit"
    if ended(edge) and edge.before.card_in and (edge.after.signed_in_at is not None or edge.after.patience != 1):
        return "a visit's time outlived it"
    return None


def nobody_is_signed_in_without_a_pin(edge: Edge) -> str | None:
    """No path to these screens but by SignIn, then SignedIn; or AskPhone, then PhoneSignedIn."""
    proved = edge.remembered.phone_asked if without_card(edge.after.screen) else edge.remembered.pin_sent
    if isinstance(edge.after.screen, SIGNED_IN) and not (proved and edge.remembered.signed_in):
        return f"{type(edge.after.screen).__name__} without a sign-in"
    sent = any(isinstance(command, c.SignIn) for command in edge.commands)
    whole = isinstance(edge.before.screen, s.PinEntry) and edge.before.screen.length == 6
    return "a PIN was sent that is not whole" if sent and not whole else None


def one_document_at_a_time(edge: Edge) -> str | None:
    """And none without a sign-in, none beside the Printing screen."""
    made = [command for command in edge.commands if isinstance(command, c.MakeDocument)]
    if edge.remembered.making > 1 or len(made) > 1:
        return "two documents under way"
    if made and not (edge.remembered.signed_in and isinstance(edge.after.screen, s.Printing)):
        return "a document nobody asked for"
    return None


def an_account_changes_by_an_answer_only(edge: Edge) -> str | None:
    """To the question that was on the screen; and a consent is for the very words that stood there."""
    for command in edge.commands:
        if not isinstance(command, c.ChangeAccount):
            continue
        screen = edge.before.screen
        asked = isinstance(screen, s.AccountQuestion) and screen.change is command.change
        if not (asked and isinstance(edge.event, e.AccountConfirmed) and edge.remembered.signed_in):
            return "an account changed unasked"
        notice = screen.record.notice if isinstance(screen, s.AccountQuestion) else None
        if command.change is s.AccountChange.OPEN and (notice is None or command.digest != shown_digest(notice)):
            return "a consent to other words"
    return None


LINKING = (s.NumberEntry, s.SendingCode, s.CodeEntry, s.CheckingCode)


def a_number_goes_out_whole_and_at_a_touch(edge: Edge) -> str | None:
    """From the pad that showed it, or once more from the screen that asks for its code."""
    before = edge.before.screen
    for command in edge.commands:
        if not isinstance(command, c.SendCode):
            continue
        typed = isinstance(before, s.NumberEntry) and isinstance(edge.event, e.DigitsSubmitted)
        again = isinstance(before, s.CodeEntry) and isinstance(edge.event, e.CodeWanted)
        shown = before.digits if isinstance(before, s.NumberEntry) else getattr(before, "number", None)
        if not ((typed or again) and shown == command.number and edge.remembered.signed_in):
            return "a number was sent that nobody sent off"
        if not command.number.is_number:
            return "a number was sent that is none"
    return None


def a_code_comes_before_it_is_asked_for(edge: Edge) -> str | None:
    """And goes to central whole."""
    before = edge.before.screen
    if isinstance(edge.after.screen, s.CodeEntry) and not edge.remembered.code_sent:
        return "a code is asked for that was never sent"
    for command in edge.commands:
        if isinstance(command, c.ConfirmCode):
            shown = before.digits if isinstance(before, s.CodeEntry) else None
            if not (edge.history.code_sent and shown == command.code and command.code.is_code):
                return "a code was tried that nobody entered"
    return None


def digits_end_with_their_screens(edge: Edge) -> str | None:
    """Not even the runtime keeps which code was out."""
    before, after = edge.before.screen, edge.after.screen
    if isinstance(after, LINKING):
        return None
    if typed(after):
        return "digits outlived their screens"
    forgotten = any(isinstance(command, c.ForgetCode) for command in edge.commands) or ended(edge)
    return "a code outlived its screens" if isinstance(before, LINKING) and not forgotten else None


AT_A_SITE = (s.OpeningSite, s.AtSite)


def a_site_is_opened_by_choice_and_ended_by_leaving(edge: Edge) -> str | None:
    """Only a signed-in holder's choice opens one, and on every edge away from it its program is told to end."""
    before, after = edge.before, edge.after
    opened = any(isinstance(command, c.OpenSite) for command in edge.commands)
    chosen = isinstance(before.screen, s.ChoosingSite) and isinstance(edge.event, e.SiteChosen)
    if opened and not (chosen and edge.remembered.signed_in):
        return "a site nobody chose"
    stays = isinstance(after.screen, AT_A_SITE) and after.visit == before.visit
    if isinstance(before.screen, AT_A_SITE) and not stays and not ended(edge):
        return None if c.CloseSite(before.visit) in edge.commands else "a site was left and not ended"
    return None


def commands_are_for_this_visit(edge: Edge) -> str | None:
    """Only EndVisit may name the visit that was here before."""
    for command in edge.commands:
        if command == c.EndVisit(edge.before.visit):
            continue
        if getattr(command, "visit", edge.after.visit) != edge.after.visit:
            return f"a command for another visit: {command}"
    return None


def late_answers_change_nothing(edge: Edge) -> str | None:
    """An answer to an earlier visit."""
    late = getattr(edge.event, "visit", edge.before.visit) != edge.before.visit
    return "a late answer changed something" if late and (edge.after != edge.before or edge.commands) else None


def a_blocked_terminal_stays_blocked(edge: Edge) -> str | None:
    """Until it is restored; and then it serves nobody."""
    if isinstance(edge.after.screen, s.OutOfService) != (edge.after.blocked_by is not None):
        return "blocked and serving, or closed for no reason"
    changed = edge.after.blocked_by != edge.before.blocked_by
    return "a block was lost" if changed and not isinstance(edge.event, e.ServiceBlocked | e.ServiceRestored) else None


def an_uncertain_paper_is_never_made_again(edge: Edge) -> str | None:
    """Only a document that was voided is waited for, and only the same card gets the next one."""
    before, after = edge.before.screen, edge.after.screen
    if isinstance(after, s.AwaitingRepair):
        end = next(one for one in after.ended if one.medium is after.medium)
        if end.failure not in s.CLEARABLE:
            return "waiting for a paper that may exist"
    if isinstance(after, s.Printing) and isinstance(before, s.AwaitingRepair):
        return "printing went on without a look at the card"
    if isinstance(before, s.Resuming) and isinstance(after, s.Printing) and not isinstance(edge.event, e.SameCard):
        return "printing went on for a card that was not proven"
    return None


def the_question_leaves_time_to_answer(edge: Edge) -> str | None:
    """Whoever is asked has the whole warning time (WCAG 2.2, 2.2.1)."""
    after, before = edge.after, edge.before
    newly = after.warned and not before.warned and before.now == 0.0 and isinstance(edge.event, e.Tick)
    on_time = before.deadline is not None and edge.after.now <= before.deadline - after.timing.warning
    return "asked too late" if newly and not on_time else None


def the_session_has_one_end(edge: Edge) -> str | None:
    """No touch and no second sign-in moves it."""
    before, after = edge.before.signed_in_at, edge.after.signed_in_at
    if None in (before, after) or before == after or edge.after.now < edge.before.now:
        return None
    return "the session's end was moved"


@cache
def ends_by_time_alone(state: s.State) -> bool:
    """Without any touch the terminal comes to where only a card is to be taken, or to nobody."""
    for _ in range(20):
        if LIMITS[type(state.screen)].kind in (Kind.IDLE, Kind.LEFT_CARD):
            return True
        state, _ = transition(state, list(ticks(state))[-1 if state.deadline is None else 2])
    return False


def every_state_has_a_way_home(edge: Edge) -> str | None:
    """By time alone (by the card alone: card_removed_leaves_nothing); and time runs wherever a tick has been."""
    if isinstance(edge.event, e.Tick) and edge.after.deadline is None and edge.after.screen == edge.before.screen:
        waits = isinstance(edge.before.screen, (*IDLE, *LEFT))  # their clock starts anew with the next tick
        if not waits:
            return "a screen without time-out"
    return None if ends_by_time_alone(edge.settled) else "a screen that time does not end"


PROMISES = (
    card_removed_leaves_nothing, nothing_personal_without_a_card, an_end_is_an_end, nobody_is_signed_in_without_a_pin,
    one_document_at_a_time, commands_are_for_this_visit, late_answers_change_nothing, a_blocked_terminal_stays_blocked,
    an_uncertain_paper_is_never_made_again, the_question_leaves_time_to_answer, the_session_has_one_end,
    every_state_has_a_way_home, a_phone_visit_has_no_card, an_account_changes_by_an_answer_only,
    a_number_goes_out_whole_and_at_a_touch, a_code_comes_before_it_is_asked_for, digits_end_with_their_screens,
    a_site_is_opened_by_choice_and_ended_by_leaving,
    *guardian_promises.PROMISES,
)  # fmt: skip


def broken(edge: Edge) -> Iterator[str]:
    """The sentences of all promises that this edge breaks."""
    for promise in PROMISES:
        complaint = promise(edge)
        if complaint:
            yield complaint
