"""Central's refusals: an OAuth/contract error code, an HTTP status, one sentence. No personal data in any of them.

The sentence goes to the caller, so it never says which check failed; `reason` does, and goes to central's log only.
"""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

SENTENCES = Path(__file__).with_name("sentences.toml")


class CentralRefusal(Exception):
    """Parent: answered as problem details (RFC 9457) that carry the OAuth error, with `status`."""

    def __init__(
        self, status: int, code: str, sentence: str, headers: dict[str, str] | None = None, reason: str = ""
    ) -> None:
        self.status, self.code, self.sentence, self.headers = status, code, sentence, headers or {}
        self.reason = reason
        self.members: dict[str, object] = {}
        super().__init__(f"{code}: {sentence}")


@lru_cache(maxsize=1)
def _sentences() -> dict[str, dict[str, str]]:
    return tomllib.loads(SENTENCES.read_text(encoding="utf-8"))


def holder_sentence(code: str) -> dict[str, str]:
    """What the holder reads, `{"zh": …, "en": …}`; a general sentence for codes that concern programs only."""
    return _sentences().get(code) or _sentences()["other"]


def problem(refusal: CentralRefusal, instance: str) -> dict[str, Any]:
    """RFC 9457 body; `instance` is the only link to the reason in central's log."""
    return {
        "type": f"urn:onecard:problem:{refusal.code}",
        "title": refusal.code.replace("_", " ").capitalize(),
        "status": refusal.status,
        "detail": refusal.sentence,
        "instance": instance,
        "error": refusal.code,
        "error_description": refusal.sentence,
        "holder": holder_sentence(refusal.code),
        **refusal.members,
    }


class NotNow(CentralRefusal):
    """Database, HSM or log can't be reached: nothing was done, and the same again in a moment may work."""

    def __init__(self) -> None:
        sentence = "Part of the platform is not there now; come back in a moment."
        super().__init__(503, "temporarily_unavailable", sentence, {"Retry-After": "5"})


CLIENT_CHALLENGE = {"WWW-Authenticate": 'private_key_jwt realm="central", tls_client_auth realm="central"'}
"""A 401 must name a way in (RFC 9110 section 15.5.2). No HTTP scheme stands for a signed form or a certificate: these
are the names that OAuth has for them, as in our metadata; no browser asks anybody for a password because of it.
"""


class InvalidClient(CentralRefusal):
    """The terminal did not prove who it is. `headers`: the challenge, where another one is meant than for clients."""

    def __init__(self, reason: str, headers: dict[str, str] | None = None) -> None:
        sentence = "The client is not registered here or did not prove who it is; check its key and clock, enrol it."
        super().__init__(401, "invalid_client", sentence, headers or CLIENT_CHALLENGE, reason)


class InvalidGrant(CentralRefusal):
    """The card assertion is not accepted."""

    def __init__(self, reason: str) -> None:
        sentence = "This proof is not accepted; begin again with a new challenge."
        super().__init__(400, "invalid_grant", sentence, reason=reason)


class InvalidProof(CentralRefusal):
    """The DPoP proof is not accepted; 400 at the token endpoint, 401 at resources."""

    def __init__(self, reason: str, status: int) -> None:
        headers = {"WWW-Authenticate": 'DPoP error="invalid_dpop_proof", algs="ES256"'} if status == 401 else {}
        sentence = "Send a fresh DPoP proof for this request, signed by the session's key."
        super().__init__(status, "invalid_dpop_proof", sentence, headers, reason)


class UseNonce(CentralRefusal):
    """The proof lacks the server's nonce (RFC 9449 section 8); the answer carries one."""

    def __init__(self, status: int) -> None:
        headers = {"WWW-Authenticate": 'DPoP error="use_dpop_nonce", algs="ES256"'} if status == 401 else {}
        super().__init__(status, "use_dpop_nonce", "Repeat the request with the nonce of this answer.", headers)


class InvalidToken(CentralRefusal):
    """Unknown, expired or revoked token, or one that belongs to another key."""

    def __init__(self, reason: str) -> None:
        headers = {"WWW-Authenticate": 'DPoP error="invalid_token", algs="ES256"'}
        super().__init__(401, "invalid_token", "The token is not valid here; sign in again.", headers, reason)


class InsufficientScope(CentralRefusal):
    """The token does not cover this."""

    def __init__(self, scope: str) -> None:
        headers = {"WWW-Authenticate": f'DPoP error="insufficient_scope", scope="{scope}"'}
        sentence = f"This needs the scope {scope!r}; sign in for it."
        super().__init__(403, "insufficient_scope", sentence, headers)


class InsufficientAuthentication(CentralRefusal):
    """The holder must prove themselves again, or more strongly (RFC 9470)."""

    def __init__(self, acr_values: tuple[str, ...], max_age: int | None) -> None:
        age = f", max_age={max_age}" if max_age is not None else ""
        challenge = f'DPoP error="insufficient_user_authentication", acr_values="{" ".join(acr_values)}"{age}'
        sentence = "This needs a fresher or stronger sign-in by the holder."
        super().__init__(401, "insufficient_user_authentication", sentence, {"WWW-Authenticate": challenge})
        self.members = {"acr_values": " ".join(acr_values), **({"max_age": max_age} if max_age is not None else {})}
