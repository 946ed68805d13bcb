"""Central as the terminal sees it: sign a holder in, get records, issue documents, report what became of them."""

import base64
import secrets
import ssl
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Self, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from backend_client.client import proofs
from backend_client.client.clock import MAX_DIFFERENCE, Clock, signed_time
from backend_client.client.errors import (
    CentralError,
    ClockDiffers,
    Nonsense,
    SealInvalid,
    SessionExpired,
    UnknownKey,
)
from backend_client.client.keys import DeviceKey, SigningKey
from backend_client.client.parse import demand_ok, error_code, model
from backend_client.client.revocations import Revocations
from backend_client.client.seal_check import check_seal
from backend_client.client.settings import CentralSettings
from backend_client.client.transport import Answer, Call, Retry, Transport
from backend_client.contract.access_log import AccessLog
from backend_client.contract.contributions import Contributions
from backend_client.contract.documents import (
    CopyLink,
    DocumentStatus,
    FateReport,
    FileDigest,
    FileSignature,
    IssuedDocument,
    IssuedNumber,
    IssuedNumbers,
    IssueRequest,
    PhoneCopy,
)
from backend_client.contract.family_planning import FamilyPlanning
from backend_client.contract.identity import (
    GRANT_CARD,
    GRANT_DEVICE,
    Challenge,
    DeviceAuthorization,
    HolderName,
    SiteAddress,
    SiteWanted,
    TimeStatement,
    Token,
)
from backend_client.contract.model import Record
from city import Endpoint, Scope

Card = proofs.SigningCard | proofs.CryptogramCard

REVOKE_SECONDS = 0.9
RENEW_MARGIN = 20
AnyRecord = TypeVar("AnyRecord", bound=Record)


