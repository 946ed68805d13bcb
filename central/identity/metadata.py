"""Server metadata: RFC 8414, with what RFC 9449, 8705, 9207 and 9470 add to it."""

from typing import Any

from backend_client.contract.identity import GRANT_CARD, GRANT_DEVICE
from central.identity.scopes import LEVELS, TERMINAL_SCOPE, needs

SIGNING = ["ES256"]


def server_metadata(issuer: str) -> dict[str, Any]:
    """The document at /.well-known/oauth-authorization-server."""
    authentication = {
        f"{endpoint}_endpoint_{what}": value
        for endpoint in ("token", "revocation", "introspection")
        for what, value in (
            ("auth_methods_supported", ["private_key_jwt", "tls_client_auth"]),
            ("auth_signing_alg_values_supported", SIGNING),
        )
    }
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/token",
        "revocation_endpoint": f"{issuer}/revoke",
        "introspection_endpoint": f"{issuer}/introspect",
        "device_authorization_endpoint": f"{issuer}/device_authorization",
        "jwks_uri": f"{issuer}/jwks",
        "authorization_endpoint": f"{issuer}/authorize",
        "grant_types_supported": [GRANT_CARD, GRANT_DEVICE, "authorization_code", "client_credentials"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "scopes_supported": [*sorted(needs()), TERMINAL_SCOPE],
        "acr_values_supported": list(LEVELS),
        "dpop_signing_alg_values_supported": SIGNING,
        "tls_client_certificate_bound_access_tokens": True,
        "service_documentation": f"{issuer}/openapi.json",
        "ui_locales_supported": ["zh-CN", "en"],
        "protected_resources": [f"{issuer}/api"],
        **authentication,
    }


def openid_metadata(issuer: str) -> dict[str, Any]:
    """The document at /.well-known/openid-configuration."""
    return {
        **server_metadata(issuer),
        "userinfo_endpoint": f"{issuer}/userinfo",
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": SIGNING,
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid"],
        "claim_types_supported": ["normal"],
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }
