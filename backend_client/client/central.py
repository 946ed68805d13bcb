"""Central as the terminal sees it: sign a holder in, get records, issue documents, report what became of them."""

import base64
import logging
import threading
import time
from datetime import UTC, datetime
from typing import Self, TypeVar
from uuid import UUID

from backend_client.client import proofs
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
from backend_client.client.seal_check import check_seal
from backend_client.client.settings import CentralSettings
from backend_client.client.transport import Answer, Call, Retry, Transport
from backend_client.contract.contributions import Contributions
from backend_client.contract.documents import (
    DocumentStatus,
    FateReport,
    FileDigest,
    FileSignature,
    IssuedDocument,
    IssueRequest,
)
from backend_client.contract.family_planning import FamilyPlanning
from backend_client.contract.identity import GRANT_CARD, Challenge, HolderName, Token
from backend_client.contract.model import Record

log = logging.getLogger(__name__)

MAX_CLOCK_DIFFERENCE = 300
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

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def health(self) -> datetime:
        """Central's clock. ClockDiffers when ours is more than 5 minutes off."""
        answer = self._transport.send(lambda: Call("GET", "/healthz"), Retry.SAFE)
        demand_ok(answer)
        self._check_clock(answer)
        server_time = answer.server_time
        if server_time is None:
            raise Nonsense("no Date header")
        return datetime.fromtimestamp(server_time, UTC)

    def warm(self) -> None:
        """Open the connection while nobody waits."""
        self.health()

    def sign_in(self, card: proofs.SigningCard | proofs.CryptogramCard, scope: str) -> "HolderSession":
        """Challenge, card assertion, token. The card is asked once; SignInRefused when central doesn't accept it."""
        challenge = self._challenge()
        session_key = SigningKey.generate()
        assertion = proofs.card_assertion(
            card, self._device, self.settings.terminal_id, self._audience, challenge, session_key
        )
        form = {"grant_type": GRANT_CARD, "assertion": assertion, "scope": scope}
        token = self._token(form, session_key)
        if token.holder is None:
            raise Nonsense("Token: no holder")
        return HolderSession(self, session_key, token)

    def status_of(self, key: UUID) -> DocumentStatus | None:
        """What was issued under a key; None when nothing was, and then nothing ever will be."""
        try:
            path = f"/api/v1/documents/by-key/{key}"
            return model(self._as_terminal("GET", path), DocumentStatus)
        except UnknownKey:
            return None

    def report(self, doc_no: str, fate: FateReport) -> DocumentStatus:
        """Tell central what became of a document; the same report twice is harmless."""
        path = f"/api/v1/documents/{doc_no}/fate"
        return model(self._as_terminal("POST", path, fate.model_dump(mode="json")), DocumentStatus)

    def sign_file(self, doc_no: str, digest: bytes) -> bytes:
        """Central's signature (CMS, DER) over the SHA-256 digest of a PDF that this terminal made of its document."""
        body = FileDigest(sha256=digest.hex()).model_dump(mode="json")
        answer = model(self._as_terminal("POST", f"/api/v1/documents/{doc_no}/signature", body), FileSignature)
        try:
            return base64.b64decode(answer.cms, validate=True)
        except ValueError as error:
            raise Nonsense("FileSignature: not base64") from error

    @property
    def _audience(self) -> str:
        return f"{self.settings.public_url}/token"

    def _client_form(self) -> dict[str, str]:
        return proofs.client_assertion(self._device, self.settings.terminal_id, self._audience)

    def _check_clock(self, answer: Answer) -> None:
        if answer.server_time is not None:
            seconds = abs(answer.server_time - time.time())
            if seconds > MAX_CLOCK_DIFFERENCE:
                raise ClockDiffers(seconds)

    def _keep_nonce(self, answer: Answer) -> None:
        self._nonce = answer.headers.get("DPoP-Nonce", self._nonce)

    def _challenge(self) -> Challenge:
        answer = self._transport.send(lambda: Call("POST", "/card/challenge", form=self._client_form()), Retry.SAFE)
        self._check_clock(answer)
        self._keep_nonce(answer)
        return model(answer, Challenge)

    def _token(self, form: dict[str, str], key: SigningKey) -> Token:
        def build() -> Call:
            proof = proofs.dpop_proof(key, "POST", self._audience, self._nonce)
            return Call("POST", "/token", {"DPoP": proof}, form={**form, **self._client_form()})

        answer = self._transport.send(build, Retry.NEVER)
        self._keep_nonce(answer)
        if error_code(answer) == "use_dpop_nonce":  # refused before the assertion was looked at (RFC 9449 section 8)
            answer = self._transport.send(build, Retry.NEVER)
            self._keep_nonce(answer)
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
        url = self.settings.public_url + path

        def build() -> Call:
            proof = proofs.dpop_proof(key, method, url, self._nonce, token)
            all_headers = {"Authorization": f"DPoP {token}", "DPoP": proof, **(headers or {})}
            return Call(method, path, all_headers, json=body)

        answer = self._transport.send(build, Retry.SAFE)
        self._keep_nonce(answer)
        if error_code(answer) == "use_dpop_nonce":
            answer = self._transport.send(build, Retry.SAFE)
            self._keep_nonce(answer)
        return answer

    def revoke_token(self, token: str) -> None:
        """One bounded attempt to end a token. CentralError when it failed."""
        form = {"token": token, **self._client_form()}
        demand_ok(self._transport.once(Call("POST", "/revoke", form=form), REVOKE_SECONDS))

    def _as_terminal(self, method: str, path: str, body: object = None) -> Answer:
        with self._own_lock:
            if self._own is None or self._own.seconds_left < RENEW_MARGIN:
                key = SigningKey.generate()
                form = {"grant_type": "client_credentials", "scope": "terminal"}
                self._own = HolderSession(self, key, self._token(form, key))
            return self._own.call(method, path, body)


