"""What every handler needs, kept on the application; and the checks that guard each call."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, TypeVar

from fastapi import Depends, Form, Header, Request
from fastapi.security.http import HTTPBase
from sqlalchemy import Connection, Engine
from starlette.concurrency import run_in_threadpool

from central.api.direct import ClientForm
from central.card_keys import CardKeys, NoCardKeys
from central.enrolment.authority import x5t
from central.enrolment.register import holder_of, look_at, promote
from central.errors import CentralRefusal, InvalidToken
from central.identity.clients import Client, Credentials, authenticate
from central.identity.dpop import check_proof
from central.identity.single_use import Once, spend_now
from central.identity.tokens import Grant, Held, require
from central.issuing import Office
from central.keys import Keys
from central.sms import NoSms, Sms
from central.together import Together, written

PEER = "peer_certificate"
T = TypeVar("T")


@dataclass(frozen=True)
class Settings:
    """How this central is run. `daily_limit`: reads of one record per person and day.

    `proxy`: the address of the proxy in front of it, whose `X-Forwarded-For` is believed.
    """

    public_url: str
    daily_limit: int = 50
    proxy: str = ""


@dataclass(frozen=True)
class Context:
    """The open database, keys and settings. `card_keys`: the keeper of the card master key; `sms`: the gateway."""

    engine: Engine
    keys: Keys
    settings: Settings
    card_keys: CardKeys = field(default_factory=NoCardKeys)
    sms: Sms = field(default_factory=NoSms)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """One transaction for a request that is answered on the event loop; a refusal in it keeps what it used up.

        SQLite does not wait for the disk here, and is done sooner than a thread would begin.
        """
        if self.engine.dialect.name == "sqlite":
            return await _together(self.engine).write(work)
        return await run_in_threadpool(written, self.engine, work)

    @property
    def issuer(self) -> str:
        """Our name in OAuth."""
        return self.settings.public_url

    @property
    def api(self) -> str:
        """Our own API as a resource (RFC 8707)."""
        return f"{self.settings.public_url}/api"

    @property
    def office(self) -> Office:
        """The issuing office on the same database."""
        return Office(self.engine, self.keys, self.settings.public_url)


@lru_cache(maxsize=8)
def _together(engine: Engine) -> Together:
    """One for each database."""
    return Together(engine)


def context(request: Request) -> Context:
    """The context of the application that serves this request."""
    found: Context = request.app.state.context
    return found


Central = Annotated[Context, Depends(context)]


async def once_each(request: Request) -> None:
    """No parameter twice (RFC 6749 section 3.2), in query or form: two readers could see two different requests."""
    names = [name for name, _ in request.query_params.multi_items()]
    if request.method == "POST" and request.headers.get("content-type", "").startswith("application/x-www-form"):
        names += [name for name, _ in (await request.form(max_fields=50)).multi_items()]
    if len(names) != len(set(names)):
        raise CentralRefusal(400, "invalid_request", "A parameter was sent twice.")


def address_of(central: Context, request: Request) -> str:
    """Who calls: the other end of the connection, or whom our own proxy names."""
    peer = request.client.host if request.client is not None else ""
    named = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return named if named and peer == central.settings.proxy else peer


def peer_certificate(request: Request) -> bytes | None:
    """The DER certificate that the client showed in TLS, checked against the device CA; None without one."""
    found: bytes | None = request.scope.get("state", {}).get(PEER)
    return found


def client(
    central: Central,
    request: Request,
    _single: Annotated[None, Depends(once_each)],
    client_assertion_type: Annotated[str | None, Form(max_length=200)] = None,
    client_assertion: Annotated[str | None, Form(max_length=16384)] = None,
    client_id: Annotated[str | None, Form(max_length=40)] = None,
) -> Client:
    """The client that signed the request's client assertion, or whose certificate the connection shows."""
    peer = holder_of(central.engine, peer_certificate(request))
    sent = Credentials(client_assertion_type, client_assertion, client_id, peer)
    found, ids = authenticate(central.engine, central.issuer, sent)
    spend_now(central.engine, *ids)
    return found


Terminal = Annotated[Client, Depends(client)]


async def caller(central: Context, request: Request, form: ClientForm) -> tuple[Client, tuple[Once, ...]]:
    """The same on the event loop: the client, and what is to be spent before anything is done for it."""
    shown = look_at(central.engine, peer_certificate(request))
    if shown is not None and shown.unused:
        await central.write(lambda connection: promote(connection, shown))
    peer = shown.terminal_id if shown is not None else None
    sent = Credentials(form.client_assertion_type, form.client_assertion, form.client_id, peer)
    return authenticate(central.engine, central.issuer, sent)


_SCHEME = HTTPBase(scheme="dpop", scheme_name="dpop", description="RFC 9449: DPoP <token>", auto_error=False)


def _authorization(request: Request, _described: Annotated[object, Depends(_SCHEME)]) -> str | None:
    return request.headers.get("Authorization")


Presented = Annotated[str | None, Depends(_authorization)]
Proof = Annotated[str | None, Header(alias="DPoP", max_length=16384, description="RFC 9449: proof for this request")]


def granted(central: Context, request: Request, authorization: str | None, proof: str | None, scope: str) -> Grant:
    """The grant behind `Authorization: DPoP …` and its proof, for this scope."""
    kind, _, token = (authorization or "").partition(" ")
    if kind.lower() != "dpop" or not token:
        raise InvalidToken("no DPoP token was sent")
    url = f"{central.settings.public_url}{request.url.path}"
    jkt, once = check_proof(central.keys.nonce_key, proof, request.method, url, token=token)
    spend_now(central.engine, once)
    shown = peer_certificate(request)
    return require(central.engine, token, Held(jkt, x5t(shown) if shown else None), scope, central.api)


class Scoped:
    """Dependency: a live token with this scope, from a sign-in that is proof enough for it."""

    def __init__(self, scope: str) -> None:
        self._scope = scope

    def __call__(
        self,
        central: Central,
        request: Request,
        authorization: Presented,
        dpop: Proof = None,
    ) -> Grant:
        """The grant of this request."""
        return granted(central, request, authorization, dpop, self._scope)
