"""A signed-in holder: what can be asked with one token until it is revoked."""

import time
from datetime import UTC, datetime
from typing import Any, Self, TypeVar
from uuid import UUID

from backend_client.client.connection import Card, Connection
from backend_client.client.errors import Nonsense, Refused, SealInvalid, SessionExpired
from backend_client.client.keys import SigningKey
from backend_client.client.parse import model
from backend_client.client.seal_check import check_seal
from backend_client.client.transport import Answer
from backend_client.contract.access_log import AccessLog
from backend_client.contract.account import Account, AccountOverview, Notice, Sessions, Wards, WardsOverview
from backend_client.contract.contributions import Contributions
from backend_client.contract.documents import IssuedDocument, IssueRequest
from backend_client.contract.family_planning import FamilyPlanning
from backend_client.contract.identity import HolderName, SiteAddress, SiteWanted, Token
from backend_client.contract.model import Record
from city import TEST_IDENTITY, Endpoint

AnyRecord = TypeVar("AnyRecord", bound=Record)


class HolderSession:
    """A signed-in holder (or the terminal itself): one token, one key, both gone after `revoke`."""

    def __init__(self, connection: Connection, key: SigningKey, token: Token, entered: float) -> None:
        self._connection = connection
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
        token, self._entered = self._connection.card_token(card, key, {"scope": self.scope}, self.sid, entered)
        self._take(token)

    def call(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
        """A resource call with this session's token. SessionExpired when it is over."""
        key, token = self._key, self._token
        if key is None or token is None or self.seconds_left <= 0:
            raise SessionExpired("invalid_token")
        return self._connection.resource(method, path, key, token, body, headers)

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

    def account(self) -> AccountOverview:
        """The holder's account and where they are signed in; without an account, the notice. Scope: `account`."""
        about, account = self._about(AccountOverview, "A002"), self._account()
        return AccountOverview(
            **about, record_id=account.account_id if account else "", account=account,
            sessions=model(self.call("GET", f"{Endpoint.ACCOUNT}/sessions"), Sessions).sessions,
            notice=None if account else model(self.call("GET", f"{Endpoint.ACCOUNT}/notice"), Notice),
        )  # fmt: skip

    def _about(self, kind: type[Record], theme: str) -> dict[str, Any]:
        """What every record says of itself, for one that is put together here."""
        if self.holder is None:
            raise Nonsense(f"{kind.__name__}: about nobody")
        id_no = self.holder.id_no
        return {
            "subject_id_no": id_no, "source_unit": "", "theme_code": theme, "updated_at": datetime.now(UTC),
            "is_test": id_no.startswith(TEST_IDENTITY),
        }  # fmt: skip

    def _account(self) -> Account | None:
        try:
            return model(self.call("GET", Endpoint.ACCOUNT), Account)
        except Refused as error:
            if error.code != "no_account":
                raise
            return None

    def wards(self) -> WardsOverview:
        """Everyone whom the holder may act for. Scope: `guardian`, with a PIN that is fresh."""
        about = self._about(WardsOverview, "A003")
        return WardsOverview(
            **about, record_id="", wards=model(self.call("GET", f"{Endpoint.ACCOUNT}/wards"), Wards).wards
        )

    def issue(self, request: IssueRequest, key: UUID) -> IssuedDocument:
        """A document for the holder, checked: its seal, its kind, its holder. The same key gives the same document."""
        headers = {"Idempotency-Key": str(key)}
        answer = self.call("POST", Endpoint.DOCUMENTS, request.model_dump(mode="json"), headers)
        issued = model(answer, IssuedDocument)
        if (issued.kind, issued.medium) != (request.kind, request.medium):
            raise Nonsense("IssuedDocument: another kind than asked for")
        if issued.terminal_id != self._connection.settings.terminal_id:
            raise SealInvalid("it was issued to another terminal")
        self._own(issued.facts.record)
        check_seal(issued, self._connection.settings.seal_keys)
        return issued

    def open_site(self, client_id: str) -> str:
        """The address that signs the holder in at another department's site, once, within a minute. Scope `openid`."""
        body = SiteWanted(client_id=client_id).model_dump()
        return model(self.call("POST", Endpoint.OPEN_SITE, body), SiteAddress).url

    def revoke(self) -> None:
        """Drop token and key at once, and tell central within a second. Never raises because of the network."""
        token, self._token, self._key, self.holder = self._token, None, None, None
        if token is not None:
            self._connection.revocations.end(token, max(self.seconds_left, 0))

    def _own(self, record: AnyRecord) -> AnyRecord:
        if self.holder is None or record.subject_id_no != self.holder.id_no:
            raise Nonsense(f"{type(record).__name__}: about somebody else")
        return record
