"""Step-up (RFC 9470): needs the time in which a PIN gets stale, so it comes last and only with patience."""

import time

from central.conformance.check import check, demand, ok, refused
from central.conformance.outcome import Skip
from central.conformance.platform import Changes, Platform, Session

WARDS = "/api/v1/account/wards"
SCOPE, MARGIN = "guardian", 2


@check(
    "step-up", "A stale PIN is sent back with max_age; another PIN entry opens the service", "RFC 9470 sections 3, 5"
)
def _step_up(platform: Platform) -> None:
    if not platform.patient:
        raise Skip(f"it takes {platform.who.pin_fresh_seconds + MARGIN} s; run with --patient")
    fresh = platform.who.pin_fresh_seconds
    session = platform.sign_in(Changes(form={"scope": SCOPE}))
    platform.wait(fresh / 2)  # a token lives 300 s: it is renewed on the way, without the PIN
    told = ok(platform.as_client("/introspect", token=session.token)).members
    session = _renewed(platform, session, told["auth_time"])
    platform.wait(fresh / 2 + MARGIN)
    answer = refused(platform.call(session, "GET", WARDS), "insufficient_user_authentication", status=401)
    demand(answer.members.get("max_age") == fresh, "the body's max_age is another")
    demand("max_age=" in answer.headers.get("WWW-Authenticate", ""), "WWW-Authenticate has no max_age")
    ok(platform.call(_renewed(platform, session, int(time.time())), "GET", WARDS))


def _renewed(platform: Platform, session: Session, entered: int) -> Session:
    sid = session.answer.get("sid")
    changes = Changes(form={"scope": SCOPE}, card={"sid": sid, "auth_time": entered})
    return Session(session.key, {**ok(platform.token_request(session.key, changes)).members, "sid": sid})
