"""Central's refusals: an OAuth/contract error code, an HTTP status, one sentence. No personal data in any of them."""


class CentralRefusal(Exception):
    """Parent: answered as `{"error": code, "error_description": sentence}` with `status`."""

    def __init__(self, status: int, code: str, sentence: str, headers: dict[str, str] | None = None) -> None:
        self.status, self.code, self.sentence, self.headers = status, code, sentence, headers or {}
        super().__init__(f"{code}: {sentence}")


class InvalidClient(CentralRefusal):
    """The terminal did not prove who it is."""

    def __init__(self, sentence: str) -> None:
        super().__init__(401, "invalid_client", sentence)


class InvalidGrant(CentralRefusal):
    """The card assertion is not accepted."""

    def __init__(self, sentence: str) -> None:
        super().__init__(400, "invalid_grant", sentence)


class InvalidProof(CentralRefusal):
    """The DPoP proof is not accepted; 400 at the token endpoint, 401 at resources."""

    def __init__(self, sentence: str, status: int) -> None:
        headers = {"WWW-Authenticate": 'DPoP error="invalid_dpop_proof"'} if status == 401 else {}
        super().__init__(status, "invalid_dpop_proof", sentence, headers)


class UseNonce(CentralRefusal):
    """The proof lacks the server's nonce (RFC 9449 section 8); the answer carries one."""

    def __init__(self, status: int) -> None:
        headers = {"WWW-Authenticate": 'DPoP error="use_dpop_nonce"'} if status == 401 else {}
        super().__init__(status, "use_dpop_nonce", "Repeat the request with the nonce of this answer.", headers)


class InvalidToken(CentralRefusal):
    """Unknown, expired or revoked token, or one that belongs to another key."""

    def __init__(self, sentence: str) -> None:
        super().__init__(401, "invalid_token", sentence, {"WWW-Authenticate": 'DPoP error="invalid_token"'})


class InsufficientScope(CentralRefusal):
    """The token does not cover this."""

    def __init__(self, scope: str) -> None:
        super().__init__(403, "insufficient_scope", f"This needs the scope {scope!r}; sign in for it.")
