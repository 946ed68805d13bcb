"""Central as the terminal sees it: sign a holder in, report what became of documents, leave copies."""

import base64
import ssl
import threading
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from backend_client.client.clock import Clock
from backend_client.client.connection import Card, Connection
from backend_client.client.errors import Nonsense, UnknownKey
from backend_client.client.holder_session import HolderSession
from backend_client.client.keys import DeviceKey, SigningKey
from backend_client.client.parse import model
from backend_client.client.settings import CentralSettings
from backend_client.client.transport import Answer
from backend_client.contract.documents import (
    CopyLink,
    DocumentStatus,
    FateReport,
    FileDigest,
    FileSignature,
    IssuedNumber,
    IssuedNumbers,
    PhoneCopy,
)
from backend_client.contract.identity import GRANT_DEVICE, DeviceAuthorization, SiteOffer, SiteOffers
from city import Endpoint, Scope

__all__ = ["Central", "HolderSession"]

RENEW_MARGIN = 20


class Central:
    """The one connection to central; safe to use from several threads."""

    def __init__(self, settings: CentralSettings, device: DeviceKey) -> None:
        self.connection = Connection(settings, device)
        self._own: HolderSession | None = None
        self._own_lock = threading.Lock()

    def close(self) -> None:
        """Close all connections."""
        self.connection.close()

    def use_certificate(self, tls: ssl.SSLContext) -> None:
        """Show a renewed certificate from the next call on; the terminal's own token was bound to the old one."""
        with self._own_lock:
            self._own = None
            self.connection.use_certificate(tls)

    @property
    def clock(self) -> Clock:
        """The time that signatures carry, and by how much this machine's is wrong."""
        return self.connection.clock

    def health(self) -> datetime:
        """Central's clock; see `Connection.health`."""
        return self.connection.health()

    def warm(self) -> None:
        """Open the connection while nobody waits."""
        self.health()

    def sign_in(self, card: Card, scope: str, resource: str = "", acting_for: str = "") -> HolderSession:
        """Challenge, card assertion, token. The card is asked once; SignInRefused when central doesn't accept it.

        `resource`: the service that the token is for (RFC 8707), default central's own API. `acting_for`: the
        relation_id of a ward; `holder` is then the ward.
        """
        form = {"scope": scope, "resource": resource, "acting_for": acting_for}
        session = self._by_card(card, {name: value for name, value in form.items() if value})
        if session.holder is None:
            raise Nonsense("Token: no holder")
        return session

    def sign_in_attendant(self, card: Card) -> HolderSession:
        """An attendant by their work card; opens no resident's records. SignInRefused for residents' cards."""
        return self._by_card(card, {"scope": Scope.ATTENDANT})

    def _by_card(self, card: Card, form: dict[str, str]) -> HolderSession:
        key = SigningKey.generate()
        return HolderSession(self.connection, key, *self.connection.card_token(card, key, form))

    def device_authorization(self, scope: str) -> DeviceAuthorization:
        """Codes for a phone sign-in (RFC 8628); see `phone_sign_in`."""
        return model(self.connection.as_client(Endpoint.PHONE_SIGN_IN, {"scope": scope}), DeviceAuthorization)

    def device_token(self, device_code: str, key: SigningKey) -> HolderSession:
        """One poll for the phone's answer; Refused until it is given, see `phone_sign_in`."""
        return self._by_form({"grant_type": GRANT_DEVICE, "device_code": device_code}, key)

    def _by_form(self, form: dict[str, str], key: SigningKey) -> HolderSession:
        token = self.connection.token(form, key)
        return HolderSession(self.connection, key, token, self.connection.clock.now())

    def sites(self) -> tuple[SiteOffer, ...]:
        """Other departments' sites that a holder can be signed in at."""
        return model(self._as_terminal("GET", Endpoint.SITES), SiteOffers).sites

    def status_of(self, key: UUID) -> DocumentStatus | None:
        """What was issued under a key; None when nothing was, and then nothing ever will be."""
        try:
            path = f"{Endpoint.DOCUMENTS}/by-key/{key}"
            return model(self._as_terminal("GET", path), DocumentStatus)
        except UnknownKey:
            return None

    def issued_between(self, since: datetime, until: datetime) -> tuple[IssuedNumber, ...]:
        """Every number that this terminal was given from `since` to before `until` (aware, at most a month apart)."""
        query = urlencode({"since": since.isoformat(), "until": until.isoformat()})
        return model(self._as_terminal("GET", f"{Endpoint.DOCUMENTS}?{query}"), IssuedNumbers).documents

    def report(self, doc_no: str, fate: FateReport) -> DocumentStatus:
        """Tell central what became of a document; the same report twice is harmless."""
        path = f"{Endpoint.DOCUMENTS}/{doc_no}/fate"
        status = model(self._as_terminal("POST", path, fate.model_dump(mode="json")), DocumentStatus)
        if (status.doc_no, status.state.value) != (doc_no, fate.state):
            raise Nonsense("DocumentStatus: not what was reported")
        return status

    def sign_file(self, doc_no: str, digest: bytes) -> bytes:
        """Central's signature (CMS, DER) over the SHA-256 digest of a PDF that this terminal made of its document."""
        body = FileDigest(sha256=digest.hex()).model_dump(mode="json")
        answer = model(self._as_terminal("POST", f"{Endpoint.DOCUMENTS}/{doc_no}/signature", body), FileSignature)
        try:
            return base64.b64decode(answer.cms, validate=True)
        except ValueError as error:
            raise Nonsense("FileSignature: not base64") from error

    def offer_copy(self, doc_no: str, pdf: bytes, ofd: bytes) -> CopyLink:
        """Leave the holder's files with central; the address is for the holder's phone, a few minutes long."""
        files = PhoneCopy(pdf=base64.b64encode(pdf).decode(), ofd=base64.b64encode(ofd).decode())
        return model(self._as_terminal("POST", f"{Endpoint.DOCUMENTS}/{doc_no}/copy", files.model_dump()), CopyLink)

    def _as_terminal(self, method: str, path: str, body: object = None) -> Answer:
        with self._own_lock:
            if self._own is None or self._own.seconds_left < RENEW_MARGIN:
                form = {"grant_type": "client_credentials", "scope": Scope.TERMINAL}
                self._own = self._by_form(form, SigningKey.generate())
            return self._own.call(method, path, body)
