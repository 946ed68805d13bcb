"""OpenID Connect Back-Channel Logout: sites are told within a second that the card was pulled, until they hear it."""

import logging
import secrets
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import requests
from sqlalchemy import Engine, Row, delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from central.identity.sites import Site, site_of
from central.identity.statements import signed
from central.identity.tables import logouts, sessions
from central.keys import Keys
from central.storage import writing

log = logging.getLogger(__name__)

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOOK_SECONDS, ANSWER_SECONDS, TOKEN_SECONDS = 0.25, 2, 120
SITES_AT_ONCE, AT_ONCE = 16, 50
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
    """Tells sites, from threads of its own; what is owed lies in the database and outlives a restart.

    One thread a site at a time: a site that doesn't answer keeps no other one waiting.
    """

    def __init__(self, engine: Engine, keys: Keys, issuer: str) -> None:
        self._engine, self._keys, self._issuer = engine, keys, issuer
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="logout messenger", daemon=True)
        self._told = ThreadPoolExecutor(SITES_AT_ONCE, "logout")
        self._under_way: dict[str, Future[None]] = {}

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the messages under way."""
        self._over.set()
        self._thread.join(ANSWER_SECONDS + 1)
        self._told.shutdown(cancel_futures=True)

    def _run(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            try:
                self.tell_all()
            except SQLAlchemyError as error:  # it may come back, and what is owed with it
                log.error("sites are not told of logouts, the database failed: %s", type(error).__name__)

    def tell_all(self) -> None:
        """One attempt for every site that is owed something and isn't being told."""
        self._under_way = {site: work for site, work in self._under_way.items() if not work.done()}
        owed = select(logouts.c.client_id).where(logouts.c.due <= time.time()).distinct()
        with self._engine.connect() as connection:
            for client_id in connection.execute(owed).scalars().all():
                if client_id not in self._under_way:
                    self._under_way[client_id] = self._told.submit(self._tell_site, client_id)

    def _tell_site(self, client_id: str) -> None:
        """All that it is owed now, until it fails once: the rest would fail too."""
        wanted = select(logouts, sessions.c.person).join(sessions, sessions.c.sid == logouts.c.sid)
        mine = (logouts.c.client_id == client_id, logouts.c.due <= time.time())
        try:
            with self._engine.connect() as connection:
                due = connection.execute(wanted.where(*mine).order_by(logouts.c.due).limit(AT_ONCE)).all()
            site, heard = site_of(self._engine, client_id, revoked=True), True
            with requests.Session() as http:
                http.trust_env = False
                for row in due:
                    heard = heard and (site is None or self._tell(http, site, row))
                    self._settle(row, heard=heard)
        except SQLAlchemyError as error:
            log.error("site %s is not told of logouts, the database failed: %s", client_id, type(error).__name__)

    def _tell(self, http: requests.Session, site: Site, row: Row[tuple[object, ...]]) -> bool:
        form = {"logout_token": logout_token(self._keys, self._issuer, site, row.sid, row.person)}
        try:
            with http.post(
                site.backchannel_logout_uri, data=form, timeout=ANSWER_SECONDS, allow_redirects=False, stream=True
            ) as answer:  # its body is nothing to us, and may drip for ever
                return answer.status_code in (200, 204)
        except requests.RequestException:
            return False

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
