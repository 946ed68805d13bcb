"""Challenge, token and revocation (RFC 7523 grant, RFC 9449 proof, RFC 7009 revocation)."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from backend_client.contract.model import IdNumber, Message

GRANT_CARD = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CLIENT_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
GRANT_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
CARD_ASSERTION_TYP = "card-auth+jwt"


class Profile(StrEnum):
    """How the card proves itself: A signs the assertion, B answers with a symmetric cryptogram."""

    SIGNING = "A"
    CRYPTOGRAM = "B"


class Challenge(Message):
    """Single use, bound to the terminal that asked."""

    nonce: str = Field(min_length=43, max_length=43, description="32 bytes, base64url")
    host_random: str = Field(pattern=r"^[0-9A-F]{16}$", description="8 bytes for INTERNAL AUTHENTICATE, profile B")
    expires_in: int = Field(gt=0, le=60, description="seconds")


class HolderName(Message):
    """Who signed in, as central knows them; the terminal compares with what the card said."""

    id_no: IdNumber
    name: str = Field(max_length=50)


class Token(Message):
    """Answer of the token endpoint for a card grant."""

    access_token: str
    token_type: Literal["DPoP"]
    expires_in: int = Field(gt=0, le=300)
    scope: str
    sid: str
    acr: str
    session_expires_in: int = Field(ge=0, le=900, description="seconds until the session is over, renewed or not")
    holder: HolderName | None = None


class DeviceAuthorization(Message):
    """RFC 8628 section 3.2: the user code for the phone, the device code for the terminal. Times in seconds."""

    device_code: str
    user_code: str = Field(pattern=r"^[B-Z]{4}-[B-Z]{4}$")
    verification_uri: str
    verification_uri_complete: str = Field(description="for the QR symbol")
    expires_in: int = Field(gt=0)
    interval: int = Field(gt=0)


class SiteOffer(Message):
    """Another department's site. `card`: a phone sign-in is not enough for it."""

    client_id: str = Field(min_length=1, max_length=40)
    zh: str = Field(min_length=1, max_length=60)
    en: str = Field(min_length=1, max_length=90)
    card: bool


class SiteOffers(Message):
    """Every site that a holder can be signed in at."""

    sites: tuple[SiteOffer, ...]


class SiteWanted(Message):
    """Another department's site that the holder wants to be signed in at."""

    client_id: str = Field(max_length=40)


class SiteAddress(Message):
    """Where the holder's browser goes: the site's own sign-in, with a ticket that is good once."""

    url: str


class SiteToken(Message):
    """Answer of the token endpoint to a site (OpenID Connect Core section 3.1.3.3)."""

    access_token: str
    token_type: Literal["Bearer", "DPoP"]
    expires_in: int = Field(gt=0, le=300)
    scope: str
    id_token: str


class Actor(Message):
    """Who acts for the subject (RFC 8693 section 4.1), outermost first."""

    sub: str
    act: "Actor | None" = None


class Introspection(Message):
    """RFC 7662 answer to a resource server; `sub` is pairwise."""

    active: bool
    iss: str | None = None
    sub: str | None = None
    aud: str | None = None
    sid: str | None = None
    scope: str | None = None
    client_id: str | None = None
    token_type: str | None = None
    acr: str | None = None
    auth_time: int | None = None
    iat: int | None = None
    exp: int | None = None
    cnf: dict[str, str] | None = None
    act: Actor | None = None


class TimeStatement(Message):
    """Central's clock in a compact JWS, `typ: time+jwt`, claims `iss iat nonce`; signed by a key that terminals pin."""

    statement: str


class HolderSentence(Message):
    """One sentence for the holder."""

    zh: str
    en: str


class Problem(Message):
    """RFC 9457 problem details; `error` and `error_description` are those of OAuth (RFC 6749 section 5.2)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    error: str
    error_description: str
    holder: HolderSentence
    acr_values: str | None = Field(default=None, description="RFC 9470, with insufficient_user_authentication")
    max_age: int | None = Field(default=None, description="RFC 9470, seconds since the PIN was entered")