class HolderSession:
    """A signed-in holder (or the terminal itself): one token, one key, both gone after `revoke`."""

    def __init__(self, central: Central, key: SigningKey, token: Token) -> None:
        self._central = central
        self._key: SigningKey | None = key
        self._token: str | None = token.access_token
        self.holder: HolderName | None = token.holder
        self.sid = token.sid
        self.expires_at = time.monotonic() + token.expires_in

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.revoke()

    @property
    def seconds_left(self) -> float:
        """Until the token is over."""
        return self.expires_at - time.monotonic()

    def call(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
        """A resource call with this session's token. SessionExpired when it is over."""
        key, token = self._key, self._token
        if key is None or token is None or self.seconds_left <= 0:
            raise SessionExpired("invalid_token")
        return self._central.resource(method, path, key, token, body, headers)

    def contributions(self) -> Contributions:
        """The holder's contributions."""
        return self._own(model(self.call("GET", "/api/v1/contributions"), Contributions))

    def family_planning(self) -> FamilyPlanning:
        """The holder's family-planning record; NoRecord when there is none."""
        return self._own(model(self.call("GET", "/api/v1/family-planning"), FamilyPlanning))

    def issue(self, request: IssueRequest, key: UUID) -> IssuedDocument:
        """A document for the holder, checked: its seal, its kind, its holder. The same key gives the same document."""
        headers = {"Idempotency-Key": str(key)}
        answer = self.call("POST", "/api/v1/documents", request.model_dump(mode="json"), headers)
        issued = model(answer, IssuedDocument)
        if (issued.kind, issued.medium) != (request.kind, request.medium):
            raise Nonsense("IssuedDocument: another kind than asked for")
        if issued.terminal_id != self._central.settings.terminal_id:
            raise SealInvalid("it was issued to another terminal")
        self._own(issued.facts.record)
        check_seal(issued, self._central.settings.seal_keys)
        return issued

    def revoke(self) -> None:
        """Drop token and key at once, and tell central within a second. Never raises because of the network."""
        token, self._token, self._key, self.holder = self._token, None, None, None
        if token is None:
            return
        try:
            self._central.revoke_token(token)
        except CentralError as error:
            log.warning("token not revoked at central, it ends by itself: %s", type(error).__name__)

    def _own(self, record: AnyRecord) -> AnyRecord:
        if self.holder is None or record.subject_id_no != self.holder.id_no:
            raise Nonsense(f"{type(record).__name__}: about somebody else")
        return record
