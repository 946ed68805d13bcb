"""OpenID Connect Back-Channel Logout: sites are told within a second that the card was pulled, until they hear it."""

import logging
import secrets
import threading
import time

import requests
from sqlalchemy import Engine, Row, delete, select, update

from central.identity.sites import Site, site_of
from central.identity.statements import signed
from central.identity.tables import logouts, sessions
from central.keys import Keys
from central.storage import writing

log = logging.getLogger(__name__)

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOOK_SECONDS, ANSWER_SECONDS, TOKEN_SECONDS = 0.25, 2, 120
PAUSES = (1, 2, 4, 8, 16, 32, 64, 128)


def logout_token(keys: Keys, issuer: str, site: Site, sid: str, person: int) -> str:
    """Section 2.4: no nonce, an event, and the session that is over."""
    now = int(time.time())
    claims: dict[str, object] = {
        "iss": issuer, "aud": site.client_id, "sub": keys.pairwise(person, site.sector), "sid": sid, "iat": now,
        "exp": now + TOKEN_SECONDS, "jti": secrets.token_urlsafe(16), "events": {EVENT: {}},
    }  # fmt: skip
    return signed(keys.identity_key, "logout+jwt", claims)


class Messenger:
    """Tells sites, from a thread of its own; what is owed lies in the database and outlives a restart."""

    def __init__(self, engine: Engine, keys: Keys, issuer: str) -> None:
        self._engine, self._keys, self._issuer = engine, keys, issuer
        self._over = threading.Event()
        self._http = requests.Session()
        self._http.trust_env = False
        self._thread = threading.Thread(target=self._run, name="logout messenger", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the message under way."""
        self._over.set()
        self._thread.join(ANSWER_SECONDS + 1)
        self._http.close()

    def _run(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            self.tell_all()

    def tell_all(self) -> None:
        """One attempt for everything that is due."""
        wanted = select(logouts, sessions.c.person).join(sessions, sessions.c.sid == logouts.c.sid)
        with self._engine.connect() as connection:
            due = connection.execute(wanted.where(logouts.c.due <= time.time()).limit(50)).all()
        for row in due:
            self._settle(row, heard=self._tell(row))

    def _tell(self, row: Row[tuple[object, ...]]) -> bool:
        site = site_of(self._engine, row.client_id)
        if site is None:
            return True
        form = {"logout_token": logout_token(self._keys, self._issuer, site, row.sid, row.person)}
        try:
            answer = self._http.post(
                site.backchannel_logout_uri, data=form, timeout=ANSWER_SECONDS, allow_redirects=False
            )
        except requests.RequestException:
            return False
        return answer.status_code in (200, 204)

    def _settle(self, row: Row[tuple[object, ...]], *, heard: bool) -> None:
        mine = logouts.c.sid == row.sid
        with writing(self._engine) as connection:
            if heard or row.tries >= len(PAUSES):
                connection.execute(delete(logouts).where(mine))
            else:
                pause = PAUSES[row.tries]
                connection.execute(update(logouts).where(mine).values(due=time.time() + pause, tries=row.tries + 1))
        if not heard and row.tries >= len(PAUSES):
            log.warning("site %s was not told of a logout; its session ends by itself", row.client_id)
