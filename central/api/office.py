"""What every handler needs, kept on the application; and the checks that guard each call."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Form, Header, Request
from sqlalchemy import Engine

from central.errors import InvalidToken
from central.identity.dpop import check_proof
from central.identity.terminal_auth import authenticate
from central.identity.tokens import Grant, require
from central.issuing import Office
from central.keys import Keys


@dataclass(frozen=True)
class Settings:
    """How this central is run. `daily_limit`: reads of one record per person and day."""

    public_url: str
    daily_limit: int = 50


@dataclass(frozen=True)
class Context:
    """The open database, keys and settings."""

    engine: Engine
    keys: Keys
    settings: Settings

    @property
    def office(self) -> Office:
        """The issuing office on the same database."""
        return Office(self.engine, self.keys, self.settings.public_url)


def context(request: Request) -> Context:
    """The context of the application that serves this request."""
    found: Context = request.app.state.context
    return found


Central = Annotated[Context, Depends(context)]


def terminal(
    central: Central,
    client_assertion_type: Annotated[str | None, Form()] = None,
    client_assertion: Annotated[str | None, Form()] = None,
) -> str:
    """The terminal that signed the request's client assertion."""
    audience = f"{central.settings.public_url}/token"
    return authenticate(central.engine, audience, client_assertion_type, client_assertion)


Terminal = Annotated[str, Depends(terminal)]


def granted(central: Context, request: Request, authorization: str | None, proof: str | None, scope: str) -> Grant:
    """The grant behind `Authorization: DPoP …` and its proof, for this scope."""
    kind, _, token = (authorization or "").partition(" ")
    if kind != "DPoP" or not token:
        raise InvalidToken("Send the token as `Authorization: DPoP …`.")
    url = f"{central.settings.public_url}{request.url.path}"
    jkt = check_proof(central.engine, central.keys.nonce_key, proof, request.method, url, token=token)
    return require(central.engine, token, jkt, scope)


class Scoped:
    """Dependency: a live token with this scope."""

    def __init__(self, scope: str) -> None:
        self._scope = scope

    def __call__(
        self,
        central: Central,
        request: Request,
        authorization: Annotated[str | None, Header()] = None,
        dpop: Annotated[str | None, Header()] = None,
    ) -> Grant:
        """The grant of this request."""
        return granted(central, request, authorization, dpop, self._scope)
