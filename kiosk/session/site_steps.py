"""The city's other systems: choose one, be signed in there, come back. Whatever leaves it ends the page's program."""

from dataclasses import replace

from kiosk.failures import Failure
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.going import Result, fail, go, stay

AtOne = s.OpeningSite | s.AtSite


def sites_reported(state: s.State, _screen: s.Screen, event: e.SitesReported) -> Result:
    """What central lists now."""
    return replace(state, sites=event.sites), ()


def sites_touched(state: s.State, screen: s.Menu, _event: e.SitesTouched) -> Result:
    """Show them; they know the holder, and nobody for whom the holder acts."""
    if isinstance(screen.card, s.Acting):
        return stay(state)
    return go(state, s.ChoosingSite(screen.card))


def site_chosen(state: s.State, screen: s.ChoosingSite, event: e.SiteChosen) -> Result:
    """Open it; central says whether this sign-in is strong enough for it."""
    return go(state, s.OpeningSite(screen.card, event.site), c.OpenSite(state.visit, event.site.ident))


def site_shown(state: s.State, screen: s.OpeningSite, _event: e.SiteShown) -> Result:
    """The holder's time begins."""
    return go(state, s.AtSite(screen.card, screen.site))


def site_left(state: s.State, screen: AtOne, _event: e.Event) -> Result:
    """Back to the terminal, by the holder or by the page."""
    return go(state, s.Menu(screen.card), c.CloseSite(state.visit))


def site_failed(state: s.State, screen: AtOne, event: e.StepFailed) -> Result:
    """Say so and stay signed in; with a token that ran out, ask for the PIN. A phone has none."""
    close = c.CloseSite(state.visit)
    if event.failure is not Failure.SESSION_EXPIRED:
        return fail(state, event.failure) if event.fatal else go(state, s.Failed(event.failure, screen.card), close)
    if isinstance(screen.card, s.ByPhone):
        return fail(state, Failure.PHONE_OVER)
    return go(state, s.PinEntry(screen.card, failure=event.failure), close, c.ForgetPin())