class Central:
    """The one connection to central; safe to use from several threads."""

    def __init__(self, settings: CentralSettings, device: DeviceKey) -> None:
        self.settings = settings
        self._device = device
        self._transport = Transport(settings)
        self._nonce: str | None = None
        self._own: HolderSession | None = None
        self._own_lock = threading.Lock()
        self.clock = Clock()
        self.revocations = Revocations(self._revoke_token)

    def close(self) -> None:
        """Close all connections."""
        self.revocations.close()
        self._transport.close()

    def use_certificate(self, tls: ssl.SSLContext) -> None:
        """Show a renewed certificate from the next call on; the terminal's own token was bound to the old one."""
        with self._own_lock:
            self._own = None
            self._transport.use(tls)

    def health(self) -> datetime:
        """Central's clock. When ours is more than 30 s off, `clock.difference` says so; see `_check_clock`."""
        answer = self._transport.send(lambda: Call("GET", Endpoint.HEALTH), Retry.SAFE)
        demand_ok(answer)
        self._check_clock(answer)
        server_time = answer.server_time
        if server_time is None:
            raise Nonsense("no Date header")
        return datetime.fromtimestamp(server_time, UTC)

    def warm(self) -> None:
        """Open the connection while nobody waits."""
        self.health()

    def sign_in(self, card: Card, scope: str, resource: str = "", acting_for: str = "") -> "HolderSession":
        """Challenge, card assertion, token. The card is asked once; SignInRefused when central doesn't accept it.

        `resource`: the service that the token is for (RFC 8707), default central's own API. `acting_for`: the
        relation_id of a ward; `holder` is then the ward.
        """
        form = {"scope": scope, "resource": resource, "acting_for": acting_for}
        session = self._by_card(card, {name: value for name, value in form.items() if value})
        if session.holder is None:
            raise Nonsense("Token: no holder")
        return session

    def sign_in_attendant(self, card: Card) -> "HolderSession":
        """An attendant by their work card; opens no resident's records. SignInRefused for residents' cards."""
        return self._by_card(card, {"scope": Scope.ATTENDANT})

    def _by_card(self, card: Card, form: dict[str, str]) -> "HolderSession":
        key = SigningKey.generate()
        return HolderSession(self, key, *self.card_token(card, key, form))

    def card_token(
        self, card: Card, key: SigningKey, form: dict[str, str], sid: str | None = None, entered: float | None = None
    ) -> tuple[Token, float]:
        """A token by a card assertion over a new challenge, and when the PIN counts as entered: `entered`, or then.

        With `sid`, the next token of that session.
        """
        challenge, now = self._challenge(), self.clock.now()
        setting = proofs.Setting(
            self.settings.terminal_id, self._audience, challenge, key.thumbprint, now, sid, entered
        )
        assertion = proofs.card_assertion(card, self._device, setting)
        token = self._token({"grant_type": GRANT_CARD, "assertion": assertion, **form}, key)
        return token, now if entered is None else entered

    def device_authorization(self, scope: str) -> DeviceAuthorization:
        """Codes for a phone sign-in (RFC 8628); see `phone_sign_in`."""
        form = {"scope": scope}
        answer = self._in_time(
            lambda: Call("POST", Endpoint.PHONE_SIGN_IN, form={**form, **self._client_form()}), Retry.SAFE
        )
        return model(answer, DeviceAuthorization)

    def device_token(self, device_code: str, key: SigningKey) -> "HolderSession":
        """One poll for the phone's answer; Refused until it is given, see `phone_sign_in`."""
        token = self._token({"grant_type": GRANT_DEVICE, "device_code": device_code}, key)
        return HolderSession(self, key, token, self.clock.now())

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

    @property
    def _audience(self) -> str:
        return f"{self.settings.public_url}{Endpoint.TOKEN}"

    def _client_form(self) -> dict[str, str]:
        return proofs.client_assertion(
            self._device, self.settings.terminal_id, self.settings.public_url, self.clock.now()
        )

    def _check_clock(self, answer: Answer) -> bool:
        """Go by central's signed date when ours is more than 30 s off: True. ClockDiffers when there is none."""
        date = answer.server_time
        if date is None or abs(self.clock.off(date)) <= MAX_DIFFERENCE:
            return False
        try:
            signed = self._signed_time()
        except CentralError as error:
            raise ClockDiffers(abs(date - time.time())) from error
        if abs(signed - date) > MAX_DIFFERENCE:  # the unsigned date was changed on its way, or the signed one is old
            raise ClockDiffers(abs(date - time.time()))
        self.clock.correct(signed)
        return True

    def _signed_time(self) -> float:
        nonce, asked = secrets.token_urlsafe(16), time.monotonic()
        answer = self._transport.once(Call("GET", f"{Endpoint.TIME}?nonce={nonce}"))
        statement = model(answer, TimeStatement).statement
        seconds = signed_time(statement, self.settings.seal_keys, self.settings.public_url, nonce)
        return seconds + (time.monotonic() - asked) / 2

    def _keep_nonce(self, answer: Answer) -> None:
        self._nonce = answer.headers.get("DPoP-Nonce", self._nonce)

    def _challenge(self) -> Challenge:
        answer = self._in_time(lambda: Call("POST", Endpoint.CHALLENGE, form=self._client_form()), Retry.SAFE)
        return model(answer, Challenge)

    def _in_time(self, build: Callable[[], Call], retry: Retry) -> Answer:
        """Send; and again, with the right time in it, when the answer shows that our clock is wrong."""
        answer = self._transport.send(build, retry)
        self._keep_nonce(answer)
        if self._check_clock(answer) and answer.status in (400, 401):
            answer = self._transport.send(build, retry)
            self._keep_nonce(answer)
        return answer

    def _token(self, form: dict[str, str], key: SigningKey) -> Token:
        def build() -> Call:
            proof = proofs.dpop_proof(key, "POST", self._audience, self._nonce, now=self.clock.now())
            return Call("POST", Endpoint.TOKEN, {"DPoP": proof}, form={**form, **self._client_form()})

        answer = self._in_time(build, Retry.NEVER)
        if error_code(answer) == "use_dpop_nonce":  # refused before the assertion was looked at (RFC 9449 section 8)
            answer = self._in_time(build, Retry.NEVER)
        return model(answer, Token)

    def resource(
        self,
        method: str,
        path: str,
        key: SigningKey,
        token: str,
        body: object = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """A call with a bound token; repeated when safe, because every resource call of the contract is idempotent."""
        url = self.settings.public_url + path.partition("?")[0]  # RFC 9449 section 4.2: htu has no query

        def build() -> Call:
            proof = proofs.dpop_proof(key, method, url, self._nonce, token, self.clock.now())
            all_headers = {"Authorization": f"DPoP {token}", "DPoP": proof, **(headers or {})}
            return Call(method, path, all_headers, json=body)

        answer = self._transport.send(build, Retry.SAFE)
        self._keep_nonce(answer)
        if error_code(answer) == "use_dpop_nonce":
            answer = self._transport.send(build, Retry.SAFE)
            self._keep_nonce(answer)
        return answer

    def _revoke_token(self, token: str) -> None:
        form = {"token": token, **self._client_form()}
        demand_ok(self._transport.once(Call("POST", Endpoint.REVOKE, form=form), REVOKE_SECONDS))

    def _as_terminal(self, method: str, path: str, body: object = None) -> Answer:
        with self._own_lock:
            if self._own is None or self._own.seconds_left < RENEW_MARGIN:
                key = SigningKey.generate()
                form = {"grant_type": "client_credentials", "scope": Scope.TERMINAL}
                self._own = HolderSession(self, key, self._token(form, key), self.clock.now())
            return self._own.call(method, path, body)


class HolderSession:
    """A signed-in holder (or the terminal itself): one token, one key, both gone after `revoke`."""

    def __init__(self, central: Central, key: SigningKey, token: Token, entered: float) -> None:
        self._central = central
        self._key: SigningKey | None = key
        self.holder: HolderName | None = token.holder
        self._entered = entered
        self._take(token)

    def _take(self, token: Token) -> None:
        self._token: str | None = token.access_token
        self.scope, self.sid, self.acr = token.scope, token.sid, token.acr
        self.expires_at = time.monotonic() + token.expires_in
        self.ends_at = time.monotonic() + token.session_expires_in

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.revoke()

    @property
    def seconds_left(self) -> float:
        """Until the token is over."""
        return self.expires_at - time.monotonic()

    @property
    def session_seconds_left(self) -> float:
        """Until the session is over, renewed or not: 15 minutes after it began."""
        return self.ends_at - time.monotonic()

    def renew(self, card: Card, *, pin_entered: bool = False) -> None:
        """Another token, by another signature of the same card. SignInRefused when the session is over.

        `pin_entered`: the holder entered the PIN again just now (step-up, RFC 9470).
        """
        key = self._key
        if key is None or self.session_seconds_left <= 0:
            raise SessionExpired("invalid_token")
        entered = None if pin_entered else self._entered
        token, self._entered = self._central.card_token(card, key, {"scope": self.scope}, self.sid, entered)
        self._take(token)

    def call(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
        """A resource call with this session's token. SessionExpired when it is over."""
        key, token = self._key, self._token
        if key is None or token is None or self.seconds_left <= 0:
            raise SessionExpired("invalid_token")
        return self._central.resource(method, path, key, token, body, headers)

    def contributions(self) -> Contributions:
        """The holder's contributions."""
        return self._own(model(self.call("GET", Endpoint.CONTRIBUTIONS), Contributions))

    def family_planning(self) -> FamilyPlanning:
        """The holder's family-planning record; NoRecord when there is none."""
        return self._own(model(self.call("GET", Endpoint.FAMILY_PLANNING), FamilyPlanning))

    def access_log(self, page: str = "") -> AccessLog:
        """Who read the holder's records, one page; `page`: `newer` or `older` of another one. Scope: `account`."""
        path = f"{Endpoint.ACCESS_LOG}?page={page}" if page else Endpoint.ACCESS_LOG
        return self._own(model(self.call("GET", path), AccessLog))

    def issue(self, request: IssueRequest, key: UUID) -> IssuedDocument:
        """A document for the holder, checked: its seal, its kind, its holder. The same key gives the same document."""
        headers = {"Idempotency-Key": str(key)}
        answer = self.call("POST", Endpoint.DOCUMENTS, request.model_dump(mode="json"), headers)
        issued = model(answer, IssuedDocument)
        if (issued.kind, issued.medium) != (request.kind, request.medium):
            raise Nonsense("IssuedDocument: another kind than asked for")
        if issued.terminal_id != self._central.settings.terminal_id:
            raise SealInvalid("it was issued to another terminal")
        self._own(issued.facts.record)
        check_seal(issued, self._central.settings.seal_keys)
        return issued

    def open_site(self, client_id: str) -> str:
        """The address that signs the holder in at another department's site, once, within a minute. Scope `openid`."""
        body = SiteWanted(client_id=client_id).model_dump()
        return model(self.call("POST", Endpoint.OPEN_SITE, body), SiteAddress).url

    def revoke(self) -> None:
        """Drop token and key at once, and tell central within a second. Never raises because of the network."""
        token, self._token, self._key, self.holder = self._token, None, None, None
        if token is not None:
            self._central.revocations.end(token, max(self.seconds_left, 0))

    def _own(self, record: AnyRecord) -> AnyRecord:
        if self.holder is None or record.subject_id_no != self.holder.id_no:
            raise Nonsense(f"{type(record).__name__}: about somebody else")
        return record
