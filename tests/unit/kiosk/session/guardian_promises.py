"""What a ward's session promises, over one edge: whose name stands above is whose session it is, and nobody else's.

Asked with the others of promises.py, on every edge of every reachable state.
"""

from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.walk import Edge

OF_WARDS = (
    s.PinEntry, s.SigningIn, s.Menu, s.Loading, s.Viewing, s.ChoosePaper, s.Printing, s.Done, s.AwaitingRepair,
    s.Resuming, s.MakingCopy, s.ShowingCopy, s.Failed,
)  # fmt: skip
OF_THE_HOLDER = (c.KeepPlace, c.TakeOldPin, c.JudgeNewPin, c.ChangePin, c.ChangeAccount, c.AskPhone)


def whose(screen: s.Screen) -> str | None:
    """The relation under whose banner a screen stands, "" for the holder's own, None for nobody's."""
    holder = getattr(screen, "card", None)
    return holder.relation if isinstance(holder, s.Acting) else None if holder is None else ""


def another_person_is_another_visit(edge: Edge) -> str | None:
    """So an answer that was asked for in the one session can't be shown in the other: late_answers_change_nothing."""
    before, after = whose(edge.before.screen), whose(edge.after.screen)
    if None in (before, after) or before == after:
        return None
    return "another person under the same number" if edge.before.visit == edge.after.visit else None


def the_name_above_is_the_sessions(edge: Edge) -> str | None:
    """The runtime was told at every change, both ways; nobody acts but in a session of their own."""
    named, session = whose(edge.after.screen), edge.remembered.ward
    if named is not None and named != session:
        return "a name above another person's session"
    begun = [command for command in edge.commands if isinstance(command, c.BeginActing)]
    if begun and not (isinstance(edge.event, e.WardChosen) and edge.history.signed_in and not edge.history.ward):
        return "acting without a sign-in or a choice"
    return None


def a_ward_is_chosen_from_the_list(edge: Edge) -> str | None:
    """The one whose name was touched, with the card that is in."""
    for command in edge.commands:
        if isinstance(command, c.BeginActing):
            screen = edge.before.screen
            listed = getattr(getattr(screen, "record", None), "wards", ())
            place = edge.event.place if isinstance(edge.event, e.WardChosen) else -1
            if not 0 <= place < len(listed) or listed[place].relation_id != command.ward.relation:
                return "somebody who was not chosen"
            if command.ward.card != getattr(screen, "card", None):
                return "acting with another card"
    return None


def a_wards_screens_are_for_records_only(edge: Edge) -> str | None:
    """No account, no change of PIN, no ticket: those are the holder's own, and so is their card's data."""
    if whose(edge.after.screen) and not isinstance(edge.after.screen, OF_WARDS):
        return f"{type(edge.after.screen).__name__} under a ward's name"
    if whose(edge.before.screen) and any(isinstance(command, OF_THE_HOLDER) for command in edge.commands):
        return "the holder's own business in a ward's session"
    return None


PROMISES = (
    another_person_is_another_visit, the_name_above_is_the_sessions, a_ward_is_chosen_from_the_list,
    a_wards_screens_are_for_records_only,
)  # fmt: skip
