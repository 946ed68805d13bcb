"""Challenge, token, revocation, introspection, metadata."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Header

from backend_client.contract.identity import GRANT_CARD, Challenge, HolderName, Introspection, Token
from central.api.office import Central, Terminal
from central.checking import published
from central.errors import CentralRefusal
from central.identity import tokens
from central.identity.card_grant import check_assertion
from central.identity.dpop import check_proof
from central.identity.single_use import new_challenge
from central.synthetic.person import person

router = APIRouter(tags=["identity"])


@router.post("/card/challenge")
def challenge(central: Central, terminal: Terminal) -> Challenge:
    """A nonce for one card assertion of this terminal."""
    return new_challenge(central.engine, terminal)


@router.post("/token")
def token(
    central: Central,
    terminal: Terminal,
    grant_type: Annotated[str, Form()],
    scope: Annotated[str, Form()] = "",
    assertion: Annotated[str, Form()] = "",
    dpop: Annotated[str | None, Header()] = None,
) -> Token:
    """A token for a card's holder, or for the terminal itself."""
    url = f"{central.settings.public_url}/token"
    jkt = check_proof(central.engine, central.keys.nonce_key, dpop, "POST", url)
    if grant_type == "client_credentials":
        if scope != tokens.TERMINAL_SCOPE:
            raise CentralRefusal(400, "invalid_scope", "A terminal's own token has the scope `terminal`.")
        return _answer(central, *tokens.give(central.engine, holder=None, client_id=terminal, scope=scope, jkt=jkt))
    if grant_type != GRANT_CARD:
        raise CentralRefusal(400, "unsupported_grant_type", "Use the card grant or client_credentials.")
    if not scope or not set(scope.split()) <= tokens.HOLDER_SCOPES:
        raise CentralRefusal(400, "invalid_scope", f"Scopes: {' '.join(sorted(tokens.HOLDER_SCOPES))}.")
    audience = f"{central.settings.public_url}/token"
    holder = check_assertion(central.engine, central.keys, assertion, client_id=terminal, audience=audience, jkt=jkt)
    return _answer(central, *tokens.give(central.engine, holder=holder, client_id=terminal, scope=scope, jkt=jkt))


def _answer(central: Central, value: str, grant: tokens.Grant) -> Token:
    who = person(central.keys.seed, grant.person) if grant.person else None
    return Token(
        access_token=value,
        token_type="DPoP",
        expires_in=tokens.TOKEN_SECONDS,
        scope=grant.scope,
        sid=grant.sid,
        acr=grant.acr,
        holder=HolderName(id_no=who.id_no, name=who.name) if who else None,
    )


@router.post("/revoke")
def revoke(central: Central, terminal: Terminal, token: Annotated[str, Form()]) -> dict[str, str]:
    """End a token (RFC 7009)."""
    tokens.revoke(central.engine, token, terminal)
    return {}


@router.post("/introspect")
def introspect(central: Central, terminal: Terminal, token: Annotated[str, Form()]) -> Introspection:
    """What a token stands for (RFC 7662); only registered terminals may ask."""
    del terminal
    return tokens.introspect(central.engine, central.keys, token)


@router.get("/.well-known/oauth-authorization-server")
def metadata(central: Central) -> dict[str, Any]:
    """RFC 8414 metadata."""
    url = central.settings.public_url
    return {
        "issuer": url,
        "token_endpoint": f"{url}/token",
        "revocation_endpoint": f"{url}/revoke",
        "introspection_endpoint": f"{url}/introspect",
        "jwks_uri": f"{url}/keys",
        "grant_types_supported": [GRANT_CARD, "client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
        "dpop_signing_alg_values_supported": ["ES256"],
        "scopes_supported": [*sorted(tokens.HOLDER_SCOPES), tokens.TERMINAL_SCOPE],
    }


@router.get("/keys")
def keys(central: Central) -> dict[str, Any]:
    """Public keys of the signed codes, and the authority behind signed files."""
    return published(central.keys)
